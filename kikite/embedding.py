"""Which embeddings the searches of this home stand on. Loaded by the first search, and shared with the classifier."""

from pathlib import Path

import structlog

from classifier.backends import MODELS
from config.settings import Settings
from domain.errors import KikiteError
from responder.embedder import Meaning
from responder.knowledge import KeptRows, Shelf

EMBEDDINGS = "embeddings"
"""The folder of a home in which the embeddings of what the brands wrote are kept."""

log = structlog.get_logger(__name__)


def open_embedder(settings: Settings) -> Meaning | None:
    """Return the embeddings of the model in force, of the shipped one beside a hub model; None beside the keyword lists.

    Where its files are missing or broken, searches go by words alone: ``kikite doctor`` tells.
    """
    chosen = settings.classifier
    if chosen.backend == "keyword":
        return None
    from classifier.artefact import SHIPPED, read_artefact  # noqa: PLC0415 - the keyword lists must not wait for onnxruntime
    from classifier.embedding import Embedder as ModelEmbedder  # noqa: PLC0415 - the same
    from classifier.versions import current_folder  # noqa: PLC0415 - the same

    try:
        folder = SHIPPED
        if chosen.backend == "model":
            folder = Path(chosen.model).expanduser() if chosen.model else current_folder(settings.home / MODELS)
        return ModelEmbedder(read_artefact(folder), threads=chosen.threads)
    except KikiteError as error:
        log.warning("searching by words alone", problem=error.message)
        return None


def open_shelf(settings: Settings) -> Shelf:
    """Return the searchable books of this home, with its embeddings where it has any."""
    return Shelf(lambda: open_embedder(settings), kept=KeptRows(settings.home / EMBEDDINGS))
