"""Which channels there are, by entry point, and how one is made from its settings."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast

from config.settings import ChannelSettings
from domain.clock import Clock
from domain.errors import ConfigError, Place
from domain.ports import Channel

GROUP = "kikite.channels"
"""Entry point group: name is the kind, value a ``make_channel(settings, context)``."""


@dataclass(frozen=True, kw_only=True)
class ChannelContext:
    """What a channel is given beside its settings."""

    state_dir: Path
    """Private folder for sessions (0700), under the home."""
    clock: Clock


def known_kinds() -> list[str]:
    """Return the kinds that installed packages offer, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def make_channel(settings: ChannelSettings, context: ChannelContext) -> Channel:
    """Return the channel that ``settings`` names. It does not sign in yet.

    Raises ``ConfigError`` for a kind nobody offers, an extra that is not installed, or options the channel refuses.
    """
    place = Place(file="kikite.toml", field=f"channel.{settings.name}.kind")
    points = [point for point in entry_points(group=GROUP) if point.name == settings.kind]
    if not points:
        raise ConfigError(
            f"there is no channel '{settings.kind}'", place=place, remedy=f"Known: {', '.join(known_kinds())}."
        )
    return _load(points[0], place)(settings, context)


def _load(point: EntryPoint, place: Place) -> Callable[[ChannelSettings, ChannelContext], Channel]:
    try:
        return cast("Callable[[ChannelSettings, ChannelContext], Channel]", point.load())
    except ImportError as error:
        raise ConfigError(
            f"channel '{point.name}' needs '{error.name or error}', which is not installed",
            place=place,
            remedy=f"Run: pip install 'kikite[{point.name}]'",
        ) from error
