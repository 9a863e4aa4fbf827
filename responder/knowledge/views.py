"""The meaning of entries: question, answer, both together, and the question in the other language, each as a row of its own."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from domain.words import Language
from responder.embedder import Embedder
from responder.knowledge.bm25 import Floats
from responder.knowledge.kept_rows import KeptRows
from responder.knowledge.pages import Entry, said_by, title_of

Rows = npt.NDArray[np.float32]


class Views:
    """Entries by what they mean. Thread-safe. Raises ``KikiteError`` when made without the embedder's files."""

    def __init__(
        self,
        entries: Sequence[Entry],
        language: Language,
        *,
        embedder: Embedder,
        kept: KeptRows | None = None,
        name: str,
    ) -> None:
        other = Language.EN if language is Language.JA else Language.JA
        titles = [title_of(entry, language) for entry in entries]
        said = [said_by(entry, language) for entry in entries]
        both = [f"{title} {answer}" for title, answer in zip(titles, said, strict=True)]
        texts = [*titles, *said, *both, *(title_of(entry, other) for entry in entries)]
        rows = kept.rows(texts, embedder, name=name) if kept else embedder.embed(texts)
        self._rows = rows.reshape(4, len(entries), -1)

    def compare(self, row: Rows) -> tuple[Floats, Floats]:
        """Return per entry how near a question is to all its views together, and to the nearest of them, -1 to 1."""
        near = np.asarray(self._rows @ row, dtype=np.float64)
        return near.mean(axis=0), near.max(axis=0)
