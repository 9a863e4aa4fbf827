"""Which channels there are, by entry point, how one is made from its settings, and which options it has."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import cast

from config.section import Section
from config.settings import ChannelSettings
from domain.clock import Clock
from domain.errors import ConfigError, Place
from domain.ports import Channel, Inbox
from domain.webhooks import KeptParcel

GROUP = "kikite.channels"
"""Entry point group: name is the kind, value a ``make_channel(settings, context)``."""


class NothingCame:
    """The ``Inbox`` of an account that nobody calls."""

    def read(self, after: int, *, limit: int) -> Sequence[KeptParcel]:  # noqa: ARG002 - the port's signature
        """Return nothing."""
        return ()


@dataclass(frozen=True, kw_only=True)
class ChannelContext:
    """What a channel is given beside its settings."""

    state_dir: Path
    """Private folder for sessions (0700), under the home."""
    clock: Clock
    inbox: Inbox = field(default_factory=NothingCame)
    """What the platform sent to this account by webhook."""


def known_kinds() -> list[str]:
    """Return the kinds that installed packages offer, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def make_channel(settings: ChannelSettings, context: ChannelContext) -> Channel:
    """Return the channel that ``settings`` names. It does not sign in yet.

    Raises ``ConfigError`` for a kind nobody offers, an extra that is not installed, or options the channel refuses.
    """
    place = Place(file="kikite.toml", field=f"channel.{settings.name}.kind")
    return _load(_find(settings.kind, place), place)(settings, context)


def options_of(kind: str) -> type[Section] | None:
    """Return the model of the options and secrets of ``kind``; None when its package describes none.

    It is what the package calls ``OPTIONS``, else the largest ``Section`` of its module ``options``. Raises ``ConfigError`` as
    ``make_channel``.
    """
    place = Place(file="kikite.toml", field="channel.kind")
    point = _find(kind, place)
    try:
        package = import_module(point.module)
        offered = getattr(package, "OPTIONS", None)
        if inspect.isclass(offered) and issubclass(offered, Section):
            return offered
        return _largest_section(_module_of_options(package))
    except ImportError as error:
        raise _not_installed(point, error, place) from error


def _module_of_options(package: ModuleType) -> ModuleType:
    """Return the module ``options`` of a package; a channel of one file has them in it."""
    name = f"{package.__name__}.options"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in {name, package.__name__}:
            raise
        return package


def _largest_section(module: ModuleType) -> type[Section] | None:
    own = [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Section) and found.__module__ == module.__name__
    ]
    return max(own, key=lambda section: len(section.model_fields), default=None)


def _find(kind: str, place: Place) -> EntryPoint:
    points = [point for point in entry_points(group=GROUP) if point.name == kind]
    if not points:
        raise ConfigError(f"there is no channel '{kind}'", place=place, remedy=f"Known: {', '.join(known_kinds())}.")
    return points[0]


def _load(point: EntryPoint, place: Place) -> Callable[[ChannelSettings, ChannelContext], Channel]:
    try:
        return cast("Callable[[ChannelSettings, ChannelContext], Channel]", point.load())
    except ImportError as error:
        raise _not_installed(point, error, place) from error


def _not_installed(point: EntryPoint, error: ImportError, place: Place) -> ConfigError:
    return ConfigError(
        f"channel '{point.name}' needs '{error.name or error}', which is not installed",
        place=place,
        remedy=f"Run: pip install 'kikite[{point.name}]'",
    )
