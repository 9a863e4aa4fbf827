"""The network in torch: encoder, mean pooling, linear heads side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from classifier.examples import Example
from classifier.heads import HEADS, WIDTH, columns_of

DROPOUT: Final = 0.1
UNLABELLED: Final = -100
PAD: Final = 1
PARTS: Final = 3
"""Layers that are pooled: the last, the embeddings of the pieces, the one halfway."""


class PooledEncoder(nn.Module):
    """The encoder with its pooling: the mean over the tokens, each dimension brought to mean 0 and spread 1.

    ``forward`` returns the pooled last layer (texts, hidden), from which labels are decided, and the trace (texts, 2 x hidden):
    the pooled embeddings of the pieces and the pooled layer halfway, which still know what fine-tuning made the last one forget.

    Bare, the embeddings of this family lie in a narrow cone: heads would have to grow large before they tell anything apart.
    The scale is taken once from the texts of the lesson (``set_scale``) and is part of the graph that ships.
    """

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert
        self.register_buffer("centre", torch.zeros(PARTS * bert.config.hidden_size))
        self.register_buffer("spread", torch.ones(PARTS * bert.config.hidden_size))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read one padded batch of (texts, tokens)."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True).hidden_states
        kept = attention_mask.unsqueeze(-1).to(states[0].dtype)
        count = kept.sum(1).clamp(min=1e-6)
        parts = (states[-1], states[0], states[len(states) // 2])
        rows = torch.cat([(part * kept).sum(1) / count for part in parts], dim=1)
        rows = (rows - self.centre) / self.spread
        hidden = self.bert.config.hidden_size
        return rows[:, :hidden], rows[:, hidden:]

    def set_scale(self, bare: Tensor) -> None:
        """Take the scale of these embeddings, which were made with the scale as it is."""
        self.centre += bare.mean(0) * self.spread
        self.spread *= bare.std(0).clamp(min=1e-4)


class MentionNetwork(nn.Module):
    """``forward`` returns all embeddings of the texts (texts, 3 x hidden; the pooled last layer first) and the raw scores (texts, ``WIDTH``).

    ``memory`` tells from the embeddings what the untrained base says of the text: asked in training only, so that the encoder
    does not forget what a text is about while it learns to sort it.
    """

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.encoder = PooledEncoder(bert)
        self.dropout = nn.Dropout(DROPOUT)
        self.heads = nn.Linear(bert.config.hidden_size, WIDTH)
        self.memory = nn.Linear(PARTS * bert.config.hidden_size, bert.config.hidden_size)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read one padded batch of (texts, tokens)."""
        pooled, trace = self.encoder(ids, mask)
        return torch.cat([pooled, trace], dim=1), self.heads(self.dropout(pooled))


def load_network(base: Path, *, layers: Sequence[int] | None = None) -> MentionNetwork:
    """Return a network on the encoder in ``base``, of these of its layers only (None: all)."""
    bert = BertModel.from_pretrained(base, add_pooling_layer=False, attn_implementation="sdpa")
    if layers is not None:
        keep_layers(bert, layers)
    return MentionNetwork(bert)


def keep_layers(bert: BertModel, layers: Sequence[int]) -> None:
    """Drop the other layers of ``bert``, in place."""
    bert.encoder.layer = nn.ModuleList(bert.encoder.layer[at] for at in layers)
    bert.config.num_hidden_layers = len(layers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One padded batch with its labels; ``UNLABELLED`` where there is none."""

    ids: Tensor
    mask: Tensor
    classes: Tensor
    """(texts, heads that decide one class)."""
    risks: Tensor
    """(texts, risks): 0, 1, or -1 where risks were not labelled."""


SINGLE: Final = tuple(head for head in HEADS if not head.several)
RISKS: Final = next(head for head in HEADS if head.several)


def make_batch(examples: Sequence[Example], tokens: Sequence[Sequence[int]]) -> Batch:
    """Pad ``tokens`` and number the labels."""
    longest = max(len(ids) for ids in tokens)
    ids = torch.full((len(tokens), longest), PAD)
    mask = torch.zeros((len(tokens), longest), dtype=torch.long)
    for row, found in enumerate(tokens):
        ids[row, : len(found)] = torch.tensor(found)
        mask[row, : len(found)] = 1
    return Batch(
        ids=ids,
        mask=mask,
        classes=torch.tensor([[_number(example, at) for at in range(len(SINGLE))] for example in examples]),
        risks=torch.tensor([_risk_row(example) for example in examples], dtype=torch.float32),
    )


def _number(example: Example, at: int) -> int:
    head = SINGLE[at]
    if head.name == "constructive" and example.labels.get("intent") != "complaint":
        return UNLABELLED
    label = example.labels.get(head.name)
    return UNLABELLED if label is None else head.classes.index(label)


def _risk_row(example: Example) -> list[float]:
    if example.risks is None:
        return [-1.0] * len(RISKS.classes)
    return [float(name in example.risks) for name in RISKS.classes]


class MaskedLoss:
    """Cross-entropy of every head over the texts that have its label; rare classes weigh more, rare risks too."""

    def __init__(self, examples: Sequence[Example], *, smoothing: float) -> None:
        self._smoothing = smoothing
        self._class_weights = [_class_weights(examples, at) for at in range(len(SINGLE))]
        counts = np.array([_risk_row(example) for example in examples if example.risks is not None])
        shares = counts.mean(0).clip(1e-3, 0.5) if len(counts) else np.full(len(RISKS.classes), 0.5)
        self._risk_weights = torch.tensor(np.sqrt((1 - shares) / shares), dtype=torch.float32)

    def __call__(self, logits: Tensor, batch: Batch) -> Tensor:
        """Return the weighted mean loss of one batch."""
        total = logits.new_zeros(())
        for at, head in enumerate(SINGLE):
            wanted = batch.classes[:, at]
            if (wanted == UNLABELLED).all():
                continue
            each = functional.cross_entropy(
                logits[:, columns_of(head.name)],
                wanted,
                weight=self._class_weights[at],
                ignore_index=UNLABELLED,
                label_smoothing=self._smoothing,
                reduction="none",
            )
            total = total + each.sum() / (wanted != UNLABELLED).sum()
        known = (batch.risks[:, 0] >= 0).float()
        if known.any():
            each = functional.binary_cross_entropy_with_logits(
                logits[:, columns_of(RISKS.name)],
                batch.risks.clamp(min=0),
                pos_weight=self._risk_weights,
                reduction="none",
            ).sum(1)
            total = total + (each * known).sum() / known.sum()
        return total


def _class_weights(examples: Sequence[Example], at: int) -> Tensor:
    counts = np.zeros(len(SINGLE[at].classes))
    for example in examples:
        number = _number(example, at)
        if number != UNLABELLED:
            counts[number] += 1
    shares = counts.clip(1) / max(1, counts.sum())
    weights = np.sqrt(1 / (len(counts) * shares)).clip(0.5, 3)
    return torch.tensor(weights, dtype=torch.float32)
