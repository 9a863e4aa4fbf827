"""The stage of the X tests: a world, the server that shows it, and a channel that asks through a proxy which can fail."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.mentions import IncomingMention, Page
from listener.channels.x import XChannel, make_channel
from listener.registry import ChannelContext
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.x_server import XServer
from tests.partners.x_world import XWorld

Option = str | int | float | bool | list[str]
OAUTH1 = ("api_key", "api_key_secret", "access_token", "access_token_secret")


@dataclass
class Stage:
    """Everything a test needs."""

    clock: FixedClock
    server: XServer
    proxy: FaultyProxy
    home: Path
    opened: list[XChannel] = field(default_factory=list)

    @property
    def world(self) -> XWorld:
        return self.server.world

    def open(self, *, oauth2: bool = False, secrets: dict[str, str] | None = None, **options: Option) -> XChannel:
        """Return a channel; ``options`` and ``secrets`` come over those that work."""
        keys = self.server.door.keys
        given: dict[str, Option] = {"service": self.proxy.url, "ai_replies_approved": True, "timeout_seconds": 5}
        if oauth2:
            given["client_id"] = keys.client_id
            kept = {"refresh_token": "refresh-0"}
        else:
            kept = {name: getattr(keys, name) for name in OAUTH1}
        settings = ChannelSettings(
            name="shop",
            kind="x",
            options=given | options,
            secrets={name: SecretStr(value) for name, value in (kept | (secrets or {})).items() if value},
        )
        self.opened.append(make_channel(settings, ChannelContext(state_dir=self.home / "state", clock=self.clock)))
        return self.opened[-1]


def read_pages(channel: XChannel, cursor: str | None = None) -> list[Page]:
    """Poll until nothing waits."""
    pages = [channel.poll(cursor)]
    while pages[-1].more:
        assert len(pages) < 60, "the channel says 'more' forever"
        pages.append(channel.poll(pages[-1].cursor))
    return pages


def read_mentions(channel: XChannel, cursor: str | None = None) -> list[IncomingMention]:
    """Return every mention of a whole poll."""
    return [mention for page in read_pages(channel, cursor) for mention in page.mentions]


def gaps(pages: list[Page]) -> list[str]:
    """Return the reasons why posts may be missing."""
    return [page.gap for page in pages if page.gap]
