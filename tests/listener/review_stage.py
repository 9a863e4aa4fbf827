"""What the tests of stores' reviews share: one server and one proxy for all of them, how calls go wrong, small questions."""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.types import ASGIApp, Receive, Scope, Send

from domain.mentions import IncomingMention
from domain.ports import Channel
from tests.listener.channel_contract import Break, read_all
from tests.listener.wire_faults import ON_THE_WIRE
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy

JSON: Mapping[str, str] = {"content-type": "application/json"}


class Switchboard:
    """Leads to the fake store of the test that runs."""

    proxy: FaultyProxy

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    def connect(self, app: ASGIApp) -> FaultyProxy:
        """Lead to ``app`` from now on; faults that nobody met are forgotten."""
        self._app = app
        self.proxy.seen.clear()
        self.proxy._armed.clear()
        return self.proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None
        await self._app(scope, receive, send)


def fault(how: Break, *, refusal: bytes = b"{}") -> Answer | Cut:
    """Return what the proxy does for ``how``."""
    if how in {Break.PERMANENT, Break.EXPIRED}:
        return Answer(401, refusal, JSON)
    if how is Break.RETRYABLE:
        return Answer(429, b"{}", {**JSON, "retry-after": "30"})
    return ON_THE_WIRE[how]


def texts(channel: Channel, cursor: str | None = None) -> list[str]:
    """Poll to the end; return the texts."""
    return [mention.text for mention in read_all(channel, cursor)[0]]


def mention_of(channel: Channel, external_id: str, cursor: str | None = None) -> IncomingMention:
    """Return the mention with this id, as polled."""
    return next(one for one in read_all(channel, cursor)[0] if one.external_id == external_id)


def moment(text: str) -> datetime:
    """Return an ISO date and time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
