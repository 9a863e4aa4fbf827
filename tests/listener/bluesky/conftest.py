"""The stage of the Bluesky tests: a customer, a shop of its own for each test, and a proxy that can fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import SystemClock
from listener.channels.bluesky import BlueskyChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.bluesky.stage import OpenChannel
from tests.partners.bluesky_customer import Customer
from tests.partners.bluesky_network import BlueskyNetwork
from tests.partners.faulty_proxy import FaultyProxy


@pytest.fixture(scope="module")
def mina(bluesky_network: BlueskyNetwork) -> Customer:
    return bluesky_network.create_account("mina", "みな🧥")


@pytest.fixture
def shop(bluesky_network: BlueskyNetwork) -> Customer:
    return bluesky_network.create_account("shop", "コートの店")


@pytest.fixture
def proxy(bluesky_network: BlueskyNetwork) -> Iterator[FaultyProxy]:
    with FaultyProxy(bluesky_network.pds) as running:
        yield running


@pytest.fixture
def open_channel(
    bluesky_network: BlueskyNetwork, shop: Customer, proxy: FaultyProxy, tmp_path: Path
) -> Iterator[OpenChannel]:
    """Close at the end whatever was opened."""
    opened: list[BlueskyChannel] = []
    password = shop.app_password()

    def open_one(*, app_password: str = "", folder: str = "sessions", **options: str | list[str]) -> BlueskyChannel:
        given = {"handle": shop.handle, "service": proxy.url, "chat_did": bluesky_network.chat_did, **options}
        settings = ChannelSettings(
            name="shop", kind="bluesky", options=given, secrets={"app_password": SecretStr(app_password or password)}
        )
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path / folder, clock=SystemClock())))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()
