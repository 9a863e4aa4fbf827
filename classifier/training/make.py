"""``kikite train``: from the registry's packages and the corpus to a model folder with its figures and its card."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from classifier.artefact import (
    CARD_FILE,
    ModelDescription,
    read_artefact,
    replace_text,
    write_artefact,
)
from classifier.backends.model import ModelBackend
from classifier.evaluation.judging import ask_backend, score_answers
from classifier.evaluation.kept import CORPUS, EVALUATION_FILE, Evaluation, write_evaluation
from classifier.evaluation.labelled import LabelledText, read_labelled, read_test_split
from classifier.evaluation.scores import Scores
from classifier.examples import Example, read_corpus
from classifier.training.card import write_card
from classifier.training.fetch import fetch_base
from classifier.training.loop import Progress
from classifier.training.pipeline import EVERY_SECOND, Plan, train_model
from classifier.training.public_sets import read_public_sets
from classifier.training.situation_head import FOLDS, make_situation_head, read_situated

TEST: Final = "Test split: families never seen in training, same writers"
COLD: Final = "Cold test: other writers, who knew neither corpus nor guideline"


@dataclass(frozen=True, kw_only=True, slots=True)
class Making:
    """What ``kikite train`` was asked for."""

    target: Path
    """Model folder to write."""
    work: Path
    """Base encoder, packages and checkpoints: a run that was stopped goes on from here."""
    public: Path | None = None
    """Folder of public sets; None: the corpus alone."""
    all_layers: bool = False
    """Keep the teacher's twelve layers instead of a student with six."""
    cold: Path | None = None
    """Folder of sets by other writers, a folder each, never learned from: measured for the card."""


def make_model(making: Making, *, progress: Progress) -> ModelDescription:
    """Make a model and write it with its card; return its description. Raises ``KikiteError`` when something is missing."""
    base = making.work / "base"
    if not (base / "model.safetensors").is_file():
        fetch_base(base, packages=making.work / "packages")
    examples = read_corpus()
    public = read_public_sets(making.public) if making.public else []
    plan = Plan(
        base=base,
        work=making.work,
        target=making.target,
        today=datetime.now(UTC).date(),
        layers=None if making.all_layers else EVERY_SECOND,
        extra=public,
    )
    train_model(plan, examples, progress=progress)
    make_situation_head(
        read_artefact(making.target), read_situated(), done=lambda folds: progress("Situations", folds, FOLDS)
    )
    return finish_model(making.target, examples, public=public, cold=making.cold)


def finish_model(
    target: Path, examples: list[Example], *, public: Sequence[Example] = (), cold: Path | None = None
) -> ModelDescription:
    """Measure a model and write figures and card beside it; return its description with them."""
    scores = {TEST: _measure(target, read_test_split(), source=CORPUS)}
    if cold is not None:
        for folder in sorted(file.parent for file in cold.glob("*/ja.jsonl")):
            texts = [text for file in sorted(folder.glob("*.jsonl")) for text in read_labelled(file)[0]]
            scores[f"{COLD} ({folder.name})"] = _measure(target, texts, source=folder.name)
    artefact = read_artefact(target)
    description = dataclasses.replace(artefact.description, scores=scores[TEST].headline())
    write_artefact(target, description=description, heads=artefact.heads)
    write_evaluation(target / EVALUATION_FILE, Evaluation(made_at=datetime.now(UTC), scores=scores[TEST]))
    sets = Counter(example.source.removeprefix("public:") for example in public)
    replace_text(target / CARD_FILE, write_card(description, examples, scores, public=sets))
    return description


def _measure(target: Path, texts: Sequence[LabelledText], *, source: str) -> Scores:
    backend = ModelBackend(read_artefact(target))
    return score_answers(texts, ask_backend(backend, texts), model_id=backend.model_id, source=source)
