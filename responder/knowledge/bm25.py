"""BM25 over short texts: what a term weighs in each text is worked out once, a search only adds up."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

SATURATION = 1.2
LENGTH_SHARE = 0.5
"""How much a long text is held against it, 0 to 1. Entries are all short: half is enough."""

Floats = npt.NDArray[np.float64]


class Bm25:
    """Texts as counted terms (Robertson and Zaragoza, 2009). Thread-safe.

    ``beside``: a larger collection to which these texts belong; how rare a term is and how long texts are is known from there.
    """

    def __init__(self, texts: Sequence[Sequence[str]], *, beside: "Bm25 | None" = None) -> None:
        counted = [Counter(terms) for terms in texts]
        lengths = np.array([count.total() for count in counted], dtype=np.float64)
        own = float(lengths.mean()) if len(lengths) and lengths.any() else 1.0
        self.usual: float = beside.usual if beside else own
        drag = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths / self.usual)
        places: dict[str, list[int]] = {}
        for at, count in enumerate(counted):
            for term in count:
                places.setdefault(term, []).append(at)
        self._size = len(counted)
        self.rarest: float = beside.rarest if beside else math.log(1 + self._size / 0.5)
        self._rarity: dict[str, float] = {}
        self._postings: dict[str, tuple[npt.NDArray[np.intp], Floats]] = {}
        for term, standing in places.items():
            rows = np.array(standing, dtype=np.intp)
            times = np.array([counted[row][term] for row in standing], dtype=np.float64)
            few = math.log(1 + (self._size - len(rows) + 0.5) / (len(rows) + 0.5))
            rarity = beside.rarity(term) if beside else few
            self._rarity[term] = rarity
            self._postings[term] = (rows, rarity * times * (SATURATION + 1) / (times + drag[rows]))

    def score(self, terms: Iterable[str]) -> Floats:
        """Return one score per text, 0 where it shares no term; a term asked twice counts once."""
        scores = np.zeros(self._size)
        for term in sorted(set(terms)):
            if term in self._postings:
                rows, weights = self._postings[term]
                scores[rows] += weights
        return scores

    def cover(self, terms: Iterable[str]) -> Floats:
        """Return per text which share of what was asked it carries, 0-1; rare terms weigh more, unknown ones most."""
        carried, asked = np.zeros(self._size), 0.0
        for term in sorted(set(terms)):
            asked += self.rarity(term)
            if term in self._postings:
                carried[self._postings[term][0]] += self._rarity[term]
        return carried / asked if asked else carried

    def rarity(self, term: str) -> float:
        """Return how much a term says; one that stands nowhere says as much as any can."""
        return self._rarity.get(term, self.rarest)
