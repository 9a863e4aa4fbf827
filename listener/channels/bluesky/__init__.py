"""Bluesky: one account listened to and answered through the AT Protocol. Its SDK is imported at the first request only."""

from importlib.util import find_spec

from config.settings import ChannelSettings
from domain.errors import ConfigError, Place
from listener.channels.bluesky.channel import BlueskyChannel
from listener.channels.bluesky.options import read_options
from listener.registry import ChannelContext

__all__ = ["BlueskyChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> BlueskyChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    if find_spec("atproto_client") is None:
        raise ConfigError(
            "channel 'bluesky' needs 'atproto', which is not installed",
            place=Place(file="kikite.toml", field=f"channel.{settings.name}.kind"),
            remedy="Run: pip install 'kikite[bluesky]'",
        )
    return BlueskyChannel(read_options(settings), context=context, name=settings.name)
