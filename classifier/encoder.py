"""The encoder on onnxruntime: token ids in, pooled embeddings out, at the speed of the bare session.

One text a run, the longest first, as many runs side by side as there are cores: one graph spread over cores waits for itself. Texts
never share a run: an 8-bit graph takes the scale of its numbers from all that it is given at once, so a post would be read otherwise
beside other neighbours (docs/adr/0008). Nothing is padded either.
"""

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from classifier.artefact import ModelError, remedy_for
from classifier.heads import Floats

OUTPUTS: Final = ("pooled", "trace")
"""Of the graph: what labels are decided from, and what the other layers still know of a text. None may be called "embedding":
onnxruntime refuses such a graph."""

UNKNOWN: Final = 3
TURN: Final = 16
"""Texts, one after the other, that a core takes at once: handing out each by itself costs a tenth of the rate."""

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedding:
    """Runs under way."""

    count: int
    """Texts asked for."""
    running: Sequence[tuple[Sequence[int], Future[Floats]]]
    """Each with the places of its texts."""

    def rows(self) -> Floats:
        """Wait, then return one row per text, in the order they were given."""
        if not self.running:
            return np.zeros((0, 0), dtype=np.float32)
        found = [(places, future.result()) for places, future in self.running]
        rows = np.empty((self.count, found[0][1].shape[1]), dtype=np.float32)
        for places, some in found:
            rows[np.asarray(places)] = some
        return rows


class Encoder:
    """Thread-safe. ``threads``: texts read at once, 0 or None: one a core.

    Raises ``ModelError`` when the file is no graph of ours.
    """

    def __init__(self, file: Path, *, threads: int | None = None) -> None:
        self.threads = threads or usable_cores()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # runs side by side wait for its lock; the system's allocator is no slower
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a web server shares the cores
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has no common base for its errors
            raise ModelError(f"{file} cannot be loaded: {type(error).__name__}.", remedy=remedy_for(file)) from error
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="encoder")

    def start(self, tokens: Sequence[Sequence[int]], *, whole: bool = False) -> Embedding:
        """Begin to embed and return at once: what needs no model can be done meanwhile."""
        order = sorted(range(len(tokens)), key=lambda at: -len(tokens[at]))
        turns = [order[begin : begin + TURN] for begin in range(0, len(order), TURN)]
        running = [(turn, self._pool.submit(self._read, [tokens[at] for at in turn], whole=whole)) for turn in turns]
        return Embedding(count=len(tokens), running=running)

    def embed(self, tokens: Sequence[Sequence[int]], *, whole: bool = False) -> Floats:
        """Return one row per text, in order: (texts, hidden), the pooled last layer; ``whole``: (texts, 3 x hidden), with the trace.

        Ids of a text as the tokenizer gives them.
        """
        return self.start(tokens, whole=whole).rows()

    def _read(self, turn: Sequence[Sequence[int]], *, whole: bool) -> Floats:
        if whole:
            found = [np.concatenate(self._session.run(OUTPUTS, as_inputs(ids)), axis=1) for ids in turn]
        else:
            found = [self._session.run(OUTPUTS[:1], as_inputs(ids))[0] for ids in turn]
        return np.concatenate(found, axis=0)


def as_inputs(ids: Sequence[int]) -> dict[str, Ids]:
    """Return one text as the graph takes it; a text without a piece is one unknown piece."""
    row = np.array([ids or [UNKNOWN]], dtype=np.int64)
    return {"input_ids": row, "attention_mask": np.ones_like(row)}


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
