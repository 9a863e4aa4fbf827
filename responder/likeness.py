"""How alike two replies are: the share of character 5-grams, what was approved word for word left out."""

import unicodedata
from functools import lru_cache

import regex

WIDTH = 5
KEPT_IN_MIND = 2048
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


def find_most_alike(one: frozenset[str], others: list[frozenset[str]], *, enough: float = 1.0) -> float:
    """Return the likeness to whichever of ``others`` is most alike; 0 without any.

    From ``enough`` on it is not looked further: the one found is put first, where the next search meets it at once.
    """
    most = 0.0
    for place, other in enumerate(others):
        most = max(most, find_likeness(one, other))
        if most >= enough:
            others.insert(0, others.pop(place))
            break
    return most
