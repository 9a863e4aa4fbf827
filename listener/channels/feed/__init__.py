"""Feeds: what sites publish as RSS or Atom, without any account. Read only."""

from config.settings import ChannelSettings
from listener.channels.feed.channel import FeedChannel
from listener.channels.feed.options import read_options
from listener.registry import ChannelContext

__all__ = ["FeedChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> FeedChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    return FeedChannel(read_options(settings), context=context)
