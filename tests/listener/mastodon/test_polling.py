"""Paging: nothing is lost, whatever happens between two pages."""

import json
from datetime import timedelta

import pytest

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from listener.channels.mastodon import MastodonChannel
from tests.listener.channel_contract import read_all
from tests.listener.mastodon.stage import JSON, TOKEN, OpenChannel
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone


def ids(page: Page) -> list[str]:
    return [mention.external_id for mention in page.mentions]


def test_a_hundred_posts_between_two_polls_come_once_each_and_in_order(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    channel = open_channel(page_size=7)
    fake.world.add(mina, "@shop before")
    _, cursor, _ = read_all(channel)
    posted = [fake.world.add(mina, f"@shop storm {number}").id for number in range(100)]
    found, cursor, pages = read_all(channel, cursor)
    assert [one.external_id for one in found] == posted
    assert pages == 16
    assert read_all(channel, cursor)[0] == []


def test_posts_that_arrive_during_a_storm_are_not_lost(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    channel = open_channel(page_size=4)
    fake.world.add(mina, "@shop before")
    _, cursor, _ = read_all(channel)
    posted = [fake.world.add(mina, f"@shop storm {number}").id for number in range(10)]
    found: list[str] = []
    for _ in range(30):
        page = channel.poll(cursor)
        found += ids(page)
        cursor = page.cursor
        if len(posted) < 20:
            posted.append(fake.world.add(mina, "@shop meanwhile").id)
        if not page.more:
            break
    assert found == posted


def test_a_quiet_poll_takes_one_request_and_brings_nothing_twice(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    channel = open_channel()
    fake.world.add(mina, "@shop hello")
    first = channel.poll(None)
    _, cursor, _ = read_all(channel, first.cursor)
    page = channel.poll(cursor)
    assert (page.mentions, page.requests, page.more, page.gap) == ((), 1, False, "")


def test_the_same_cursor_gives_the_same_page(open_channel: OpenChannel, fake: MastodonFake, mina: Someone) -> None:
    fake.world.add(mina, "@shop before")
    _, cursor, _ = read_all(open_channel(page_size=3))
    for number in range(8):
        fake.world.add(mina, f"@shop {number}")
    pages = [open_channel(page_size=3).poll(cursor) for _ in range(2)]
    assert ids(pages[0]) == ids(pages[1]) != []
    assert pages[0].cursor == pages[1].cursor


@pytest.mark.parametrize("fault", [Cut.BEFORE, Cut.AFTER, Cut.HALF])
def test_a_torn_page_is_read_again(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, proxy: FaultyProxy, fault: Cut
) -> None:
    channel = open_channel()
    _, cursor, _ = read_all(channel)
    post = fake.world.add(mina, "@shop hello")
    proxy.fail_next("GET /api/v1/notifications", fault)
    with pytest.raises(RetryableError) as caught:
        channel.poll(cursor)
    assert caught.value.code == "no_answer"
    assert ids(channel.poll(cursor)) == [post.id]


def test_an_edited_post_comes_again_with_its_new_text(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    post = fake.world.add(mina, "@shop 青いコートが届きました")
    _, cursor, _ = read_all(channel)
    fake.clock.advance(timedelta(minutes=3))
    fake.world.edit(post.id, "@shop 訂正: 青い帽子が届きました")
    found, cursor, _ = read_all(channel, cursor)
    assert [(one.external_id, one.text) for one in found] == [(post.id, "訂正: 青い帽子が届きました")]
    assert read_all(channel, cursor)[0] == []


def test_a_post_of_another_server_that_arrives_late_is_not_lost(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    channel = open_channel(hashtags=["coat"])
    fake.world.add(mina, "first #coat")
    _, cursor, _ = read_all(channel)
    late = fake.world.add(mina, "written before the first #coat", age=timedelta(hours=2))
    assert [one.external_id for one in read_all(channel, cursor)[0]] == [late.id]


def test_the_newest_known_post_may_be_deleted(open_channel: OpenChannel, fake: MastodonFake, mina: Someone) -> None:
    channel = open_channel(page_size=2)
    posts = [fake.world.add(mina, f"@shop {number}") for number in range(3)]
    _, cursor, _ = read_all(channel)
    fake.world.delete(posts[-1].id)
    later = [fake.world.add(mina, f"@shop later {number}").id for number in range(5)]
    assert [one.external_id for one in read_all(channel, cursor)[0]] == later


def test_a_cursor_that_goes_forward_through_a_search_stops_no_poll(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    channel = open_channel(search=["coat"])
    _, cursor, _ = read_all(channel)
    stored = json.loads(cursor or "")
    stored["sources"]["search:coat"]["forward"] = True
    post = fake.world.add(mina, "a coat")
    assert [one.external_id for one in read_all(channel, json.dumps(stored))[0]] == [post.id]


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"v":99}', "null", '"x"', "1" * 5000, "[" * 100_000])
def test_an_unreadable_cursor_is_a_first_poll_and_says_so(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone, cursor: str
) -> None:
    post = fake.world.add(mina, "@shop hello")
    page = channel.poll(cursor)
    assert ids(page) == [post.id]
    assert "cursor" in page.gap
    assert channel.poll(page.cursor).gap == ""


def test_a_cursor_of_another_account_is_not_believed(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    fake.world.add(mina, "@shop hello")
    _, cursor, _ = read_all(open_channel())
    other = fake.world.person("second")
    fake.sign_in(other, "token-of-the-second-shop")
    post = fake.world.add(mina, "@second hello")
    page = open_channel(token="token-of-the-second-shop").poll(cursor)
    assert ids(page) == [post.id]
    assert page.gap


def test_a_cursor_after_a_long_walk_is_short_and_knows_the_newest_page(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    for number in range(200):
        fake.world.add(mina, f"@shop {number} #coat")
    channel = open_channel(hashtags=["coat"])
    _, cursor, _ = read_all(channel)
    assert cursor is not None
    assert json.loads(cursor)["v"] == 1
    assert len(cursor) < 4_000
    assert TOKEN not in cursor
    for _ in range(4):
        page = channel.poll(cursor)
        assert (page.mentions, page.gap, page.requests) == ((), "", 1)
        cursor = page.cursor


def test_the_newest_known_post_is_known_though_nothing_else_is_remembered(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    post = fake.world.add(mina, "@shop hello")
    _, cursor, _ = read_all(open_channel())
    assert cursor is not None
    stored = json.loads(cursor)
    stored["sources"]["mentions"]["seen"] = ""
    page = open_channel().poll(json.dumps(stored))
    assert (ids(page), page.more, page.gap) == ([post.id], False, "")


def test_ids_that_began_anew_are_noticed(open_channel: OpenChannel, fake: MastodonFake, mina: Someone) -> None:
    channel = open_channel()
    fake.world.add(mina, "@shop before")
    _, cursor, _ = read_all(channel)
    assert cursor is not None
    moved = cursor.replace('"newest":"N', '"newest":"Z')
    stored = json.loads(moved)
    stored["sources"]["mentions"]["seen"] = ""
    post = fake.world.add(mina, "@shop after")
    page = channel.poll(json.dumps(stored))
    assert post.id in ids(page)
    assert "anew" in page.gap


def test_a_first_poll_over_more_than_the_ceiling_admits_a_gap(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    for number in range(10):
        fake.world.add(mina, f"@shop {number}")
    channel = open_channel(page_size=2, max_pages=3)
    cursor: str | None = None
    gaps: list[str] = []
    for _ in range(3):
        page = channel.poll(cursor)
        gaps.append(page.gap)
        cursor = page.cursor
    assert not page.more
    assert gaps[:2] == ["", ""]
    assert "3 pages" in gaps[2]


def test_a_search_beyond_the_ceiling_admits_a_gap(open_channel: OpenChannel, fake: MastodonFake, mina: Someone) -> None:
    channel = open_channel(search=["coat"], page_size=2, max_pages=2)
    fake.world.add(mina, "coat")
    _, cursor, _ = read_all(channel)
    for _ in range(9):
        fake.world.add(mina, "another coat")
    gaps = []
    for _ in range(4):
        page = channel.poll(cursor)
        gaps.append(page.gap)
        cursor = page.cursor
    assert any("search:coat: 2 pages" in gap for gap in gaps)


def test_a_hashtag_that_fails_never_holds_up_the_mentions(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, proxy: FaultyProxy
) -> None:
    channel = open_channel(hashtags=["coat"])
    _, cursor, _ = read_all(channel)
    mention, tagged = fake.world.add(mina, "@shop hello"), fake.world.add(mina, "green #coat")
    proxy.fail_next("/timelines/tag/", Answer(500, b"", JSON))
    found, cursor, _ = read_all(channel, cursor)
    assert [one.external_id for one in found] == [mention.id]
    assert [one.external_id for one in read_all(channel, cursor)[0]] == [tagged.id]


def test_a_hashtag_that_fails_for_long_is_told(
    open_channel: OpenChannel, fake: MastodonFake, shop: Someone, proxy: FaultyProxy
) -> None:
    assert shop
    channel = open_channel(hashtags=["coat"])
    _, cursor, _ = read_all(channel)
    gaps = []
    for _ in range(2):
        proxy.fail_next("/timelines/tag/", Answer(503, b"", JSON))
        cursor = channel.poll(cursor).cursor
        page = channel.poll(cursor)
        gaps.append(page.gap)
        cursor = page.cursor
        fake.clock.advance(timedelta(minutes=31))
    assert gaps[0] == ""
    assert gaps[1].startswith("#coat: not read since")


def test_a_refused_search_is_told_at_once(open_channel: OpenChannel, fake: MastodonFake, shop: Someone) -> None:
    fake.sign_in(shop, TOKEN, ("read:accounts", "read:notifications", "read:statuses"))
    channel = open_channel(search=["coat"])
    page = channel.poll(channel.poll(None).cursor)
    assert page.gap.startswith("search:coat: not read since")


def test_a_server_that_asks_to_wait_during_a_hashtag_is_obeyed_and_read_on_later(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, proxy: FaultyProxy
) -> None:
    channel = open_channel(hashtags=["coat"])
    _, cursor, _ = read_all(channel)
    tagged = fake.world.add(mina, "green #coat")
    cursor = channel.poll(cursor).cursor
    proxy.fail_next("/timelines/tag/", Answer(429, b"{}", JSON))
    with pytest.raises(RetryableError):
        channel.poll(cursor)
    assert [one.external_id for one in read_all(channel, cursor)[0]] == [tagged.id]


def test_dropping_a_hashtag_from_the_settings_in_the_middle_does_no_harm(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    both = open_channel(hashtags=["coat", "hat"])
    cursor = both.poll(both.poll(None).cursor).cursor
    post = fake.world.add(mina, "@shop hello")
    assert [one.external_id for one in read_all(open_channel(), cursor)[0]] == [post.id]


def test_the_page_says_how_many_requests_it_took(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, shop: Someone
) -> None:
    root = fake.world.add(shop, "New coats")
    fake.world.add(mina, "@shop where?", parent=root)
    channel = open_channel()
    assert channel.own_author_id
    assert channel.poll(None).requests == 2


def test_a_thread_that_may_not_be_read_is_a_refusal_with_a_remedy(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, shop: Someone
) -> None:
    fake.sign_in(shop, TOKEN, ("read:accounts", "read:notifications"))
    fake.world.add(mina, "@shop where?", parent=fake.world.add(shop, "New coats"))
    with pytest.raises(PermanentError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "missing_scope"
