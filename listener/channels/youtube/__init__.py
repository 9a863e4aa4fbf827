"""YouTube: comments on our channel's videos, and on named ones, read and answered by the YouTube Data API v3."""

from config.settings import ChannelSettings
from listener.channel_options import require_sdk
from listener.channels.youtube.channel import YouTubeChannel
from listener.channels.youtube.options import read_options
from listener.registry import ChannelContext

__all__ = ["YouTubeChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> YouTubeChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    options = read_options(settings)
    for module in ("google", "google.auth") if options.can_write else ():  # a part is only looked for in what is there
        require_sdk(module, settings)
    return YouTubeChannel(options, context=context, name=settings.name)
