"""Reddit: one account listened to and answered through praw; without credentials, public feeds that can only be read."""

from config.settings import ChannelSettings
from listener.channel_options import require_sdk
from listener.channels.reddit.channel import RedditChannel
from listener.channels.reddit.feed_channel import RedditFeedChannel
from listener.channels.reddit.options import read_options
from listener.registry import ChannelContext

__all__ = ["RedditChannel", "RedditFeedChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> RedditChannel | RedditFeedChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    options = read_options(settings)
    if not options.has_credentials:
        return RedditFeedChannel(options, context=context)
    require_sdk("praw", settings)
    return RedditChannel(options, context=context, name=settings.name)
