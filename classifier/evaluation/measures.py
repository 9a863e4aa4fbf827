"""The figures of one head over any choice of texts: a pure function of what was given and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from classifier.evaluation.scores import ClassScores, Confusion, HeadScores, Interval, ReliabilityPoint

BINS: Final = 10
DIGITS: Final = 4
NO_ANSWER: Final = "none"
MOST_REPLICATES, LEAST_REPLICATES = 1_000, 100
MOST_WEIGHTS: Final = 8_000_000
SEED: Final = 20_260_701

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]
Counts = npt.NDArray[np.float32] | npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """All texts that one head was asked of. A row of ``given`` and ``answered`` has one true at most, risks any number."""

    head: str
    classes: tuple[str, ...]
    several: bool
    places: Places
    """Which text of the evaluation each row is."""
    given: Flags
    """(rows, classes)."""
    answered: Flags
    """(rows, classes); a row without any: no answer."""
    scores: Floats
    """Probability of the answer; NaN where the backend gave none."""

    def choose(self, wanted: Flags) -> "Answers":
        """Return those rows whose text is ``wanted`` (a flag per text of the evaluation)."""
        rows = wanted[self.places]
        return Answers(
            head=self.head,
            classes=self.classes,
            several=self.several,
            places=self.places[rows],
            given=self.given[rows],
            answered=self.answered[rows],
            scores=self.scores[rows],
        )

    @property
    def right(self) -> Flags:
        """Whether each row is right as a whole."""
        return np.asarray((self.given == self.answered).all(axis=1))


def draw_weights(families: int, *, seed: int = SEED) -> Weights:
    """Return (replicates, families): how often each family is drawn when as many are drawn as there are, with replacement."""
    replicates = int(np.clip(MOST_WEIGHTS // max(1, families), LEAST_REPLICATES, MOST_REPLICATES))
    drawn = np.random.default_rng(seed).multinomial(families, np.full(families, 1 / families), size=replicates)
    return drawn.astype(np.float32)


def score_head(answers: Answers, *, families: Places, weights: Weights, detailed: bool) -> HeadScores:
    """Return the figures of at least one row; ``families`` is each text's column in ``weights``."""
    hits = (answers.given & answers.answered).sum(axis=0)
    support, claimed = answers.given.sum(axis=0), answers.answered.sum(axis=0)
    f1, recall = _f1(hits, support, claimed), hits / np.maximum(support, 1)
    macro, recalls = _intervals(answers, families[answers.places], weights)
    classes = {
        name: ClassScores(
            precision=_rounded(hits[at] / max(claimed[at], 1)),
            recall=_rounded(recall[at]),
            f1=_rounded(f1[at]),
            support=int(support[at]),
            recall_interval=recalls[at] if support[at] else None,
        )
        for at, name in enumerate(answers.classes)
        if support[at] or claimed[at]
    }
    right = answers.right
    scored = ~np.isnan(answers.scores)  # what was not answered has no sureness to be judged
    points = reliability(answers.scores[scored], right[scored])
    return HeadScores(
        count=len(right),
        accuracy=_rounded(right.mean()),
        macro_f1=_rounded(f1[support > 0].mean()) if (support > 0).any() else 0.0,
        interval=macro,
        ece=calibration_error(answers.scores[scored], right[scored]) if scored.any() else None,
        classes=classes,
        confusion=confusion(answers) if detailed and not answers.several else None,
        reliability=points if detailed else (),
    )


def reliability(scores: Floats, right: Flags) -> tuple[ReliabilityPoint, ...]:
    """Return a point per bin of probability that occurs, the least sure first."""
    bins = _bins(scores)
    return tuple(
        ReliabilityPoint(
            confidence=_rounded(scores[bins == at].mean()),
            accuracy=_rounded(right[bins == at].mean()),
            count=int((bins == at).sum()),
        )
        for at in np.unique(bins)
    )


def calibration_error(scores: Floats, right: Flags) -> float:
    """Return how far sureness and being right lie apart on average, over ten bins of equal width."""
    gaps = np.bincount(_bins(scores), weights=scores - right, minlength=BINS)
    return _rounded(np.abs(gaps).sum() / len(scores))


def confusion(answers: Answers) -> Confusion:
    """Return the table of labels that occur against answers that occur, in the head's own order."""
    none = ~answers.answered.any(axis=1)
    said = np.column_stack([answers.answered, none])
    counts = answers.given.T.astype(np.int64) @ said.astype(np.int64)
    rows = np.flatnonzero(counts.sum(axis=1))
    # Every label that occurs is a column too, so that the diagonal can be seen.
    columns = sorted({*rows.tolist(), *np.flatnonzero(counts.sum(axis=0)).tolist()})
    names = (*answers.classes, NO_ANSWER)
    return Confusion(
        labels=tuple(names[row] for row in rows),
        answers=tuple(names[column] for column in columns),
        counts=tuple(tuple(int(counts[row, column]) for column in columns) for row in rows),
    )


def _bins(scores: Floats) -> Places:
    return np.clip((scores * BINS).astype(np.int64), 0, BINS - 1)


def _f1(hits: Counts, support: Counts, claimed: Counts) -> Floats:
    return np.asarray(2 * hits / np.maximum(support + claimed, 1), dtype=np.float64)


def _intervals(answers: Answers, families: Places, weights: Weights) -> tuple[Interval | None, list[Interval | None]]:
    """Return the interval of macro-F1, and that of each class's recall."""
    here, own = np.unique(families, return_inverse=True)
    width = len(answers.classes)
    if len(here) < 2:  # noqa: PLR2004 - one family says nothing of the next
        return None, [None] * width
    columns = np.column_stack([answers.given & answers.answered, answers.given, answers.answered]).astype(np.float32)
    counts = np.zeros((len(here), 3 * width), dtype=np.float32)
    np.add.at(counts, own, columns)
    drawn = (weights[:, here] @ counts).reshape(-1, 3, width)
    hits, support, claimed = drawn[:, 0], drawn[:, 1], drawn[:, 2]
    there = support > 0
    usable = there.any(axis=1)
    if not usable.any():
        return None, [None] * width
    macro = np.where(there, _f1(hits, support, claimed), 0).sum(axis=1)[usable] / there.sum(axis=1)[usable]
    recalls = [
        _interval(hits[there[:, at], at] / support[there[:, at], at]) if there[:, at].any() else None
        for at in range(width)
    ]
    return _interval(macro), recalls


def _interval(values: Floats | Weights) -> Interval:
    low, high = np.percentile(values, (2.5, 97.5))
    return _rounded(low), _rounded(high)


def _rounded(value: float | np.floating) -> float:
    return round(float(value), DIGITS)


def mean_right(answers: Mapping[str, Answers], wanted: Flags) -> dict[str, float]:
    """Return per head the share of right rows among the ``wanted`` texts; heads that were asked of none are left out."""
    chosen = {head: asked.choose(wanted) for head, asked in answers.items()}
    return {head: _rounded(asked.right.mean()) for head, asked in chosen.items() if len(asked.places)}
