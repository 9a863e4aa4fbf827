"""The gate before a refitted model: it may come in force only if no head loses more than a point and at least one gains.

Both models answer the same held-out posts: the corpus' dev split, which neither was fitted on, and the team's own held-out
corrections. The test split is not touched: what decides again and again would in time be learned by heart.

What counts. A figure is the macro-F1 of a head over the classes with at least ``LEAST_SUPPORT`` posts, for all posts of a set
and for each language; what is raised as critical is one more head. On the dev split a loss of more than one point refuses, as a
whole and in either language, whatever chance had in it. Of the team's own posts there are few, and a point is often less than one
of them: there the loss must also be larger than two standard errors, by resampling posts, both models on the same ones. A gain
counts from one point on if it is larger than its standard error.

What must never be missed is counted in posts besides (``classifier.grave``): the new model may catch one critical post, or one of a
grave risk, less than the old one, and no more.

Labels that are wrong in the same way throughout (swapped classes) are wrong on the held-out corrections, too, and a careful refit
learns them without much harm to the corpus. So two models are fitted for comparison only: one that hears corrections louder than
any model should, one that hears none. Where that costs a head ``CONTRADICTION`` on the dev split, people and corpus call like posts
by unlike names, and nothing is learned before somebody looked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from classifier.artefact import NO_BOUND
from classifier.calibration import CRITICAL, MISS_WEIGHT, targets_of
from classifier.grave import Catch, compare_catches
from classifier.heads import HEADS, Floats, Head, HeadWeights, columns_of
from classifier.refit import Material
from domain.words import Language, Urgency

POINT: Final = 0.01
CONTRADICTION: Final = 0.025
LEAST_SUPPORT: Final = 5
"""Posts a class needs to be counted in a macro-F1."""
LEAST_LABELS: Final = {"corpus": 100, "own": 8}
"""Posts of a set that a figure needs to count at all."""
ALL: Final = "all"
DRAWS: Final = 300
SEED: Final = 20261122
ALARM: Final = Head(name=CRITICAL, classes=(Urgency.CRITICAL,), several=True)
"""Compared beside the heads: what is raised as critical at the bound that was chosen for recall."""
URGENCY: Final = next(head for head in HEADS if head.name == "urgency")


class HeldOut(StrEnum):
    """Whose posts."""

    CORPUS = "corpus"
    OWN = "own"


class Change(StrEnum):
    """What became of a head."""

    GAINED = "gained"
    SAME = "same"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServedHeads:
    """Heads with the bounds at which grave things are raised: what turns an embedding into labels."""

    heads: HeadWeights
    recall_bounds: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One head on one set of held-out posts, before and after."""

    held_out: HeldOut
    language: str
    """``all``, ``ja`` or ``en``."""
    head: str
    labels: int
    before: float
    """Macro-F1, 0 to 1; of the alarm the F that counts a miss ``MISS_WEIGHT`` times."""
    after: float
    noise: float
    """Standard error of the difference."""
    change: Change


@dataclass(frozen=True, kw_only=True, slots=True)
class GateReport:
    """All comparisons, and whether they let the new model through."""

    comparisons: Sequence[Comparison]
    catches: Sequence[Catch] = ()
    """How many grave posts each of the two catches."""
    contradicted: Sequence[Comparison] = ()
    """Heads of which the corrections go against the corpus."""

    @property
    def missed(self) -> list[Catch]:
        """What the new model misses more of than the gate allows."""
        return [one for one in self.catches if one.is_lost]

    @property
    def gained(self) -> list[Comparison]:
        """Where the new model is better."""
        return [one for one in self.comparisons if one.change is Change.GAINED]

    @property
    def lost(self) -> list[Comparison]:
        """Where it is worse than the gate allows."""
        return [one for one in self.comparisons if one.change is Change.LOST]

    @property
    def passed(self) -> bool:
        """True when nothing was lost, missed or contradicted and something gained."""
        return bool(self.gained) and not (self.lost or self.missed or self.contradicted)

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "passed": self.passed,
            "comparisons": [asdict(one) for one in self.comparisons],
            "catches": [asdict(one) for one in self.catches],
            "contradicted": [asdict(one) for one in self.contradicted],
        }


def compare(before: ServedHeads, after: ServedHeads, held_out: Mapping[HeldOut, Material]) -> GateReport:
    """Score both on each set; figures of too few posts are left out. Deterministic."""
    found: list[Comparison] = []
    catches: list[Catch] = []
    for name, material in held_out.items():
        answers = _answers(before, material.pooled), _answers(after, material.pooled)
        catches += compare_catches(name.value, material.examples, answers)
        for language in (ALL, *(one.value for one in (Language.JA, Language.EN))):
            for head in (*HEADS, ALARM):
                one = _compare_head(name, language, head, material=material, answers=answers)
                if one is not None:
                    found.append(one)
    return GateReport(comparisons=tuple(found), catches=tuple(catches))


def find_contradicted(silent: ServedHeads, loud: ServedHeads, dev: Material) -> tuple[Comparison, ...]:
    """Return the heads that lose too much on the dev split when corrections are heard loudly, against not at all."""
    report = compare(silent, loud, {HeldOut.CORPUS: dev})
    whole = [one for one in report.comparisons if one.language == ALL and one.head != CRITICAL]
    return tuple(one for one in whole if one.before - one.after > CONTRADICTION)


Codes = npt.NDArray[np.int64]


def _answers(served: ServedHeads, pooled: Floats) -> dict[str, Codes]:
    """Return per head the class numbers answered (risks: 0/1 rows, at their bounds), as the backend without its rules."""
    chances = served.heads.probabilities(pooled)
    bounds = served.recall_bounds
    said: dict[str, Codes] = {}
    for head in HEADS:
        found = chances[:, columns_of(head.name)]
        if head.several:
            least = [bounds.get(f"{head.name}.{name}", NO_BOUND) for name in head.classes]
            said[head.name] = (found >= np.array(least)).astype(np.int64)
        else:
            said[head.name] = found.argmax(axis=1)
    grave = columns_of("urgency").start + list(Urgency).index(Urgency.CRITICAL)
    said[CRITICAL] = (chances[:, grave : grave + 1] >= bounds.get(CRITICAL, NO_BOUND)).astype(np.int64)
    return said


def _compare_head(
    name: HeldOut, language: str, head: Head, *, material: Material, answers: tuple[dict[str, Codes], dict[str, Codes]]
) -> Comparison | None:
    rows, wanted = _targets(material, head)
    spoken = np.array([language in {ALL, material.examples[at].language.value} for at in rows], dtype=bool)
    rows, wanted = rows[spoken], wanted[spoken]
    if len(rows) < LEAST_LABELS[name]:
        return None
    pair = [_counts(wanted, said[head.name][rows], head) for said in answers]
    counted = pair[0].sum(axis=0)[:, 0] >= LEAST_SUPPORT
    if not counted.any():
        return None
    weight = MISS_WEIGHT if head is ALARM else 1.0  # as its bound is chosen: a missed alarm is worse than an empty one
    before, after = (float(_macro_f(counts.sum(axis=0)[None], counted, weight)[0]) for counts in pair)
    noise = _noise(pair, counted, weight)
    return Comparison(
        held_out=name,
        language=language,
        head=head.name,
        labels=len(rows),
        before=round(before, 4),
        after=round(after, 4),
        noise=round(noise, 4),
        change=_change(after - before, noise=noise, strict=name is HeldOut.CORPUS),
    )


def _targets(material: Material, head: Head) -> tuple[Codes, Codes]:
    if head is not ALARM:
        return targets_of(material.examples, head)
    rows, urgency = targets_of(material.examples, URGENCY)
    return rows, (urgency[:, None] == list(Urgency).index(Urgency.CRITICAL)).astype(np.int64)


def _change(gain: float, *, noise: float, strict: bool) -> Change:
    if -gain > (POINT if strict else max(POINT, 2 * noise)):
        return Change.LOST
    return Change.GAINED if gain >= POINT and gain > noise else Change.SAME


def _counts(wanted: Codes, said: Codes, head: Head) -> Floats:
    """Return (posts, classes, 3): of each class whether it was wanted, answered, and both."""
    if head.several:
        right, given = wanted.astype(bool), said.astype(bool)
    else:
        classes = np.arange(len(head.classes))
        right, given = wanted[:, None] == classes, said[:, None] == classes
    return np.stack([right, given, right & given], axis=2).astype(np.float32)


def _macro_f(sums: Floats, counted: npt.NDArray[np.bool_], weight: float) -> Floats:
    """Return the macro-F of each (classes, 3) of sums over the classes that count; recall weighs ``weight`` times as much."""
    both, squared = sums[:, counted], weight**2
    found: Floats = ((1 + squared) * both[:, :, 2] / np.maximum(squared * both[:, :, 0] + both[:, :, 1], 1)).mean(
        axis=1
    )
    return found


def _noise(pair: Sequence[Floats], counted: npt.NDArray[np.bool_], weight: float) -> float:
    """Return the standard deviation of the difference when posts are drawn anew, the same for both."""
    posts = len(pair[0])
    drawn = np.random.default_rng(SEED).multinomial(posts, np.full(posts, 1 / posts), size=DRAWS).astype(np.float32)
    before, after = (
        _macro_f((drawn @ counts.reshape(posts, -1)).reshape(DRAWS, *counts.shape[1:]), counted, weight)
        for counts in pair
    )
    return float((after - before).std())
