"""Two ways of searching, made one: by words and by meaning."""

from typing import Final

import numpy as np

from responder.knowledge.bm25 import Floats

RANK_OFFSET: Final = 20
"""Reciprocal rank fusion: the constant beside the rank, small because the lists are."""


def fuse(by_words: Floats, by_meaning: Floats | None, *, most: int) -> list[int]:
    """Return at most ``most`` places, best first: each list gives 1 / (offset + rank) (Cormack and others, 2009)."""
    given = np.zeros(len(by_words))
    for scores in (by_words, by_meaning):
        if scores is not None:
            ranks = np.empty(len(scores))
            ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
            given += np.where(scores > 0, 1 / (RANK_OFFSET + ranks), 0)
    return [int(at) for at in np.argsort(-given, kind="stable")[:most]]
