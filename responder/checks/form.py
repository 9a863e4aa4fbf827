"""Checks of form: length, hidden characters, placeholders, language, Japanese typography."""

from collections.abc import Iterator

import regex

from domain.replies import CheckResult, Measure
from domain.words import CheckLevel, Language

HIDDEN = regex.compile(r"[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# A joiner belongs between two pictures (a family, a flag) and nowhere else in our replies.
LOOSE_JOINER = regex.compile(
    r"(?<![\p{Extended_Pictographic}\ufe0f\p{Emoji_Modifier}])\u200d|\u200d(?!\p{Extended_Pictographic})"
)
CONTROL = regex.compile(r"[\p{Cc}--[\n\t]]", regex.VERSION1)
UNFILLED = regex.compile(r"\{\s*\w{1,40}\s*\}|\[(?:NAME|ORDER|名前|注文番号)\]", regex.IGNORECASE)
HALFWIDTH_KANA = regex.compile(r"[\uff66-\uff9f]+")
FULLWIDTH_DIGITS = regex.compile(r"[０-９]+")
WESTERN_PUNCTUATION = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}][,.](?!\w)")
LETTER = regex.compile(r"\p{L}")
JAPANESE_LETTER = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}ー]")
KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
LEAST_LETTERS = 6
"""Shorter texts tell nothing about their language."""
MOST_JAPANESE_IN_ENGLISH = 0.3
LEAST_JAPANESE_IN_JAPANESE = 0.3


def check_form(text: str, *, language: Language, measure: Measure) -> Iterator[CheckResult]:
    """Yield what is wrong with the form of ``text`` (as typed, not normalised)."""
    if not text.strip():
        yield CheckResult(code="empty", level=CheckLevel.BLOCK)
        return
    if not measure.fits:
        values = {"length": str(measure.length), "limit": str(measure.limit)}
        yield CheckResult(code="too_long", level=CheckLevel.BLOCK, values=values)
    hidden = HIDDEN.search(text) or LOOSE_JOINER.search(text) or CONTROL.search(text)
    if hidden:
        yield _found("hidden_characters", CheckLevel.BLOCK, f"U+{ord(hidden.group()[0]):04X}")
    unfilled = UNFILLED.search(text)
    if unfilled:
        yield _found("unfilled", CheckLevel.BLOCK, unfilled.group())
    if not _is_in(text, language):
        yield CheckResult(code="language", level=CheckLevel.WARN, values={"wanted": language.value})
    if language is Language.JA:
        yield from _check_typography(text)


def _check_typography(text: str) -> Iterator[CheckResult]:
    patterns = (
        ("halfwidth_kana", HALFWIDTH_KANA),
        ("fullwidth_digits", FULLWIDTH_DIGITS),
        ("western_punctuation", WESTERN_PUNCTUATION),
    )
    for code, pattern in patterns:
        match = pattern.search(text)
        if match:
            yield _found(code, CheckLevel.WARN, match.group())


def _is_in(text: str, language: Language) -> bool:
    letters = len(LETTER.findall(text))
    if letters < LEAST_LETTERS or language is Language.OTHER:
        return True
    share = len(JAPANESE_LETTER.findall(text)) / letters
    if language is Language.EN:
        return share <= MOST_JAPANESE_IN_ENGLISH
    return share >= LEAST_JAPANESE_IN_JAPANESE and KANA.search(text) is not None


def _found(code: str, level: CheckLevel, phrase: str) -> CheckResult:
    return CheckResult(code=code, level=level, values={"phrase": phrase})
