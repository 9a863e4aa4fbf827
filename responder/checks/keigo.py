"""Checks of keigo: one style throughout, no させていただく twice, a cushion before a request."""

from collections.abc import Iterator

import regex

from domain.words import Language
from responder.checks.finding import Finding, found
from responder.checks.promises import is_grounded
from responder.checks.written import Written

SASETE = regex.compile(r"させて(?:いただ|頂)")
REQUEST = regex.compile(
    r"(?:ください|下さい|いただけます(?:でしょう)?か|いただけませんか|いただけますと幸い|お願い(?:いたし|申し上げ|し)ます)"
)
NO_REQUEST = regex.compile(
    r"よろしくお願い|ご安心(?:ください|下さい)|お待ちしており|お過ごしください|お楽しみください|お時間をいただけます"
    r"|お大事に|お気をつけ|ご自愛|ご確認いただけます|お試しいただけます"
    # A doctor first: advice for their safety needs no cushion.
    r"|受診|医療機関|病院|医師|救急|冷やし|洗い流し|(?:ご使用|お使い|ご利用)を?(?:は)?(?:お控え|中止|おやめ)|離れ|避難"
    # Directions, not requests.
    r"|(?:ご覧|ご注文|ご利用|お使い|お試し|お選び|お越し|ご入力|お手続き|ご確認|ご相談|お問い合わせ|お問合せ|お確かめ|ご参照|お申し付け|お声がけ|お進み|お待ち|ご連絡先|お受け取り|お求め)(?:になって|いただき)?ください"
)
CUSHION = regex.compile(
    r"恐れ入り|恐縮|お手数|ご面倒|ご不便|よろしければ|よければ|差し支え|もし|ございましたら|何卒|なにとぞ|どうぞ|どうか|ぜひ|いつでも"
    r"|今しばらく|いましばらく|少々|心苦し|申し訳(?:ございません|ありません)が|念のため|お気軽|ご都合|お使いでしたら|お困り|安全のため|くださいませ"
)
POLITE_END = regex.compile(
    r"(?:です|でした|ます|ました|ません|ましょう|でしょう|ませ|ください|下さい)(?:でした)?(?:か|ね|よ|よね|が|ので|から|けれど|し)*$"
)
NEITHER_END = regex.compile(
    r"(?:ありがとう|どうぞ|なにとぞ|おめでとう|おはよう|こんにちは|よう|どう|そう|もう|ずつ|など|まで|とも|ください?|お願い)$"
)
PLAIN_END = regex.compile(
    r"(?:である|(?<![またいん])だ|んだ|[いたのこ]だ|(?:[し多少高安早遅良よ近長短軽重強弱]|た|な|い|やす|にく|すご|つら|うま|ひど)い"
    r"|(?:[っんいえけせてねべめれげ]|(?<!ま)し)[てで]|だった|だろう|ない|なかった|たい|[てでに]ほしい|[てでに]欲しい|[一-龥ぁ-ん][いきしちにりっん]た|[^ま]した|んだ"
    r"|[一-龥ぁ-ん][るうくすつぬぶむぐ]|[てで]ね|じゃん|[かだた]も)(?:よ|ね|な|わ|ぞ|かな|けど|から|し)*$"
)
MARK = regex.compile(r"[。!?…\s♪☆★♡♥\p{Extended_Pictographic}\ufe0f]+$")


def find_keigo_faults(written: Written) -> Iterator[Finding]:
    """Yield what is wrong with the politeness of a Japanese text."""
    if written.language is not Language.JA:
        return
    count = len(SASETE.findall(written.plain))
    if count > 1:
        yield Finding(code="repeated_sasete", values={"count": str(count)})
    for sentence in written.own_words:
        if is_plain(sentence):
            yield found("plain_style", sentence)
        if is_bare_request(sentence) and not is_grounded(sentence, sentence, written.context.grounds):
            yield found("request_without_cushion", sentence)


def is_bare_request(sentence: str) -> bool:
    """Return whether it asks for something without a softening word. Directions ("ご覧ください") ask for nothing."""
    return bool(REQUEST.search(sentence)) and not CUSHION.search(sentence) and not NO_REQUEST.search(sentence)


def is_plain(sentence: str) -> bool:
    """Return whether a finished sentence ends in plain style. Lines without a full stop (headings, names) are neither."""
    body = MARK.sub("", sentence)
    if body == sentence or POLITE_END.search(body) or NEITHER_END.search(body):
        return False
    return PLAIN_END.search(body) is not None
