"""The second head, for retrieval: a linear map from what the fine-tuned encoder says of a text to what its base said.

Fine-tuning keeps of a text what decides its labels, and lets go of much of what it is about; the base still knows. numpy only.
"""

from typing import Final

import numpy as np

from classifier.heads import Floats

STRENGTH: Final = 0.003
"""Of the ridge, as a share of the mean variance of an input dimension."""


def tell_apart(base: Floats) -> Floats:
    """Return what tells these texts apart for the base: its rows brought to length 1 and centred, for they lie in a narrow cone."""
    rows = base / np.linalg.norm(base, axis=1, keepdims=True).clip(1e-9)
    centred: Floats = rows - rows.mean(axis=0)
    return centred


def fit_retrieval_head(given: Floats, wanted: Floats, *, strength: float = STRENGTH) -> Floats:
    """Return (given + 1, width) weights, the last row a constant, that turn rows of ``given`` into those of ``wanted``.

    ``given`` (texts, given) and ``wanted`` (texts, width; see ``tell_apart``) are of the same texts, row for row.
    """
    centre = given.mean(axis=0, dtype=np.float64)
    around = given - centre
    spread = around.T @ around / len(around)
    ridge = strength * np.trace(spread) / len(spread)
    weights = np.linalg.solve(spread + ridge * np.eye(len(spread)), around.T @ wanted / len(around))
    return np.vstack([weights, -centre @ weights]).astype(np.float32)
