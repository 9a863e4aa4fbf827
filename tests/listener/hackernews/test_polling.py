"""How Hacker News is polled: windows in time, late and edited posts, the thousand-hit ceiling, and what is for us."""

import json
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.words import Engagement, MentionKind
from listener.channels.hackernews.progress import Progress, read_progress
from tests.cast import NOON
from tests.listener.channel_contract import read_all
from tests.listener.hackernews.stage import OpenChannel, texts
from tests.partners.hackernews_site import HackerNewsSite

NOW = int(NOON.timestamp())
HOUR = 3600


# -- what arrives ------------------------------------------------------------------------------------------------------


def test_a_story_and_a_comment_arrive_with_author_thread_and_address(
    site: HackerNewsSite, open_channel: OpenChannel
) -> None:
    story = site.story("Mizunara & the <b> tag: a coat", by="Aya_1", url="https://blog.example/1", text="<p>It's blue.")
    comment = site.comment("I have a Mizunara coat", to=story, by="emi")
    answer = site.comment("Mizunara here too", to=comment)
    by_id = {one.external_id: one for one in read_all(open_channel())[0]}
    told, said = by_id[story], by_id[answer]
    assert told.text == "Mizunara & the <b> tag: a coat\n\nIt's blue."
    assert (told.kind, told.engagement) == (MentionKind.POST, Engagement.POSTED)
    assert told.author.external_id == told.author.handle == "Aya_1"
    assert told.author.url == "https://news.ycombinator.com/user?id=Aya_1"
    assert told.platform_data == {"link": "https://blog.example/1"}
    assert (said.kind, said.thread_external_id, said.parent_external_id) == (MentionKind.COMMENT, story, comment)
    assert said.url == f"https://news.ycombinator.com/item?id={answer}"
    assert said.platform_data == {"story_title": "Mizunara & the <b> tag: a coat"}


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Mizunara &amp; co<p>second<p><i>third</i>", "Mizunara & co\n\nsecond\n\nthird"),
        ("Mizunara&#x27;s &lt;b&gt;", "Mizunara's <b>"),
        ("Mizunara:<p><pre><code>  a\n    b\n</code></pre>", "Mizunara:\n\na\n    b"),
        (
            'Mizunara <a href="https:&#x2F;&#x2F;a.example&#x2F;long&#x2F;path" rel="nofollow">https:&#x2F;&#x2F;a.example&#x2F;lo...</a>',
            "Mizunara https://a.example/long/path",
        ),
        ("Mizunara 👨‍👩‍👧 ミズナラの緑 か\u3099", "Mizunara 👨‍👩‍👧 ミズナラの緑 か\u3099"),
        ("Mizunara " + "長い" * 20_000, "Mizunara " + "長い" * 20_000),
    ],
)
def test_comments_are_read_as_people_see_them(
    site: HackerNewsSite, open_channel: OpenChannel, markup: str, expected: str
) -> None:
    site.comment(markup, to=site.story("a story"))
    assert texts(open_channel()) == [expected]


def test_only_posts_that_name_a_term_themselves_come_in(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    story = site.story("Mizunara coats")
    site.comment("below a story about us", to=story)
    site.comment("by somebody of that name", to=site.story("else"), by="mizunara_fan")
    site.story("mizunaras are trees")
    site.story("linked only", url="https://mizunara.example/")
    assert texts(open_channel()) == ["Mizunara coats", "linked only"]


def test_whole_threads_bring_every_comment_below_a_story_that_names_us(
    site: HackerNewsSite, open_channel: OpenChannel
) -> None:
    story = site.story("Mizunara coats")
    site.comment("mine came in blue", to=site.comment("nice", to=story))
    site.comment("by somebody of that name", to=site.story("else"), by="mizunara_fan")
    assert texts(open_channel(whole_threads=True)) == ["Mizunara coats", "nice", "mine came in blue"]


def test_several_terms_are_searched_one_after_the_other_and_a_post_that_names_two_comes_twice_at_most(
    site: HackerNewsSite, open_channel: OpenChannel
) -> None:
    site.story("Mizunara")
    site.story("ミズナラ")
    both = site.story("Mizunara ミズナラ")
    channel = open_channel(terms=["Mizunara", 'ミズナラ"'])
    found, cursor, pages = read_all(channel)
    assert pages == 2
    assert {one.text for one in found} == {"Mizunara", "ミズナラ", "Mizunara ミズナラ"}
    assert [one.external_id for one in found].count(both) == 2
    assert texts(channel, cursor) == []


def test_posts_whose_author_took_them_away_are_left_out(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    story = site.story("a story about Mizunara")
    site.posts[int(site.comment("Mizunara is bad", to=story))].deleted = True
    site.posts[int(site.comment("Mizunara is spam", to=story))].dead = True
    assert texts(open_channel()) == ["a story about Mizunara"]


# -- cursor and windows ------------------------------------------------------------------------------------------------


def test_the_first_poll_reaches_back_as_far_as_asked(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    site.story("Mizunara, old", time=NOW - 50 * HOUR)
    site.story("Mizunara, new", time=NOW - 40 * HOUR)
    assert texts(open_channel(first_poll_days=2)) == ["Mizunara, new"]


def test_a_post_that_the_search_learns_of_late_still_comes(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    late = site.story("Mizunara, indexed late", time=NOW - 2 * HOUR)
    site.posts[int(late)].indexed = False
    site.story("Mizunara, newest", time=NOW - 60)
    channel = open_channel()
    found, cursor, _ = read_all(channel)
    assert [one.text for one in found] == ["Mizunara, newest"]
    site.posts[int(late)].indexed = True
    found, cursor, _ = read_all(channel, cursor)
    assert [one.text for one in found] == ["Mizunara, indexed late"]
    assert texts(channel, cursor) == []


def test_an_edited_post_comes_again_with_its_new_text(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    comment = site.comment("Mizunara is bad", to=site.story("a story"), time=NOW - HOUR)
    channel = open_channel()
    found, cursor, _ = read_all(channel)
    site.posts[int(comment)].text = "Mizunara is bad. Edit: solved"
    again, cursor, _ = read_all(channel, cursor)
    assert [(one.external_id, one.text) for one in again] == [(found[0].external_id, "Mizunara is bad. Edit: solved")]
    assert texts(channel, cursor) == []


def test_a_quiet_time_leaves_the_cursor_as_it_is(
    site: HackerNewsSite, open_channel: OpenChannel, clock: FixedClock
) -> None:
    site.story("Mizunara", time=NOW - HOUR)
    channel = open_channel()
    _, cursor, _ = read_all(channel)
    clock.advance(timedelta(days=3))
    page = channel.poll(cursor)
    assert (page.mentions, page.cursor, page.more, page.gap) == ((), cursor, False, "")


def test_a_clock_that_runs_ahead_over_there_hides_nothing(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    site.story("Mizunara from the future", time=NOW + 90 * 24 * HOUR)
    channel = open_channel()
    _, cursor, _ = read_all(channel)
    site.story("Mizunara now", time=NOW + 5)
    assert texts(channel, cursor) == ["Mizunara now"]


def test_many_posts_come_in_pages_each_once_and_the_window_narrows(
    site: HackerNewsSite, open_channel: OpenChannel
) -> None:
    for number in range(25):
        site.story(f"Mizunara {number}", time=NOW - HOUR + number)
    found, cursor, pages = read_all(open_channel(page_size=10))
    assert {one.text for one in found} == {f"Mizunara {number}" for number in range(25)}
    assert len(found) == 25
    assert pages == 3
    assert {one.query_params["page"] for one in site.asked} == {"0"}
    assert texts(open_channel(page_size=10), cursor) == []


def test_more_posts_than_the_search_ever_shows_come_all_the_same(
    site: HackerNewsSite, open_channel: OpenChannel
) -> None:
    site.ceiling = 20
    for number in range(95):
        site.story(f"Mizunara {number}", time=NOW - HOUR + number)
    found, _, _ = read_all(open_channel(page_size=10))
    assert len({one.external_id for one in found}) == 95


def test_more_than_a_page_within_one_second_is_paged_through(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    for number in range(12):
        site.story(f"Mizunara {number}", time=NOW - HOUR)
    site.story("Mizunara before", time=NOW - 2 * HOUR)
    site.story("Mizunara after", time=NOW - 60)
    channel = open_channel(page_size=5)
    found, cursor, _ = read_all(channel)
    assert len({one.external_id for one in found}) == 14
    assert texts(channel, cursor) == []


def test_more_than_the_ceiling_within_one_second_is_a_gap_and_the_walk_goes_on_behind_it(
    site: HackerNewsSite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.channels.hackernews.polling.MOST_HITS", 10)
    site.ceiling = 10
    for number in range(14):
        site.story(f"Mizunara {number}", time=NOW - HOUR)
    site.story("Mizunara before", time=NOW - 2 * HOUR)
    channel = open_channel(page_size=5)
    cursor, gaps, said = None, [], []
    for _ in range(10):
        page = channel.poll(cursor)
        cursor = page.cursor
        gaps += [page.gap] if page.gap else []
        said += [one.text for one in page.mentions]
        if not page.more:
            break
    assert len(gaps) == 1
    assert "within one second" in gaps[0]
    assert said[-1] == "Mizunara before"
    assert len(set(said)) == 11


def test_a_storm_beyond_the_pages_of_one_poll_is_a_gap(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    for number in range(30):
        site.story(f"Mizunara {number}", time=NOW - HOUR + number)
    channel = open_channel(page_size=5, max_pages=2)
    first = channel.poll(None)
    last = channel.poll(first.cursor)
    assert (first.gap, first.more, last.more) == ("", True, False)
    assert last.gap == "Mizunara: 2 pages did not reach what was known"
    site.story("Mizunara later")
    assert texts(channel, last.cursor)[-1] == "Mizunara later"


def test_posts_that_arrive_during_a_walk_come_with_the_next_poll(
    site: HackerNewsSite, open_channel: OpenChannel
) -> None:
    for number in range(8):
        site.story(f"Mizunara {number}", time=NOW - HOUR + number)
    channel = open_channel(page_size=5)
    first = channel.poll(None)
    site.story("Mizunara meanwhile", time=NOW - 60)
    rest, cursor, _ = read_all(channel, first.cursor)
    assert "Mizunara meanwhile" not in {one.text for one in rest}
    assert texts(channel, cursor) == ["Mizunara meanwhile"]


def test_the_same_cursor_gives_the_same_page_again(site: HackerNewsSite, open_channel: OpenChannel) -> None:
    for number in range(8):
        site.story(f"Mizunara {number}")
    channel = open_channel(page_size=5)
    first = channel.poll(None)
    assert channel.poll(None) == first
    assert channel.poll(first.cursor) == open_channel(page_size=5).poll(first.cursor)


@pytest.mark.parametrize(
    "lost",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"v":2}',
        '{"v":1,"terms":{"a":{"floor":"x"}}}',
        '{"v":1,"terms":{"a":{"floor":1,"high":-1}}}',
        "\ud800",
    ],
)
def test_an_unreadable_cursor_becomes_a_first_poll_that_admits_a_gap(
    site: HackerNewsSite, open_channel: OpenChannel, lost: str
) -> None:
    site.story("Mizunara")
    page = open_channel().poll(lost)
    assert "cursor" in page.gap
    assert [one.text for one in page.mentions] == ["Mizunara"]


def test_the_cursor_is_small_versioned_and_forgets_terms_that_left_the_settings(
    site: HackerNewsSite, open_channel: OpenChannel
) -> None:
    for number in range(520):
        site.story(f"Mizunara {number}", time=NOW - HOUR + number)
    _, cursor, _ = read_all(open_channel(terms=["Mizunara", "ミズナラ"], page_size=1000))
    assert cursor is not None
    assert json.loads(cursor)["v"] == 1
    assert len(cursor) < 8_000
    later = read_progress(open_channel(terms=["ミズナラ"]).poll(cursor).cursor)
    assert isinstance(later, Progress)
    assert list(later.terms) == ["ミズナラ"]
