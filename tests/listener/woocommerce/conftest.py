"""The stage of the WooCommerce tests: the site on loopback, a proxy before it that fails when told, and channels that read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.settings import ChannelSettings
from domain.clock import FixedClock
from listener.channels.woocommerce import WooCommerceChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.woocommerce.stage import OpenChannel
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.loopback_app import serve
from tests.partners.woocommerce_site import APP_PASSWORD, KEY, SECRET, USER, WooCommerceSite


@pytest.fixture(scope="session")
def served_woocommerce() -> Iterator[tuple[FaultyProxy, list[WooCommerceSite]]]:
    """One server and one proxy for all tests: the site that was added last answers."""
    sites: list[WooCommerceSite] = []

    async def answer(request: Request) -> Response:
        return await sites[-1].answer(request)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    with serve(app) as address, FaultyProxy(address) as proxy:
        yield proxy, sites


@pytest.fixture
def proxy(served_woocommerce: tuple[FaultyProxy, list[WooCommerceSite]]) -> Iterator[FaultyProxy]:
    """What stands before the site."""
    shared, _ = served_woocommerce
    shared.seen.clear()
    yield shared
    assert not shared._armed, "a fault was armed and never met"


@pytest.fixture
def site(
    served_woocommerce: tuple[FaultyProxy, list[WooCommerceSite]], proxy: FaultyProxy, clock: FixedClock
) -> WooCommerceSite:
    _, sites = served_woocommerce
    sites.append(WooCommerceSite(clock=clock, address=proxy.url))
    return sites[-1]


@pytest.fixture
def open_channel(site: WooCommerceSite, clock: FixedClock, tmp_path: Path) -> Iterator[OpenChannel]:
    """Open channels on the site and close them at the end. ``reads_only``: without a WordPress user."""
    opened: list[WooCommerceChannel] = []

    def open_one(
        *, secrets: dict[str, str] | None = None, reads_only: bool = False, **options: str | float | list[str]
    ) -> WooCommerceChannel:
        sign_in = {} if reads_only else {"application_password": APP_PASSWORD}
        kept = {"consumer_key": KEY, "consumer_secret": SECRET, **sign_in, **(secrets or {})}
        given = {"site": site.address, "timeout_seconds": 5, **({} if reads_only else {"username": USER}), **options}
        settings = ChannelSettings(
            name="shop",
            kind="woocommerce",
            options=given,
            secrets={name: SecretStr(value) for name, value in kept.items()},
        )
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock)))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()
