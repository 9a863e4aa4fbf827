"""Heads refitted on embeddings that stay as they are: what a team corrected is added to what the model was taught.

numpy alone, so that it runs in the base install (docs/adr/0005). Corrections count by the loss of the full training: masked per
head, rare classes weigh more. On the corpus half of what is wanted is the parent's own answer, and the squared distance from its
weights is added: where people said nothing, the parent stays. Corrections weigh so much that they matter, which also makes wrong
ones show on the corpus, where the gate looks. The whole is convex: where L-BFGS stops does not depend on where it began.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from classifier.calibration import targets_of
from classifier.examples import Example
from classifier.heads import HEADS, Floats, Head, HeadWeights, calibrate, columns_of

Doubles = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

SMOOTHING: Final = 0.05
PULL: Final = 0.001
"""Of the parent: factor of half the squared distance from its weights, in units of embeddings of length 1."""
PARENT_SHARE: Final = 0.5
"""Of what is wanted on the corpus: the parent's own answer; the rest is the label."""
MOST_STEPS: Final = 120
SMALL: Final = 1e-5
"""Stops when no gradient is larger than this."""
MEMORY: Final = 12
"""Steps that L-BFGS remembers."""
LEAST_LABELS: Final = 5
"""Corrections a head needs before it is touched at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """How much corrections count against the corpus."""

    share: float
    """Of the loss, that they are raised to while they are few."""
    least: float
    """Posts of the corpus that one correction counts for at least."""
    most: float
    """Share of the corpus that one correction counts for at most: a corpus that grows does not drown it."""

    def weight(self, corrections: int, corpus: int) -> float:
        """Return what one correction weighs against one post of the corpus."""
        if corrections == 0:
            return 1.0
        wanted = self.share / (1 - self.share) * corpus / corrections
        return max(self.least, min(wanted, self.most * corpus))


OWN_SAY: Final = Say(share=0.33, least=2.0, most=0.0015)
"""Of a model that is meant to be used."""
LOUD_SAY: Final = Say(share=0.5, least=4.0, most=0.003)
"""Of one that is only fitted to see whether corrections go against the corpus: see ``classifier.gate``."""
NO_SAY: Final = Say(share=0.0, least=0.0, most=0.0)
"""Of its counterpart, which hears the corpus alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """Examples with their embeddings, row for row."""

    examples: Sequence[Example]
    pooled: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    """One head: rows, what is right, and what each row weighs."""

    pooled: Doubles
    """With a last column of ones for the bias."""
    wanted: Doubles
    """(rows, classes): the distribution wanted, or 0/1 for risks."""
    weights: Doubles
    """(rows, 1), or (rows, classes) for risks."""
    several: bool


def taught_heads(corrections: Sequence[Example]) -> tuple[Head, ...]:
    """Return the heads of which the corrections say enough; the others keep the parent's weights to the bit."""
    return tuple(head for head in HEADS if len(targets_of(corrections, head)[0]) >= LEAST_LABELS)


def refit_heads(
    corpus: Material,
    corrections: Material,
    *,
    parent: HeadWeights,
    say: Say = OWN_SAY,
    progress: Progress | None = None,
) -> HeadWeights:
    """Return the parent's heads, those that were taught fitted anew. Temperatures stay to be fitted afterwards.

    ``corrections``: their lessons (``classifier.corrections``). Deterministic.
    """
    weights, bias = parent.weights.astype(np.float64), parent.bias.astype(np.float64)
    scale = float(np.sqrt((corpus.pooled.astype(np.float64) ** 2).sum(axis=1).mean())) or 1.0
    heads = taught_heads(corrections.examples)
    for at, head in enumerate(heads):
        columns = columns_of(head.name)
        before = np.vstack([weights[:, columns] * scale, bias[columns]])

        def told(step: int, done: int = at) -> None:
            if progress is not None:
                progress(done * MOST_STEPS + step, len(heads) * MOST_STEPS)

        after = _minimise(_make_task(head, corpus, corrections, parent, say, scale=scale), before, told=told)
        weights[:, columns], bias[columns] = after[:-1] / scale, after[-1]
        told(MOST_STEPS)
    return HeadWeights(
        weights=weights.astype(np.float32), bias=bias.astype(np.float32), temperatures=parent.temperatures
    )


def _make_task(
    head: Head, corpus: Material, corrections: Material, parent: HeadWeights, say: Say, *, scale: float
) -> _Task:
    known, right = targets_of(corpus.examples, head)
    own, said = targets_of(corrections.examples, head)
    uncalibrated = calibrate(corpus.pooled[known] @ parent.weights + parent.bias, {})[:, columns_of(head.name)]
    labels = np.concatenate([right, said]) if len(known) else said
    wanted, rare = _risk_targets(labels) if head.several else _class_targets(labels, classes=len(head.classes))
    wanted[: len(known)] *= 1 - PARENT_SHARE
    wanted[: len(known)] += PARENT_SHARE * uncalibrated
    share = np.ones((len(labels), 1))
    share[len(known) :] = say.weight(len(own), len(known))
    pooled = np.vstack([corpus.pooled[known], corrections.pooled[own]]).astype(np.float64) / scale
    return _Task(
        pooled=np.hstack([pooled, np.ones((len(pooled), 1))]),
        wanted=wanted,
        weights=share * rare / share.sum(),
        several=head.several,
    )


def _class_targets(right: npt.NDArray[np.int64], *, classes: int) -> tuple[Doubles, Doubles]:
    """Return smoothed one-hot rows, and what a row of its class weighs: rare classes more, by the root of their share."""
    counts = np.bincount(right, minlength=classes).clip(1)
    rare = np.sqrt(counts.sum() / (classes * counts)).clip(0.5, 3)
    wanted = np.full((len(right), classes), SMOOTHING / classes)
    wanted[np.arange(len(right)), right] += 1 - SMOOTHING
    return wanted, rare[right][:, None]


def _risk_targets(right: npt.NDArray[np.int64]) -> tuple[Doubles, Doubles]:
    """Return 0/1 rows, and what each cell weighs: a risk that holds weighs more the rarer it is."""
    wanted = right.astype(np.float64)
    shares = wanted.mean(axis=0).clip(1e-3, 0.5)
    return wanted, np.where(wanted > 0, np.sqrt((1 - shares) / shares), 1.0)


def _loss(task: _Task, weights: Doubles, parent: Doubles) -> tuple[float, Doubles]:
    """Return the loss and its gradient."""
    scores = task.pooled @ weights
    if task.several:
        chances = 1 / (1 + np.exp(-np.clip(scores, -40, 40)))
        each = np.logaddexp(0, scores) - task.wanted * scores
    else:
        raised = scores - scores.max(axis=1, keepdims=True)
        logs = raised - np.log(np.exp(raised).sum(axis=1, keepdims=True))
        chances, each = np.exp(logs), -task.wanted * logs
    away = weights - parent
    loss = float((task.weights * each).sum()) + PULL / 2 * float((away**2).sum())
    gradient = task.pooled.T @ (task.weights * (chances - task.wanted)) + PULL * away
    return loss, gradient


def _minimise(task: _Task, parent: Doubles, *, told: Callable[[int], None]) -> Doubles:
    """L-BFGS with backtracking (Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 3.1)."""
    place = parent.copy()
    loss, gradient = _loss(task, place, parent)
    moves: list[tuple[Doubles, Doubles]] = []
    for step in range(MOST_STEPS):
        told(step)
        if np.abs(gradient).max() < SMALL:
            break
        direction = _direction(gradient, moves)
        slope = float((direction * gradient).sum())
        length = 1.0 if moves else min(1.0, 1.0 / float(np.abs(gradient).sum()))
        while True:
            found, steep = _loss(task, place + length * direction, parent)
            if found <= loss + 1e-4 * length * slope:
                break
            length /= 2
            if length < 1e-10:  # noqa: PLR2004 - no descent left that the machine's numbers can tell
                return place
        moved, turned = length * direction, steep - gradient
        if float((moved * turned).sum()) > 0:
            moves = [*moves[1 - MEMORY :], (moved, turned)]
        place, loss, gradient = place + moved, found, steep
    return place


def _direction(gradient: Doubles, moves: Sequence[tuple[Doubles, Doubles]]) -> Doubles:
    """Return minus the gradient, turned by what the last moves told of the curvature (two-loop recursion)."""
    turned = gradient.copy()
    shares = []
    for moved, changed in reversed(moves):
        share = float((moved * turned).sum()) / float((moved * changed).sum())
        shares.append(share)
        turned -= share * changed
    if moves:
        moved, changed = moves[-1]
        turned *= float((moved * changed).sum()) / float((changed**2).sum())
    for (moved, changed), share in zip(moves, reversed(shares), strict=True):
        turned += moved * (share - float((changed * turned).sum()) / float((moved * changed).sum()))
    return -turned
