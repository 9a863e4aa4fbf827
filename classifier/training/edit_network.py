"""The network that edits a post into a clause, in torch: the base encoder and two choices for each unit, what is done with it and what leads it."""

import math
import random
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from classifier.clauses import OUTPUTS, as_inputs
from classifier.training.edit_lesson import Taught
from classifier.training.export import INPUTS, OPSET, write_eight_bit
from classifier.training.network import PAD

PLACES: Final = ("first", "last")
UNKNOWN: Final = -100
"""An act or a phrase that is not in the list: nothing is learned of it."""
POOL: Final = 8
"""Batches shuffled together and then sorted by length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EditRecipe:
    """How the network is fitted."""

    layers: int = 12
    epochs: int = 8
    batch: int = 16
    encoder_rate: float = 1.2e-4
    heads_rate: float = 1e-3
    warm_up: float = 0.06
    weight_decay: float = 0.01
    sayable_share: float = 0.3
    seed: int = 20261123


class EditNetwork(nn.Module):
    """``forward`` returns scores of acts (posts, units, acts), of phrases (posts, units, phrases), and whether anything is to be said (posts,)."""

    def __init__(self, bert: BertModel, *, acts: int, phrases: int) -> None:
        super().__init__()
        self.bert = bert
        hidden = bert.config.hidden_size
        self.dropout = nn.Dropout(0.1)
        self.acts = nn.Linear(2 * hidden, acts)
        self.phrases = nn.Linear(2 * hidden, phrases)
        self.sayable = nn.Linear(hidden, 1)

    def forward(self, ids: Tensor, mask: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read one padded batch: (posts, pieces) twice, (posts, units) twice."""
        states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        width = states.shape[-1]
        begin = torch.gather(states, 1, first.unsqueeze(-1).expand(-1, -1, width))
        end = torch.gather(states, 1, last.unsqueeze(-1).expand(-1, -1, width))
        units = self.dropout(torch.cat([begin, end], dim=-1))
        kept = mask.unsqueeze(-1).to(states.dtype)
        whole = (states * kept).sum(1) / kept.sum(1)
        return self.acts(units), self.phrases(units), self.sayable(whole).squeeze(-1)


def load_edit_network(base: Path, recipe: EditRecipe, *, acts: int, phrases: int) -> EditNetwork:
    """Return a network on the lowest layers of the encoder in ``base``. Its table of pieces is not trained."""
    torch.manual_seed(recipe.seed)
    bert = BertModel.from_pretrained(base, add_pooling_layer=False, attn_implementation="sdpa")
    bert.encoder.layer = bert.encoder.layer[: recipe.layers]
    bert.config.num_hidden_layers = recipe.layers
    bert.embeddings.word_embeddings.requires_grad_(requires_grad=False)
    return EditNetwork(bert, acts=acts, phrases=phrases)


def fit_edits(
    network: EditNetwork,
    lesson: Sequence[Taught],
    acts: Sequence[str],
    phrases: Sequence[str],
    recipe: EditRecipe,
    *,
    done: Callable[[int, int], None],
) -> None:
    """Fit ``network`` in place; ``done`` hears of each step."""
    torch.manual_seed(recipe.seed)
    heads = [weights for name, weights in network.named_parameters() if not name.startswith("bert.")]
    below = [weights for weights in network.bert.parameters() if weights.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": below, "lr": recipe.encoder_rate}, {"params": heads, "lr": recipe.heads_rate}],
        weight_decay=recipe.weight_decay,
    )
    steps = recipe.epochs * math.ceil(len(lesson) / recipe.batch)
    warm = recipe.warm_up * steps + 1
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warm) * max(0.02, 1 - step / steps)
    )
    network.train()
    taken = 0
    for epoch in range(recipe.epochs):
        for batch in _batches(lesson, size=recipe.batch, seed=recipe.seed + epoch):
            loss = _loss(network, batch, acts, phrases, recipe)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            taken += 1
            done(taken, steps)
    network.eval()


def _batches(lesson: Sequence[Taught], *, size: int, seed: int) -> Iterator[list[Taught]]:
    chosen = list(lesson)
    shuffle = random.Random(seed).shuffle  # noqa: S311 - an order, no secret
    shuffle(chosen)
    pools = [
        sorted(chosen[at : at + POOL * size], key=lambda one: len(one.ids)) for at in range(0, len(chosen), POOL * size)
    ]
    batches = [pool[at : at + size] for pool in pools for at in range(0, len(pool), size)]
    shuffle(batches)
    yield from batches


def _loss(
    network: EditNetwork, batch: Sequence[Taught], acts: Sequence[str], phrases: Sequence[str], recipe: EditRecipe
) -> Tensor:
    ids, mask, first, last = _pad(batch)
    wanted, led = torch.full_like(first, UNKNOWN), torch.full_like(first, UNKNOWN)
    act_of, phrase_of = ({name: at for at, name in enumerate(names)} for names in (acts, phrases))
    for row, one in enumerate(batch):
        for at, edit in enumerate(one.edits or ()):
            is_unit = at < len(one.units)
            wanted[row, at] = act_of.get(edit.act, UNKNOWN) if is_unit else UNKNOWN
            led[row, at] = phrase_of.get(edit.led_by, UNKNOWN)
    said, before, sayable = network(ids, mask, first, last)
    is_sayable = torch.tensor([float(one.edits is not None) for one in batch])
    loss = recipe.sayable_share * functional.binary_cross_entropy_with_logits(sayable, is_sayable)
    if is_sayable.any():
        loss = loss + functional.cross_entropy(said.flatten(0, 1), wanted.flatten(), ignore_index=UNKNOWN)
        loss = loss + functional.cross_entropy(before.flatten(0, 1), led.flatten(), ignore_index=UNKNOWN)
    return loss


def _pad(batch: Sequence[Taught]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    rows = [as_inputs(one.ids, one.units) for one in batch]
    names = (*INPUTS, *PLACES)
    widths = {name: max(row[name].shape[1] for row in rows) for name in names}
    padded = {
        name: torch.full((len(rows), widths[name]), PAD if name == INPUTS[0] else 0, dtype=torch.long) for name in names
    }
    for at, row in enumerate(rows):
        for name in names:
            padded[name][at, : row[name].shape[1]] = torch.from_numpy(row[name][0])
    return padded[INPUTS[0]], padded[INPUTS[1]], padded["first"], padded["last"]


def export_edits(network: EditNetwork, target: Path) -> None:
    """Write the 8-bit graph to ``target``."""
    network.eval()
    network.bert.set_attn_implementation("eager")
    sample = torch.tensor([[0, 5, 6, 2], [0, 7, 2, PAD]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    places = torch.tensor([[1, 2], [1, 2]])
    names = (*INPUTS, *PLACES)
    dynamic = {name: {0: "posts", 1: "pieces" if name in INPUTS else "units"} for name in names}
    dynamic |= {name: {0: "posts", 1: "units"} for name in OUTPUTS[:2]} | {OUTPUTS[2]: {0: "posts"}}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter warns about itself
            torch.onnx.export(
                network,
                (sample, mask, places, places),
                str(plain),
                input_names=list(names),
                output_names=list(OUTPUTS),
                dynamic_axes=dynamic,
                opset_version=OPSET,
                dynamo=False,
            )
        write_eight_bit(plain, target, network.bert.config)
