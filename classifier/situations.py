"""What a post is about, finer than its topic: one of some hundred situations a shop knows, by a linear head over the whole embedding.

A refund that does not come, a coat that lost its colour, thanks for a repair: how to answer hangs on it. The head says how likely each one
is; it decides nothing. numpy only.
"""

import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np

from classifier.artefact import ModelError, remedy_for
from classifier.heads import Floats

SITUATIONS_FILE: Final = "situations.npz"
"""Beside the encoder that it was fitted on."""
LEAST: Final = 0.01
"""Chances below are not told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SituationHead:
    """A linear head whose scores are calibrated as they are."""

    names: tuple[str, ...]
    """``complaint.late``, ``question.size``, ``praise.staff`` ...; the columns of ``weights``."""
    weights: Floats
    """(3 x hidden + 1, situations), the last row a constant."""

    def likely(self, row: Floats) -> Mapping[str, float]:
        """Return the chance, 0 to 1, of each situation that has one, the likeliest first. ``row``: a whole embedding, (3 x hidden,)."""
        scores = row @ self.weights[:-1] + self.weights[-1]
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        return {self.names[at]: round(float(chances[at]), 4) for at in np.argsort(-chances) if chances[at] >= LEAST}


def read_situations(folder: Path, *, encoder_sha256: str) -> SituationHead | None:
    """Read the head of a model folder; None where it has none. Raises ``ModelError`` when it is broken or of another encoder."""
    file = folder / SITUATIONS_FILE
    if not file.is_file():
        return None
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            names, weights, encoder = kept["names"].tolist(), kept["weights"], str(kept["encoder_sha256"])
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}.", remedy=remedy_for(file)) from error
    except (ValueError, KeyError, EOFError, TypeError, BadZipFile, zlib.error) as error:
        raise ModelError(f"{file} is damaged ({type(error).__name__}).", remedy=remedy_for(file)) from error
    if weights.ndim != 2 or weights.shape[1] != len(names) or not np.isfinite(weights).all():  # noqa: PLR2004 - a matrix
        raise ModelError(f"{file} has the wrong shape {weights.shape}.", remedy=remedy_for(file))
    if encoder != encoder_sha256:
        raise ModelError(f"{file} belongs to another encoder.", remedy=remedy_for(file))
    return SituationHead(names=tuple(map(str, names)), weights=weights.astype(np.float32))


def write_situations(file: Path, head: SituationHead, *, encoder_sha256: str) -> None:
    """Write a head beside the encoder that it was fitted on, in half precision; the file appears whole or not at all."""
    partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with partial.open("xb") as stream:
        np.savez_compressed(
            stream,
            names=np.array(head.names),
            weights=head.weights.astype(np.float16),
            encoder_sha256=np.array(encoder_sha256),
        )
    partial.replace(file)
