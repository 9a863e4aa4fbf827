"""What an entry's keywords weigh in a question: much where few entries have the word, little where it is the subject of many."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from domain.words import Language
from responder.knowledge.bm25 import Floats
from responder.knowledge.pages import Entry, keywords_of, plain_parts
from responder.knowledge.terms import find_carried, is_telling, plain_text

MOST_KEYWORDS: Final = 3
SHORT_KEYWORD: Final = 0.5
"""What a keyword counts that may stand anywhere, beside one that says a subject."""


class Keywords:
    """The keywords of all entries of a book. Thread-safe."""

    def __init__(self, entries: Sequence[Entry], language: Language) -> None:
        self._language = language
        self._size = len(entries)
        self._places: dict[str, list[int]] = {}
        for at, entry in enumerate(entries):
            for word in dict.fromkeys(keywords_of(entry, language)):
                self._places.setdefault(word, []).append(at)
        whole = [" ".join(plain_parts(entry, language)) for entry in entries]
        self._weights = {word: self._weigh(word, whole) for word in self._places}
        self._plain = {word: plain_text(word).strip() for word in self._places}

    def _weigh(self, word: str, whole: Sequence[str]) -> float:
        wanted = (" " if self._language is Language.EN else "") + plain_text(word).strip()
        seen = sum(wanted in text for text in whole)
        telling = 1.0 if is_telling(word) else SHORT_KEYWORD
        return telling * (math.log(1 + len(whole) / max(1, seen)) / math.log(1 + len(whole))) ** 2

    def count(self, plain: str) -> Floats:
        """Return per entry what those of its keywords weigh that a plain text carries, 0-3."""
        nearly = [word for word, wanted in self._plain.items() if wanted and wanted in plain]
        found: dict[int, list[float]] = {}
        for word in find_carried(plain, nearly, self._language):
            for at in self._places[word]:
                found.setdefault(at, []).append(self._weights[word])
        counted = np.zeros(self._size)
        for at, weights in found.items():
            counted[at] = sum(sorted(weights, reverse=True)[:MOST_KEYWORDS])
        return counted
