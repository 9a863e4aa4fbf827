"""The second head, for retrieval: a linear map from what the fine-tuned encoder says of a text to what its base said.

Fine-tuning keeps of a text what decides its labels, and lets go of what it is about; the base still knows. numpy only.
"""

from typing import Final

import numpy as np

from classifier.heads import Floats

STRENGTH: Final = 0.003
"""Of the ridge, as a share of the mean variance of an input dimension."""


def fit_retrieval_head(pooled: Floats, base: Floats, *, strength: float = STRENGTH) -> Floats:
    """Return (hidden + 1, width) weights, the last row a constant, that turn rows of ``pooled`` into those of ``base``.

    ``pooled`` (texts, hidden) and ``base`` (texts, width) are of the same texts, row for row. The base's rows are brought to
    length 1 and centred: its embeddings lie in a narrow cone, and only what tells texts apart is worth learning.
    """
    wanted = base.astype(np.float64) / np.linalg.norm(base, axis=1, keepdims=True).clip(1e-9)
    wanted -= wanted.mean(axis=0)
    centre = pooled.mean(axis=0, dtype=np.float64)
    given = pooled - centre
    spread = given.T @ given / len(given)
    ridge = strength * np.trace(spread) / len(spread)
    weights = np.linalg.solve(spread + ridge * np.eye(len(spread)), given.T @ wanted / len(given))
    return np.vstack([weights, -centre @ weights]).astype(np.float32)
