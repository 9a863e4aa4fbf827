"""Whether an entry can be about what was asked: words of things that a brand's book never names, and what an entry says it is not about."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from domain.words import Language
from responder.knowledge.question import asking_part
from responder.knowledge.terms import find_carried, plain_text
from responder.wordlists import read_words


class Subjects:
    """What one brand writes about. Thread-safe."""

    def __init__(self, texts: Iterable[str]) -> None:
        written = plain_text("\n".join(texts))
        self._at_home = frozenset(match[0].removesuffix("s") for match in _elsewhere().finditer(written))

    def find_strange(self, plain: str, language: Language) -> tuple[str, ...]:
        """Return the words in what ``plain`` asks of things that nothing in the book is about."""
        asked = (match[0] for match in _elsewhere().finditer(asking_part(plain, language)))
        return tuple(dict.fromkeys(word for word in asked if word.removesuffix("s") not in self._at_home))


def find_excluded(plain: str, words: Sequence[str], language: Language) -> tuple[str, ...]:
    """Return those of an entry's ``not_about`` words that a text carries."""
    return tuple(find_carried(plain, words, language))


@cache
def _elsewhere() -> re.Pattern[str]:
    words = {plain_text(word) for group in read_words("retrieval")["elsewhere"].values() for word in group}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(
        "|".join(
            rf"(?<![a-z0-9]){re.escape(word)}s?(?![a-z0-9])" if word.isascii() else re.escape(word)
            for word in longest_first
        )
    )
