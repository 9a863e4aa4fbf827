"""The App Store: reviews of one app read and answered through App Store Connect. Its SDK is imported when a channel is made."""

from config.settings import ChannelSettings
from listener.channel_options import require_sdk
from listener.channels.app_store.channel import AppStoreChannel
from listener.channels.app_store.options import read_options
from listener.channels.app_store.tokens import Tokens, load_key
from listener.registry import ChannelContext

__all__ = ["AppStoreChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> AppStoreChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    for module in ("jwt", "cryptography"):  # the one signs with the other
        require_sdk(module, settings)
    options = read_options(settings)
    tokens = Tokens(options, key=load_key(options, settings), clock=context.clock)
    return AppStoreChannel(options, tokens=tokens, context=context)
