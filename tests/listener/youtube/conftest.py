"""The stage of the YouTube tests: a fake platform, our shop with a video, its channel through a proxy that can fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.mentions import IncomingMention
from listener.channels.youtube import YouTubeChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.youtube.stage import API_KEY, CLIENT_SECRET, NOW, REFRESH_TOKEN, OpenChannel, mention_of
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.loopback_app import serve
from tests.partners.youtube_app import YouTubeFake
from tests.partners.youtube_world import Person, Video


class Switchboard:
    """Leads to the fake of the test that runs."""

    proxy: FaultyProxy

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    def connect(self, fake: YouTubeFake) -> FaultyProxy:
        """Lead to ``fake`` from now on; faults that nobody met are forgotten."""
        self._app = fake.app()
        self.proxy.seen.clear()
        self.proxy._armed.clear()
        return self.proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None
        await self._app(scope, receive, send)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def fake(clock: FixedClock) -> YouTubeFake:
    return YouTubeFake(clock, client_secret=CLIENT_SECRET, api_keys={API_KEY})


@pytest.fixture
def shop(fake: YouTubeFake) -> Person:
    shop = fake.world.person("shop")
    fake.sign_in(shop, REFRESH_TOKEN)
    return shop


@pytest.fixture
def video(fake: YouTubeFake, shop: Person) -> Video:
    """A video of ours."""
    return fake.world.video(shop)


@pytest.fixture
def mina(fake: YouTubeFake) -> Person:
    """A customer."""
    return fake.world.person("mina")


@pytest.fixture
def theirs(fake: YouTubeFake) -> Video:
    """A video of somebody else."""
    return fake.world.video(fake.world.person("reviewer"))


@pytest.fixture(scope="session")
def switchboard() -> Iterator[Switchboard]:
    """One server and one proxy for all tests: starting and stopping them takes longer than a test."""
    switchboard = Switchboard()
    with serve(switchboard) as url, FaultyProxy(url) as running:
        switchboard.proxy = running
        yield switchboard


@pytest.fixture
def proxy(fake: YouTubeFake, switchboard: Switchboard) -> FaultyProxy:
    return switchboard.connect(fake)


@pytest.fixture
def open_channel(
    fake: YouTubeFake, video: Video, proxy: FaultyProxy, tmp_path: Path, clock: FixedClock
) -> Iterator[OpenChannel]:
    opened: list[YouTubeChannel] = []

    def open_one(*, token: str = REFRESH_TOKEN, key: str = "", **options: object) -> YouTubeChannel:
        signed_in = {"client_id": fake.client_id} if not key else {"channel": video.owner.id}
        secrets = {"api_key": key} if key else {"client_secret": CLIENT_SECRET, "refresh_token": token}
        settings = ChannelSettings(
            name="shop",
            kind="youtube",
            options={"api_url": proxy.url, "sign_in_url": proxy.url, **signed_in, **options},
            secrets={name: SecretStr(secret) for name, secret in secrets.items()},
        )
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path / "state", clock=clock)))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()


@pytest.fixture
def channel(open_channel: OpenChannel) -> YouTubeChannel:
    return open_channel()


@pytest.fixture
def mention(channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video) -> IncomingMention:
    return mention_of(channel, fake.world.add(mina, "青いコートが届きました", video=video).id)
