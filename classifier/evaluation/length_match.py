"""Constructive against venting, fairly: long complaints mostly have something to act on, so length alone scores well.

Complaints are put side by side with complaints of like length; within one such group both kinds weigh the same, so that an
answer that looks at nothing but the length is right half of the time.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from classifier.evaluation.measures import DIGITS
from classifier.evaluation.scores import LengthMatched

STEP: Final = math.log(1.05)
"""A group spans a twentieth of the length; below 20 characters each length is its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """One complaint as labelled and as answered."""

    length: int
    """Characters."""
    constructive: bool
    answer: bool | None
    """None: not taken for a complaint; counts as wrong."""


def match_by_length(complaints: Sequence[Complaint]) -> LengthMatched | None:
    """Return the score, or None when no two complaints of different kind are of like length."""
    groups: dict[int, list[Complaint]] = defaultdict(list)
    for complaint in complaints:
        groups[int(math.log(max(1, complaint.length)) / STEP)].append(complaint)
    weighted: list[tuple[float, Complaint]] = []
    longer = pairs = 0.0
    for group in groups.values():
        kinds = [[one for one in group if one.constructive is kind] for kind in (True, False)]
        weight = min(len(kind) for kind in kinds)
        if weight:
            weighted += [(weight / len(kind), one) for kind in kinds for one in kind]
            longer += weight * _longer(*kinds)
            pairs += weight
    if not weighted:
        return None
    total = sum(weight for weight, _ in weighted)
    right = sum(weight for weight, one in weighted if one.answer is one.constructive)
    return LengthMatched(
        constructive=sum(one.constructive for _, one in weighted),
        venting=sum(not one.constructive for _, one in weighted),
        accuracy=round(right / total, DIGITS),
        macro_f1=round((_f1(weighted, of=True) + _f1(weighted, of=False)) / 2, DIGITS),
        length_alone=round(longer / pairs, DIGITS),
    )


def _longer(constructive: Sequence[Complaint], venting: Sequence[Complaint]) -> float:
    """Return the share of pairs whose longer one is constructive; a tie is half."""
    wins = sum(
        (one.length > other.length) + (one.length == other.length) / 2 for one in constructive for other in venting
    )
    return wins / (len(constructive) * len(venting))


def _f1(weighted: Sequence[tuple[float, Complaint]], *, of: bool) -> float:
    hit = sum(weight for weight, one in weighted if one.constructive is of and one.answer is of)
    support = sum(weight for weight, one in weighted if one.constructive is of)
    claimed = sum(weight for weight, one in weighted if one.answer is of)
    return 2 * hit / (support + claimed)
