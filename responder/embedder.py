"""What the model knows of a text beside its labels, as the responder needs it. The shipped model offers it; the command line wires it."""

from collections.abc import Mapping, Sequence
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


class Meaning(Embedder, Protocol):
    """An embedder that knows, too, what a post tells of."""

    def find_situations(self, text: str) -> Mapping[str, float]:
        """Return the chance, 0 to 1, of each situation that ``text`` may tell of, the likeliest first; names as in ``situations.toml``."""
        ...
