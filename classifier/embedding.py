"""Embeddings by which texts find each other: FAQ entries for a question, approved replies for a case, near-duplicates; and what a post is about by them."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Lock

import numpy as np

from classifier.artefact import Artefact
from classifier.backends.model import ModelBackend
from classifier.heads import Floats
from classifier.situations import SituationHead, read_situations


class Embedder:
    """Texts as directions: the nearer in meaning, the smaller the angle. Thread-safe.

    Compare two texts by the dot product of their rows, which lies between -1 and 1; rows of another ``space`` mean nothing beside
    these. Encoder and tokenizer are loaded by the first text, and shared with the classifier of this process where that reads
    the same files with as many ``threads``.
    """

    def __init__(self, artefact: Artefact, *, threads: int = 0) -> None:
        self._artefact = artefact
        self._threads = threads
        self._lock = Lock()

    @cached_property
    def space(self) -> str:
        """Whose directions these are: keep it beside rows that are stored, and embed anew when it changes. Refitted heads keep it."""
        mark = hashlib.sha256(self._artefact.description.encoder_sha256.encode())
        if self._artefact.retrieval is not None:
            mark.update(self._artefact.retrieval.tobytes())
        return mark.hexdigest()[:16]

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return (texts, width) in single precision, one row of length 1 per text, in order; (0, 0) where nothing is asked.

        Equal texts get equal rows on one machine, whatever is asked beside them. Masked, cut and cleaned as for the classifier: no
        text raises. Raises ``ModelError`` when encoder or tokenizer cannot be loaded.
        """
        places: dict[str, int] = {}
        for text in texts:
            places.setdefault(text, len(places))
        with self._lock:
            backend = self._backend
        rows = backend.embed(list(places), whole=self._artefact.retrieval is not None)
        if not len(rows):
            return rows
        found = _normalise(_turn(rows, self._artefact.retrieval))
        return found[[places[text] for text in texts]]

    def find_situations(self, text: str) -> Mapping[str, float]:
        """Return the chance of each situation that ``text`` may tell of, the likeliest first; nothing where the model has no such head.

        Raises ``ModelError`` as ``embed`` does.
        """
        with self._lock:
            head, backend = self._situations, self._backend
        return {} if head is None else head.likely(backend.embed([text], whole=True)[0])

    @cached_property
    def _situations(self) -> SituationHead | None:
        return read_situations(
            self._artefact.encoder_file.parent, encoder_sha256=self._artefact.description.encoder_sha256
        )

    @cached_property
    def _backend(self) -> ModelBackend:
        return ModelBackend(self._artefact, threads=self._threads)


def _turn(rows: Floats, retrieval: Floats | None) -> Floats:
    return rows if retrieval is None else rows @ retrieval[:-1] + retrieval[-1]


def _normalise(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)
