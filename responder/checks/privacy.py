"""Checks of privacy: nobody is asked for personal details in public, and none are shown there."""

import re
from collections.abc import Iterator

from responder.checks.finding import Finding, found
from responder.checks.written import Written

_JA_DETAIL = (
    "(?:注文番号|オーダー番号|受注番号|予約番号|お名前|氏名|ご住所|住所|電話番号|携帯番号|メールアドレス|メアド|生年月日|誕生日"
    "|郵便番号|フルネーム|ご?本名|お住まい|ユーザー(?:ID|名)|アカウント(?:ID|番号)|受付番号|問い?合わ?せ番号|部屋番号|個人情報|カード情報|ご?年齢"
    "|会員番号|会員ID|ログインID|パスワード|暗証番号|カード番号|口座番号|お届け先|ご連絡先|伝票番号|追跡番号|お客様番号)"
)
_JA_REQUEST = (
    "(?:(?:お知らせ|教えて|お教え|ご教示|ご記入|ご記載|ご入力|ご返信|返信|お送り|送って|ご連絡|書いて|お書き|書き込|お伝え|伝えて|添えて|お添え"
    "|伺|お聞かせ|お聞き|聞かせて|お寄せ|ご提示|ご共有|頂戴|ちょうだい|お示し|ご?明記|お書き添え|確認させて)[^。\\n]{0,8}?"
    "(?:ください|下さい|くださいま|いただけ(?!ます[。、\\s])|頂け(?!ます[。、\\s])|いただきた|いただく(?:こと|必要)|お願い|よろしいでしょうか|ますか|ますでしょうか|ませんか|ませんでしょうか|てもらえ|ほしい|幸い|[。\\s]*$)"
    "|(?:を|も|[をも]?(?:リプライ|返信|コメント|こちら)で)(?:ください|下さい|お願い|いただけ(?!ます[。、\\s])|頂け)"
    "|は\\s*\\?|は(?:どちら|お?いくつ(?:です|でしょう|になり)|何番(?:です|でしょう|になり)|(?:何|なん)(?:です|でしょう|になり|とおっしゃ)|いかが(?:です|でしょう)|お?分かり|おわかり|ございますか|ありますか))"
)
_JA_REFUSAL = "(?:ないで|ないよう|なさらず|せずに|控え|避け|公開しない|不要|おりません|いません)"
_EN_DETAIL = (
    "(?:(?:order|tracking|account|member(?:ship)?|customer|card|phone|mobile|telephone) ?(?:numbers?|no\\b|ids?\\b|#|details)"
    "|(?:full|first|last|your) name(?! (?:right|wrong|correct|properly))|(?:your|delivery|shipping|home|postal|street|e-?mail) address|post ?code|zip code"
    "|your (?:phone|mobile|e-?mail|address|password|birthday)|e-?mail address|date of birth|passwords?"
    "|(?:the|an?) (?:phone number|e-?mail(?: address)?|address) (?:on|you|we can|to reach|linked|attached)|(?:which|what) (?:address|e-?mail|(?:phone )?number)|contact (?:details|info(?:rmation)?|number)|surname|user ?(?:name|id)"
    "|(?:the|your) number (?:on|of|from|for) (?:your|the) (?:order|parcel|receipt|invoice|package|label|e-?mail)|where (?:do )?you live"
    "|phone numbers?)"
)
_EN_REQUEST = (
    "(?:send|share|give|tell|provide|reply|post|let us know|confirm|what(?:'s|’s| is)|comment|drop|message|dm|need|leave|add"
    "|have|get|please|could we|may we|can we|sharing|which|mind)"
)
_EN_REFUSAL = "(?:don[’']?t|do not|never|avoid|no need|without|rather than|instead of|keep|protect)"

ASKS_JA = re.compile(
    f"{_JA_DETAIL}[^。\\n]{{0,40}}?{_JA_REQUEST}"
    f"|(?:何番の?ご?注文|ご?注文(?:は|の)何番|どちら(?:に)?(?:お住まい|にお住い))[^。\\n]{{0,20}}(?:か[。、?]|か$|{_JA_REQUEST})|(?:返信|リプライ|コメント|公開)[^。\\n]{{0,15}}{_JA_DETAIL}[^。\\n]{{0,15}}(?:を|$)"
)
ASKS_EN = re.compile(
    f"\\b(?:drop|leave|post|share|put|pop|type|write|give|add|send|comment|reply)(?: us| me)?(?: with)? (?:all )?your (?:\\w+ )?(?:details|info(?:rmation)?|particulars)(?=[^.!?\\n]*\\b(?:below|here|comments?|repl(?:y|ies)|thread|public))(?![^.!?\\n]*\\b(?:dms?|direct|private(?:ly)?|message)\\b)"
    f"|\\b(?:comment|reply)(?: here| below)? with (?:all )?your (?:\\w+ )?(?:details|info(?:rmation)?)\\b"
    f"|\\b{_EN_REQUEST}\\b[^.!?\\n]{{0,50}}\\b{_EN_DETAIL}|\\b{_EN_DETAIL}[^.!?\\n]{{0,30}}\\b(?:please|below|here\\b|in (?:a|the|your) (?:reply|comment)|\\?)",
    re.IGNORECASE,
)
RETOLD_EN = re.compile(
    r"\b(?:(?:we(?:'ll| will)|let (?:us|me)|let's) (?:gladly )?(?:check|ask|find out|see|look(?: up| into)?)|you(?:'d like to know| would like to know|(?: a|')re asking| asked?|(?: a|')re wondering| wonder(?:ed)?| want(?:ed)? to know))\b"
    r"(?:(?!\band\b)[^.!?,;\n]){0,40}?\b(?:whether|if|why) (?:you|we)\b(?!(?:(?!\band\b)[^.!?,;\n])*\b(?:please|below|here|comments?|repl(?:y|ies))\b)(?:(?!\band\b)[^.!?,;\n])*",
    re.IGNORECASE,
)
"""Their own question said back ("whether you have to give your phone number"): it asks for nothing."""
SENTENCE = re.compile(r"[^。.!?！？\n]+[。.!?！？]*")

SHOWN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        r"(?<![\d-])(?:\+\d{1,3}[-. ]?)?\(?0\d{1,4}\)?[-. ]?\d{1,4}[-. ]?\d{3,4}(?![\d-])",
        r"(?<![\d-])\+\d{1,3}[-. ]?(?:\(?\d{1,4}\)?[-. ]?){2,4}\d{2,4}(?![\d-])",
        r"(?<![\d-])\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?![\d-])",
        r"〒\s?\d{3}-?\d{4}|(?<![\d-])\d{3}-\d{4}(?![\d-])",
        r"(?:北海道|東京都|(?:京都|大阪)府|[一-龥]{2,3}県)[^\s、。]{1,12}?[市区町村郡][^\s、。]{0,12}?\d",
        r"\b\d{1,5} [A-Z][a-z]+(?: [A-Z][a-z]+)? (?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd)\b",
    )
)
NUMBERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:注文|受注|予約|伝票|追跡|会員|お客様|登録|問い合わせ)(?:番号|No\.?|ID|#)[^\d\n。]{0,6}\d[\d-]{3,}",
        r"\b(?:order|tracking|booking|member|account|ref(?:erence)?)\b(?: ?(?:number|no\.?|id|is))*[ :#]*(?:(?:[A-Z]{1,4}-?)?\d[\d-]{3,}|(?=[A-Z]*\d)[A-Z0-9]{8,}\b)",
        r"#[A-Z]{0,4}-?\d{5,}",
    )
)
"""Of an order, a parcel, an account."""
CARD = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")


def find_privacy_faults(written: Written) -> Iterator[Finding]:
    """Yield what the text asks or shows of personal details. Card numbers count everywhere, the rest in public."""
    if any(passes_luhn(match.group()) for match in CARD.finditer(written.plain)):
        yield Finding(code="card_number")
    if not written.is_public:
        return
    asked = find_request(written.plain)
    if asked:
        yield found("asks_personal_data", asked)
    shown = next((match.group() for pattern in (*SHOWN, *NUMBERS) for match in pattern.finditer(written.plain)), "")
    if shown:
        yield found("shows_personal_data", shown)


def find_request(plain: str) -> str:
    """Return the words that ask for personal details, or nothing. "Please don't post your address" asks for none."""
    for sentence in SENTENCE.finditer(plain):
        words = RETOLD_EN.sub(" ", sentence.group())
        for pattern, refusal in ((ASKS_JA, _JA_REFUSAL), (ASKS_EN, f"\\b{_EN_REFUSAL}\\b")):
            match = pattern.search(words)
            if match and not re.search(refusal, words, re.IGNORECASE):
                return match.group().strip()
    return ""


def shows_number(plain: str) -> bool:
    """Return whether ``plain`` (NFKC) carries the number of an order, a parcel or an account, named as such."""
    return any(pattern.search(plain) for pattern in NUMBERS)


def shows_personal_data(plain: str) -> bool:
    """Return whether ``plain`` (NFKC) carries what looks like somebody's details."""
    return any(pattern.search(plain) for pattern in (*SHOWN, *NUMBERS)) or any(
        passes_luhn(match.group()) for match in CARD.finditer(plain)
    )


def passes_luhn(number: str) -> bool:
    """Return whether the digits of ``number`` carry a valid card check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(sign) for sign in number if sign.isdecimal()]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]  # noqa: PLR2004 - 9 is the carry
    return len(digits) >= 13 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0  # noqa: PLR2004 - shortest card
