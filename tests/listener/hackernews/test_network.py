"""What the two services may answer, what the settings may say, and whether posts still stand."""

from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ChannelError, ConfigError, PermanentError, RetryableError
from domain.words import Visibility
from listener.channels.hackernews import make_channel
from listener.registry import ChannelContext
from tests.listener.channel_contract import read_all, request_for
from tests.listener.hackernews.stage import OpenChannel, texts
from tests.partners.faulty_proxy import Cut, FaultyProxy
from tests.partners.hackernews_site import HackerNewsSite


@pytest.mark.parametrize("cut", list(Cut))
def test_a_broken_answer_is_read_again_and_nothing_is_lost(
    site: HackerNewsSite, open_channel: OpenChannel, cut: Cut
) -> None:
    site.story("Mizunara")
    with FaultyProxy(site.address) as proxy:
        channel = open_channel(search_service=proxy.url, timeout_seconds=0.4)
        proxy.fail_next("/api", cut)
        with pytest.raises(RetryableError):
            channel.poll(None)
        assert texts(channel) == ["Mizunara"]
        assert proxy.count("/api") == 2
        channel.close()
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(
    ("status", "headers", "expected", "code", "wait"),
    [
        (429, {"retry-after": "90"}, RetryableError, "rate_limited", 90),
        (429, {}, RetryableError, "rate_limited", None),
        (503, {"retry-after": "Fri, 20 Nov 2026 03:02:00 GMT"}, RetryableError, "server_error", 120),
        (503, {"retry-after": "soon"}, RetryableError, "server_error", None),
        (503, {"retry-after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, RetryableError, "server_error", None),
        (503, {"retry-after": "inf"}, RetryableError, "server_error", 86_400),
        (500, {}, RetryableError, "server_error", None),
        (403, {}, PermanentError, "forbidden", None),
        (400, {}, PermanentError, "unsupported", None),
        (404, {}, PermanentError, "unsupported", None),
        (302, {"location": "http://127.0.0.2/"}, PermanentError, "unsupported", None),
    ],
)
def test_a_refusal_says_what_it_means(
    site: HackerNewsSite,
    open_channel: OpenChannel,
    status: int,
    headers: dict[str, str],
    expected: type[ChannelError],
    code: str,
    wait: float | None,
) -> None:
    site.once.append(Response(status_code=status, headers=headers))
    with pytest.raises(expected) as caught:
        open_channel().poll(None)
    assert caught.value.code == code
    assert getattr(caught.value, "retry_after_seconds", None) == wait
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in to the network</html>", b"[]", b"null", b'{"hits": 5}', b"{}", b"\xff", b"[" * 50_000]
)
def test_an_answer_that_makes_no_sense_is_asked_for_again(
    site: HackerNewsSite, open_channel: OpenChannel, body: bytes
) -> None:
    site.once.append(Response(body))
    with pytest.raises(RetryableError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "no_answer"


@pytest.mark.parametrize(
    "hit",
    [
        None,
        5,
        {},
        {"objectID": "1"},
        {"objectID": "../1", "created_at_i": 1, "author": "a", "title": "Mizunara"},
        {"objectID": "１", "created_at_i": 1, "author": "a", "title": "Mizunara"},
        {"objectID": "1", "created_at_i": 10**18, "author": "a", "title": "Mizunara"},
        {"objectID": "1", "created_at_i": -1, "author": "a", "title": "Mizunara"},
        {"objectID": "1", "created_at_i": 1, "author": None, "title": "Mizunara"},
        {"objectID": "1", "created_at_i": 1, "author": "a", "title": ["Mizunara"]},
    ],
)
def test_a_hit_that_makes_no_sense_hides_no_other(site: HackerNewsSite, open_channel: OpenChannel, hit: object) -> None:
    good = {"objectID": "7", "created_at_i": 1_795_000_000, "author": "aya", "title": "Mizunara"}
    site.once.append(JSONResponse({"hits": [hit, good]}))
    channel = open_channel()
    page = channel.poll(None)
    assert [one.external_id for one in page.mentions] == ["7"]
    taken_away = isinstance(hit, dict) and "author" in hit and hit["author"] is None
    assert page.gap == ("" if taken_away else "Mizunara: 1 posts could not be read")
    site.once.append(JSONResponse({"hits": [hit, good]}))
    assert channel.poll(page.cursor).gap == ""


@pytest.mark.parametrize("said", [{"comment_text": None}, {"title": None, "comment_text": None}, {"title": ""}])
def test_a_post_without_its_text_is_no_gap(
    site: HackerNewsSite, open_channel: OpenChannel, said: dict[str, str | None]
) -> None:
    site.once.append(JSONResponse({"hits": [{"objectID": "1", "created_at_i": 1, "author": "a", **said}]}))
    assert open_channel().poll(None).gap == ""


def test_an_address_that_no_request_can_go_to_is_an_error_that_names_the_options(open_channel: OpenChannel) -> None:
    with pytest.raises(PermanentError) as caught:
        open_channel(search_service="https://a\u200db.example").poll(None)
    assert "search_service" in caught.value.remedy


def test_a_full_page_of_nonsense_ends_the_walk_with_a_gap(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    site.once.append(JSONResponse({"hits": [{}] * 5}))
    page = open_channel(page_size=5).poll(None)
    assert page.more is False
    assert "could not be read" in page.gap


# -- whether posts stand -----------------------------------------------------------------------------------------------


def test_deleted_dead_and_unknown_posts_are_no_longer_there(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    story, deleted, dead = (site.story(f"Mizunara {word}") for word in ("stays", "deleted", "dead"))
    site.posts[int(deleted)].deleted = True
    site.posts[int(dead)].dead = True
    channel = open_channel()
    assert channel.still_there([story, deleted, dead, "99", "not-a-number"]) == {story, "not-a-number"}
    assert [one.url.path for one in site.asked] == [f"/v0/item/{one}.json" for one in (story, deleted, dead, "99")]


def test_a_service_that_does_not_answer_tells_no_deletions(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    story = site.story("Mizunara")
    site.once.append(Response(status_code=503))
    with pytest.raises(RetryableError):
        open_channel().still_there([story])


def test_nothing_can_be_sent_and_the_remedy_names_the_post(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    story = site.story("Mizunara")
    channel = open_channel()
    request = request_for(read_all(channel)[0][0])
    for send in (channel.reply, channel.direct_message):
        with pytest.raises(PermanentError) as caught:
            send(request)
        assert f"item?id={story}" in caught.value.remedy
    facts = channel.eligibility(request.target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, None, False)
    assert channel.measure("👨‍👩‍👧か\u3099", Visibility.PUBLIC).length == 2
    assert channel.measure("a" * 100_000, Visibility.PUBLIC).fits


# -- who we are, and settings ------------------------------------------------------------------------------------------


def test_our_own_posts_carry_our_own_id(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    site.story("Mizunara by ourselves", by="shop")
    channel = open_channel(account="shop")
    assert read_all(channel)[0][0].author.external_id == channel.own_author_id == "shop"
    assert " " in open_channel().own_author_id


def test_the_probe_asks_both_services_and_knows_a_user_that_nobody_is(
    site: HackerNewsSite, open_channel: OpenChannel
) -> None:
    site.users.add("shop")
    assert open_channel(account="shop").probe() == "Hacker News: Mizunara; our user is shop; read only"
    assert "no user of ours" in open_channel().probe()
    with pytest.raises(PermanentError) as caught:
        open_channel(account="Shop").probe()
    assert caught.value.code == "no_such_user"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "terms"),
        ({"terms": []}, "terms"),
        ({"terms": [" ", '"']}, "terms"),
        ({"terms": ["a"], "account": "a/../b"}, "account"),
        ({"terms": ["a"], "search_service": "http://elsewhere.example"}, "search_service"),
        ({"terms": ["a"], "item_service": "ftp://elsewhere.example"}, "item_service"),
        ({"terms": ["a"], "page_size": 1001}, "page_size"),
        ({"terms": ["a"], "first_poll_days": -1}, "first_poll_days"),
        ({"terms": ["a"], "search": ["b"]}, "search"),
    ],
)
def test_wrong_options_are_named(
    options: dict[str, str | int | float | bool | list[str]], field: str, tmp_path: Path, clock: FixedClock
) -> None:
    settings = ChannelSettings(name="hn", kind="hackernews", options=options)
    with pytest.raises(ConfigError) as caught:
        make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
    assert f"channel.hn.options.{field}" in str(caught.value)
