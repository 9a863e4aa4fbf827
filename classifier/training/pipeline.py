"""The whole making of the model that ships: teacher, student, 8-bit graph, calibration, folder. One call, one seed."""

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final

import torch

from classifier.artefact import (
    ENCODER_FILE,
    TOKENIZER_FILE,
    ModelDescription,
    hash_file,
    write_artefact,
    write_retrieval,
)
from classifier.calibration import fit_bands, fit_recall_bounds, fit_temperatures
from classifier.encoder import Encoder, usable_cores
from classifier.examples import Example, Split
from classifier.heads import HeadWeights, calibrate
from classifier.text_tokens import TextTokens
from classifier.training.export import export_encoder
from classifier.training.loop import Lesson, Progress, Recipe, fit, read
from classifier.training.network import MentionNetwork, keep_layers, load_network
from classifier.training.retrieval_head import fit_retrieval_head, tell_apart

EVERY_SECOND: Final = (1, 3, 5, 7, 9, 11)
TEACHER: Final = Recipe(epochs=4, encoder_rate=1.5e-4)
STUDENT: Final = Recipe(epochs=5, encoder_rate=2.5e-4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to make, of what, where."""

    base: Path
    """Folder of the base encoder."""
    work: Path
    """Checkpoints, from which a stopped run goes on; of no use afterwards."""
    target: Path
    """Model folder to write."""
    today: dt.date
    layers: tuple[int, ...] | None = EVERY_SECOND
    """Layers of the teacher that the student keeps; None: the teacher itself ships."""
    teacher: Recipe = TEACHER
    student: Recipe = STUDENT
    extra: Sequence[Example] = field(default_factory=tuple)
    """Public texts: their labels count where they have any, and the student listens to the teacher on all."""


def train_model(plan: Plan, examples: Sequence[Example], *, progress: Progress) -> ModelDescription:
    """Make the model and write it to ``plan.target``; return its description. Deterministic on one machine for one seed."""
    torch.set_num_threads(usable_cores())
    plan.work.mkdir(parents=True, exist_ok=True)
    tokens = TextTokens(plan.base / TOKENIZER_FILE)
    lesson = [example for example in examples if example.split is Split.TRAIN] + list(plan.extra)
    dev = [example for example in examples if example.split is Split.DEV]
    ids = tokens.encode([example.text for example in lesson])
    mark = fingerprint(lesson, plan)
    torch.manual_seed(plan.teacher.seed)  # the heads begin at random
    network = load_network(plan.base)
    base = tell_apart(read(network, ids)[0][:, : network.encoder.bert.config.hidden_size].numpy())
    told = Lesson(examples=lesson, tokens=ids, base=torch.from_numpy(base))
    fit(
        network,
        told,
        plan.teacher,
        checkpoint=plan.work / f"teacher-{mark}.pt",
        progress=progress,
        name="Teacher",
    )
    if plan.layers is not None:
        network = _distil(network, plan, told, mark=mark, progress=progress)
    description = _write(network, plan, tokens, dev, mark=mark)
    head = fit_retrieval_head(Encoder(plan.target / ENCODER_FILE).embed(ids, whole=True), base)
    write_retrieval(plan.target, head, encoder_sha256=description.encoder_sha256)
    return description


def _distil(
    teacher: MentionNetwork,
    plan: Plan,
    told: Lesson,
    *,
    mark: str,
    progress: Progress,
) -> MentionNetwork:
    rows, scores = read(teacher, told.tokens)
    keep_layers(teacher.encoder.bert, plan.layers or ())  # the student begins as every second layer of its teacher
    fit(
        teacher,
        replace(told, teacher_scores=scores, teacher_rows=rows),
        plan.student,
        checkpoint=plan.work / f"student-{mark}.pt",
        progress=progress,
        name="Student",
    )
    return teacher


def _write(
    network: MentionNetwork, plan: Plan, tokens: TextTokens, dev: Sequence[Example], *, mark: str
) -> ModelDescription:
    plan.target.mkdir(parents=True, exist_ok=True)
    file = plan.target / ENCODER_FILE
    export_encoder(network, file)
    shutil.copyfile(plan.base / TOKENIZER_FILE, plan.target / TOKENIZER_FILE)
    bare = HeadWeights(
        weights=network.heads.weight.detach().numpy().T.copy(),
        bias=network.heads.bias.detach().numpy().copy(),
        temperatures={},
    )
    # Calibrated as it will be served: on the 8-bit graph.
    logits = Encoder(file).embed(tokens.encode([example.text for example in dev])) @ bare.weights + bare.bias
    temperatures = fit_temperatures(logits, dev)
    chances = calibrate(logits, temperatures)
    depth = network.encoder.bert.config.num_hidden_layers
    description = ModelDescription(
        model_id=f"e5-small-{depth}l-{mark}-{plan.today:%Y%m%d}",
        created_on=plan.today.isoformat(),
        encoder_sha256=hash_file(file),
        temperatures=temperatures,
        recall_bounds=fit_recall_bounds(chances, dev),
        bands=fit_bands(chances, dev),
        notes={"teacher": asdict(plan.teacher), "student": asdict(plan.student) if plan.layers else None},
    )
    heads = HeadWeights(weights=bare.weights, bias=bare.bias, temperatures=temperatures)
    write_artefact(plan.target, description=description, heads=heads)
    return description


def fingerprint(lesson: Sequence[Example], plan: Plan) -> str:
    """Return eight hex digits that stand for texts, labels and recipe: another lesson never resumes this one's checkpoint."""
    told = [[example.text, sorted(example.labels.items()), sorted(example.risks or ())] for example in lesson]
    recipe = [asdict(plan.teacher), asdict(plan.student), plan.layers]
    return hashlib.sha256(json.dumps([told, recipe], ensure_ascii=False).encode()).hexdigest()[:8]
