"""The stage of the Google Play tests: a fake of the Developer API, and the shop's channel through a proxy that can fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from listener.channels.google_play import GooglePlayChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.google_play.stage import KEY, OpenChannel, key_file
from tests.listener.review_stage import Switchboard
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.google_play_api import PACKAGE, GooglePlayApi
from tests.partners.loopback_app import serve


@pytest.fixture(scope="session")
def google_play_switchboard() -> Iterator[Switchboard]:
    switchboard = Switchboard()
    with serve(switchboard) as url, FaultyProxy(url) as running:
        switchboard.proxy = running
        yield switchboard


@pytest.fixture
def play(clock: FixedClock) -> GooglePlayApi:
    return GooglePlayApi(clock, KEY)


@pytest.fixture
def proxy(play: GooglePlayApi, google_play_switchboard: Switchboard) -> FaultyProxy:
    proxy = google_play_switchboard.connect(play.app())
    play.address = proxy.url
    return proxy


@pytest.fixture
def open_channel(proxy: FaultyProxy, tmp_path: Path, clock: FixedClock) -> Iterator[OpenChannel]:
    opened: list[GooglePlayChannel] = []

    def open_one(*, key: str = "", **options: Any) -> GooglePlayChannel:  # noqa: ANN401 - options of any shape, wrong ones too
        given = {"package_name": PACKAGE, "service": proxy.url, "timeout_seconds": 5}
        settings = ChannelSettings(
            name="android",
            kind="google_play",
            options={**given, **options},
            secrets={"service_account": SecretStr(key or key_file(proxy.url))},
        )
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path / "state", clock=clock)))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()


@pytest.fixture
def channel(open_channel: OpenChannel) -> GooglePlayChannel:
    return open_channel()
