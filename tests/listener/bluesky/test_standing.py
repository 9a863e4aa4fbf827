"""Whether posts stand: an answer without a list of them tells nothing. The server is made up, in process."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import RetryableError
from listener.channels.bluesky import BlueskyChannel, make_channel
from listener.channels.bluesky.session import Account
from listener.registry import ChannelContext
from tests.listener.bluesky.fakes import post_view

POST = "at://did:plc:mina/app.bsky.feed.post/a"


@pytest.fixture
def channel(tmp_path: Path, clock: FixedClock) -> BlueskyChannel:
    settings = ChannelSettings(
        name="shop",
        kind="bluesky",
        options={"handle": "shop.test", "service": "http://localhost:1"},
        secrets={"app_password": SecretStr("abcd-efgh-ijkl-mnop")},
    )
    return make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))


@pytest.mark.parametrize("answer", [{}, [], None, "", {"posts": None}, {"posts": {}}, {"posts": "none"}])
def test_an_answer_without_a_list_of_posts_takes_nothing_away(
    channel: BlueskyChannel, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    monkeypatch.setattr(Account, "query", lambda *_given, **_named: answer)
    with pytest.raises(RetryableError):
        channel.still_there([POST])


def test_a_list_without_a_post_tells_that_it_is_gone(channel: BlueskyChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Account, "query", lambda *_given, **_named: {"posts": [post_view("a")]})
    assert channel.still_there([POST, f"{POST}b"]) == {POST}
