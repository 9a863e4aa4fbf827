"""``kikite evaluate``: which labelled texts, which model, and where the figures are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.artefact import Artefact
from classifier.backends import MODELS, make_backend
from classifier.corrections import Corrections, read_corrections
from classifier.evaluation.judging import ask_backend, score_answers
from classifier.evaluation.kept import CORPUS, OWN, Evaluation, keep_evaluation
from classifier.evaluation.labelled import LabelledText, labelled_example, read_labelled, read_test_split
from classifier.evaluation.scores import Scores
from classifier.evaluation.worst import WorstError, find_worst
from config.loading import load_settings
from config.settings import ClassifierSettings, LogSettings
from domain.clock import SystemClock
from domain.errors import KikiteError
from domain.ports import ClassifierBackend
from kikite.chat.opening import open_backend
from kikite.logs import set_up_logging
from kikite.product import open_product

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What ``kikite evaluate`` found."""

    scores: Scores
    worst: Sequence[WorstError]
    file: Path | None
    """Where the figures were kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What ``kikite evaluate`` was asked for."""

    source: Path | None = None
    """Labelled lines; None: the corpus' test split, or the team's own labels."""
    own: bool = False
    keep: bool = False
    """Keep the figures in the home, for the desk."""
    language: str = ""
    """Only texts of this language."""
    worst: int = 0
    """Errors to return per language and head."""


def measure(home: Path | None, wanted: Wanted, *, progress: Progress) -> Measured:
    """Score the model in force. A home is needed for the team's own labels and for keeping figures.

    Raises ``KikiteError`` when there is nothing to measure on.
    """
    backend = _backend(home)
    texts, rejected = _texts(home, wanted, backend)
    if wanted.language:
        texts = [one for one in texts if one.language.value == wanted.language]
    if not texts and wanted.source is not None:
        raise _nothing_in(wanted.source, rejected)
    answers = ask_backend(backend, texts, progress=progress)
    source = wanted.source.name if wanted.source else OWN if wanted.own else CORPUS
    scores = score_answers(texts, answers, model_id=backend.model_id, source=source, rejected=rejected)
    file = None
    if wanted.keep and home is not None:
        file = keep_evaluation(home / MODELS, Evaluation(made_at=SystemClock().now(), scores=scores))
    return Measured(scores=scores, worst=find_worst(texts, answers, most=wanted.worst), file=file)


def _nothing_in(source: Path, rejected: Sequence[tuple[int, str]]) -> KikiteError:
    why = f"line {rejected[0][0]}: {rejected[0][1]}" if rejected else "no line of it was asked for"
    return KikiteError(
        f"{source} has nothing to measure on; {why}.",
        remedy='Write a line for each post: {"text": …, "intent": …, "urgency": …}. docs/how-to/measure-the-model.md has them all.',
    )


def _backend(home: Path | None) -> ClassifierBackend:
    settings = load_settings(home) if home else None
    set_up_logging(settings.log if settings else LogSettings())
    if home is None or settings is None:
        return make_backend(ClassifierSettings())
    return open_backend(settings)


def _texts(
    home: Path | None, wanted: Wanted, backend: ClassifierBackend
) -> tuple[list[LabelledText], tuple[tuple[int, str], ...]]:
    if wanted.source is not None:
        return read_labelled(wanted.source)
    if wanted.own and home is not None:
        return _own_texts(home, backend), ()
    return read_test_split(), ()


def _own_texts(home: Path, backend: ClassifierBackend) -> list[LabelledText]:
    """Return what the home's people labelled; for a model that learned from corrections, only what it did not learn from."""
    with open_product(home) as product, product.database.snapshot(product.workspace_id) as tx:
        corrections = read_corrections(tx)
    artefact = getattr(backend, "artefact", None)
    refitted = isinstance(artefact, Artefact) and artefact.description.corrections > 0
    chosen = corrections.held_out if refitted else corrections.usable
    if not chosen:
        raise KikiteError(
            f"There is nothing to measure on: {_why_nothing(corrections)}.",
            remedy="Correct labels in the desk (key C).",
        )
    return [labelled_example(correction.example) for correction in chosen]


def _why_nothing(corrections: Corrections) -> str:
    if corrections.usable:
        return "this model learned from all corrections there are, none was held out yet"
    if corrections.left_out:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(corrections.left_out.items()))
        return f"every correction is left out ({reasons})"
    return "nobody has corrected a label yet"
