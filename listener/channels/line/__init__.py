"""LINE: messages to a LINE Official Account come in by webhook, answers leave as push messages."""

from config.settings import ChannelSettings
from listener.channels.line.channel import LineChannel
from listener.channels.line.options import LineOptions, read_options
from listener.registry import ChannelContext

__all__ = ["OPTIONS", "LineChannel", "make_channel"]

OPTIONS = LineOptions


def make_channel(settings: ChannelSettings, context: ChannelContext) -> LineChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    return LineChannel(read_options(settings), context=context, name=settings.name)
