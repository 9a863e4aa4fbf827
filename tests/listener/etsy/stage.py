"""What the Etsy tests share."""

from collections.abc import Callable

from domain.ports import Channel
from listener.channels.etsy import EtsyChannel
from tests.listener.channel_contract import read_all

OpenChannel = Callable[..., EtsyChannel]


def texts(channel: Channel, cursor: str | None = None) -> list[str]:
    """Poll to the end; return the texts."""
    return [mention.text for mention in read_all(channel, cursor)[0]]
