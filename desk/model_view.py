"""What ``/settings/model`` shows: the model in force, its figures, its versions, and what people's corrections wait for.

Nothing is worked out here: figures are read from the evaluations that ``kikite evaluate --keep`` and the training left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from classifier.artefact import ModelDescription, ModelError, read_description
from classifier.backends import MODELS
from classifier.evaluation.kept import CORPUS, OWN, Evaluation, evaluation_of, newest_evaluation
from classifier.evaluation.labelled import LANGUAGE, SEVERAL
from classifier.evaluation.scores import ALL, BandScores, ClassScores, HeadScores, LengthMatched
from classifier.versions import current_folder
from config.settings import Settings
from desk.charts import BarChart, ConfusionChart, ReliabilityChart, draw_bars, draw_confusion, draw_reliability

SOURCES: Final = (CORPUS, OWN)
LANGUAGES: Final = ("ja", "en")
KEYWORD: Final = "keyword-ja-en-1"
"""What the keyword backend calls itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    """The model that reads new posts."""

    backend: str
    """As ``classifier.backend`` says."""
    model_id: str
    """Empty where it is known only once loaded (a hub model), or not at all."""
    folder: Path | None
    description: ModelDescription | None
    """None for what has no model folder."""
    problem: str = ""
    """Why the folder cannot be read; plain English, for operators."""

    @property
    def learned(self) -> int:
        """Corrections it learned from."""
        return self.description.corrections if self.description else 0

    @property
    def notes(self) -> dict[str, str]:
        """Where it comes from, as far as it says so in one word or number each."""
        said = self.description.notes if self.description else {}
        return {name: str(value) for name, value in said.items() if isinstance(value, str | int | float) and value}


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """One evaluation, one slice of it."""

    evaluation: Evaluation
    heads: Mapping[str, HeadScores]
    bands: Mapping[str, BandScores]
    by_length: LengthMatched | None
    grave: Sequence[tuple[str, ClassScores]]
    """Critical urgency, then each risk, by the code of its name."""
    parts: Sequence[tuple[str, Mapping[str, HeadScores]]]
    """Channels and slices, by name."""
    bars: BarChart
    reliability: Sequence[ReliabilityChart]
    confusions: Sequence[ConfusionChart]


def find_in_force(settings: Settings) -> InForce:
    """Return the model in force, without loading it."""
    chosen = settings.classifier
    if chosen.backend != "model":
        model_id = KEYWORD if chosen.backend == "keyword" else ""
        return InForce(backend=chosen.backend, model_id=model_id, folder=None, description=None)
    try:
        folder = Path(chosen.model).expanduser() if chosen.model else current_folder(settings.home / MODELS)
        description = read_description(folder)
    except (ModelError, OSError) as error:
        return InForce(backend="model", model_id="", folder=None, description=None, problem=str(error))
    return InForce(backend="model", model_id=description.model_id, folder=folder, description=description)


def find_evaluation(settings: Settings, in_force: InForce, source: str) -> Evaluation | None:
    """Return the newest evaluation of the model in force on the shipped corpus or on the team's own labels."""
    models = settings.home / MODELS
    if not in_force.model_id:
        return None
    if source == OWN or in_force.folder is None:
        return newest_evaluation(models, kind=source, model_id=in_force.model_id)
    return evaluation_of(in_force.folder, model_id=in_force.model_id, models=models)


def lay_out(evaluation: Evaluation, language: str) -> Figures | None:
    """Return the figures of one language ("": all); None when there was no text of it."""
    scores = evaluation.scores
    name = f"language:{language}" if language else ALL
    heads = {head: scored for head, scored in scores.slices.get(name, {}).items() if head != LANGUAGE}
    if not heads:
        return None
    languages = {one: scores.slices.get(f"language:{one}", {}) for one in LANGUAGES}
    charts = [(head, scored) for head, scored in heads.items() if head not in SEVERAL]
    return Figures(
        evaluation=evaluation,
        heads=heads,
        bands=scores.bands.get(name, {}),
        by_length=scores.by_length.get(name),
        grave=list(_grave(heads)),
        parts=[] if language else [(part, found) for part, found in scores.slices.items() if _is_part(part)],
        bars=draw_bars(languages, list(heads)),
        reliability=[drawn for head, scored in charts if (drawn := draw_reliability(head, scored))],
        confusions=[matrix for head, scored in charts if (matrix := draw_confusion(head, scored))],
    )


def _grave(heads: Mapping[str, HeadScores]) -> Sequence[tuple[str, ClassScores]]:
    found = []
    if "urgency" in heads and "critical" in heads["urgency"].classes:
        found.append(("urgency.critical", heads["urgency"].classes["critical"]))
    if "risks" in heads:
        found += [(f"risk.{risk}", scored) for risk, scored in heads["risks"].classes.items()]
    return [(code, scored) for code, scored in found if scored.support]


def _is_part(name: str) -> bool:
    return name.startswith(("channel:", "slice:"))
