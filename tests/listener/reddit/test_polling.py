"""What a poll reads, how far, and what it says when it may have missed something."""

import json
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.words import Engagement, MentionKind
from listener.channels.reddit import RedditChannel
from listener.intake import ROOT_AUTHOR
from tests.listener.channel_contract import read_all
from tests.listener.reddit.stage import OpenChannel, RedditStage
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.reddit_state import OURS, Thing


def storm(stage: RedditStage, count: int, *, subreddit: str = "coats") -> list[Thing]:
    """Let people talk, one second after the other."""
    thread = stage.state.add_post(author="somebody", subreddit=subreddit)
    made = [stage.state.add_comment(f"word {number}", to=thread.name, author="aya") for number in range(count)]
    for age, comment in enumerate(reversed(made)):
        comment.created -= age
    return made


def gaps(channel: RedditChannel, cursor: str | None) -> tuple[list[str], str | None]:
    """Read until nothing waits; return what was said of gaps."""
    said: list[str] = []
    while True:
        page = channel.poll(cursor)
        cursor = page.cursor
        said += [page.gap] if page.gap else []
        if not page.more:
            return said, cursor


# -- walking -----------------------------------------------------------------------------------------------------------


def test_hundreds_of_comments_come_in_pages_once_each(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(subreddits=["coats", "hats"], page_size=100)
    made = [one.name for one in (*storm(stage, 240), *storm(stage, 60, subreddit="hats"))]
    found, cursor, pages = read_all(channel)
    comments = [one.external_id for one in found if one.kind is MentionKind.COMMENT]
    assert sorted(comments) == sorted(made)
    assert pages >= 3 + 3 + 1
    assert read_all(channel, cursor)[0] == []


def test_a_quiet_poll_asks_once_for_each_listing(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(subreddits=["coats"], search=["coat"], page_size=100)
    storm(stage, 20)
    _, cursor, _ = read_all(channel)
    stage.proxy.seen.clear()
    requests = 0
    for _ in range(6):
        page = channel.poll(cursor)
        cursor, requests = page.cursor, requests + page.requests
    assert len(stage.proxy.seen) == requests == 6


def test_the_cursor_is_small_and_says_its_version(stage: RedditStage, open_channel: OpenChannel) -> None:
    storm(stage, 300)
    cursor = read_all(open_channel(subreddits=["coats"], page_size=100))[1]
    assert cursor is not None
    assert json.loads(cursor)["v"] == 1
    assert len(cursor) < 10_000


def test_the_same_cursor_gives_the_same_page(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel()
    for number in range(7):
        stage.post(f"number {number}")
    first = channel.poll(None)
    assert channel.poll(None) == first
    assert channel.poll(first.cursor) == channel.poll(first.cursor)


def test_the_newest_known_entry_may_be_deleted_and_nothing_is_lost(
    stage: RedditStage, open_channel: OpenChannel
) -> None:
    """``before`` that entry, Reddit would list nothing any more."""
    channel = open_channel()
    known = [stage.post(f"number {number}") for number in range(2)]
    _, cursor, _ = read_all(channel)
    for name in known:
        stage.delete(name)
    later = stage.post("later")
    assert [one.external_id for one in read_all(channel, cursor)[0]] == [later]


def test_the_entry_to_go_on_after_may_be_deleted_and_nothing_is_lost(
    stage: RedditStage, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    posted = [stage.post(f"number {number}") for number in range(8)]
    first = channel.poll(None)
    stage.delete(posted[5])  # the last one of the first page
    rest, _, _ = read_all(channel, first.cursor)
    found = {one.external_id for one in (*first.mentions, *rest)}
    assert found == {*posted}


def test_two_entries_to_go_on_after_may_be_deleted_and_nothing_is_lost(
    stage: RedditStage, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    posted = [stage.post(f"number {number}") for number in range(12)]
    first = channel.poll(None)
    stage.delete(posted[9])  # the last one of the first page
    second = channel.poll(first.cursor)
    stage.delete(posted[8])  # the last one of the page that began anew
    rest, cursor, _ = read_all(channel, second.cursor)
    found = [one.external_id for one in (*first.mentions, *second.mentions, *rest)]
    assert sorted(found) == sorted(posted)
    assert read_all(channel, cursor)[0] == []


def test_a_walk_that_keeps_losing_its_place_ends_with_a_gap(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(max_pages=5)
    for number in range(20):
        stage.post(f"number {number}")
    page = channel.poll(None)
    for _ in range(4):
        assert not page.gap
        assert page.cursor is not None
        stage.delete(json.loads(page.cursor)["sources"]["mentions"]["walk"]["after"])
        page = channel.poll(page.cursor)
    assert page.gap == "mentions: 5 pages did not reach what was known"


def test_a_listing_whose_last_page_names_a_further_one_ends_without_a_gap(
    stage: RedditStage, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    posted = [stage.post(f"number {number}") for number in range(6)]
    stage.app.names_more = True
    found, cursor, _ = read_all(channel)
    assert sorted(one.external_id for one in found) == sorted(posted)
    assert gaps(channel, None)[0] == []
    assert read_all(channel, cursor)[0] == []


def test_a_comment_let_through_late_is_taken(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(subreddits=["coats"], page_size=100)
    held, *_ = storm(stage, 5)
    held.removed = True
    _, cursor, _ = read_all(channel)
    held.removed = False
    assert [one.external_id for one in read_all(channel, cursor)[0]] == [held.name]


def test_the_first_poll_goes_back_as_far_as_the_settings_say(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(first_poll_days=2)
    old, young = stage.post("old"), stage.post("young")
    stage.state.things[old].created -= 3 * 86_400
    found, cursor, _ = read_all(channel)
    assert [one.external_id for one in found] == [young]
    assert read_all(channel, cursor)[0] == []


# -- gaps --------------------------------------------------------------------------------------------------------------


def test_more_than_reddit_lists_is_a_gap(stage: RedditStage, open_channel: OpenChannel, clock: FixedClock) -> None:
    channel = open_channel(subreddits=["coats"], page_size=100)
    storm(stage, 3)
    _, cursor, _ = read_all(channel)
    clock.advance(timedelta(hours=1))
    storm(stage, 1_050)
    said, cursor = gaps(channel, cursor)
    assert len(said) == 1
    assert said[0].startswith("comments:coats: Reddit lists about 1000 entries")
    storm(stage, 3)
    assert gaps(channel, cursor)[0] == []


def read_whole(channel: RedditChannel, cursor: str | None) -> tuple[list[Page], str | None]:
    """Read until nothing waits."""
    pages = [channel.poll(cursor)]
    while pages[-1].more:
        assert len(pages) < 200, "the channel says 'more' forever"
        pages.append(channel.poll(pages[-1].cursor))
    return pages, pages[-1].cursor


def overrun(stage: RedditStage, clock: FixedClock, count: int) -> list[str]:
    """Let people talk in two old threads, ten comments a second; return the ids."""
    begun = clock.now() - timedelta(days=20)
    threads = [stage.state.add_post(author="somebody", at=begun).name for _ in range(2)]
    made = []
    for number in range(count):
        clock.advance(timedelta(seconds=0.1))
        made.append(stage.state.add_comment(f"word {number}", to=threads[number % 2], author="aya").name)
    return made


def test_comments_that_dropped_off_the_list_are_read_thread_by_thread_and_the_gap_stays_told(
    stage: RedditStage, open_channel: OpenChannel, clock: FixedClock
) -> None:
    channel = open_channel(subreddits=["coats"], page_size=100)
    _, cursor = read_whole(channel, None)
    clock.advance(timedelta(minutes=30))
    made = overrun(stage, clock, 1_300)

    pages, cursor = read_whole(channel, cursor)

    found = [one.external_id for page in pages for one in page.mentions if one.kind is MentionKind.COMMENT]
    assert {*found} == {*made}
    assert [page.gap for page in pages if page.gap] == [
        "comments:coats: Reddit lists about 1000 entries at most, and there were more"
    ]
    (filled,) = [page.filled for page in pages if page.filled]
    assert filled.endswith("comments found in 2 threads")
    assert not [page for page in read_whole(channel, cursor)[0] if page.gap or page.filled]


def test_what_fills_a_hole_goes_on_in_a_new_process_and(
    stage: RedditStage, open_channel: OpenChannel, clock: FixedClock
) -> None:
    _, cursor = read_whole(open_channel(page_size=100, subreddits=["coats"]), None)
    clock.advance(timedelta(minutes=30))
    made = overrun(stage, clock, 1_300)
    found: set[str] = set()
    for _ in range(60):
        page = open_channel(page_size=100, subreddits=["coats"]).poll(cursor)
        found |= {one.external_id for one in page.mentions}
        cursor = page.cursor
        if not page.more:
            break
    assert found >= {*made}


def test_without_the_option_no_thread_is_read_again(
    stage: RedditStage, open_channel: OpenChannel, clock: FixedClock
) -> None:
    channel = open_channel(subreddits=["coats"], page_size=100, fill_max_threads=0)
    _, cursor = read_whole(channel, None)
    overrun(stage, clock, 1_100)
    pages, _ = read_whole(channel, cursor)
    assert [page.gap for page in pages if page.gap]
    assert stage.proxy.count("GET /comments/") == 0


def test_a_busy_subreddit_whose_overlap_is_more_than_reddit_lists_has_no_gap(
    stage: RedditStage, open_channel: OpenChannel, clock: FixedClock
) -> None:
    channel = open_channel(subreddits=["coats"], page_size=100)
    _, cursor = read_whole(channel, None)
    overrun(stage, clock, 850)
    pages, cursor = read_whole(channel, cursor)
    overrun(stage, clock, 850)
    pages += read_whole(channel, cursor)[0]
    assert [page.gap for page in pages if page.gap] == []
    assert len({one.external_id for page in pages for one in page.mentions if one.kind is MentionKind.COMMENT}) == 1_700
    assert min(page.again_seconds for page in pages if page.again_seconds) == pytest.approx(50, abs=1)


def test_a_comment_listed_late_in_a_busy_subreddit_is_taken(
    stage: RedditStage, open_channel: OpenChannel, clock: FixedClock
) -> None:
    channel = open_channel(subreddits=["coats"], page_size=100)
    thread = stage.state.add_post(author="somebody")
    overrun(stage, clock, 400)
    _, cursor = read_whole(channel, None)
    overrun(stage, clock, 100)
    late = stage.state.add_comment("late", to=thread.name, author="emi", at=clock.now() - timedelta(seconds=45))
    assert late.name in {one.external_id for page in read_whole(channel, cursor)[0] for one in page.mentions}


def test_a_long_first_poll_that_meets_the_ceiling_says_so(stage: RedditStage, open_channel: OpenChannel) -> None:
    for _ in range(300):
        stage.state.add_post(author="aya", title="a coat")
    stage.app.ceiling = 250
    said, _ = gaps(open_channel(search=["coat"], page_size=100), None)
    assert said == ["search::coat: Reddit lists about 250 entries at most, and there were more"]


def test_a_listing_that_ends_early_because_all_is_known_or_deleted_is_no_gap(
    stage: RedditStage, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    for name in [stage.post(f"number {number}") for number in range(4)]:
        _, cursor, _ = read_all(channel)
        stage.delete(name)
    stage.post("the only one left")
    assert gaps(channel, cursor)[0] == []


def test_more_pages_than_allowed_are_a_gap(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(max_pages=2)
    _, cursor, _ = read_all(channel)
    for number in range(9):
        stage.post(f"number {number}")
    said, _ = gaps(channel, cursor)
    assert said == ["mentions: 2 pages did not reach what was known"]


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "nonsense", "[]", "{}", '{"v": 2, "sources": {}}', '{"v": 1}', "t1_abc"),
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_cursor_that_is_not_ours_is_a_first_poll_with_a_gap(
    stage: RedditStage, open_channel: OpenChannel, cursor: str
) -> None:
    posted = stage.post("hello")
    page = open_channel().poll(cursor)
    assert "cursor" in page.gap
    assert [one.external_id for one in page.mentions] == [posted]
    assert page.cursor is not None
    assert not open_channel().poll(page.cursor).gap


def test_settings_may_change_between_two_polls(stage: RedditStage, open_channel: OpenChannel) -> None:
    storm(stage, 4)
    halfway = open_channel(subreddits=["coats"]).poll(open_channel(subreddits=["coats"]).poll(None).cursor)
    page = open_channel(search=["coat"]).poll(halfway.cursor)
    assert not page.gap


# -- trouble -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Cut.AFTER, Cut.HALF, Answer(200, b"<html>"), Answer(500), Answer(503)], ids=str)
def test_a_torn_page_is_asked_for_again_later_and_nothing_is_lost(
    stage: RedditStage, open_channel: OpenChannel, fault: Answer | Cut
) -> None:
    channel = open_channel()
    posted = stage.post("hello")
    stage.proxy.fail_next("/message/mentions", fault)
    with pytest.raises(RetryableError):
        channel.poll(None)
    assert stage.proxy.count("/message/mentions") == 1
    assert [one.external_id for one in channel.poll(None).mentions] == [posted]


@pytest.mark.parametrize(
    "body", ["{}", "[]", '{"data": null}', '{"data": {}}', '{"kind": "Listing", "data": {"children": 5}}']
)
@pytest.mark.parametrize("path", ["/message/mentions", "/api/info"])
def test_an_answer_that_is_no_listing_is_no_empty_one(
    stage: RedditStage, open_channel: OpenChannel, path: str, body: str
) -> None:
    channel = open_channel()
    posted = stage.post("hello")
    stage.proxy.fail_next(path, Answer(200, body.encode()))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"
    assert [one.external_id for one in channel.poll(None).mentions] == [posted]


def test_a_silent_server_is_given_up(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(timeout_seconds=1)
    assert channel.own_author_id
    stage.proxy.fail_next("/message/mentions", Cut.SILENT)
    with pytest.raises(RetryableError):
        channel.poll(None)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"x-ratelimit-reset": "240"}, 240.0), ({"retry-after": "soon"}, None), ({}, None), ({"retry-after": "0"}, 1.0)],
)
def test_a_busy_reddit_says_how_long_or_not(
    stage: RedditStage, open_channel: OpenChannel, headers: dict[str, str], wait: float | None
) -> None:
    channel = open_channel()
    stage.proxy.fail_next("/message/mentions", Answer(429, b"too many", headers))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds == wait


def test_a_closed_subreddit_holds_up_nobody_and_is_told(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(subreddits=["backroom"], search=["coat"])
    stage.state.private.add("backroom")
    posted = stage.post("hello")
    found = stage.state.add_post(author="emi", title="a coat")
    said, _ = gaps(channel, None)
    assert {one.external_id for one in read_all(channel)[0]} >= {posted, found.name}
    assert [one.split(":")[0] for one in said] == ["comments", "posts"]
    assert all("(private)" in one for one in said)


def test_a_subreddit_that_is_not_there_is_told(open_channel: OpenChannel) -> None:
    said, _ = gaps(open_channel(subreddits=["nowhere"]), None)
    assert all("not there" in one for one in said)
    assert len(said) == 2


def test_a_search_that_is_away_is_told_only_when_it_stays_away(
    stage: RedditStage, open_channel: OpenChannel, clock: FixedClock
) -> None:
    channel = open_channel(search=["coat"])
    found = stage.state.add_post(author="emi", title="a coat")
    for minutes, expected in ((0, 0), (20, 0), (15, 1)):
        clock.advance(timedelta(minutes=minutes))
        stage.proxy.fail_next("/search", Answer(503))
        said, cursor = gaps(channel, None)
        assert len(said) == expected
    assert [one.external_id for one in read_all(channel, cursor)[0]] == [found.name]


def test_a_limit_met_at_the_second_listing_stops_the_poll_and_loses_nothing(
    stage: RedditStage, open_channel: OpenChannel, clock: FixedClock
) -> None:
    channel = open_channel(search=["coat"])
    found = stage.state.add_post(author="emi", title="a coat")
    page = channel.poll(None)
    stage.proxy.fail_next("/message/comments", Answer(429, b"", {"retry-after": "30"}))
    with pytest.raises(RetryableError):
        channel.poll(page.cursor)
    asked = len(stage.proxy.seen)
    with pytest.raises(RetryableError):
        open_channel(search=["coat"]).poll(page.cursor)  # a new process knows of it, too
    assert len(stage.proxy.seen) == asked
    clock.advance(timedelta(seconds=30))
    assert [one.external_id for one in read_all(channel, page.cursor)[0]] == [found.name]


def test_a_refused_inbox_stops_the_poll(stage: RedditStage, open_channel: OpenChannel) -> None:
    stage.proxy.fail_next("/message/mentions", Answer(403, b'{"reason": "account_suspended"}'))
    with pytest.raises(PermanentError) as caught:
        open_channel().poll(None)
    assert "account_suspended" in caught.value.message


# -- what a mention is -------------------------------------------------------------------------------------------------


def test_an_edited_comment_comes_again_with_its_new_words(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(page_size=100)
    first, second = stage.post("it is blue"), stage.post("it is late")
    _, cursor, _ = read_all(channel)
    stage.state.things[first].body = "it is blue *and torn*"
    found, cursor, _ = read_all(channel, cursor)
    assert [(one.external_id, one.text) for one in found] == [(first, "it is blue and torn")]
    assert read_all(channel, cursor)[0] == []
    assert second


def test_a_comment_is_the_same_whichever_listing_it_comes_from(stage: RedditStage, open_channel: OpenChannel) -> None:
    ours = stage.state.add_post(author=OURS, title="Our new coats")
    under_ours = stage.state.add_comment("Nice", to=ours.name, author="aya")
    answer = stage.state.add_comment("We think so too", to=under_ours.name, author=OURS)
    stage.state.add_comment("Ha", to=answer.name, author="emi")
    stage.state.add_comment(f"Ask u/{OURS.upper()}!", to=under_ours.name, author="emi", inbox="username_mention")
    stage.state.add_comment("no idea", to=under_ours.name, author="emi")
    by_inbox = {one.external_id: one for one in read_all(open_channel())[0]}
    everything = read_all(open_channel(subreddits=["coats"], page_size=100))[0]
    twice = [one for one in everything if one.external_id in by_inbox]
    assert len(by_inbox) == 3
    assert [one.engagement for one in everything].count(Engagement.POSTED) == 1
    for one in twice:
        assert one == by_inbox[one.external_id]
    assert {one.engagement for one in by_inbox.values()} == {Engagement.REPLIED, Engagement.MENTIONED}


def test_under_our_own_post_the_root_is_ours(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel()
    ours = stage.state.add_post(author=OURS)
    stage.state.add_comment("Nice", to=ours.name, author="aya")
    theirs = stage.post("hello")
    by_thread = {one.thread_external_id: one for one in read_all(channel)[0]}
    assert by_thread[ours.name].platform_data[ROOT_AUTHOR] == channel.own_author_id
    link = stage.state.things[theirs].link
    assert by_thread[link].platform_data[ROOT_AUTHOR] == stage.state.id_of("somebody")
    assert by_thread[link].thread_external_id == link


def test_authors_are_known_by_their_id_and_never_by_their_name(stage: RedditStage, open_channel: OpenChannel) -> None:
    stage.post("hello", author="aya")
    mention = open_channel().poll(None).mentions[0]
    assert mention.author.external_id == stage.state.id_of("aya")
    assert mention.author.handle == "aya"
    assert mention.author.url == "https://www.reddit.com/user/aya"


def test_a_post_is_its_title_and_its_words_or_its_address(stage: RedditStage, open_channel: OpenChannel) -> None:
    stage.state.add_post(
        author="aya", title="緑の coat &amp; 青", body="It is **blue**.\n\n[photo](https://i.example/1)"
    )
    stage.state.add_post(author="aya", title="look, coats").url = "https://i.example/2.png"
    found, _, _ = read_all(open_channel(search=["coat"]))
    assert [one.text for one in found] == [
        "緑の coat &amp; 青\n\nIt is blue.\n\nphoto (https://i.example/1)",
        "look, coats\n\nhttps://i.example/2.png",
    ]
    assert {one.kind for one in found} == {MentionKind.POST}
    assert {one.engagement for one in found} == {Engagement.POSTED}


def test_a_search_may_keep_to_some_subreddits(stage: RedditStage, open_channel: OpenChannel) -> None:
    here = stage.state.add_post(author="aya", title="a coat", subreddit="japan")
    stage.state.add_post(author="aya", title="a coat", subreddit="dogs")
    found, _, _ = read_all(open_channel(search=["coat"], search_in=["japan"]))
    assert [one.external_id for one in found] == [here.name]


def test_what_was_taken_down_and_what_we_wrote_is_no_mention(stage: RedditStage, open_channel: OpenChannel) -> None:
    thread = stage.state.add_post(author="aya", title="a coat")
    shown = stage.state.add_comment("[removed]", to=thread.name, author="[deleted]")
    stage.post_as_us("hello", to=thread.name)
    stage.state.add_post(author=OURS, title="our coat")
    found, _, _ = read_all(open_channel(subreddits=["coats"], search=["coat"], page_size=100))
    assert {one.external_id for one in found} == {thread.name}
    assert shown


def test_a_very_long_comment_arrives_whole(stage: RedditStage, open_channel: OpenChannel) -> None:
    text = "長い話です😢" * 1_400
    stage.post(text)
    assert open_channel().poll(None).mentions[0].text == text


@pytest.mark.parametrize(
    "data",
    [
        '{"children": [null, 5, {}, {"kind": "t1"}, {"kind": "t1", "data": []}]}',
        '{"children": [{"kind": "t1", "data": {"name": "t1_a", "author": 5, "created_utc": "x"}}]}',
        '{"children": [{"kind": "t1", "data": {"name": "t1_/../x", "author": "aya", "created_utc": 1e400}}]}',
        '{"children": [{"kind": "more", "data": {"name": "t1_a", "author": "aya"}}], "after": 7}',
    ],
)
def test_a_page_nobody_expected_gives_nothing_and_breaks_nothing(
    stage: RedditStage, open_channel: OpenChannel, data: str
) -> None:
    stage.proxy.fail_next("/message/mentions", Answer(200, f'{{"kind": "Listing", "data": {data}}}'.encode()))
    page = open_channel().poll(None)
    assert page.mentions == ()
    assert page.cursor


def test_our_app_says_who_it_is_as_reddit_asks(stage: RedditStage, open_channel: OpenChannel) -> None:
    """The fake refuses every other name with 429, as Reddit does."""
    assert open_channel().probe().startswith(f"u/{OURS} (t2_")
    assert stage.proxy.count("/api/v1/me") == 1
