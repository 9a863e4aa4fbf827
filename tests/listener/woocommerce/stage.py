"""What the WooCommerce tests share."""

from collections.abc import Callable

from domain.mentions import IncomingMention
from domain.ports import Channel
from listener.channels.woocommerce import WooCommerceChannel
from tests.listener.channel_contract import read_all

OpenChannel = Callable[..., WooCommerceChannel]


def one_mention(channel: Channel) -> IncomingMention:
    """Poll to the end; return the only mention."""
    (found,) = read_all(channel)[0]
    return found
