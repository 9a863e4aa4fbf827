"""The stage of the App Store tests: a fake of App Store Connect, and the shop's channel through a proxy that can fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from listener.channels.app_store import AppStoreChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.app_store.stage import KEY, PEM, OpenChannel
from tests.listener.review_stage import Switchboard
from tests.partners.app_store_connect import APP_ID, ISSUER, KEY_ID, AppStoreConnect
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.loopback_app import serve


@pytest.fixture(scope="session")
def app_store_switchboard() -> Iterator[Switchboard]:
    switchboard = Switchboard()
    with serve(switchboard) as url, FaultyProxy(url) as running:
        switchboard.proxy = running
        yield switchboard


@pytest.fixture
def store(clock: FixedClock) -> AppStoreConnect:
    return AppStoreConnect(clock, KEY)


@pytest.fixture
def proxy(store: AppStoreConnect, app_store_switchboard: Switchboard) -> FaultyProxy:
    proxy = app_store_switchboard.connect(store.app())
    store.address = proxy.url
    return proxy


@pytest.fixture
def open_channel(proxy: FaultyProxy, tmp_path: Path, clock: FixedClock) -> Iterator[OpenChannel]:
    opened: list[AppStoreChannel] = []

    def open_one(*, key: str = PEM, **options: Any) -> AppStoreChannel:  # noqa: ANN401 - options of any shape, wrong ones too
        given = {"app_id": APP_ID, "issuer_id": ISSUER, "key_id": KEY_ID, "service": proxy.url, "timeout_seconds": 5}
        settings = ChannelSettings(
            name="ios", kind="app_store", options={**given, **options}, secrets={"private_key": SecretStr(key)}
        )
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock)))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()


@pytest.fixture
def channel(open_channel: OpenChannel) -> AppStoreChannel:
    return open_channel()
