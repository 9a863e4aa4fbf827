"""Model backends, each behind the port ``ClassifierBackend``. Which one is in force is a setting.

What a backend needs is imported when it is made: the keyword lists must not wait for onnxruntime, nor the model for torch.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Final

from config.settings import ClassifierSettings
from domain.chat import ChatModel
from domain.ports import ClassifierBackend

MODELS: Final = "models"
"""Folder of a home with the models refitted from its corrections."""


def _make_keyword(_settings: ClassifierSettings, _models: Path | None) -> ClassifierBackend:
    from classifier.backends.keyword import KeywordBackend  # noqa: PLC0415 - see above

    return KeywordBackend()


def _make_model(settings: ClassifierSettings, models: Path | None) -> ClassifierBackend:
    from classifier.artefact import read_artefact  # noqa: PLC0415 - see above
    from classifier.backends.model import ModelBackend  # noqa: PLC0415 - see above
    from classifier.versions import current_folder  # noqa: PLC0415 - see above

    folder = Path(settings.model).expanduser() if settings.model else current_folder(models)
    return ModelBackend(read_artefact(folder), threads=settings.threads)


def _make_hub(settings: ClassifierSettings, _models: Path | None) -> ClassifierBackend:
    from classifier.backends.hub import make_hub_backend  # noqa: PLC0415 - see above

    return make_hub_backend(settings)


_BACKENDS: Final[Mapping[str, Callable[[ClassifierSettings, Path | None], ClassifierBackend]]] = {
    "model": _make_model,
    "keyword": _make_keyword,
    "transformers": _make_hub,
}


def make_backend(
    settings: ClassifierSettings, *, models: Path | None = None, second: ChatModel | None = None
) -> ClassifierBackend:
    """Return the backend that ``classifier.backend`` names. ``models``: the home's folder of refitted models.

    ``second`` is asked about doubtful texts. Raises ``ModelError`` with the remedy when the model is missing or broken: another is
    never taken silently.
    """
    first = _BACKENDS[settings.backend](settings, models)
    if second is None:
        return first
    from classifier.backends.cascade import CascadeBackend  # noqa: PLC0415 - see above

    return CascadeBackend(first, second)


class BackendInForce:
    """The backend of a running product: what a promotion or rollback changes is taken up by the next ``get``."""

    def __init__(self, settings: ClassifierSettings, models: Path, second: ChatModel | None = None) -> None:
        self._settings = settings
        self._models = models
        self._second = second
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None
        self._backend: ClassifierBackend | None = None

    def get(self) -> ClassifierBackend:
        """Return the backend for the next batch; made on first use. Raises as ``make_backend``."""
        with self._lock:
            seen = self._look()
            if self._backend is None or seen != self._seen:
                self._backend, self._seen = make_backend(self._settings, models=self._models, second=self._second), seen
            return self._backend

    def _look(self) -> tuple[int, int] | None:
        """Return what changes when another version is promoted; the file is replaced, so its number changes too."""
        if self._settings.backend != "model" or self._settings.model:
            return None
        from classifier.versions import CURRENT  # noqa: PLC0415 - see above

        try:
            found = (self._models / CURRENT).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino
