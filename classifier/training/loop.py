"""Fine-tuning: batches of like length, a warm-up, a checkpoint after each epoch from which a stopped run goes on."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from classifier.examples import Example, Split
from classifier.heads import HEADS, columns_of
from classifier.training.network import Batch, MaskedLoss, MentionNetwork, make_batch
from domain.words import Language

Progress = Callable[[str, int, int], None]
"""Called with what is done, steps done and steps in all."""

NO_LABELS: Final = Example(text="", language=Language.OTHER, labels={}, risks=None, family="", split=Split.TRAIN)
SCALE_TEXTS: Final = 2_000
"""Texts from which the scale of the embeddings is taken."""
POOL: Final = 50
"""Batches shuffled together and then sorted by length, so that little is padded and order stays random."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How one network is fitted."""

    epochs: int = 6
    batch: int = 16
    encoder_rate: float = 1.5e-4
    heads_rate: float = 2e-3
    layer_decay: float = 0.9
    """The rate of each layer below is this share of the one above; embeddings get the lowest."""
    warm_up: float = 0.06
    weight_decay: float = 0.01
    smoothing: float = 0.05
    seed: int = 20261122
    teacher_share: float = 0.7
    """With a teacher: share of its opinion in the loss."""
    heat: float = 2.0
    """Temperature at which the student follows the teacher."""
    memory: float = 2.0
    """Weight of remembering what the base says of a text (1 - cosine) beside the loss of the labels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """Texts with their token ids; with a teacher also its raw scores and embeddings, row for row."""

    examples: Sequence[Example]
    tokens: Sequence[Sequence[int]]
    teacher_scores: Tensor | None = None
    teacher_rows: Tensor | None = None
    base: Tensor | None = None
    """What the base encoder says of each text, as ``tell_apart`` returns it."""


def fit(
    network: MentionNetwork,
    lesson: Lesson,
    recipe: Recipe,
    *,
    checkpoint: Path | None,
    progress: Progress,
    name: str = "training",
) -> None:
    """Fit ``network`` in place. With ``checkpoint`` a run that was stopped goes on after its last whole epoch."""
    torch.manual_seed(recipe.seed)
    loss_of = MaskedLoss(lesson.examples, smoothing=recipe.smoothing)
    steps = recipe.epochs * math.ceil(len(lesson.examples) / recipe.batch)
    pace = _Pace(network, recipe, steps=steps)
    first = _resume(checkpoint, network, pace)
    if first == 0:
        network.encoder.set_scale(read(network, lesson.tokens[:SCALE_TEXTS])[0])
    done = first * math.ceil(len(lesson.examples) / recipe.batch)
    network.train()
    for epoch in range(first, recipe.epochs):
        torch.manual_seed(recipe.seed + epoch)
        for places in _batches(lesson.tokens, size=recipe.batch, seed=recipe.seed + epoch):
            batch = make_batch([lesson.examples[at] for at in places], [lesson.tokens[at] for at in places])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                rows, scores = network(batch.ids, batch.mask)
            loss = _loss(loss_of, batch, rows.float(), scores.float(), lesson=lesson, places=places, recipe=recipe)
            if lesson.base is not None:
                alike = functional.cosine_similarity(network.memory(rows.float()), lesson.base[places])
                loss = loss + recipe.memory * (1 - alike).mean()
            loss.backward()
            pace.step()
            done += 1
            progress(name, done, steps)
        _keep(checkpoint, network, pace, epoch=epoch + 1)
    network.eval()


def read(network: MentionNetwork, tokens: Sequence[Sequence[int]], *, batch: int = 64) -> tuple[Tensor, Tensor]:
    """Return all embeddings (as ``MentionNetwork`` says) and raw scores of the texts, in order."""
    network.eval()
    order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
    rows: list[Tensor | None] = [None] * len(tokens)
    scores: list[Tensor | None] = [None] * len(tokens)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for begin in range(0, len(order), batch):
            places = order[begin : begin + batch]
            made = make_batch([NO_LABELS] * len(places), [tokens[at] for at in places])
            found, said = network(made.ids, made.mask)
            for row, at in enumerate(places):
                rows[at], scores[at] = found[row].float(), said[row].float()
    return torch.stack([row for row in rows if row is not None]), torch.stack(
        [row for row in scores if row is not None]
    )


def _loss(
    loss_of: MaskedLoss,
    batch: Batch,
    rows: Tensor,
    scores: Tensor,
    *,
    lesson: Lesson,
    places: Sequence[int],
    recipe: Recipe,
) -> Tensor:
    own = loss_of(scores, batch)
    if lesson.teacher_scores is None or lesson.teacher_rows is None:
        return own
    wanted, embedding = lesson.teacher_scores[places], lesson.teacher_rows[places]
    follow = scores.new_zeros(())
    for head in HEADS:
        columns = columns_of(head.name)
        said, heard = scores[:, columns] / recipe.heat, wanted[:, columns] / recipe.heat
        if head.several:
            follow = follow + functional.binary_cross_entropy_with_logits(said, heard.sigmoid())
        else:
            follow = follow + functional.kl_div(said.log_softmax(1), heard.softmax(1), reduction="batchmean")
    likeness = functional.mse_loss(rows, embedding)
    return (1 - recipe.teacher_share) * own + recipe.teacher_share * recipe.heat**2 * follow + likeness


class _Pace:
    """The optimisers with their schedules.

    The table of pieces has an optimiser of its own, which touches only the rows that a batch used: all 18 million weights at
    every step would cost a quarter of the time.
    """

    def __init__(self, network: MentionNetwork, recipe: Recipe, *, steps: int) -> None:
        table = network.encoder.bert.embeddings.word_embeddings
        table.sparse = True
        groups, lowest = _groups(network, recipe)
        self._dense = [weights for group in groups for weights in group["params"]]
        self.optimisers = (
            torch.optim.AdamW(groups, weight_decay=recipe.weight_decay, fused=True),
            torch.optim.SparseAdam([table.weight], lr=lowest),
        )
        self.schedules = [
            torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps, recipe.warm_up))
            for optimiser in self.optimisers
        ]

    def step(self) -> None:
        """Take one step along the gradients."""
        torch.nn.utils.clip_grad_norm_(self._dense, 1.0)
        for optimiser, schedule in zip(self.optimisers, self.schedules, strict=True):
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            schedule.step()


def _groups(network: MentionNetwork, recipe: Recipe) -> tuple[list[dict[str, Any]], float]:
    """Return the weights with their rates, lower layer by layer, and the rate that is left for the table of pieces."""
    groups = [{"params": [*network.heads.parameters(), *network.memory.parameters()], "lr": recipe.heads_rate}]
    rate = recipe.encoder_rate
    for layer in reversed(network.encoder.bert.encoder.layer):
        groups.append({"params": list(layer.parameters()), "lr": rate})
        rate *= recipe.layer_decay
    table = network.encoder.bert.embeddings.word_embeddings.weight
    others = [weights for weights in network.encoder.bert.embeddings.parameters() if weights is not table]
    groups.append({"params": others, "lr": rate})
    return groups, rate


def _rate(step: int, steps: int, warm_up: float) -> float:
    rising = max(1, round(steps * warm_up))
    if step < rising:
        return (step + 1) / rising
    return max(0.02, (steps - step) / max(1, steps - rising))


def _batches(tokens: Sequence[Sequence[int]], *, size: int, seed: int) -> Iterator[list[int]]:
    chance = random.Random(seed)  # noqa: S311 - order of training, not a secret
    order = list(range(len(tokens)))
    chance.shuffle(order)
    batches: list[list[int]] = []
    for begin in range(0, len(order), POOL * size):
        pool = sorted(order[begin : begin + POOL * size], key=lambda at: len(tokens[at]))
        batches += [pool[at : at + size] for at in range(0, len(pool), size)]
    chance.shuffle(batches)
    yield from batches


def _keep(checkpoint: Path | None, network: MentionNetwork, pace: _Pace, *, epoch: int) -> None:
    if checkpoint is None:
        return
    state = {
        "network": network.state_dict(),
        "optimisers": [optimiser.state_dict() for optimiser in pace.optimisers],
        "schedules": [schedule.state_dict() for schedule in pace.schedules],
        "epoch": epoch,
    }
    partial = checkpoint.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(checkpoint)


def _resume(checkpoint: Path | None, network: MentionNetwork, pace: _Pace) -> int:
    if checkpoint is None or not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    network.load_state_dict(state["network"])
    for part, kept in zip(
        (*pace.optimisers, *pace.schedules), (*state["optimisers"], *state["schedules"]), strict=True
    ):
        part.load_state_dict(kept)
    return int(state["epoch"])
