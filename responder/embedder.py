"""The embeddings that retrieval stands on, as the responder needs them. The shipped model offers them; the command line wires it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how near they are in meaning. Thread-safe."""

    @property
    def space(self) -> str:
        """Whose directions these are: rows of another space mean nothing beside these."""
        ...

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (texts, width), one row of length 1 per text, in order. Any text will do."""
        ...
