"""The stage of the LINE tests: a LINE of our own, the shop's channel through a proxy that can fail, and an inbox in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from domain.clock import FixedClock
from listener.channels.line import LineChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.line.stage import OpenChannel, Stage, settings_of
from tests.listener.review_stage import Switchboard
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.line_api import SECRET, TOKEN, LineApi
from tests.partners.loopback_app import serve


@pytest.fixture(scope="session")
def line_switchboard() -> Iterator[Switchboard]:
    switchboard = Switchboard()
    with serve(switchboard) as url, FaultyProxy(url) as running:
        switchboard.proxy = running
        yield switchboard


@pytest.fixture
def stage(clock: FixedClock, line_switchboard: Switchboard) -> Stage:
    api = LineApi(clock)
    return Stage(api, line_switchboard.connect(api.app()))


@pytest.fixture
def open_channel(stage: Stage, tmp_path: Path, clock: FixedClock) -> Iterator[OpenChannel]:
    opened: list[LineChannel] = []

    def open_one(**options: Any) -> LineChannel:  # noqa: ANN401 - options of any shape, wrong ones too
        given = {"service": stage.proxy.url, "timeout_seconds": 5, **options}
        secrets = {"channel_secret": SecretStr(SECRET), "channel_access_token": SecretStr(TOKEN)}
        context = ChannelContext(state_dir=tmp_path, clock=clock, inbox=stage.inbox)
        opened.append(make_channel(settings_of(given, secrets), context))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()


@pytest.fixture
def channel(open_channel: OpenChannel) -> LineChannel:
    return open_channel()
