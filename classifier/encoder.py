"""The encoder on onnxruntime: token ids in, pooled embeddings out, at the speed of the bare session.

Texts are sorted by length and packed under a budget of tokens, so that little is padded; batches run side by side, one a core,
because one graph spread over cores waits for itself.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from classifier.artefact import ModelError, remedy_for
from classifier.heads import Floats

PAD: Final = 1
MOST_TEXTS: Final = 16
MOST_TOKENS: Final = 1_024
"""Padded tokens of one batch."""

OUTPUTS: Final = ("pooled", "trace")
"""Of the graph: what labels are decided from, and what the other layers still know of a text. None may be called "embedding":
onnxruntime refuses such a graph."""

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenBatch:
    """Texts padded to one length, with their places in what was asked."""

    places: Sequence[int]
    ids: Ids
    mask: Ids


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedding:
    """Batches under way."""

    count: int
    """Texts asked for."""
    running: Sequence[tuple[Sequence[int], Future[Floats]]]

    def rows(self) -> Floats:
        """Wait, then return one row per text, in the order they were given."""
        if not self.running:
            return np.zeros((0, 0), dtype=np.float32)
        found = [(places, future.result()) for places, future in self.running]
        rows = np.empty((self.count, found[0][1].shape[1]), dtype=np.float32)
        for places, pooled in found:
            rows[np.asarray(places)] = pooled
        return rows


class Encoder:
    """Thread-safe. ``threads``: batches run at once, 0 or None: one a core.

    Raises ``ModelError`` when the file is no graph of ours.
    """

    def __init__(self, file: Path, *, threads: int | None = None) -> None:
        self.threads = threads or usable_cores()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a web server shares the cores
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has no common base for its errors
            raise ModelError(f"{file} cannot be loaded: {type(error).__name__}.", remedy=remedy_for(file)) from error
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="encoder")

    def start(self, tokens: Sequence[Sequence[int]], *, whole: bool = False) -> Embedding:
        """Begin to embed and return at once: what needs no model can be done meanwhile."""
        running = [(batch.places, self._pool.submit(self.run, batch, whole=whole)) for batch in pack(tokens)]
        return Embedding(count=len(tokens), running=running)

    def embed(self, tokens: Sequence[Sequence[int]], *, whole: bool = False) -> Floats:
        """Return one row per text, in order: (texts, hidden), the pooled last layer; ``whole``: (texts, 3 x hidden), with the trace.

        Ids of a text as the tokenizer gives them.
        """
        return self.start(tokens, whole=whole).rows()

    def run(self, batch: TokenBatch, *, whole: bool = False) -> Floats:
        """Return the rows of one batch."""
        given = {"input_ids": batch.ids, "attention_mask": batch.mask}
        found: list[Floats] = self._session.run(OUTPUTS if whole else OUTPUTS[:1], given)
        return np.concatenate(found, axis=1)


def pack(tokens: Sequence[Sequence[int]]) -> Iterator[TokenBatch]:
    """Yield batches of texts of like length, the longest first, each within ``MOST_TEXTS`` and ``MOST_TOKENS``."""
    order = sorted(range(len(tokens)), key=lambda at: -len(tokens[at]))
    begin = 0
    while begin < len(order):
        longest = max(1, len(tokens[order[begin]]))
        places = order[begin : begin + max(1, min(MOST_TEXTS, MOST_TOKENS // longest))]
        begin += len(places)
        yield _pad(places, tokens, longest)


def _pad(places: Sequence[int], tokens: Sequence[Sequence[int]], longest: int) -> TokenBatch:
    ids = np.full((len(places), longest), PAD, dtype=np.int64)
    mask = np.zeros((len(places), longest), dtype=np.int64)
    for row, at in enumerate(places):
        ids[row, : len(tokens[at])] = tokens[at]
        mask[row, : len(tokens[at])] = 1
    return TokenBatch(places=places, ids=ids, mask=mask)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
