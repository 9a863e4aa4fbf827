"""What a classifier says of a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.words import Band, Intent, Language, Risk, Sentiment, Topic, Urgency


@dataclass(frozen=True, kw_only=True, slots=True)
class Prediction:
    """A backend's raw answer for one text. ``scores`` are calibrated probabilities, 0 to 1, per head name
    (``intent``, ``sentiment``, ``constructive``, ``topic``, ``urgency`` ...): the probability of the chosen class; and under
    ``risk_score`` that of each risk that only the model raised (one that words raised has none).
    """

    sentiment: Sentiment
    intent: Intent
    constructive: bool | None
    """None unless the intent is complaint."""
    suggestion: bool
    abuse: bool
    topic: Topic
    urgency: Urgency
    risks: frozenset[Risk]
    needs_reply: bool
    needs_dm: bool
    scores: Mapping[str, float]
    reasons: tuple[str, ...] = ()
    """Words or rule names that decided, for the "why" pane. Plain text, shown escaped."""
    model_id: str = ""
    """Who said it, where that differs from one text to the next; empty: the backend's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Understanding:
    """One stored classification: a prediction with its language, band and provenance."""

    language: Language
    prediction: Prediction
    band: Band
    model_id: str
    """``keyword-ja-en-1`` and the like; versioned, kept beside every prediction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TextToClassify:
    """One text for a backend."""

    text: str
    """NFKC, at most what intake lets through."""
    language: Language
    brand_words: tuple[str, ...] = ()
    wants_reasons: bool = True
    """False where nobody will read why, as in a file: a backend may leave out what takes time."""
    extra: Mapping[str, str] = field(default_factory=dict)


def risk_score(risk: Risk) -> str:
    """Return the name under which ``Prediction.scores`` keeps how likely ``risk`` is."""
    return f"risk.{risk.value}"
