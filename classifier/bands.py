"""How far a classification may be trusted: a pure function of a backend's calibrated scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final, Protocol, runtime_checkable

from domain.ports import ClassifierBackend
from domain.words import Band, Language


@dataclass(frozen=True, kw_only=True, slots=True)
class BandThresholds:
    """Least scores, as probabilities. A model may carry its own."""

    sure: Mapping[str, float]
    """Per head; all heads named here must reach theirs. A head the backend did not score is not asked."""
    check: Mapping[str, float]
    """The same for ``check``; below is ``unknown``."""


THRESHOLDS: Final = BandThresholds(
    sure={"intent": 0.80, "sentiment": 0.75, "constructive": 0.70, "topic": 0.55, "urgency": 0.65},
    check={"intent": 0.50, "sentiment": 0.40},
)


@runtime_checkable
class CarriesThresholds(Protocol):
    """A backend whose scores have bounds of their own."""

    @property
    def thresholds(self) -> BandThresholds:
        """The bounds that fit its scores."""
        ...


def thresholds_of(backend: ClassifierBackend) -> BandThresholds:
    """Return the backend's own thresholds, else ours."""
    return backend.thresholds if isinstance(backend, CarriesThresholds) else THRESHOLDS


def band_of(scores: Mapping[str, float], *, language: Language, thresholds: BandThresholds = THRESHOLDS) -> Band:
    """Return the band. A language we do not serve, no intent score or a score that is no number is ``unknown``."""
    if language is Language.OTHER or "intent" not in scores or not all(isfinite(score) for score in scores.values()):
        return Band.UNKNOWN
    if _reach(scores, thresholds.sure):
        return Band.SURE
    return Band.CHECK if _reach(scores, thresholds.check) else Band.UNKNOWN


def _reach(scores: Mapping[str, float], least: Mapping[str, float]) -> bool:
    return all(scores[head] >= bound for head, bound in least.items() if head in scores)
