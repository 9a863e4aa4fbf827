"""Model backends, each behind the port ``ClassifierBackend``. Which one is in force is a setting."""

from collections.abc import Callable, Mapping
from typing import Final

from classifier.backends.keyword import KeywordBackend
from config.settings import ClassifierSettings
from domain.ports import ClassifierBackend

_BACKENDS: Final[Mapping[str, Callable[[ClassifierSettings], ClassifierBackend]]] = {
    "keyword": lambda _settings: KeywordBackend(),
}


def make_backend(settings: ClassifierSettings) -> ClassifierBackend:
    """Return the backend that ``classifier.backend`` names. Loads nothing that another backend would need."""
    return _BACKENDS[settings.backend](settings)
