"""A fake of Meta behind a proxy that can fail, and channels connected to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from listener.channels import facebook, instagram
from listener.channels.graph.channel import GraphChannel
from listener.registry import ChannelContext
from tests.listener.graph.stage import KINDS, OpenChannel
from tests.listener.inbox import MemoryInbox
from tests.listener.review_stage import Switchboard
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.graph_app import GraphApp
from tests.partners.graph_world import ACCOUNT, APP, PAGE, SECRET, TOKEN, VERIFY, World
from tests.partners.loopback_app import serve

MAKERS = {"facebook": facebook.make_channel, "instagram": instagram.make_channel}
OWN = {"facebook": {"page_id": PAGE}, "instagram": {"account_id": ACCOUNT}}


@pytest.fixture(scope="session")
def graph_switchboard() -> Iterator[Switchboard]:
    switchboard = Switchboard()
    with serve(switchboard) as url, FaultyProxy(url) as running:
        switchboard.proxy = running
        yield switchboard


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(clock: FixedClock, kind: str) -> World:
    return World(clock, kind)


@pytest.fixture
def proxy(world: World, graph_switchboard: Switchboard) -> FaultyProxy:
    return graph_switchboard.connect(GraphApp(world).app())


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def open_channel(
    world: World, proxy: FaultyProxy, tmp_path: Path, clock: FixedClock, inbox: MemoryInbox
) -> Iterator[OpenChannel]:
    opened: list[GraphChannel] = []

    def open_one(**options: Any) -> GraphChannel:  # noqa: ANN401 - options of any shape, wrong ones too
        given = {"app_id": APP, "service": proxy.url, "timeout_seconds": 5, "sweep_minutes": 0, **OWN[world.kind]}
        secrets = {"access_token": TOKEN, "app_secret": SECRET, "verify_token": VERIFY}
        secrets |= {name: options.pop(name) for name in list(options) if name in secrets}
        settings = ChannelSettings(
            name="shop",
            kind=world.kind,
            options={**given, **options},
            secrets={name: SecretStr(value) for name, value in secrets.items()},
        )
        context = ChannelContext(state_dir=tmp_path, clock=clock, inbox=inbox)
        opened.append(MAKERS[world.kind](settings, context))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()


@pytest.fixture
def channel(open_channel: OpenChannel) -> GraphChannel:
    return open_channel()
