"""What an evaluation says, as values and as JSON. The JSON is stable: docs/how-to/measure-the-model.md describes it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

ALL: Final = "all"
Interval = tuple[float, float]
"""Lower and upper end of the 95 % interval."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassScores:
    """One class of one head."""

    precision: float
    recall: float
    f1: float
    support: int
    """Texts that carry the label."""
    recall_interval: Interval | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Confusion:
    """How often each label was answered how: a row per label, a column per answer; ``none`` where no answer was given."""

    labels: tuple[str, ...]
    answers: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityPoint:
    """Answers of like probability: how sure the model was, and how often it was right."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadScores:
    """One head on one slice."""

    count: int
    accuracy: float
    """Of risks: the share of texts whose flags are all right."""
    macro_f1: float
    """Mean F1 of the classes that occur as labels; 0 where none does (no risk in the slice)."""
    interval: Interval | None
    """Of ``macro_f1``, by resampling families; None where there is but one."""
    ece: float | None
    """Expected calibration error over ten bins, of answers that came with a score; None where none did."""
    classes: Mapping[str, ClassScores]
    confusion: Confusion | None = None
    """On the whole and per language; not of risks, which may hold together."""
    reliability: tuple[ReliabilityPoint, ...] = ()
    """On the whole and per language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BandScores:
    """The texts of one band."""

    count: int
    share: float
    accuracy: Mapping[str, float]
    """Per head; of the texts that carry its label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LengthMatched:
    """Constructive against venting among complaints of like length, so that length alone is worth nothing."""

    constructive: int
    """Complaints of each kind that have a counterpart of like length."""
    venting: int
    accuracy: float
    """0.5 is what an answer by length or by chance gets."""
    macro_f1: float
    length_alone: float
    """Share of pairs in which the longer one is the constructive one; near 0.5 when the match holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """A whole evaluation. Slices are ``all``, ``language:ja``, ``channel:NAME`` and ``slice:NAME``."""

    model_id: str
    source: str
    """``corpus`` (its test split), ``own`` (what people corrected) or the name of a file."""
    lines: int
    families: int
    rejected: tuple[tuple[int, str], ...]
    """Line number and reason."""
    bands: Mapping[str, Mapping[str, BandScores]]
    """Per slice ``all`` and language, then per band; ``failed`` where the model could not read a text."""
    slices: Mapping[str, Mapping[str, HeadScores]]
    by_length: Mapping[str, LengthMatched] = field(default_factory=dict)
    """Per slice ``all`` and language, where both kinds of complaint occur: of all complaints (one taken for something else
    counts as wrong), and of those that were read as complaint."""

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return asdict(self)

    def as_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def headline(self) -> dict[str, dict[str, float]]:
        """Return macro-F1 per language and head: ``{"ja": {"intent": 0.9}}``, the short form that a model's description keeps."""
        return {
            name.removeprefix("language:"): {head: scored.macro_f1 for head, scored in heads.items()}
            for name, heads in self.slices.items()
            if name.startswith("language:")
        }
