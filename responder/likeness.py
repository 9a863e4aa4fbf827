"""How alike two replies are: the share of character 5-grams, what was approved word for word left out."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

WIDTH = 5
KEPT_IN_MIND = 4096
NOT_SAID = regex.compile(r"[\s\p{P}]+")


@lru_cache(maxsize=KEPT_IN_MIND)
def list_grams(text: str, approved: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the 5-grams of ``text`` without spaces and punctuation; ``approved`` statements in it are left out."""
    for statement in sorted(approved, key=len, reverse=True):
        text = text.replace(statement, "\n")
    plain = [NOT_SAID.sub("", part) for part in unicodedata.normalize("NFKC", text).casefold().split("\n")]
    return frozenset(part[at : at + WIDTH] for part in plain for at in range(len(part) - WIDTH + 1))


def find_likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return which share of the shorter text's 5-grams the other has, too: 0 to 1."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """How a text stands to what was said before."""

    most: float = 0.0
    """Likeness to the one that is most alike."""
    to: frozenset[str] = frozenset()
    """The 5-grams of that one."""
    excess: float = 0.0
    """By how much all of them together are too alike; grows the faster the more alike one is."""


class SaidLately:
    """Texts that the next one is held against. A 5-gram of theirs is a bit, so that two texts are compared in a step or two."""

    def __init__(self, texts: Sequence[frozenset[str]]) -> None:
        """``texts``: the 5-grams of each."""
        self._places = {gram: place for place, gram in enumerate(frozenset[str]().union(*texts))}
        self._texts = [(self._as_bits(grams), grams) for grams in texts if grams]

    def weigh(self, one: frozenset[str], *, enough: float, limit: float = math.inf) -> Alike:
        """Return how alike ``one`` is to them, where a likeness up to ``enough`` does no harm.

        From an excess of ``limit`` on it is not looked further.
        """
        most, to, excess = 0.0, frozenset[str](), 0.0
        bits = self._as_bits(one)
        for other, grams in self._texts if one else ():
            likeness = (bits & other).bit_count() / min(len(one), len(grams))
            if likeness > most:
                most, to = likeness, grams
            excess += max(0.0, likeness - enough) ** 4
            if excess >= limit:
                break
        return Alike(most=most, to=to, excess=excess)

    def _as_bits(self, grams: frozenset[str]) -> int:
        bits = bytearray(len(self._places) // 8 + 1)
        for gram in grams & self._places.keys():
            place = self._places[gram]
            bits[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(bits, "little")
