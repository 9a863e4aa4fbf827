"""The brand's own words in a text: names that carry no meaning, and words that show a homonym."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from domain.understanding import TextToClassify

ANTI_WORDS: Final = "anti_words"
"""Key of ``TextToClassify.extra``: words, one a line, that show a homonym of the brand."""


def fold(text: str) -> str:
    """Return ``text`` as names are compared."""
    return unicodedata.normalize("NFKC", text).lower()


def is_homonym(given: TextToClassify) -> bool:
    """Tell whether one of the brand's anti-words stands in the text: it is about something else of that name."""
    anti_words = given.extra.get(ANTI_WORDS, "")
    return bool(anti_words) and any(word in fold(given.text) for word in fold(anti_words).splitlines() if word)


@lru_cache(maxsize=64)
def names_pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds the brand's names: they carry no polarity ("Happy Mart"). Latin names only as whole words."""
    folded = sorted({fold(name).strip() for name in names} - {""}, key=len, reverse=True)
    parts = [rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name) for name in folded]
    return re.compile("|".join(parts)) if parts else None
