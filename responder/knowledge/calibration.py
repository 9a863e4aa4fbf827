"""From what speaks for an entry to how likely it is the answer. Fitted on questions for tuning; ``bench/knowledge.py`` measures on others."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.words import Language
from responder.knowledge.bm25 import Floats
from responder.knowledge.views import Nearness

THRESHOLD: Final = 0.7
"""Below this, nothing is claimed and a person answers."""
PERHAPS: Final = 0.15
"""Below this, an entry is not even shown beside a draft."""
STRANGE_SHARE: Final = 0.4
"""What remains of a likelihood where the question is about something that the book, or the entry, is not about."""
TINY: Final = 0.001
"""No likelihood counts as nearer to 0 or 1 than this."""
TOPIC_WEIGHT: Final = 0.5
"""What the same topic adds: it settles close calls and makes no answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What speaks for each entry, one value per entry."""

    keywords: Floats
    """Its keywords in the text, weighed, 0-3."""
    words: Floats
    """BM25."""
    carried_concepts: Floats
    """Share of the things asked about that it carries, 0-1."""
    carried_words: Floats
    """The same of the words."""
    asked_concepts: Floats
    """Share of the things in its own question that were asked about, 0-1."""
    nearness: Nearness | None
    """How near in meaning; None without embeddings."""

    def features(self) -> tuple[Floats, ...]:
        """Return what is weighed, in the order of ``Weights.each``."""
        ranked = self.words / (1 + self.words.max(initial=0.0))
        words = (np.sqrt(self.keywords), ranked, self.carried_concepts, self.asked_concepts, self.carried_words)
        return words if self.nearness is None else (*words, self.nearness.together, self.nearness.nearest)


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """Which entry is the likeliest (a conditional logit over all entries), and how likely that is (a logistic regression over it)."""

    each: tuple[float, ...]
    bias: float
    strength: float
    """Weight of what speaks for the entry."""
    lead: float
    """Weight of its lead over the next, or of its distance behind the first."""
    unrelated: float
    """How strong an entry is that has nothing to do with it: it stands in where a book has no second one."""

    def weigh(self, evidence: Evidence) -> Floats:
        """Return what speaks for each entry, added up."""
        given = zip(self.each, evidence.features(), strict=True)
        return np.asarray(sum(weight * value for weight, value in given), dtype=np.float64)

    def judge(self, strength: Floats) -> Floats:
        """Return the likelihood of each entry, 0 to 1; the greater its strength the greater."""
        first = float(strength.max())
        second = float(np.sort(strength)[-2]) if len(strength) > 1 else min(first, self.unrelated)
        lead = np.where(strength < first, strength - first, first - second)
        total = self.bias + self.strength * strength + self.lead * lead
        return np.asarray(1 / (1 + np.exp(-total)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """What speaks against the likeliest entries, weighed with their likelihood: a logistic regression over the first hit of each question."""

    bias: float
    likely: float
    """Weight of the likelihood, as log odds."""
    elsewhere: float
    """Weight of how much nearer the question is to something asked everywhere."""
    missing: float
    """Weight of the words that the entry does not have."""

    def judge(self, likelihood: float, *, elsewhere: float, missing: float) -> float:
        """Return how likely the entry is the answer, all told, 0 to 1."""
        odds = math.log(max(likelihood, TINY) / max(1 - likelihood, TINY))
        total = self.bias + self.likely * odds + self.elsewhere * elsewhere + self.missing * missing
        return 1 / (1 + math.exp(-total))


# Ranking: over the questions for tuning, and with a quarter of their weight those in tests/classifier/retrieval, none below 0 and
# keywords not below 0.3. Likelihood: over the same, those whose answer is left out of the book, and what other trades' customers ask.
_FITTED: Final = {
    (Language.JA, False): Weights(
        each=(0.30, 2.61, 2.44, 4.04, 2.80), bias=-4.85, strength=0.604, lead=0.366, unrelated=0.0
    ),
    (Language.EN, False): Weights(
        each=(0.70, 2.55, 2.33, 3.47, 1.96), bias=-4.06, strength=0.516, lead=0.412, unrelated=0.0
    ),
    (Language.JA, True): Weights(
        each=(0.30, 0.47, 2.62, 3.04, 2.61, 14.25, 7.34), bias=-4.06, strength=0.273, lead=0.399, unrelated=5.8
    ),
    (Language.EN, True): Weights(
        each=(0.39, 1.19, 2.57, 2.62, 0.89, 15.28, 5.59), bias=-2.60, strength=0.162, lead=0.521, unrelated=4.9
    ),
}


def weights_for(language: Language, *, with_meaning: bool) -> Weights:
    """Return those of a language, fitted with or without embeddings."""
    return _FITTED[Language.JA if language is Language.JA else Language.EN, with_meaning]


# Over the questions for tuning and those for tuning against the demo's own book, and with half their weight five hundred a
# language of the classifier's corpus, asked of the demo's book and read one by one. Those that the lists rule out were left out.
_DOUBTS: Final = {
    (Language.JA, False): Doubt(bias=1.16, likely=0.87, elsewhere=0.00, missing=-0.104),
    (Language.EN, False): Doubt(bias=0.21, likely=0.81, elsewhere=0.00, missing=-0.030),
    (Language.JA, True): Doubt(bias=1.16, likely=0.95, elsewhere=-3.57, missing=-0.116),
    (Language.EN, True): Doubt(bias=0.31, likely=0.97, elsewhere=-8.94, missing=-0.040),
}


def doubt_for(language: Language, *, with_meaning: bool) -> Doubt:
    """Return that of a language, fitted with or without embeddings."""
    return _DOUBTS[Language.JA if language is Language.JA else Language.EN, with_meaning]
