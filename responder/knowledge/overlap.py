"""Which share of each text was asked, weighed by how rare its terms are."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from responder.knowledge.bm25 import Floats


class Overlap:
    """Texts as sets of terms, each worth what ``weigh`` says. Thread-safe."""

    def __init__(self, texts: Sequence[Iterable[str]], weigh: Callable[[str], float]) -> None:
        own = [frozenset(terms) for terms in texts]
        self._weigh = weigh
        self._places: dict[str, list[int]] = {}
        for at, terms in enumerate(own):
            for term in terms:
                self._places.setdefault(term, []).append(at)
        self._whole = np.array([sum(map(weigh, sorted(terms))) for terms in own], dtype=np.float64)

    def share(self, terms: Iterable[str]) -> Floats:
        """Return one share per text, 0-1: how much of it is among ``terms``."""
        given = np.zeros(len(self._whole))
        for term in sorted(set(terms) & self._places.keys()):
            given[self._places[term]] += self._weigh(term)
        return np.divide(given, self._whole, out=np.zeros(len(self._whole)), where=self._whole > 0)
