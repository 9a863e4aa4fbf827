"""From raw scores to chances one can trust: a temperature per head, and the bounds at which rare, grave things are raised."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from classifier.examples import Example
from classifier.heads import HEADS, Floats, Head, calibrate, columns_of
from domain.words import Risk, Urgency

TEMPERATURES: Final = np.exp(np.linspace(np.log(0.3), np.log(6.0), 121))
MISS_WEIGHT: Final = 3.0
"""How much worse it is to miss a grave post than to raise a harmless one."""
MOST_BOUND: Final = 0.5
BOUNDS: Final = np.linspace(MOST_BOUND, 0.04, 47)
"""From high to low: among equals the higher one is taken, which raises fewer."""
CRITICAL: Final = f"urgency.{Urgency.CRITICAL}"


def fit_temperatures(logits: Floats, examples: Sequence[Example]) -> dict[str, float]:
    """Return per head the temperature of the least log-loss on ``examples``; a head without labels keeps 1."""
    return {head.name: _fit_temperature(logits, examples, head) for head in HEADS}


def _fit_temperature(logits: Floats, examples: Sequence[Example], head: Head) -> float:
    rows, wanted = targets_of(examples, head)
    if len(rows) == 0:
        return 1.0
    losses = []
    for temperature in TEMPERATURES:
        chances = calibrate(logits[rows], {head.name: float(temperature)})[:, columns_of(head.name)]
        if head.several:
            right = np.where(wanted > 0, chances, 1 - chances)
            losses.append(-np.log(right.clip(1e-9)).sum(axis=1).mean())
        else:
            losses.append(-np.log(chances[np.arange(len(rows)), wanted].clip(1e-9)).mean())
    return round(float(TEMPERATURES[int(np.argmin(losses))]), 4)


def targets_of(examples: Sequence[Example], head: Head) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the places of the examples that have a label of ``head``, and the labels as numbers (risks: 0/1 rows)."""
    rows: list[int] = []
    wanted: list[int | list[int]] = []
    for at, example in enumerate(examples):
        if head.several:
            if example.risks is not None:
                rows.append(at)
                wanted.append([int(name in example.risks) for name in head.classes])
        elif is_asked(example, head.name):
            rows.append(at)
            wanted.append(head.classes.index(example.labels[head.name]))
    return np.array(rows, dtype=np.int64), np.array(wanted, dtype=np.int64)


def is_asked(example: Example, head: str) -> bool:
    """Tell whether an example says anything of a head; ``constructive`` is asked of complaints only."""
    if head == "constructive" and example.labels.get("intent") != "complaint":
        return False
    return head in example.labels


def fit_recall_bounds(chances: Floats, examples: Sequence[Example]) -> dict[str, float]:
    """Return the least chance at which critical urgency and each risk is raised: recall first, but not at any price."""
    bounds = {}
    urgency = columns_of("urgency").start + list(Urgency).index(Urgency.CRITICAL)
    bounds[CRITICAL] = _bound(
        chances[:, urgency], [example.labels.get("urgency") == "critical" for example in examples]
    )
    first = columns_of("risks").start
    for at, risk in enumerate(Risk):
        bounds[f"risks.{risk}"] = _bound(
            chances[:, first + at], [risk in (example.risks or ()) for example in examples]
        )
    return bounds


def _bound(chances: Floats, grave: Sequence[bool]) -> float:
    """Return the bound at which a miss, ``MISS_WEIGHT`` times as bad as a false alarm, and alarms are best balanced."""
    wanted = np.array(grave, dtype=bool)
    if not wanted.any():
        return MOST_BOUND
    best = max(BOUNDS, key=lambda bound: _balance(chances >= bound, wanted))
    return round(float(best), 4)


def _balance(raised: npt.NDArray[np.bool_], wanted: npt.NDArray[np.bool_]) -> float:
    """F-measure in which recall counts ``MISS_WEIGHT`` times as much as precision."""
    squared = MISS_WEIGHT**2
    hits = int((raised & wanted).sum())
    return (1 + squared) * hits / max(1, squared * int(wanted.sum()) + int(raised.sum()))


def fit_bands(chances: Floats, examples: Sequence[Example]) -> Mapping[str, Mapping[str, float]]:
    """Return the least scores of ``sure`` and ``check`` per head: those at which what is above them is right often enough."""
    sure, check = {}, {}
    for name, wanted_sure, wanted_check in BAND_AIMS:
        head = next(head for head in HEADS if head.name == name)
        rows, wanted = targets_of(examples, head)
        found = chances[rows][:, columns_of(name)]
        best, right = found.max(axis=1), found.argmax(axis=1) == wanted
        sure[name] = _least_score(best, right, wanted_sure)
        if wanted_check:
            check[name] = _least_score(best, right, wanted_check)
    return {"sure": sure, "check": check}


BAND_AIMS: Final = (
    ("intent", 0.95, 0.80), ("sentiment", 0.93, 0.0), ("constructive", 0.95, 0.0), ("topic", 0.92, 0.0), ("urgency", 0.90, 0.0),
)  # fmt: skip
"""Head, share of right answers wanted above the bound of ``sure``, and of ``check`` (0: not asked)."""


def _least_score(best: Floats, right: npt.NDArray[np.bool_], aim: float) -> float:
    """Return the lowest score such that answers at or above it are right in at least ``aim`` of cases."""
    order = np.argsort(-best)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(shares >= aim)
    return round(float(best[order][enough[-1]]), 4) if len(enough) else 0.99
