"""Scoring a backend on labelled texts: per head, class, language, channel and slice, with how far the figures may be off."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from classifier.evaluation.judging import Progress, ask_backend, no_progress, score_answers
from classifier.evaluation.labelled import LabelledText, labelled_text, read_labelled, read_test_split
from classifier.evaluation.scores import BandScores, ClassScores, Confusion, HeadScores, LengthMatched, Scores
from classifier.evaluation.table import as_table
from domain.ports import ClassifierBackend

__all__ = [
    "BandScores",
    "ClassScores",
    "Confusion",
    "HeadScores",
    "LabelledText",
    "LengthMatched",
    "Scores",
    "as_table",
    "evaluate_corpus",
    "evaluate_file",
    "evaluate_labelled",
    "evaluate_texts",
]


def evaluate_file(backend: ClassifierBackend, source: Path, *, progress: Progress = no_progress) -> Scores:
    """Score ``backend`` on JSONL lines ``{"text", labels…}``; lines may carry language, channel, slices and family.

    A line that is none, or names a class that does not exist, is rejected with its number. Raises ``ImportFileError``.
    """
    texts, rejected = read_labelled(source)
    return evaluate_texts(backend, texts, source=source.name, rejected=rejected, progress=progress)


def evaluate_corpus(backend: ClassifierBackend, *, progress: Progress = no_progress) -> Scores:
    """Score ``backend`` on the shipped corpus' test split, of which no model of ours was fitted on a single family."""
    return evaluate_texts(backend, read_test_split(), source="corpus", progress=progress)


def evaluate_labelled(backend: ClassifierBackend, rows: Sequence[Mapping[str, object]]) -> Scores:
    """Score ``backend`` on rows shaped as the lines of ``evaluate_file``. Raises ``ValueError`` on one that is not."""
    return evaluate_texts(backend, [labelled_text(row) for row in rows], source="rows")


def evaluate_texts(
    backend: ClassifierBackend,
    texts: Sequence[LabelledText],
    *,
    source: str,
    rejected: tuple[tuple[int, str], ...] = (),
    progress: Progress = no_progress,
) -> Scores:
    """Score ``backend`` on labelled texts; ``source`` says where they come from."""
    answers = ask_backend(backend, texts, progress=progress)
    return score_answers(texts, answers, model_id=backend.model_id, source=source, rejected=rejected)
