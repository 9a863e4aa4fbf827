"""The stage of the Mastodon tests: a fake server, our shop, its channel through a proxy that can fail; and a real partner."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.mentions import IncomingMention
from listener.channels.mastodon import MastodonChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.mastodon.stage import TOKEN, OpenChannel, mention_of
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.loopback_app import serve
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_server import MastodonServer
from tests.partners.mastodon_world import Someone
from tests.partners.missing import PartnerMissingError, give_up


class Switchboard:
    """Leads to the fake of the test that runs."""

    proxy: FaultyProxy

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    def connect(self, fake: MastodonFake) -> FaultyProxy:
        """Lead to ``fake`` from now on; faults that nobody met are forgotten."""
        self._app = fake.app()
        self.proxy.seen.clear()
        self.proxy._armed.clear()
        return self.proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None
        await self._app(scope, receive, send)


@pytest.fixture(scope="session")
def mastodon_server() -> Iterator[MastodonServer]:
    """A server of somebody else's making, started once."""
    server = MastodonServer()
    try:
        server.__enter__()
    except PartnerMissingError as error:
        give_up(error)
    yield server
    server.stop()


@pytest.fixture
def clock() -> FixedClock:
    """Stands at the true time, since the HTTP server puts the true date on every answer."""
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def fake(clock: FixedClock) -> MastodonFake:
    return MastodonFake(clock)


@pytest.fixture
def shop(fake: MastodonFake) -> Someone:
    shop = fake.world.person("shop")
    fake.sign_in(shop, TOKEN)
    return shop


@pytest.fixture
def mina(fake: MastodonFake) -> Someone:
    """A customer, on another server."""
    return fake.world.person("mina", "far.example")


@pytest.fixture(scope="session")
def switchboard() -> Iterator[Switchboard]:
    """One server and one proxy for all tests: starting and stopping them takes longer than a test."""
    switchboard = Switchboard()
    with serve(switchboard) as url, FaultyProxy(url) as running:
        switchboard.proxy = running
        yield switchboard


@pytest.fixture
def proxy(fake: MastodonFake, switchboard: Switchboard) -> FaultyProxy:
    return switchboard.connect(fake)


@pytest.fixture
def open_channel(shop: Someone, proxy: FaultyProxy, tmp_path: Path, clock: FixedClock) -> OpenChannel:  # noqa: ARG001 - the shop must be there
    def open_one(*, token: str = TOKEN, **options: object) -> MastodonChannel:
        settings = ChannelSettings(
            name="shop",
            kind="mastodon",
            options={"instance": proxy.url, **options},
            secrets={"access_token": SecretStr(token)},
        )
        return make_channel(settings, ChannelContext(state_dir=tmp_path / "state", clock=clock))

    return open_one


@pytest.fixture
def channel(open_channel: OpenChannel) -> MastodonChannel:
    return open_channel()


@pytest.fixture
def mention(channel: MastodonChannel, fake: MastodonFake, mina: Someone) -> IncomingMention:
    return mention_of(channel, fake.world.add(mina, "@shop 青いコートが届きました").id)
