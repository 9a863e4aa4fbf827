"""From what speaks for an entry to how likely it is the answer. Fitted on questions for tuning; ``bench/knowledge.py`` measures on others."""

import math
from dataclasses import dataclass
from typing import Final

from domain.words import Language

THRESHOLD: Final = 0.5
"""Below this, nothing is claimed and a person answers."""
RANK_OFFSET: Final = 20
"""Reciprocal rank fusion: the constant beside the rank, small because the lists are."""
TOPIC_WEIGHT: Final = 0.3
"""What the same topic adds: it settles close calls and makes no answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What speaks for one entry."""

    cover: float
    """Share of what was asked that it carries, 0-1."""
    title: float
    """Share of its own question that was asked, 0-1."""
    keywords: float
    """Its keywords in the text, weighed, 0-3."""
    behind: float | None
    """By how much another entry is nearer in meaning, from 0; None without embeddings."""
    same_topic: bool = False

    def features(self) -> tuple[float, ...]:
        """Return what is weighed, in the order of ``Weights.each``."""
        behind = () if self.behind is None else (self.behind,)
        return (self.cover, self.title, math.sqrt(self.keywords), *behind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """A logistic regression over evidence: is this entry the answer."""

    bias: float
    each: tuple[float, ...]

    def judge(self, evidence: Evidence) -> float:
        """Return the likelihood, 0 to 1."""
        given = zip(self.each, evidence.features(), strict=True)
        total = self.bias + sum(weight * value for weight, value in given) + TOPIC_WEIGHT * evidence.same_topic
        return 1 / (1 + math.exp(-total))


# Ridge of 1 on standardised evidence, over the first twenty of each question for tuning and of those in tests/classifier/retrieval;
# English with embeddings was made stricter by 0.6, for it cited too readily on the questions for tuning.
_FITTED: Final = {
    (Language.JA, False): Weights(bias=-3.83, each=(3.26, 6.15, 2.72)),
    (Language.EN, False): Weights(bias=-3.85, each=(1.93, 4.88, 2.37)),
    (Language.JA, True): Weights(bias=-1.65, each=(2.97, 3.75, 2.18, -25.25)),
    (Language.EN, True): Weights(bias=-2.5, each=(1.93, 3.64, 1.72, -22.05)),
}


def weights_for(language: Language, *, with_meaning: bool) -> Weights:
    """Return those of a language, fitted with or without embeddings."""
    return _FITTED[Language.JA if language is Language.JA else Language.EN, with_meaning]
