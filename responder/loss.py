"""Whether a post tells of a death: of an animal, or of somebody close. Where our goods may have caused it, a person finds the words."""

import re
import unicodedata
from functools import cache
from typing import Final

from domain.words import Language
from responder.wordlists import read_words

LONGEST: Final = 4000
"""Characters that are looked at."""


def is_death_told(text: str, language: Language) -> bool:
    """Return whether ``text`` (untrusted) tells of a death, not of one that nearly happened."""
    said = "ja" if language is Language.JA else "en"
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).replace("’", "'")
    return _told(said).search(plain) is not None


@cache
def _told(said: str) -> re.Pattern[str]:
    return re.compile(read_words("loss")[said], re.IGNORECASE)
