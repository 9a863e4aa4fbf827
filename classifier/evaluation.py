"""Scoring a backend on labelled lines: per head, per class, per language and per channel."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from classifier.files import as_fields
from classifier.language import identify_language
from classifier.service import Ready, understand_each
from domain.errors import ImportFileError
from domain.ports import ClassifierBackend
from domain.text_lines import read_lines
from domain.understanding import Understanding
from domain.words import Language

HEADS: Final = (
    "language", "intent", "sentiment", "constructive", "suggestion", "abuse", "topic", "urgency", "needs_reply", "needs_dm",
)  # fmt: skip
BINS: Final = 10
ALL: Final = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassScores:
    """One class of one head."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadScores:
    """One head on one slice. ``macro_f1`` is the mean over the classes that occur as label or as answer."""

    count: int
    accuracy: float
    macro_f1: float
    ece: float | None
    """Expected calibration error over ten bins; None where the backend gives no score."""
    classes: Mapping[str, ClassScores]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """A whole evaluation. Slices are ``all``, ``language:ja`` and ``channel:NAME``."""

    model_id: str
    lines: int
    rejected: tuple[tuple[int, str], ...]
    bands: Mapping[str, int]
    slices: Mapping[str, Mapping[str, HeadScores]]

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return asdict(self)

    def as_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def as_table(self) -> str:
        """Return figures for people: a line per slice and head."""
        rows = [f"{self.model_id}: {self.lines} lines, {len(self.rejected)} rejected"]
        rows.append(f"{'slice':<24}{'head':<14}{'n':>6}{'macro-F1':>10}{'accuracy':>10}{'ECE':>7}")
        for name, heads in self.slices.items():
            for head, scored in heads.items():
                ece = "" if scored.ece is None else f"{scored.ece:.3f}"
                figures = f"{scored.count:>6}{scored.macro_f1:>10.3f}{scored.accuracy:>10.3f}{ece:>7}"
                rows.append(f"{name:<24}{head:<14}{figures}")
        return "\n".join(rows)


@dataclass(slots=True)
class _Pairs:
    """Labels and answers of one head on one slice, as they come in."""

    given: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)


def evaluate_file(backend: ClassifierBackend, source: Path) -> Scores:
    """Score ``backend`` on JSONL lines ``{"text", labels…}``; labels stand beside the text or under ``"labels"``.

    A label that is missing, or ``null``, is not asked of the line; ``constructive`` is asked of complaints only. Lines may
    carry ``language`` (else it is identified and not scored) and ``channel``. Raises ``ImportFileError``.
    """
    try:
        with source.open("rb") as stream:
            lines = list(read_lines(stream))
    except OSError as error:
        raise ImportFileError(f"{source} cannot be read: {error.strerror}.", remedy="Check the path.") from error
    good = [line.values for line in lines if not line.problem]
    rejected = tuple((line.number, line.problem) for line in lines if line.problem)
    return evaluate_labelled(backend, good, rejected=rejected)


def evaluate_labelled(
    backend: ClassifierBackend, rows: Sequence[Mapping[str, object]], *, rejected: tuple[tuple[int, str], ...] = ()
) -> Scores:
    """Score ``backend`` on rows shaped as the lines of ``evaluate_file``. A text the backend fails on counts as wrong."""
    labels = [_labels(row) for row in rows]
    texts = [
        Ready(text=str(row["text"]), language=_given_language(said) or identify_language(str(row["text"])))
        for row, said in zip(rows, labels, strict=True)
    ]
    pairs: dict[str, dict[str, _Pairs]] = defaultdict(lambda: defaultdict(_Pairs))
    bands: Counter[str] = Counter()
    answers = understand_each(backend, texts)
    for row, said, text, answer in zip(rows, labels, texts, answers, strict=True):
        bands[answer.band.value if isinstance(answer, Understanding) else "failed"] += 1
        for name in _slices(row, text.language):
            _collect(pairs[name], said, answer, text=text.text)
    slices = {name: {head: _score(found) for head, found in heads.items()} for name, heads in pairs.items()}
    return Scores(model_id=backend.model_id, lines=len(rows), rejected=rejected, bands=dict(bands), slices=slices)


def _labels(row: Mapping[str, object]) -> dict[str, object]:
    nested = row.get("labels")
    return {**row, **nested} if isinstance(nested, dict) else dict(row)


def _given_language(labels: Mapping[str, object]) -> Language | None:
    said = labels.get("language", labels.get("lang"))
    return Language(said) if isinstance(said, str) and said in set(Language) else None


def _slices(row: Mapping[str, object], language: Language) -> Iterable[str]:
    yield ALL
    yield f"language:{language.value}"
    if isinstance(row.get("channel"), str):
        yield f"channel:{row['channel']}"


def _collect(
    heads: dict[str, _Pairs], labels: Mapping[str, object], answer: Understanding | Exception, *, text: str
) -> None:
    fields = as_fields(answer) if isinstance(answer, Understanding) else {}
    scores = answer.prediction.scores if isinstance(answer, Understanding) else {}
    for head in HEADS:
        label = labels.get(head)
        if label is None:
            continue
        # The language a line states is used for its text, so the identifier is asked apart.
        given_back = identify_language(text).value if head == "language" else fields.get(head)
        pairs = heads[head]
        pairs.given.append(_word(label))
        pairs.answered.append(_word(given_back))
        if head in scores:
            pairs.scores.append(scores[head])
    _collect_risks(heads, labels, fields)


def _collect_risks(heads: dict[str, _Pairs], labels: Mapping[str, object], fields: Mapping[str, object]) -> None:
    """Compare risk by risk: each flag that was given or raised is one pair."""
    given, raised = labels.get("risks"), fields.get("risks", [])
    if not isinstance(given, list) or not isinstance(raised, list):
        return
    for risk in sorted({str(flag) for flag in [*given, *raised]}):
        heads["risks"].given.append(risk if risk in given else "none")
        heads["risks"].answered.append(risk if risk in raised else "none")


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def _score(pairs: _Pairs) -> HeadScores:
    right = [given == answered for given, answered in zip(pairs.given, pairs.answered, strict=True)]
    names = sorted({*pairs.given, *pairs.answered})
    classes = {name: _score_class(name, pairs) for name in names}
    return HeadScores(
        count=len(right),
        accuracy=round(sum(right) / len(right), 4),
        macro_f1=round(sum(scored.f1 for scored in classes.values()) / len(classes), 4),
        ece=_calibration_error(pairs.scores, right) if len(pairs.scores) == len(right) else None,
        classes=classes,
    )


def _score_class(name: str, pairs: _Pairs) -> ClassScores:
    both = list(zip(pairs.given, pairs.answered, strict=True))
    hit = sum(given == answered == name for given, answered in both)
    support, claimed = pairs.given.count(name), pairs.answered.count(name)
    return ClassScores(
        precision=round(hit / claimed, 4) if claimed else 0.0,
        recall=round(hit / support, 4) if support else 0.0,
        f1=round(2 * hit / (support + claimed), 4),
        support=support,
    )


def _calibration_error(scores: Sequence[float], right: Sequence[bool]) -> float:
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score, correct in zip(scores, right, strict=True):
        bins[min(BINS - 1, int(score * BINS))].append((score, correct))
    gaps = (abs(sum(score - correct for score, correct in found)) for found in bins.values())
    return round(sum(gaps) / len(scores), 4)
