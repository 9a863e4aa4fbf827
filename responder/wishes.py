"""What the customer wants done: cancelled, refunded, exchanged, called back. From our own list (``wishes.toml``), the first that fits."""

import re
from functools import cache

from domain.words import Language
from responder.wordlists import read_words


def find_wish(text: str, language: Language) -> str:
    """Return the wish of ``text`` (NFKC, untrusted) in our words: see ``{wish}``; nothing where none is plain."""
    said = "ja" if language is Language.JA else "en"
    return next((say for pattern, say in _patterns(said) if pattern.search(text)), "")


@cache
def _patterns(said: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(entry["pattern"], re.IGNORECASE), entry["say"]) for entry in read_words("wishes")[said])
