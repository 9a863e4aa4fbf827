"""A model as files: a folder that holds all it needs to be read again, and says what it is.

``model.json`` tells id, heads, thresholds, scores and the hash of its encoder; ``heads.npz`` the linear heads; ``encoder.onnx`` and
``tokenizer.json`` the rest; ``retrieval.npz``, where there is one, the head that makes texts findable. A model that was refitted
from corrections keeps the shipped encoder, and what belongs to it, and has no copy of it.
"""

import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np

from classifier.heads import HEADS, WIDTH, Floats, HeadWeights
from domain.errors import KikiteError

FORMAT: Final = 1
NO_BOUND: Final = 0.5
"""Chance at which a label counts as given where the model names no bound of its own."""
SHIPPED: Final = Path(str(files("classifier"))) / "model"
DESCRIPTION, HEADS_FILE, ENCODER_FILE, TOKENIZER_FILE, RETRIEVAL_FILE, CARD_FILE = (
    "model.json", "heads.npz", "encoder.onnx", "tokenizer.json", "retrieval.npz", "MODEL_CARD.md",
)  # fmt: skip
REINSTALL: Final = 'Install Kikite again, or set classifier.backend = "keyword" in kikite.toml meanwhile.'
CHOOSE_OTHER: Final = (
    "Go back with `kikite models rollback`, or name another folder in classifier.model (empty: the model that ships)."
)


class ModelError(KikiteError):
    """A model folder is missing, broken or of another make."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelDescription:
    """What ``model.json`` says."""

    model_id: str
    """Architecture, corpus hash and date, as kept beside every prediction."""
    created_on: str
    """ISO date."""
    encoder_sha256: str
    temperatures: Mapping[str, float]
    recall_bounds: Mapping[str, float]
    """Least probability at which ``urgency.critical`` or ``risks.NAME`` is raised: chosen for recall."""
    bands: Mapping[str, Mapping[str, float]]
    """``sure`` and ``check``: least score per head."""
    parent: str = ""
    """Id of the model whose heads were refitted; empty for one that ships."""
    corrections: int = 0
    """Corrections it learned from."""
    scores: Mapping[str, object] = field(default_factory=dict)
    """Held-out scores as measured when it was made."""
    notes: Mapping[str, object] = field(default_factory=dict)
    """Corpus hash, sources, seed: where it comes from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Artefact:
    """A model folder that was read."""

    folder: Path
    description: ModelDescription
    heads: HeadWeights
    encoder_file: Path
    tokenizer_file: Path
    retrieval: Floats | None = None
    """(3 x hidden + 1, width), the last row a constant: from the encoder's whole embedding to one that finds; None: its pooled one is served."""


def read_artefact(folder: Path = SHIPPED) -> Artefact:
    """Read a model folder. Raises ``ModelError`` with the remedy when it is not one that this version can serve."""
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder}.", remedy="Check classifier.model, or leave it empty.")
    description = read_description(folder)
    home = folder if (folder / ENCODER_FILE).is_file() else SHIPPED
    encoder, tokenizer = home / ENCODER_FILE, home / TOKENIZER_FILE
    for file in (encoder, tokenizer):
        if not file.is_file():
            raise ModelError(f"{file} is missing.", remedy=remedy_for(file))
    found = _hash_of(encoder, encoder.stat().st_mtime_ns)
    if found != description.encoder_sha256:
        if found != read_description(home).encoder_sha256:
            raise ModelError(f"{encoder} is damaged.", remedy=remedy_for(encoder))
        raise ModelError(
            f"The model in {folder} belongs to another encoder than {encoder}.",
            remedy=f"Fit it again with `kikite train --corrections`. {CHOOSE_OTHER}",
        )
    return Artefact(
        folder=folder,
        description=description,
        heads=_read_heads(folder / HEADS_FILE, description.temperatures),
        encoder_file=encoder,
        tokenizer_file=tokenizer,
        retrieval=_read_retrieval(home / RETRIEVAL_FILE, encoder_sha256=description.encoder_sha256),
    )


def read_description(folder: Path) -> ModelDescription:
    """Read ``model.json`` alone. Raises ``ModelError``."""
    file = folder / DESCRIPTION
    try:
        said = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: {error}.", remedy=_is_other(folder)) from error
    if not isinstance(said, dict) or said.pop("format", None) != FORMAT:
        raise ModelError(f"{file} is no model of format {FORMAT}.", remedy=_is_other(folder))
    if said.pop("heads", None) != {head.name: list(head.classes) for head in HEADS}:
        raise ModelError(
            f"{file} has other labels than this version.",
            remedy=f"Fit it again with `kikite train --corrections`. {CHOOSE_OTHER}",
        )
    try:
        return ModelDescription(**said)
    except TypeError as error:
        raise ModelError(f"{file}: {error}.", remedy=_is_other(folder)) from error


def write_artefact(folder: Path, *, description: ModelDescription, heads: HeadWeights) -> None:
    """Write description and heads into ``folder`` (made if missing); each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{HEADS_FILE}.{secrets.token_hex(4)}"
    with partial.open("xb") as stream:
        np.savez_compressed(stream, weights=heads.weights.astype(np.float32), bias=heads.bias.astype(np.float32))
    partial.replace(folder / HEADS_FILE)
    said = {
        "format": FORMAT,
        "heads": {head.name: list(head.classes) for head in HEADS},
        **{name: getattr(description, name) for name in ModelDescription.__slots__},
    }
    replace_text(folder / DESCRIPTION, json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def write_retrieval(folder: Path, retrieval: Floats, *, encoder_sha256: str) -> None:
    """Write the retrieval head beside the encoder that it was fitted on; the file appears whole or not at all."""
    partial = folder / f".{RETRIEVAL_FILE}.{secrets.token_hex(4)}"
    with partial.open("xb") as stream:
        np.savez_compressed(stream, retrieval=retrieval.astype(np.float32), encoder_sha256=np.array(encoder_sha256))
    partial.replace(folder / RETRIEVAL_FILE)


def replace_text(file: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    partial.write_text(text, "utf-8")
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(file)


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=8)
def _hash_of(file: Path, changed: int) -> str:  # noqa: ARG001 - a file that changed is another key
    return hash_file(file)


def _read_heads(file: Path, temperatures: Mapping[str, float]) -> HeadWeights:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            weights, bias = kept["weights"], kept["bias"]
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}.", remedy=remedy_for(file)) from error
    except (ValueError, KeyError, EOFError, TypeError, BadZipFile, zlib.error) as error:
        # Said in our words: numpy's advise to switch off what keeps a file from running code.
        raise ModelError(f"{file} is damaged ({type(error).__name__}).", remedy=remedy_for(file)) from error
    if weights.ndim != 2 or weights.shape[1] != WIDTH or bias.shape != (WIDTH,):  # noqa: PLR2004 - a matrix
        raise ModelError(f"{file} has the wrong shape {weights.shape}.", remedy=remedy_for(file))
    return HeadWeights(weights=weights, bias=bias, temperatures=temperatures)


def _read_retrieval(file: Path, *, encoder_sha256: str) -> Floats | None:
    if not file.is_file():
        return None
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            retrieval, encoder = kept["retrieval"], str(kept["encoder_sha256"])
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}.", remedy=remedy_for(file)) from error
    except (ValueError, KeyError, EOFError, TypeError, BadZipFile, zlib.error) as error:
        # Said in our words: numpy's advise to switch off what keeps a file from running code.
        raise ModelError(f"{file} is damaged ({type(error).__name__}).", remedy=remedy_for(file)) from error
    if retrieval.ndim != 2 or retrieval.dtype != np.float32 or not np.isfinite(retrieval).all():  # noqa: PLR2004 - a matrix
        raise ModelError(f"{file} is no matrix of single precision.", remedy=remedy_for(file))
    if encoder != encoder_sha256:
        raise ModelError(f"{file} belongs to another encoder.", remedy=remedy_for(file))
    found: Floats = retrieval
    return found


def remedy_for(file: Path) -> str:
    """Return what helps when ``file`` of a model folder is broken: what ships is installed again, any other is left for another."""
    return REINSTALL if SHIPPED in file.parents else CHOOSE_OTHER


def _is_other(folder: Path) -> str:
    if (folder / "config.json").is_file():
        return 'This looks like a Hugging Face model: set classifier.backend = "transformers".'
    return "Name a folder that `kikite train` made, or leave classifier.model empty for the one that ships."
