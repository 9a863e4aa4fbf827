"""Evaluations kept as files, so that the desk shows figures without working them out: beside a model, or in a home."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from classifier.artefact import replace_text
from classifier.evaluation.scores import Scores
from domain.errors import KikiteError

FORMAT: Final = 1
EVALUATION_FILE: Final = "evaluation.json"
"""In a model's folder: how it does on the corpus' test split."""
FOLDER: Final = "evaluations"
"""In a home's folder of models."""
CORPUS, OWN, FILE = "corpus", "own", "file"
"""Kinds of source: the shipped corpus, what people corrected, and anything else."""
MOST_LOOKED_AT: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """Scores and when they were made."""

    made_at: datetime
    scores: Scores

    @property
    def kind(self) -> str:
        """``corpus``, ``own`` or ``file``."""
        return self.scores.source if self.scores.source in {CORPUS, OWN} else FILE


class EvaluationError(KikiteError):
    """A kept evaluation cannot be read or written."""


_SHAPE: Final = TypeAdapter(Evaluation)


def write_evaluation(file: Path, evaluation: Evaluation) -> None:
    """Write an evaluation; the file appears whole or not at all. Raises ``EvaluationError``."""
    said = {"format": FORMAT, "made_at": evaluation.made_at.isoformat(), "scores": asdict(evaluation.scores)}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_text(file, dumps(said, ensure_ascii=False) + "\n")
    except OSError as error:
        raise EvaluationError(
            f"{file} cannot be written: {error.strerror}.", remedy="Check folder and space."
        ) from error


def read_evaluation(file: Path) -> Evaluation:
    """Read one. Raises ``EvaluationError`` when it is none of this version."""
    try:
        return _SHAPE.validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise EvaluationError(
            f"{file} is no evaluation of this version.", remedy="Make it anew: kikite evaluate --keep."
        ) from error


def keep_evaluation(models: Path, evaluation: Evaluation) -> Path:
    """Keep an evaluation in a home's folder of models; return its file."""
    name = f"{evaluation.made_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{evaluation.kind}.json"
    file = models / FOLDER / name
    write_evaluation(file, evaluation)
    return file


def newest_evaluation(models: Path, *, kind: str, model_id: str) -> Evaluation | None:
    """Return the newest kept evaluation of one model on one kind of source; files that cannot be read are passed over."""
    return _first(models, kind, lambda found: found.scores.model_id == model_id)


def evaluation_of(model: Path, *, model_id: str, models: Path) -> Evaluation | None:
    """Return how a model does on the corpus: as kept in the home since, else as it lies in its folder ``model``."""
    kept = newest_evaluation(models, kind=CORPUS, model_id=model_id)
    if kept is not None:
        return kept
    try:
        lying = read_evaluation(model / EVALUATION_FILE)
    except EvaluationError:
        return None
    return lying if lying.scores.model_id == model_id else None


def _first(models: Path, kind: str, wanted: Callable[[Evaluation], bool]) -> Evaluation | None:
    files = sorted((models / FOLDER).glob(f"*-{kind}.json"), reverse=True)
    return next(filter(wanted, _readable(files[:MOST_LOOKED_AT])), None)


def _readable(files: list[Path]) -> Iterator[Evaluation]:
    for file in files:
        try:
            yield read_evaluation(file)
        except EvaluationError:
            continue
