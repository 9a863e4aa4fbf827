"""Embeddings of entries on disk, so that a start does not work them out again: one file a book and language, no text in it."""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import structlog

from responder.embedder import Embedder

Rows = npt.NDArray[np.float32]
ENDING = ".npz"

log = structlog.get_logger(__name__)


class KeptRows:
    """A folder of rows, found by the hash of their text and whose ``space`` they are in. What is no longer asked for is deleted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rows(self, texts: Sequence[str], embedder: Embedder, *, name: str) -> Rows:
        """Return one row per text, in order; only those that the file ``name`` lacks are embedded.

        The file holds these texts' rows afterwards and no others. It may be missing, broken or read-only: then all are embedded.
        """
        file = self._folder / f"{name}{ENDING}"
        known = _read(file, embedder.space)
        marks = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
        missing = {mark: text for mark, text in zip(marks, texts, strict=True) if mark not in known}
        if missing:
            fresh = embedder.embed(list(missing.values()))
            known |= dict(zip(missing, fresh, strict=True))
        wanted = dict.fromkeys(marks)
        if missing or len(known) > len(wanted):
            _write(file, embedder.space, {mark: known[mark] for mark in wanted})
        return np.stack([known[mark] for mark in marks])


def _read(file: Path, space: str) -> dict[str, Rows]:
    try:
        # Opened here: numpy leaves a broken archive open.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            if str(kept["space"]) != space:
                return {}
            marks, rows = kept["marks"], kept["rows"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
        log.warning("kept embeddings are unreadable and made anew", file=str(file), problem=str(error))
        return {}
    if rows.ndim != 2 or rows.dtype != np.float32 or len(rows) != len(marks) or not np.isfinite(rows).all():  # noqa: PLR2004 - a matrix
        log.warning("kept embeddings are unreadable and made anew", file=str(file), problem="no rows")
        return {}
    return {str(mark): row for mark, row in zip(marks, rows, strict=True)}


def _write(file: Path, space: str, rows: dict[str, Rows]) -> None:
    """Write the rows: the file appears whole or not at all, and two processes may write it at once."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as stream:
            np.savez(stream, space=np.array(space), marks=np.array(list(rows)), rows=np.stack(list(rows.values())))
        beside.replace(file)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        log.warning("embeddings cannot be kept", file=str(file), problem=str(error))
