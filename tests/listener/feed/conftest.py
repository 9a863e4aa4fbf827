"""The stage of the feed tests: a site on loopback, and channels that read it."""

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
from listener.channels.feed import FeedChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.feed.stage import OpenChannel
from tests.partners.feed_site import FeedSite
from tests.partners.loopback_app import serve


@pytest.fixture(scope="session")
def served_sites() -> Iterator[tuple[str, list[FeedSite]]]:
    """One server for all tests: the site that was added last answers."""
    sites: list[FeedSite] = []

    def answer(request: Request) -> Response:
        return sites[-1].answer(request)

    with serve(Starlette(routes=[Route("/{path:path}", answer)])) as address:
        yield address, sites


@pytest.fixture
def site(served_sites: tuple[str, list[FeedSite]]) -> FeedSite:
    address, sites = served_sites
    sites.append(FeedSite(feeds={"blog": []}, address=address))
    return sites[-1]


@pytest.fixture
def open_channel(site: FeedSite, clock: FixedClock, tmp_path: Path) -> Iterator[OpenChannel]:
    """Open channels on the site's ``/blog``, or on the paths given, and close them at the end."""
    opened: list[FeedChannel] = []

    def open_one(*paths: str, secret: str = "", **options: str | float | list[str]) -> FeedChannel:
        addresses = [path if "://" in path else f"{site.address}/{path}" for path in paths or ("blog",)]
        given = {"addresses": addresses, "private_hosts": ["127.0.0.1"], "timeout_seconds": 5, **options}
        secrets = {"secret_address": SecretStr(secret)} if secret else {}
        settings = ChannelSettings(name="blogs", kind="feed", options=given, secrets=secrets)
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock)))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()
