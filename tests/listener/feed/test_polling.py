"""How feeds are polled: what comes once, what comes again, what may have been missed, and one bad feed among several."""

import json
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError
from listener.channels.feed import news
from listener.channels.feed.progress import Progress, read_progress
from tests.cast import NOON
from tests.listener.channel_contract import read_all
from tests.listener.feed.stage import OpenChannel, says, texts
from tests.partners.feed_site import FeedSite, Item, write_atom


def undated(site: FeedSite, *words: str) -> None:
    site.feeds["blog"] = [Item(guid=word, text=word, published=None) for word in words]


def test_an_unchanged_feed_is_asked_for_changes_only(site: FeedSite, open_channel: OpenChannel) -> None:
    channel = open_channel()
    site.add("one")
    first = channel.poll(None)
    second = channel.poll(first.cursor)
    assert [one.text for one in first.mentions] == ["one"]
    assert (second.mentions, second.more, second.gap, second.cursor) == ((), False, "", first.cursor)
    asked = site.asked[-1].headers
    assert asked["if-none-match"].startswith('"')
    assert asked["if-modified-since"].endswith("GMT")


def test_an_edited_entry_comes_again_with_its_new_text(site: FeedSite, open_channel: OpenChannel) -> None:
    channel = open_channel()
    guid = site.add("The coat is blue")
    site.add("another")
    found, cursor, _ = read_all(channel)
    site.edit(guid, "The coat is blue. EDIT: solved")
    again, cursor, _ = read_all(channel, cursor)
    assert [one.text for one in again] == ["The coat is blue. EDIT: solved"]
    assert again[0].external_id in {one.external_id for one in found}
    assert texts(channel, cursor) == []


def test_the_first_poll_reaches_back_as_far_as_asked_and_older_entries_never_come(
    site: FeedSite, open_channel: OpenChannel
) -> None:
    old = site.add("old", published=NOON - timedelta(days=3))
    site.add("new", published=NOON - timedelta(days=1))
    channel = open_channel(first_poll_days=2)
    found, cursor, _ = read_all(channel)
    assert [one.text for one in found] == ["new"]
    site.edit(old, "old, edited")
    assert texts(channel, cursor) == []


def test_an_entry_that_is_published_later_comes_however_old_its_date_is(
    site: FeedSite, open_channel: OpenChannel
) -> None:
    channel = open_channel(first_poll_days=2)
    site.add("first")
    _, cursor, _ = read_all(channel)
    site.add("backdated", published=NOON - timedelta(days=30))
    assert texts(channel, cursor) == ["backdated"]


def test_many_entries_come_in_pages_oldest_first_and_each_once(site: FeedSite, open_channel: OpenChannel) -> None:
    for number in range(25):
        site.add(str(number))
    found, cursor, pages = read_all(open_channel(page_size=10))
    assert [one.text for one in found] == [str(number) for number in range(25)]
    assert pages == 3
    assert texts(open_channel(page_size=10), cursor) == []


def test_an_edit_between_two_pages_is_not_lost(site: FeedSite, open_channel: OpenChannel) -> None:
    guids = [site.add(str(number)) for number in range(5)]
    channel = open_channel(page_size=3)
    first = channel.poll(None)
    site.edit(guids[0], "edited")
    rest, cursor, _ = read_all(channel, first.cursor)
    assert [one.text for one in rest] == ["3", "4"]
    assert texts(channel, cursor) == ["edited"]


def test_old_entries_do_not_fill_pages(site: FeedSite, open_channel: OpenChannel) -> None:
    for number in range(50):
        site.add(f"old {number}", published=NOON - timedelta(days=30))
    site.add("new")
    page = open_channel(page_size=3).poll(None)
    assert [one.text for one in page.mentions] == ["new"]
    assert page.more is False


def test_a_site_that_changes_its_ids_at_every_request_comes_to_an_end(
    site: FeedSite, open_channel: OpenChannel
) -> None:
    count = iter(range(100_000))
    site.answers["/blog"] = lambda _: says(  # noqa: PLW0108 - written anew at each request
        write_atom([Item(guid=f"id-{next(count)}", text="a", published=None) for _ in range(300)])
    )(_)
    channel = open_channel(page_size=250)
    _, _, pages = read_all(channel)
    assert pages == 2
    first = channel.poll(None)
    assert "turn over" in channel.poll(first.cursor).gap


def test_a_feed_that_turns_over_between_two_pages_admits_a_gap(site: FeedSite, open_channel: OpenChannel) -> None:
    channel = open_channel(page_size=3)
    undated(site, "e", "d", "c", "b", "a")
    first = channel.poll(None)
    assert (first.more, first.gap) == (True, "")
    undated(site, "k", "j", "i")
    assert "turn over" in channel.poll(first.cursor).gap


def test_a_feed_of_very_many_entries_says_what_was_left_out(
    site: FeedSite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "MOST_READ", 50)
    undated(site, *(str(number) for number in range(70)))
    channel = open_channel()
    page = channel.poll(None)
    assert (len(page.mentions), page.more) == (50, False)
    assert "50 of its 70" in page.gap
    site.feeds["blog"].insert(0, Item(guid="new", text="new", published=None))
    later = channel.poll(page.cursor)
    assert [one.text for one in later.mentions] == ["new"]


# -- gaps --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dated", [True, False])
def test_a_feed_that_turned_over_since_the_last_poll_admits_a_gap(
    site: FeedSite, open_channel: OpenChannel, *, dated: bool
) -> None:
    channel = open_channel()
    moments = [NOON - timedelta(minutes=30 - number) if dated else None for number in range(20)]
    items = [Item(guid=str(number), text=str(number), published=moments[number]) for number in range(20)]
    site.feeds["blog"] = items[4::-1]
    _, cursor, _ = read_all(channel)
    site.feeds["blog"] = items[9:2:-1]
    kept_up = channel.poll(cursor)
    assert (kept_up.gap, len(kept_up.mentions)) == ("", 5)
    site.feeds["blog"] = items[19:12:-1]
    page = channel.poll(kept_up.cursor)
    assert "turn over faster" in page.gap
    assert "/blog" in page.gap
    assert len(page.mentions) == 7
    assert channel.poll(page.cursor).gap == ""


def test_a_pinned_entry_does_not_hide_that_a_feed_turned_over(site: FeedSite, open_channel: OpenChannel) -> None:
    channel = open_channel()
    undated(site, "e", "d", "c", "b", "pinned")
    cursor = channel.poll(None).cursor
    undated(site, "k", "j", "i", "h", "pinned")
    assert "turn over" in channel.poll(cursor).gap


def test_a_site_that_gives_all_entries_new_ids_does_not_send_them_all_again(
    site: FeedSite, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    site.feeds["blog"] = [
        Item(guid=f"http://x/{number}", text=str(number), published=NOON - timedelta(hours=number))
        for number in range(1, 9)
    ]
    _, cursor, _ = read_all(channel)
    site.feeds["blog"] = [
        Item(guid=f"https://x/{number}", text=str(number), published=NOON - timedelta(hours=number))
        for number in range(9)
    ]
    page = channel.poll(cursor)
    assert [one.text for one in page.mentions] == ["0"]
    assert "new id" in page.gap
    assert channel.poll(page.cursor).mentions == ()


@pytest.mark.parametrize(
    "lost",
    ["", "{", "[]", "null", "{}", '{"v":2}', '{"v":1,"feeds":{"a":{"floor":"x"}}}', '{"v":1,"feeds":[]}', "\ud800"],
)
def test_an_unreadable_cursor_becomes_a_first_poll_that_admits_a_gap(
    site: FeedSite, open_channel: OpenChannel, lost: str
) -> None:
    site.add("one")
    page = open_channel().poll(lost)
    assert "cursor" in page.gap
    assert [one.text for one in page.mentions] == ["one"]


def test_the_cursor_is_small_versioned_and_without_addresses(site: FeedSite, open_channel: OpenChannel) -> None:
    for number in range(200):
        site.add(str(number))
    _, cursor, _ = read_all(open_channel("blog?key=t0ken", page_size=500))
    assert cursor is not None
    assert json.loads(cursor)["v"] == 1
    assert len(cursor) < 200 * 14 + 300
    assert "t0ken" not in cursor
    assert "127.0.0.1" not in cursor
    assert isinstance(read_progress(cursor), Progress)


# -- keywords and ourselves --------------------------------------------------------------------------------------------


def test_only_entries_that_name_the_brand_come_in_also_when_an_edit_names_it(
    site: FeedSite, open_channel: OpenChannel
) -> None:
    channel = open_channel(keywords=["ミズナラ", "Mizunara"])
    silent = site.add("a coat")
    site.add("昨日ﾐｽﾞﾅﾗで買った")
    site.add("by name only in the title", title="MIZUNARA's new coat")
    found, cursor, _ = read_all(channel)
    assert len(found) == 2
    site.edit(silent, "a coat by mizunara")
    assert texts(channel, cursor) == ["a coat by mizunara"]


def test_our_own_entries_are_left_out(site: FeedSite, open_channel: OpenChannel) -> None:
    site.add("we say", author="ミズナラ")
    site.add("they say")
    assert texts(open_channel(own_names=["ミズナラ"])) == ["they say"]


# -- several feeds -----------------------------------------------------------------------------------------------------


def test_several_feeds_take_turns(site: FeedSite, open_channel: OpenChannel) -> None:
    for name in ("one", "two", "three"):
        site.add(name, feed=name)
    channel = open_channel("one", "two", "three")
    found, cursor, pages = read_all(channel)
    assert ([one.text for one in found], pages) == (["one", "two", "three"], 3)
    site.add("later", feed="two")
    assert texts(channel, cursor) == ["later"]


@pytest.mark.parametrize("bad", ["gone", "page"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_bad_feed_neither_silences_the_others_nor_is_silent_itself(
    site: FeedSite, open_channel: OpenChannel, bad: str, place: int
) -> None:
    site.add("one", feed="one")
    site.add("two", feed="two")
    site.answers["/page"] = says("<html>Hello</html>", content_type="text/html")
    names = ["one", "two"]
    names.insert(place, bad)
    channel = open_channel(*names)
    cursor, said, gaps = None, [], []
    for _ in range(5):
        page = channel.poll(cursor)
        cursor = page.cursor
        said += [one.text for one in page.mentions]
        gaps += [page.gap] if page.gap else []
        if not page.more:
            break
    assert said == ["one", "two"]
    assert len(gaps) == 1
    assert f"{site.address}/{bad}" in gaps[0]


def test_a_feed_that_is_away_is_told_of_after_a_while_and_read_when_it_is_back(
    site: FeedSite, open_channel: OpenChannel, clock: FixedClock
) -> None:
    site.add("one", feed="one")
    site.add("two", feed="two")
    site.answers["/one"] = says("", status=500)
    channel = open_channel("one", "two")
    first = channel.poll(None)
    assert ([one.text for one in first.mentions], first.gap) == (["two"], "")
    clock.advance(timedelta(minutes=31))
    later = channel.poll(first.cursor)
    assert "/one has not answered since 2026-" in later.gap
    del site.answers["/one"]
    found, cursor, _ = read_all(channel, later.cursor)
    assert [one.text for one in found] == ["one"]
    assert channel.poll(cursor).gap == ""


def test_a_feed_that_asks_to_wait_is_not_asked_before(
    site: FeedSite, open_channel: OpenChannel, clock: FixedClock
) -> None:
    site.add("one", feed="one")
    site.add("two", feed="two")
    site.once["/one"] = says("", status=429, retry_after="600")
    channel = open_channel("one", "two")
    _, cursor, _ = read_all(channel)
    site.asked.clear()
    _, cursor, _ = read_all(channel, cursor)
    assert {one.url.path for one in site.asked} == {"/two"}
    clock.advance(timedelta(seconds=601))
    assert texts(channel, cursor) == ["one"]


def test_when_every_feed_fails_the_poll_fails_and_the_next_begins_with_the_first(
    site: FeedSite, open_channel: OpenChannel
) -> None:
    channel = open_channel("gone", "away")
    site.answers["/away"] = says("", status=502, retry_after="20")
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds == 20
    with pytest.raises(PermanentError):
        open_channel("gone", "gone-too").poll(None)


def test_a_feed_that_left_the_settings_leaves_the_cursor(site: FeedSite, open_channel: OpenChannel) -> None:
    site.add("one", feed="one")
    site.add("two", feed="two")
    between = open_channel("one", "two").poll(None)
    assert between.more
    page = open_channel("two").poll(between.cursor)
    assert [one.text for one in page.mentions] == ["two"]
    progress = read_progress(page.cursor)
    assert progress is not None
    assert len(progress.feeds) == 1
