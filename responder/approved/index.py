"""Earlier posts of one brand and language, searchable by words and meaning while ever new ones are added.

A large part that is worked out rarely, and a small one beside it that is worked out each time something is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from domain.words import Language
from responder.approved.fusion import fuse
from responder.knowledge.bm25 import Bm25, Floats
from responder.knowledge.terms import find_terms

LONGEST_POST: Final = 2_000
"""Signs of a post that are compared."""
FEW: Final = 2_000
"""Up to so many posts are worked out anew each time."""
TAIL_SHARE: Final = 0.05
"""Posts beside the large part, at most."""
MOST_FOUND: Final = 12
"""Candidates that are looked at closely."""

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexed:
    """What is kept of one approved reply: no text of it, and of its post the terms only."""

    reply_id: int
    mention_id: int
    terms: tuple[str, ...]
    visibility: str
    template: str
    """Same for all replies that say the same."""
    unchanged: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """An earlier post and how alike it is."""

    reply_id: int
    likeness: float
    """Share of what both say, 0 to 1; rare terms weigh more."""
    nearness: float | None
    """In meaning; None without embeddings."""


@dataclass(slots=True)
class PostIndex:
    """Not thread-safe: ``Memory`` holds a lock."""

    language: Language
    _large: list[Indexed] = field(default_factory=list)
    _tail: list[Indexed] = field(default_factory=list)
    _large_terms: Bm25 = field(default_factory=lambda: Bm25([]))
    _tail_terms: Bm25 = field(default_factory=lambda: Bm25([]))
    _rows: dict[int, Vectors] = field(default_factory=dict)
    _matrix: Vectors | None = None
    """Rows of both parts, in order; rows of zeros where there is none yet."""

    def __len__(self) -> int:
        return len(self._large) + len(self._tail)

    def change(self, *, added: Sequence[Indexed], dropped: frozenset[int]) -> None:
        """Add and drop replies. What is dropped is gone at once, with every term of it."""
        if dropped:
            self._large = [one for one in self._large if one.reply_id not in dropped]
            self._tail = [one for one in self._tail if one.reply_id not in dropped]
            for reply_id in dropped:
                self._rows.pop(reply_id, None)
        self._tail = [*self._tail, *added]
        if dropped or len(self) <= FEW or len(self._tail) > TAIL_SHARE * len(self._large):
            self._large, self._tail = [*self._large, *self._tail], []
            self._large_terms = Bm25([one.terms for one in self._large])
        self._tail_terms = Bm25([one.terms for one in self._tail], beside=self._large_terms)
        self._lay_out()

    def give_vectors(self, reply_ids: Sequence[int], rows: Vectors) -> None:
        """Keep the meaning of some posts."""
        self._rows |= dict(zip(reply_ids, rows, strict=True))
        self._lay_out()

    def without_vectors(self) -> list[int]:
        """Return the replies of whose posts the meaning is not known yet."""
        return [one.reply_id for one in (*self._large, *self._tail) if one.reply_id not in self._rows]

    def search(self, text: str, *, visibility: str, but: int, meaning: Vectors | None) -> list[Near]:
        """Return earlier posts, best first. ``but``: a mention left out."""
        every = [*self._large, *self._tail]
        if not every:
            return []
        terms = find_terms(text[:LONGEST_POST], self.language)
        by_words = np.concatenate([self._large_terms.score(terms), self._tail_terms.score(terms)])
        by_meaning: Floats | None = None
        if meaning is not None and self._matrix is not None:
            by_meaning = np.asarray(self._matrix @ meaning, dtype=np.float64)
        found = []
        for place in fuse(by_words, by_meaning, most=MOST_FOUND * 4):
            one = every[place]
            if one.visibility != visibility or one.mention_id == but or by_words[place] <= 0:
                continue
            near = None if by_meaning is None else float(by_meaning[place])
            likeness = self.liken(frozenset(terms), frozenset(one.terms))
            found.append(Near(reply_id=one.reply_id, likeness=likeness, nearness=near))
            if len(found) == MOST_FOUND:
                break
        return sorted(found, key=lambda near: (-near.likeness, -near.reply_id))

    def liken(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Return how much two posts say the same, 0 to 1: what both say, by all that either says."""
        whole = sum(map(self._weigh, one | other))
        return sum(map(self._weigh, one & other)) / whole if whole else 0.0

    def _weigh(self, term: str) -> float:
        """Return what a term says; among a few posts rarity tells little, so every term says something."""
        return 1 + self._large_terms.rarity(term)

    def count_unchanged(self, template: str) -> int:
        """Return how often the same was approved as it was drafted."""
        return sum(one.template == template and one.unchanged for one in (*self._large, *self._tail))

    def _lay_out(self) -> None:
        if not self._rows:
            self._matrix = None
            return
        width = len(next(iter(self._rows.values())))
        nothing = np.zeros(width, dtype=np.float32)
        every = (*self._large, *self._tail)
        self._matrix = np.stack([self._rows.get(one.reply_id, nothing) for one in every]) if every else None
