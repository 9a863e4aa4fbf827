"""Understanding: language, model backends, bands, the batching service."""

import os
from typing import Final

BLAS_PATIENCE: Final = "OPENBLAS_THREAD_TIMEOUT"
"""Of numpy's OpenBLAS, read when numpy is loaded: two to the power of this many cycles, a thread waits awake for its next product."""

# By default it waits for hundredths of a second and takes a twentieth of a core from the encoder and the web server meanwhile.
os.environ.setdefault(BLAS_PATIENCE, "4")
