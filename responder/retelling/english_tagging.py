"""What each word of a clause is, by the company it keeps: "split" in "the bag split" and in "a split bag".

A chain of kinds (letters of ``english_words``), the likeliest by counts kept in ``retelling_en.toml``: [meant], [follows], [seldom].
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import Final

from responder.retelling.english_words import Vocabulary
from responder.wordlists import read_words

COUNTED: Final = re.compile(r"([^\d\s])(\d+)")
ALL_BUT_NEVER: Final = 7.0
"""For what was not seen, in negative logarithms."""
BEGINS: Final = "^"
ENDS: Final = "$"
MEANINGLESS: Final = frozenset("wL")
"""Letters that say how a verb goes on, not what it is."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, as costs (negative logarithms)."""

    meant: Mapping[str, Mapping[str, int]]
    follows: Mapping[str, Mapping[str, float]]
    seldom: Mapping[str, float]


@cache
def read_counts() -> Counts:
    """Return the shipped counts."""
    lists = read_words("retelling_en")
    meant = (entry.rsplit(":", 1) for entry in lists["meant"]["words"].split())
    return Counts(
        meant={word: {kind: int(number) for kind, number in COUNTED.findall(kinds)} for word, kinds in meant},
        follows={kind: _read_costs(costs) for kind, costs in lists["follows"].items()},
        seldom=_read_costs(lists["seldom"]["kinds"]),
    )


def _read_costs(costs: str) -> dict[str, float]:
    return {kind: int(number) / 10 for kind, number in COUNTED.findall(costs)}


def find_kinds(words: Sequence[str], vocabulary: Vocabulary) -> str:
    """Return one letter for each of ``words``, all of them in the vocabulary: the likeliest chain."""
    counts = read_counts()
    paths: dict[str, tuple[float, str]] = {BEGINS: (0.0, "")}
    for word in words:
        costs = _costs_of(word, vocabulary, counts)
        paths = {
            kind: min(
                (cost + own + counts.follows[before].get(kind, ALL_BUT_NEVER), chain + kind)
                for before, (cost, chain) in paths.items()
            )
            for kind, own in costs.items()
        }
    return min((cost + counts.follows[kind].get(ENDS, ALL_BUT_NEVER), chain) for kind, (cost, chain) in paths.items())[
        1
    ]


@cache
def _known(word: str, kinds: str) -> Mapping[str, int]:
    return read_counts().meant.get(word) or dict.fromkeys((kind for kind in kinds if kind not in MEANINGLESS), 1)


def _costs_of(word: str, vocabulary: Vocabulary, counts: Counts) -> dict[str, float]:
    known = _known(word, vocabulary.tags[word])
    whole = sum(known.values())
    return {
        kind: -log(number / whole) - counts.seldom[kind] for kind, number in known.items() if kind in counts.follows
    }
