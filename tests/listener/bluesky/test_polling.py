"""Walking back from the newest entry: nothing lost, nothing twice, whatever happens between two pages."""

from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError
from domain.mentions import IncomingMention
from listener.channels.bluesky.polling import CURSOR_LOST, PATIENCE, Poller
from listener.channels.bluesky.progress import REMEMBERED, read_progress
from tests.listener.bluesky.fakes import Timeline, keys


@pytest.fixture
def poller(clock: FixedClock) -> Poller:
    return Poller(clock=clock, first_poll=timedelta(days=7), max_pages=4)


def poll_all(poller: Poller, sources: list[Timeline], cursor: str | None = None) -> tuple[list[str], str | None, str]:
    """Return the keys found, the last cursor and the gaps told."""
    found: list[IncomingMention] = []
    gaps: list[str] = []
    for _ in range(50):
        page = poller.poll(cursor, sources)
        found.extend(page.mentions)
        gaps.append(page.gap)
        cursor = page.cursor
        if not page.more:
            return keys(found), cursor, "".join(gaps)
    pytest.fail("the poller says 'more' forever")


def test_each_post_comes_once_over_many_polls(poller: Poller) -> None:
    timeline = Timeline()
    found: list[str] = []
    cursor: str | None = None
    for number in range(12):
        timeline.add(f"p{number}", minutes=number)
        if number % 3 == 2:
            new, cursor, _ = poll_all(poller, [timeline], cursor)
            found += new
    assert found == [f"p{number}" for number in range(12)]


def test_a_poll_without_news_reads_one_page_and_brings_nothing(poller: Poller) -> None:
    timeline = Timeline(page_size=100)
    for number in range(50):
        timeline.add(f"p{number}", minutes=number)
    _, cursor, _ = poll_all(poller, [timeline])
    before = timeline.fetched
    assert poll_all(poller, [timeline], cursor)[0] == []
    assert timeline.fetched == before + 1


def test_posts_that_arrive_during_a_walk_come_with_the_next_one(poller: Poller) -> None:
    timeline = Timeline()
    for number in range(5):
        timeline.add(f"p{number}", minutes=number)
    first = poller.poll(None, [timeline])
    timeline.add("meanwhile", minutes=10)
    rest, cursor, _ = poll_all(poller, [timeline], first.cursor)
    assert sorted(keys(first.mentions) + rest) == [f"p{number}" for number in range(5)]
    assert poll_all(poller, [timeline], cursor)[0] == ["meanwhile"]


def test_a_late_arrival_that_sorts_below_known_posts_is_found(poller: Poller) -> None:
    timeline = Timeline(page_size=100)
    timeline.add("known", minutes=0)
    _, cursor, _ = poll_all(poller, [timeline])
    timeline.add("late", minutes=-60)
    assert poll_all(poller, [timeline], cursor)[0] == ["late"]


def test_the_first_poll_goes_back_so_many_days_and_older_posts_never_come(poller: Poller) -> None:
    timeline = Timeline(page_size=2)
    timeline.add("old", minutes=-8 * 24 * 60)
    timeline.add("young", minutes=-6 * 24 * 60)
    found, cursor, gap = poll_all(poller, [timeline])
    assert (found, gap) == (["young"], "")
    timeline.posts = [post for post in timeline.posts if post["cid"] != "cid-young"]
    timeline.page_size = 100
    assert poll_all(poller, [timeline], cursor)[0] == []


def test_a_walk_that_does_not_reach_known_posts_says_that_there_is_a_gap(poller: Poller) -> None:
    timeline = Timeline()
    timeline.add("known", minutes=-600)
    _, cursor, _ = poll_all(poller, [timeline])
    for number in range(30):
        timeline.add(f"storm{number:02}", minutes=number)
    found, cursor, gap = poll_all(poller, [timeline], cursor)
    assert "4 pages did not reach" in gap
    assert found[:3] == ["storm27", "storm28", "storm29"]
    assert len(found) == 12
    timeline.add("after", minutes=60)
    assert poll_all(poller, [timeline], cursor)[::2] == (["after"], "")


def test_an_unreadable_cursor_reads_from_the_horizon_again_and_says_so(poller: Poller) -> None:
    timeline = Timeline()
    timeline.add("p", minutes=0)
    for broken in ("", "{", "7", "null", '{"v":2}', '{"v":1,"sources":[]}'):
        page = poller.poll(broken, [timeline])
        assert keys(page.mentions) == ["p"]
        assert page.gap == CURSOR_LOST


def test_a_search_or_chat_that_fails_never_holds_up_the_mentions_and_loses_nothing(
    poller: Poller, clock: FixedClock
) -> None:
    posts, chat, search = Timeline(name="notifications"), Timeline(name="messages"), Timeline(name="search:coat")
    chat.fails_with = lambda _position: RetryableError("The chat service is away.", code="server_error")
    cursor: str | None = None
    for number in range(3):
        posts.add(f"p{number}", minutes=number)
        search.add(f"s{number}", minutes=number)
        found, cursor, gap = poll_all(poller, [posts, chat, search], cursor)
        assert (found, gap) == ([f"p{number}", f"s{number}"], "")
    clock.advance(PATIENCE)
    _, cursor, gap = poll_all(poller, [posts, chat, search], cursor)
    assert gap == "messages: not read since 2026-11-20 03:00 UTC. The chat service is away."
    chat.fails_with = lambda _position: None
    chat.add("message", minutes=0)
    assert poll_all(poller, [posts, chat, search], cursor)[::2] == (["message"], "")


def test_a_source_that_refuses_for_good_is_told_at_once(poller: Poller) -> None:
    posts, search = Timeline(name="notifications"), Timeline(name="search:(")
    search.fails_with = lambda _position: PermanentError("Bluesky refuses: bad query", code="refused")
    assert "bad query" in poll_all(poller, [posts, search])[2]


def test_mentions_that_cannot_be_read_are_an_error(poller: Poller) -> None:
    posts = Timeline(name="notifications")
    posts.fails_with = lambda _position: RetryableError("away", code="unreachable")
    with pytest.raises(RetryableError):
        poller.poll(None, [posts])


def test_a_platform_position_that_went_stale_begins_the_walk_anew(poller: Poller) -> None:
    timeline = Timeline()
    for number in range(5):
        timeline.add(f"p{number}", minutes=number)
    first = poller.poll(None, [timeline])
    stale = PermanentError("Bluesky refuses: Malformed cursor", code="refused")
    timeline.fails_with = lambda position: stale if position and timeline.fetched == 2 else None
    rest, _, _ = poll_all(poller, [timeline], first.cursor)
    assert sorted(keys(first.mentions) + rest) == [f"p{number}" for number in range(5)]


def test_a_search_that_the_settings_dropped_leaves_the_cursor(poller: Poller) -> None:
    posts, search = Timeline(name="notifications"), Timeline(name="search:coat")
    first = poller.poll(None, [posts, search])
    assert '"at":"search:coat"' in (first.cursor or "")
    page = poller.poll(first.cursor, [posts])
    assert not page.more
    assert "search:coat" not in (page.cursor or "")


def test_the_cursor_stays_small_in_a_storm(poller: Poller) -> None:
    timeline = Timeline(page_size=100)
    for number in range(350):
        timeline.add(f"p{number}", minutes=number / 10)
    _, cursor, _ = poll_all(poller, [timeline])
    assert cursor is not None
    progress = read_progress(cursor)
    assert progress is not None
    mark = progress.sources["notifications"].mark
    assert mark is not None
    assert len(mark.seen) == REMEMBERED
    assert len(cursor) < 2_500
