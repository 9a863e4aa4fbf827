"""Mastodon and whatever speaks its API: one account listened to and answered. The SDK is imported at the first request only."""

from config.settings import ChannelSettings
from listener.channel_options import require_sdk
from listener.channels.mastodon.channel import MastodonChannel
from listener.channels.mastodon.options import read_options
from listener.registry import ChannelContext

__all__ = ["MastodonChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> MastodonChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    require_sdk("mastodon", settings)
    return MastodonChannel(read_options(settings), context=context, name=settings.name)
