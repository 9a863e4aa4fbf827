"""Hacker News: stories and comments found by terms through its public search. Read only, without any account."""

from config.settings import ChannelSettings
from listener.channels.hackernews.channel import HackerNewsChannel
from listener.channels.hackernews.options import read_options
from listener.registry import ChannelContext

__all__ = ["HackerNewsChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> HackerNewsChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    return HackerNewsChannel(read_options(settings), context=context)
