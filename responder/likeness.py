"""How alike two replies are: the share of character 5-grams, what was approved word for word left out."""

import math
import unicodedata
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


def weigh(one: frozenset[str], others: list[frozenset[str]], *, enough: float, limit: float = math.inf) -> Alike:
    """Return how alike ``one`` is to ``others``, where a likeness up to ``enough`` does no harm.

    From an excess of ``limit`` on it is not looked further. The one too alike that was found last is put first, where the
    next search meets it at once.
    """
    most, to, excess = 0.0, frozenset[str](), 0.0
    for place, other in enumerate(others):
        likeness = find_likeness(one, other)
        if likeness > most:
            most, to = likeness, other
        excess += max(0.0, likeness - enough) ** 2
        if excess >= limit:
            others.insert(0, others.pop(place))
            break
    return Alike(most=most, to=to, excess=excess)
