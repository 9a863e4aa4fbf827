"""What the settings may say, and what is told about a mistake."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ConfigError
from listener.channels.reddit import RedditChannel, RedditFeedChannel, make_channel
from listener.channels.reddit.options import read_options
from listener.registry import ChannelContext

Given = dict[str, str | int | float | bool | list[str]]
ACCOUNT: Given = {"username": "shop", "client_id": "app-id"}
TOKEN = {"refresh_token": "very-secret-token"}


def settings(options: Given, secrets: dict[str, str] | None = None) -> ChannelSettings:
    hidden = {key: SecretStr(value) for key, value in (secrets or {}).items()}
    return ChannelSettings(name="shop", kind="reddit", options=options, secrets=hidden)


@pytest.mark.parametrize(
    ("options", "secrets", "says"),
    [
        ({}, {}, "nothing to read"),
        ({"username": "shop"}, {}, "nothing to read"),
        ({"search": ["coat"], "direct_messages": True}, {}, "needs credentials"),
        ({"search": ["coat"]}, TOKEN, "without options.client_id"),
        ({"client_id": "app-id"}, TOKEN, "needs username"),
        (ACCOUNT, {}, "needs secrets.refresh_token"),
        (ACCOUNT, {"password": "very-secret"}, "secrets.client_secret and secrets.password"),
        (ACCOUNT, {"client_secret": "very-secret"}, "secrets.client_secret and secrets.password"),
        ({**ACCOUNT, "username": "a shop"}, TOKEN, "username"),
        ({**ACCOUNT, "subreddits": ["no/path"]}, TOKEN, "'no/path' is not the name of a subreddit"),
        ({**ACCOUNT, "subreddits": "a+b"}, TOKEN, "'a' is not the name of a subreddit"),
        ({**ACCOUNT, "search_in": ["x" * 30]}, TOKEN, "search_in"),
        ({**ACCOUNT, "page_size": 101}, TOKEN, "page_size"),
        ({**ACCOUNT, "timeout_seconds": 0}, TOKEN, "timeout_seconds"),
        ({**ACCOUNT, "api_url": "http://oauth.reddit.com"}, TOKEN, "https"),
        ({**ACCOUNT, "site_url": "https://www.reddit.com/r/x"}, TOKEN, "https"),
        ({**ACCOUNT, "first_poll_days": -1}, TOKEN, "first_poll_days"),
        ({**ACCOUNT, "subreddit": "coats"}, TOKEN, "Known: username"),
        (ACCOUNT, {**TOKEN, "pasword": "very-secret"}, "channel.shop.secrets.pasword"),
    ],
)
def test_a_mistake_is_named_and_no_secret_told(options: Given, secrets: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options(settings(options, secrets))
    assert says in str(caught.value)
    assert "channel.shop" in str(caught.value)
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("written", ["r/Coats+hats", "Coats, hats", ["/r/Coats", "hats", "coats "]])
def test_subreddits_may_be_written_as_people_write_them(written: str | list[str]) -> None:
    names = read_options(settings({"subreddits": written})).subreddits
    assert [name.lower() for name in names] == ["coats", "hats"]


def test_an_account_may_be_written_with_its_prefix() -> None:
    assert read_options(settings({**ACCOUNT, "username": "/u/shop"}, TOKEN)).username == "shop"


def test_credentials_decide_which_channel_is_made(tmp_path: Path, clock: FixedClock) -> None:
    context = ChannelContext(state_dir=tmp_path, clock=clock)
    account = make_channel(settings(ACCOUNT, TOKEN), context)
    public = make_channel(settings({"search": "coat"}), context)
    assert isinstance(account, RedditChannel)
    assert isinstance(public, RedditFeedChannel)
    assert "very-secret" not in repr(account)
    public.close()
