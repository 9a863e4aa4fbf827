"""X: one account listened to and answered through tweepy. The SDK is imported at the first request only."""

from config.settings import ChannelSettings
from listener.channel_options import require_sdk
from listener.channels.x.channel import XChannel
from listener.channels.x.options import read_options
from listener.channels.x.prices import load_prices
from listener.registry import ChannelContext

__all__ = ["XChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> XChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming what to mend."""
    require_sdk("tweepy", settings)
    options = read_options(settings)
    # The state folder stands in the home; a home's own price table lies beside it.
    return XChannel(options, context=context, name=settings.name, prices=load_prices(context.state_dir.parent))
