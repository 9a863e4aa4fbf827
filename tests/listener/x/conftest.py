"""The server and the proxy run once for the folder; each test gets a world of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.clock import FixedClock
from tests.listener.x.stage import Stage
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.loopback_app import serve
from tests.partners.x_server import XServer


@pytest.fixture(scope="session")
def running_x() -> Iterator[tuple[XServer, FaultyProxy]]:
    server = XServer()
    with serve(server.app) as address, FaultyProxy(address) as proxy:
        yield server, proxy


@pytest.fixture
def stage(running_x: tuple[XServer, FaultyProxy], clock: FixedClock, tmp_path: Path) -> Iterator[Stage]:
    server, proxy = running_x
    server.begin(clock, public_url=proxy.url)
    proxy.seen.clear()
    made = Stage(clock=clock, server=server, proxy=proxy, home=tmp_path)
    yield made
    for channel in made.opened:
        channel.close()
    assert not proxy._armed, "a fault was armed and never met"
