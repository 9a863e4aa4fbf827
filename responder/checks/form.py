"""Checks of form: length, hidden characters, placeholders, punctuation, language, Japanese typography."""

from collections.abc import Iterator

import regex

from config.common_words import common_english
from domain.words import Language
from responder.checks.finding import Finding, found
from responder.checks.written import URL, Written

HIDDEN = regex.compile(r"[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# A joiner belongs between two pictures (a family, a flag) and nowhere else in our replies.
LOOSE_JOINER = regex.compile(
    r"(?<![\p{Extended_Pictographic}\ufe0f\p{Emoji_Modifier}])\u200d|\u200d(?!\p{Extended_Pictographic})"
)
CONTROL = regex.compile(r"[\p{Cc}--[\n\t]]", regex.VERSION1)
UNFILLED = regex.compile(
    r"\{\s*[\w.-]{1,40}\s*\}|\{\{[^}\n]{1,40}\}\}|<(?:name|order|product|item|url|link|date)[^>\n]{0,20}>"
    r"|[<\[%$](?:first|last|full|family|given|customer|client|user|agent|brand|store|shop|company|product|item|order|tracking|your)[ _-]?"
    r"(?:name|number|no|id|date|link|url|email|city)s?[>\]%$]|%\w{2,20}%|\((?:insert|your|customer|product|order|agent)[ _]\w[\w ]{1,20}\)"
    r"|\[(?:your |the |customer |order |product |insert )?"
    r"(?:name|order|number|product|item|link|url|date|store|brand)(?: \w{1,10})?\]"
    r"|[\[【<〈](?:お?名前|氏名|お客様名|担当者?名?|注文番号|ご注文番号|商品名|店舗名|日付|日時|URL|リンク|電話番号|お客様の名前|サイズ|色|金額|理由|状況|内容|曜日|時間)[\]】>〉]|[(（](?:お客様名|商品名|店舗名|担当者?名|氏名)[)）](?=様|さん|の|を|は|が)"
    r"|[〇○●◯]{2,}|[×✕]{2,}|[△▲□■]{2,}|(?<![A-Z])X{3,}(?![A-Z])|(?<![A-Z])XX(?=[様日月円番個点件])|(?<=[〜~]{2})様|\bTODO\b|\bTBD\b|_{3,}|lorem ipsum",
    regex.IGNORECASE,
)
BROKEN = regex.compile(
    r"。{2,}|、{2,}|、。|。、|,{2,}|(?<!\.)\.\.(?!\.)|[?!]\.|,\.|(?<=\w) ,|^\s*(?:さん|様|さま)[、。\s]|^\s*[、。,.]"
    # A word is missing: "about the , we", "「の件".
    r"|\b(?:the|an|your|our|about the) [,.!?](?!\w)|「(?:の件|を|は、|が、|」)|[(（][)）](?!\s*(?:;|\{))",
    regex.MULTILINE,
)
HALFWIDTH_KANA = regex.compile(r"[\uff61-\uff9f]+")
FULLWIDTH_DIGITS = regex.compile(r"[０-９Ａ-Ｚａ-ｚ]+")
WESTERN_PUNCTUATION = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}][,.](?![0-9A-Za-z])")
LETTER = regex.compile(r"\p{L}")
JAPANESE_LETTER = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}ー]")
KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
LEAST_LETTERS = 6
"""Shorter texts tell nothing about their language."""
MOST_JAPANESE_IN_ENGLISH = 0.3
LEAST_ENGLISH_WORDS = 0.12
"""Share of the commonest words in an English text of a few words or more; other languages of Europe have next to none."""
ENOUGH_WORDS = 6
LATIN_WORD = regex.compile(r"[\p{Latin}']+")
LEAST_JAPANESE_IN_JAPANESE = 0.3
ON_TEXT = (
    ("unfilled", UNFILLED),
    ("broken_punctuation", BROKEN),
    ("halfwidth_kana", HALFWIDTH_KANA),
    ("fullwidth_digits", FULLWIDTH_DIGITS),
    ("western_punctuation", WESTERN_PUNCTUATION),
)


def find_form_faults(written: Written) -> Iterator[Finding]:
    """Yield what is wrong with the form of the text as typed."""
    text, measure = written.text, written.measure
    if not measure.fits:
        yield Finding(code="too_long", values={"length": str(measure.length), "limit": str(measure.limit)})
    hidden = HIDDEN.search(text) or LOOSE_JOINER.search(text) or CONTROL.search(text)
    if hidden:
        yield found("hidden_characters", f"U+{ord(hidden.group()[0]):04X}")
    for code, pattern in ON_TEXT:
        match = pattern.search(text)
        if match:
            yield found(code, match.group())
    if not _is_in(URL.sub("", text), written.language):
        yield Finding(code="language", values={"wanted": written.language.value})


def _has_english_words(text: str) -> bool:
    words = [word.casefold() for word in LATIN_WORD.findall(text.replace("’", "'"))]
    common = sum(word in common_english() for word in words)
    return len(words) < ENOUGH_WORDS or common >= LEAST_ENGLISH_WORDS * len(words)


def _is_in(text: str, language: Language) -> bool:
    letters = len(LETTER.findall(text))
    if letters < LEAST_LETTERS or language is Language.OTHER:
        return True
    share = len(JAPANESE_LETTER.findall(text)) / letters
    if language is Language.EN:
        return share <= MOST_JAPANESE_IN_ENGLISH and _has_english_words(text)
    return share >= LEAST_JAPANESE_IN_JAPANESE and KANA.search(text) is not None
