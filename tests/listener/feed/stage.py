"""What the feed tests share."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from domain.ports import Channel
from listener.channels.feed import FeedChannel
from tests.listener.channel_contract import read_all

OpenChannel = Callable[..., FeedChannel]


def texts(channel: Channel, cursor: str | None = None) -> list[str]:
    """Poll to the end; return the texts."""
    return [mention.text for mention in read_all(channel, cursor)[0]]


def says(
    body: str | bytes, *, status: int = 200, content_type: str = "application/xml", **headers: str
) -> Callable[[Request], Response]:
    """Return what answers with ``body``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Response(body, status_code=status, headers={"content-type": content_type, **named})
