"""Etsy: the reviews of one shop. Read only: its interface takes no answers to reviews."""

from config.settings import ChannelSettings
from listener.channels.etsy.channel import EtsyChannel
from listener.channels.etsy.options import read_options
from listener.registry import ChannelContext

__all__ = ["EtsyChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> EtsyChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    return EtsyChannel(read_options(settings), context=context, name=settings.name)
