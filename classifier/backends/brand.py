"""The brand's own words in a text: names that carry no meaning, and words that show a homonym."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from classifier.visible import show
from domain.understanding import TextToClassify

ANTI_WORDS: Final = "anti_words"
"""Key of ``TextToClassify.extra``: words, one a line, that show a homonym of the brand."""
ADDRESSED: Final = "addressed"
"""Key of ``TextToClassify.extra``: not empty where the platform says that the post was written to us (mention, answer, message, review)."""
_KATAKANA: Final = "ァ-ヺー"


def fold(text: str) -> str:
    """Return ``text`` as names are compared."""
    return unicodedata.normalize("NFKC", show(text)).lower()


def is_homonym(given: TextToClassify) -> bool:
    """Tell whether the text is about something else of the brand's name: an anti-word stands in it as a word of its own.

    Not where it speaks to us (``ADDRESSED``, or one of the brand's words as a handle), names us in full, or the anti-word
    is only a part of our name there.
    """
    anti_words = given.extra.get(ANTI_WORDS, "")
    if not anti_words or given.extra.get(ADDRESSED):
        return False
    text = fold(given.text)
    found = [match.span() for match in _words_pattern(tuple(fold(anti_words).splitlines())).finditer(text)]
    if not found or _means_us(text, given.brand_words):
        return False
    names = names_pattern(given.brand_words)
    ours = [match.span() for match in names.finditer(text)] if names else []
    return any(not any(_holds(name, word) for name in ours) for word in found)


def _means_us(text: str, names: tuple[str, ...]) -> bool:
    """Tell whether one of the names stands there as a handle, or one that holds another and more: the name in full."""
    unmistakable = _unmistakable(names)
    return unmistakable is not None and unmistakable.search(text) is not None


def _holds(name: tuple[int, int], word: tuple[int, int]) -> bool:
    """Tell whether the word is a part of the name, and not the whole of it."""
    return name[0] <= word[0] and word[1] <= name[1] and name != word


@lru_cache(maxsize=64)
def _unmistakable(names: tuple[str, ...]) -> re.Pattern[str] | None:
    folded = {fold(name).strip().lstrip("@") for name in names} - {""}
    handles = [rf"@{re.escape(name)}(?![\w])" for name in folded if re.fullmatch(r"[\w.-]+", name)]
    full = [_as_word(name) for name in folded if any(other != name and other in name for other in folded)]
    return re.compile("|".join(handles + full)) if handles or full else None


@lru_cache(maxsize=64)
def _words_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_as_word(word.strip()) for word in words if word.strip()) or r"(?!)")


@lru_cache(maxsize=64)
def names_pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds the brand's names: they carry no polarity ("Happy Mart"). Latin names only as whole words."""
    folded = sorted({fold(name).strip() for name in names} - {""}, key=len, reverse=True)
    parts = [rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name) for name in folded]
    return re.compile("|".join(parts)) if parts else None


def _as_word(word: str) -> str:
    """Return the pattern of a word that is no part of a longer one; Japanese shows that by a change of script only."""
    return _edge(word[0], ahead=False) + re.escape(word) + _plural(word) + _edge(word[-1], ahead=True)


def _plural(word: str) -> str:
    return "(?:s|es|'s)?" if word.isascii() and word[-1].isalpha() else ""


def _edge(letter: str, *, ahead: bool) -> str:
    look = "(?!" if ahead else "(?<!"
    if letter.isascii() and letter.isalnum():
        return f"{look}[a-z0-9])"
    return f"{look}[{_KATAKANA}])" if re.match(f"[{_KATAKANA}]", letter) else ""
