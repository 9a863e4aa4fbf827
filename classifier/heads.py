"""What the model says of a text: the heads, their classes in order, and turning scores into labels. numpy only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from domain.words import Intent, Risk, Sentiment, Topic, Urgency

Floats = npt.NDArray[np.float32]

NO, YES = "false", "true"


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """One thing the model decides."""

    name: str
    classes: tuple[str, ...]
    several: bool = False
    """True: each class is decided on its own (risks); else exactly one holds."""


def _yes_no(name: str) -> Head:
    return Head(name=name, classes=(NO, YES))


HEADS: Final = (
    Head(name="intent", classes=tuple(Intent)),
    Head(name="sentiment", classes=tuple(Sentiment)),
    _yes_no("constructive"),
    _yes_no("suggestion"),
    _yes_no("abuse"),
    Head(name="topic", classes=tuple(Topic)),
    Head(name="urgency", classes=tuple(Urgency)),
    _yes_no("needs_dm"),
    _yes_no("needs_reply"),
    Head(name="risks", classes=tuple(Risk), several=True),
)
WIDTH: Final = sum(len(head.classes) for head in HEADS)
"""Columns of a row of scores: the heads side by side, in order."""


def columns_of(name: str) -> slice:
    """Return where a head's scores stand in a row."""
    begin = 0
    for head in HEADS:
        if head.name == name:
            return slice(begin, begin + len(head.classes))
        begin += len(head.classes)
    raise KeyError(name)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadWeights:
    """Linear heads over the pooled embedding, with the temperature that makes each one's scores probabilities."""

    weights: Floats
    """(hidden, ``WIDTH``)."""
    bias: Floats
    """(``WIDTH``,)."""
    temperatures: Mapping[str, float]
    """Per head; 1 where none is given."""

    def probabilities(self, pooled: Floats) -> Floats:
        """Return (texts, ``WIDTH``) calibrated probabilities; each head sums to 1, risks each on their own."""
        return calibrate(pooled @ self.weights + self.bias, self.temperatures)


def calibrate(logits: Floats, temperatures: Mapping[str, float]) -> Floats:
    """Return probabilities of raw scores."""
    chances = np.empty_like(logits)
    for head in HEADS:
        columns = columns_of(head.name)
        scores = logits[:, columns] / temperatures.get(head.name, 1.0)
        if head.several:
            chances[:, columns] = 1 / (1 + np.exp(-np.clip(scores, -40, 40)))
        else:
            raised = np.exp(scores - scores.max(axis=1, keepdims=True))
            chances[:, columns] = raised / raised.sum(axis=1, keepdims=True)
    return chances
