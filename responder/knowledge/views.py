"""The meaning of entries: question, answer, both together, and the question in the other language, each as a row of its own.

Beside them stand questions that customers ask everywhere (``asked_often.toml``): what is nearer to one of those than to an entry is
not answered by that entry. One that an entry itself asks does not count against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from domain.words import Language
from responder.embedder import Embedder
from responder.knowledge.bm25 import Floats
from responder.knowledge.kept_rows import KeptRows
from responder.knowledge.pages import Entry, said_by, title_of
from responder.wordlists import read_words

Rows = npt.NDArray[np.float32]
VIEWS: Final = 4
SAME: Final = 0.7
"""As near as this, an entry asks what is asked everywhere."""
FARTHEST: Final = -1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearness:
    """How near one question is to each entry, -1 to 1."""

    together: Floats
    """To all views of the entry."""
    nearest: Floats
    """To the nearest of them."""
    elsewhere: Floats
    """How much nearer it is to something that is asked everywhere and not by this entry."""


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
        own = [*titles, *said, *both, *(title_of(entry, other) for entry in entries)]
        texts = [*own, *_asked_often(language)]
        rows = kept.rows(texts, embedder, name=name) if kept else embedder.embed(texts)
        self._rows = rows[: len(own)].reshape(VIEWS, len(entries), -1)
        self._often = rows[len(own) :]
        self._is_own = (self._rows @ self._often.T).max(axis=0) >= SAME

    def compare(self, row: Rows) -> Nearness:
        """Return how near a question is to each entry."""
        near = np.asarray(self._rows @ row, dtype=np.float64)
        nearest = near.max(axis=0)
        often = np.where(self._is_own, FARTHEST, self._often @ row).max(axis=1)
        return Nearness(together=near.mean(axis=0), nearest=nearest, elsewhere=often - nearest)


def _asked_often(language: Language) -> list[str]:
    return [pair[0 if language is Language.JA else 1] for pair in read_words("asked_often")["questions"]]
