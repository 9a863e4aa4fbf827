"""Embeddings of labelled texts. Those of the corpus are kept in the home, for they change only with corpus or encoder.

What people wrote is never kept so: it is embedded anew each time, and what was erased leaves no trace here.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from classifier.artefact import Artefact
from classifier.encoder import Encoder
from classifier.examples import Example
from classifier.heads import Floats
from classifier.refit import Material
from classifier.text_tokens import TextTokens

FOLDER: Final = "embeddings"
"""In a home's folder of models."""
TEXTS_AT_ONCE: Final = 256

Read = Callable[[Sequence[str]], Floats]
"""Texts to embeddings, one row each."""
Done = Callable[[int], None]
"""Called with how many texts were read since it was called last."""


def make_reader(artefact: Artefact) -> Read:
    """Return what embeds texts with the encoder of a model."""
    tokens, encoder = TextTokens(artefact.tokenizer_file), Encoder(artefact.encoder_file)
    return lambda texts: encoder.embed(tokens.encode(texts))


def embed_examples(examples: Sequence[Example], read: Read, *, done: Done) -> Material:
    """Embed at least one text, part by part."""
    parts = []
    for begin in range(0, len(examples), TEXTS_AT_ONCE):
        part = [example.text for example in examples[begin : begin + TEXTS_AT_ONCE]]
        parts.append(read(part))
        done(len(part))
    return Material(examples=examples, pooled=np.vstack(parts))


def embed_corpus(examples: Sequence[Example], read: Read, *, encoder_sha256: str, models: Path, done: Done) -> Material:
    """Return the corpus embedded: from the home's copy where that is of these texts and this encoder, else anew and kept."""
    texts = hashlib.sha256("\0".join(example.text for example in examples).encode("utf-8", "replace")).hexdigest()
    file = models / FOLDER / f"corpus-{encoder_sha256[:16]}-{texts[:16]}.npy"
    kept = _kept(file, rows=len(examples))
    if kept is not None:
        done(len(examples))
        return Material(examples=examples, pooled=kept)
    made = embed_examples(examples, read, done=done)
    _keep(file, made.pooled)
    return made


def _kept(file: Path, *, rows: int) -> Floats | None:
    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    sound = isinstance(found, np.ndarray) and found.dtype == np.float32 and found.ndim == 2 and len(found) == rows  # noqa: PLR2004 - a matrix
    return found if sound and bool(np.isfinite(found).all()) else None


def _keep(file: Path, pooled: Floats) -> None:
    """Write the copy whole or not at all; copies of other texts or encoders go."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with partial.open("xb") as stream:
        np.save(stream, pooled, allow_pickle=False)
    partial.replace(file)
    for other in file.parent.iterdir():
        if other != file:
            other.unlink(missing_ok=True)
