"""Bluesky: one account listened to and answered through the AT Protocol. Its SDK is imported at the first request only."""

from config.settings import ChannelSettings
from listener.channel_options import require_sdk
from listener.channels.bluesky.channel import BlueskyChannel
from listener.channels.bluesky.options import BlueskyOptions, read_options
from listener.registry import ChannelContext

__all__ = ["OPTIONS", "BlueskyChannel", "make_channel"]

OPTIONS = BlueskyOptions


def make_channel(settings: ChannelSettings, context: ChannelContext) -> BlueskyChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    require_sdk("atproto_client", settings)
    return BlueskyChannel(read_options(settings), context=context, name=settings.name)
