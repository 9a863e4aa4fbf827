"""The stage of the Hacker News tests: the site on loopback, and channels that listen to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.settings import ChannelSettings
from domain.clock import FixedClock
from listener.channels.hackernews import HackerNewsChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.hackernews.stage import OpenChannel
from tests.partners.hackernews_site import HackerNewsSite
from tests.partners.loopback_app import serve


@pytest.fixture(scope="session")
def served_hackernews() -> Iterator[tuple[str, list[HackerNewsSite]]]:
    """One server for all tests: the site that was added last answers."""
    sites: list[HackerNewsSite] = []

    def answer(request: Request) -> Response:
        return sites[-1].answer(request)

    with serve(Starlette(routes=[Route("/{path:path}", answer)])) as address:
        yield address, sites


@pytest.fixture
def site(served_hackernews: tuple[str, list[HackerNewsSite]]) -> HackerNewsSite:
    address, sites = served_hackernews
    sites.append(HackerNewsSite(address=address))
    return sites[-1]


@pytest.fixture
def open_channel(site: HackerNewsSite, clock: FixedClock, tmp_path: Path) -> Iterator[OpenChannel]:
    """Open channels on the site and close them at the end."""
    opened: list[HackerNewsChannel] = []

    def open_one(**options: str | float | list[str]) -> HackerNewsChannel:
        services = {"search_service": site.address, "item_service": site.address}
        given = {"terms": ["Mizunara"], "timeout_seconds": 5, **services, **options}
        settings = ChannelSettings(name="hn", kind="hackernews", options=given)
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock)))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()
