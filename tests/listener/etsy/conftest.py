"""The stage of the Etsy tests: the site on loopback, and channels that read it."""

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
from listener.channels.etsy import EtsyChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.etsy.stage import OpenChannel
from tests.partners.etsy_site import KEYSTRING, SHARED_SECRET, SHOP, EtsySite
from tests.partners.loopback_app import serve


@pytest.fixture(scope="session")
def served_etsy() -> Iterator[tuple[str, list[EtsySite]]]:
    """One server for all tests: the site that was added last answers."""
    sites: list[EtsySite] = []

    async def answer(request: Request) -> Response:
        return await sites[-1].answer(request)

    with serve(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])) as address:
        yield address, sites


@pytest.fixture
def site(served_etsy: tuple[str, list[EtsySite]], clock: FixedClock) -> EtsySite:
    address, sites = served_etsy
    sites.append(EtsySite(clock=clock, address=address))
    return sites[-1]


@pytest.fixture
def open_channel(site: EtsySite, clock: FixedClock, tmp_path: Path) -> Iterator[OpenChannel]:
    """Open channels on the site and close them at the end. Secrets given as None are left out."""
    opened: list[EtsyChannel] = []

    def open_one(secrets: dict[str, str | None] | None = None, **options: str | float) -> EtsyChannel:
        given = {
            "shop_id": SHOP,
            "service": site.address,
            "token_service": site.address,
            "timeout_seconds": 5,
            **options,
        }
        kept = {"keystring": KEYSTRING, "shared_secret": SHARED_SECRET, **(secrets or {})}
        settings = ChannelSettings(
            name="shop",
            kind="etsy",
            options=given,
            secrets={name: SecretStr(value) for name, value in kept.items() if value is not None},
        )
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path / "state", clock=clock)))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()
