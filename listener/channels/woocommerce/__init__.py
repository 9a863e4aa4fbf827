"""WooCommerce: the product reviews of one shop, answered as comments on WordPress."""

from config.settings import ChannelSettings
from listener.channels.woocommerce.channel import WooCommerceChannel
from listener.channels.woocommerce.options import read_options
from listener.registry import ChannelContext

__all__ = ["WooCommerceChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> WooCommerceChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    return WooCommerceChannel(read_options(settings), context=context)
