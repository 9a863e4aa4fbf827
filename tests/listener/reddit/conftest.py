"""Fixtures of the Reddit tests: a fake Reddit, empty for each test, and channels to it that are closed at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock, SystemClock
from listener.channels.reddit import RedditChannel, RedditFeedChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.reddit.stage import OpenChannel, OpenFeeds, RedditStage
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.loopback_app import serve
from tests.partners.reddit_app import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, RedditApp
from tests.partners.reddit_state import OURS, RedditState


@pytest.fixture(scope="session")
def reddit() -> Iterator[tuple[RedditApp, FaultyProxy]]:
    """One server for all: to start one takes longer than most of these tests."""
    app = RedditApp(RedditState(clock=SystemClock()))
    with serve(app.app) as address, FaultyProxy(address) as proxy:
        yield app, proxy


@pytest.fixture
def stage(reddit: tuple[RedditApp, FaultyProxy], clock: FixedClock) -> Iterator[RedditStage]:
    """Everything new: nothing of another test is left."""
    app, proxy = reddit
    app.reset(RedditState(clock=clock))
    proxy.seen.clear()
    yield RedditStage(app, proxy)
    assert not proxy._armed, "a fault was prepared that nothing ran into"


@pytest.fixture
def open_channel(stage: RedditStage, clock: FixedClock, tmp_path: Path) -> Iterator[OpenChannel]:
    opened: list[RedditChannel] = []
    tokens = {"client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}

    def open_one(*, secrets: dict[str, str] | None = None, **options: str | float | bool | list[str]) -> RedditChannel:
        ours: dict[str, str | int | float | bool | list[str]] = {"username": OURS, "client_id": CLIENT_ID}
        where = {"api_url": stage.proxy.url, "site_url": stage.proxy.url, "timeout_seconds": 3}
        settings = ChannelSettings(
            name="shop",
            kind="reddit",
            options={**ours, **where, "page_size": stage.page_size, **options},
            secrets={key: SecretStr(value) for key, value in (tokens if secrets is None else secrets).items()},
        )
        channel = make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
        assert isinstance(channel, RedditChannel)
        opened.append(channel)
        return channel

    yield open_one
    for channel in opened:
        channel.close()


@pytest.fixture
def open_feeds(stage: RedditStage, clock: FixedClock, tmp_path: Path) -> Iterator[OpenFeeds]:
    opened: list[RedditFeedChannel] = []

    def open_one(**options: str | float | bool | list[str]) -> RedditFeedChannel:
        where: dict[str, str | int | float | bool | list[str]] = {"site_url": stage.proxy.url, "timeout_seconds": 3}
        settings = ChannelSettings(
            name="public", kind="reddit", options={**where, "page_size": stage.page_size, **options}
        )
        channel = make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
        assert isinstance(channel, RedditFeedChannel)
        opened.append(channel)
        return channel

    yield open_one
    for channel in opened:
        channel.close()
