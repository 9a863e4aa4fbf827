"""What is read of X, how far back, and what is said when something may be missing."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest

from domain.errors import PermanentError, RetryableError
from domain.mentions import IncomingMention, Page
from domain.words import Engagement, MentionKind
from listener.channels.x import XChannel
from listener.channels.x.polling import CURSOR_LOST
from tests.cast import NOON
from tests.listener.x.stage import Stage, gaps, read_mentions, read_pages
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.x_views import POSTS, Views


def texts(mentions: list[IncomingMention]) -> list[str]:
    return [mention.text for mention in mentions]


@pytest.fixture
def channel(stage: Stage) -> XChannel:
    return stage.open(page_size=10)


def test_marks_that_x_escapes_come_as_they_were_meant(stage: Stage, channel: XChannel) -> None:
    said = "1 < 2 && 3 > 2, and &amp; stays &amp; 😢"
    stage.world.post(said)

    assert texts(read_mentions(channel)) == [said]


def test_short_links_are_spelled_out(stage: Stage, channel: XChannel) -> None:
    stage.world.post("壊れてます https://example.jp/写真 https://shop.example.com/a?b=1&c=2 見て")

    (found,) = read_mentions(channel)

    assert "https://shop.example.com/a?b=1&c=2 見て" in found.text
    assert "t.co" not in found.text


def test_a_very_long_post_comes_whole(stage: Stage, channel: XChannel) -> None:
    long = "コートの色が違いました。" * 300 + "https://example.com/photo"
    stage.world.post(long)

    assert texts(read_mentions(channel)) == [long]


def test_an_edited_post_comes_again_under_its_first_id(stage: Stage, channel: XChannel) -> None:
    first = stage.world.post("The coat is bleu.")
    cursor = read_pages(channel)[-1].cursor
    newest = stage.world.edit(first.history[0], "The coat is blue.")

    (found,) = read_mentions(channel, cursor)

    assert (found.external_id, found.text) == (first.history[0], "The coat is blue.")
    assert found.platform_data["post_id"] == newest


def test_a_quote_of_our_post_is_known_by_its_address(stage: Stage) -> None:
    ours = stage.world.post("New: the green coat", author="shop", mention=False)
    stage.world.post("This green coat came blue.", mention=False, quotes=ours.id)
    channel = stage.open(search=["green coat"])

    (found,) = read_mentions(channel)

    assert found.engagement is Engagement.QUOTED


def test_a_quote_of_somebody_elses_post_names_it_and_ours_is_not_named(stage: Stage, channel: XChannel) -> None:
    theirs = stage.world.post("The coat is blue.", author="emi", mention=False)
    ours = stage.world.post("New: the green coat", author="shop", mention=False)
    stage.world.post("Same here!", quotes=theirs.id)
    stage.world.post("Not mine!", quotes=ours.id)

    found = {mention.text.partition(" https")[0]: mention for mention in read_mentions(channel)}

    assert sorted(mention.quoted_external_id for mention in found.values()) == ["", theirs.id]
    quoting = next(mention for mention in found.values() if mention.quoted_external_id)
    assert quoting.thread_external_id == quoting.external_id
    assert "quoted_text" not in quoting.platform_data


def test_a_found_post_merely_was_posted(stage: Stage) -> None:
    stage.world.post("I love mizunara coats", mention=False, lang="und")
    channel = stage.open(search=["mizunara OR ミズナラ"])

    (found,) = read_mentions(channel)

    assert (found.engagement, found.kind, found.language_hint) == (Engagement.POSTED, MentionKind.POST, "")


def test_a_reply_to_us_is_no_mention_unless_the_person_wrote_our_handle(stage: Stage, channel: XChannel) -> None:
    ours = stage.world.post("New coats today!", author="shop", mention=False)
    stage.world.post("@shop nice", reply_to=ours.id)
    stage.world.post("@shop what about my order, @shop ?", reply_to=ours.id, author="emi")

    plain, _ = read_mentions(channel)

    assert plain.engagement is Engagement.REPLIED
    assert plain.kind is MentionKind.COMMENT


def test_repeats_of_posts_are_left_out(stage: Stage, channel: XChannel) -> None:
    post = stage.world.post("The coat is blue.")
    stage.world.post("RT @aya: The coat is blue.", author="emi", repeats=post.id)

    assert texts(read_mentions(channel)) == ["The coat is blue."]


def test_below_our_own_post_it_is_told_who_began(stage: Stage, channel: XChannel) -> None:
    ours = stage.world.post("New coats today!", author="shop", mention=False)
    question = stage.world.post("@shop also in blue?", reply_to=ours.id)
    answer = stage.world.write("Yes!", reply_to=question.id)
    stage.world.post("@shop thanks!", reply_to=answer.id)

    found = read_mentions(channel)

    assert [one.thread_external_id for one in found] == [ours.id, ours.id]
    assert [one.platform_data.get("root_author") for one in found] == [stage.world.us.id] * 2
    assert stage.server.seen("GET", "/2/tweets") == []


def test_who_began_a_strange_conversation_is_looked_up_once(stage: Stage, channel: XChannel) -> None:
    root = stage.world.post("Look at this", author="kei", mention=False)
    middle = stage.world.post("@kei wow", author="emi", mention=False, reply_to=root.id)
    stage.world.post("@emi @kei @shop is this yours?", reply_to=middle.id)

    (found,) = read_mentions(channel)
    read_mentions(channel)

    assert found.platform_data["root_author"] == stage.world.person("kei").id
    assert len(stage.server.seen("GET", "/2/tweets")) == 1


def test_a_message_comes_with_its_conversation(stage: Stage, channel: XChannel) -> None:
    said = stage.world.say("注文番号は 1234 です & <3", sender="aya", to="shop")
    stage.world.say("ours", sender="shop", to="aya")

    (found,) = read_mentions(channel)

    assert (found.kind, found.engagement) == (MentionKind.MESSAGE, Engagement.WROTE_DM)
    assert found.text == "注文番号は 1234 です & <3"
    assert found.external_id == f"dm:{said.id}"
    assert found.thread_external_id == f"dm:{said.conversation_id}"
    assert found.author.handle == "aya"


def test_messages_rest_between_two_reads_and_none_is_lost(stage: Stage) -> None:
    channel = stage.open(direct_message_page_size=2)
    cursor = read_pages(channel)[-1].cursor
    for number in range(5):
        stage.world.say(f"message {number}", sender="aya", to="shop")

    assert read_mentions(channel, cursor) == []
    stage.clock.advance(timedelta(minutes=5))
    assert sorted(texts(read_mentions(channel, cursor))) == [f"message {number}" for number in range(5)]


def test_without_the_option_no_message_is_asked_for(stage: Stage) -> None:
    stage.world.say("hello", sender="aya", to="shop")
    channel = stage.open(direct_messages=False)

    assert read_mentions(channel) == []
    assert stage.server.seen("GET", "/2/dm_events") == []


def test_many_posts_come_in_pages_and_the_next_poll_asks_only_for_newer_ones(stage: Stage, channel: XChannel) -> None:
    for number in range(45):
        stage.world.post(f"post {number}")
        stage.clock.advance(timedelta(minutes=1))

    pages = read_pages(channel)
    stage_bill = len(stage.server.billed)
    again = read_mentions(channel, pages[-1].cursor)

    assert len({one.external_id for page in pages for one in page.mentions}) == 45
    assert len(again) <= 15  # what may have been listed late
    assert len(stage.server.billed) == stage_bill, "reading again costs nothing on the same day"
    assert gaps(pages) == []


def test_the_first_poll_reads_as_far_back_as_the_option_says(stage: Stage) -> None:
    stage.world.post("old", at=NOON - timedelta(days=3))
    stage.world.post("new", at=NOON - timedelta(days=1))

    assert texts(read_mentions(stage.open(first_poll_days=2))) == ["new"]


def test_more_than_eight_hundred_mentions_are_a_gap(stage: Stage) -> None:
    for number in range(805):
        stage.world.post(f"storm {number}")
    pages = read_pages(stage.open())

    assert sum(len(page.mentions) for page in pages) == 800
    assert gaps(pages) == ["mentions: X lists only the newest 800, and there were more"]


def test_pages_that_do_not_reach_what_was_known_are_a_gap(stage: Stage) -> None:
    for number in range(30):
        stage.world.post(f"storm {number}")
    pages = read_pages(stage.open(page_size=5, max_pages=2))

    assert gaps(pages) == ["mentions: 10 entries on 2 pages did not reach what was known"]


def test_a_search_after_more_than_seven_days_is_a_gap_and_works(stage: Stage) -> None:
    channel = stage.open(search=["coat"], bearer_token="")
    stage.world.post("coat one", mention=False)
    cursor = read_pages(channel)[-1].cursor
    stage.clock.advance(timedelta(days=9))
    stage.world.post("coat two", mention=False)

    pages = read_pages(channel, cursor)

    assert [one.text for page in pages for one in page.mentions] == ["coat two"]
    assert [gap for gap in gaps(pages) if gap.startswith("search:coat: X lets us read 7 days back")]


def test_a_search_interrupted_for_more_than_seven_days_begins_anew_with_a_gap(stage: Stage) -> None:
    channel = stage.open(search=["coat"], page_size=10)
    for number in range(12):
        stage.world.post(f"coat {number}", mention=False)
    cursor = poll_until_walking(channel, "search:coat")[-1].cursor
    stage.clock.advance(timedelta(days=8))
    stage.world.post("coat, new", mention=False)

    pages = read_pages(channel, cursor)

    assert [one.text for page in pages for one in page.mentions] == ["coat, new"]
    assert gaps(pages) == ["search:coat: X lets us read 7 days back, and the last time is longer ago"]
    assert gaps(read_pages(channel, pages[-1].cursor)) == []


def test_messages_interrupted_at_the_edge_of_what_x_keeps_go_on_where_they_were(stage: Stage) -> None:
    channel = stage.open(first_poll_days=30, direct_message_page_size=10)
    for number in range(12):
        stage.world.say(f"hello {number}", sender="aya", to="shop")
    pages = poll_until_walking(channel, "messages")
    stage.clock.advance(timedelta(minutes=15))

    pages += read_pages(channel, pages[-1].cursor)

    assert len([one for page in pages for one in page.mentions]) == 12
    assert gaps(pages) == []


def test_a_quiet_search_is_counted_only_when_it_was_not_read_for_long(stage: Stage) -> None:
    channel = stage.open(search=["coat"], secrets={"bearer_token": "bearer-1"})
    stage.world.post("coat one", mention=False)
    cursor = read_pages(channel)[-1].cursor
    counted = len(stage.server.seen("GET", "/2/tweets/counts/recent"))
    for _ in range(12):
        stage.clock.advance(timedelta(minutes=30))
        cursor = read_pages(channel, cursor)[-1].cursor
    assert len(stage.server.seen("GET", "/2/tweets/counts/recent")) == counted

    stage.clock.advance(timedelta(minutes=90))
    read_pages(channel, cursor)
    assert len(stage.server.seen("GET", "/2/tweets/counts/recent")) == counted + 1


def test_a_quiet_search_that_was_read_yesterday_has_no_gap(stage: Stage) -> None:
    channel = stage.open(search=["coat"])
    stage.world.post("coat one", mention=False)
    cursor = read_pages(channel)[-1].cursor
    for _ in range(10):
        stage.clock.advance(timedelta(days=1))
        pages = read_pages(channel, cursor)
        cursor = pages[-1].cursor
        assert gaps(pages) == []


@pytest.mark.parametrize("new_names", [False, True])
def test_a_search_that_would_bring_too_much_is_counted_and_left_out(stage: Stage, *, new_names: bool) -> None:
    if new_names:
        stage.server.names, stage.server.views = POSTS, Views(stage.world, POSTS)
    for number in range(40):
        stage.world.post(f"coat {number}", mention=False)
    channel = stage.open(
        search=["coat"], search_max_posts=30, post_fields=new_names, secrets={"bearer_token": "bearer-1"}
    )

    pages = read_pages(channel)

    assert [one for page in pages for one in page.mentions] == []
    assert gaps(pages) == ["search:coat: 40 posts were not read, as options.search_max_posts is 30"]
    assert stage.server.seen("GET", "/2/tweets/search/recent") == []
    stage.world.post("coat 41", mention=False)
    stage.clock.advance(timedelta(minutes=1))
    assert "coat 41" in texts(read_mentions(channel, pages[-1].cursor))
    assert len(stage.server.seen("GET", "/2/tweets/counts/recent")) == 1


def test_where_nothing_can_be_counted_a_search_stops_at_its_limit(stage: Stage) -> None:
    for number in range(40):
        stage.world.post(f"coat {number}", mention=False)

    pages = read_pages(stage.open(search=["coat"], search_max_posts=20, page_size=10))

    assert sum(len(page.mentions) for page in pages) == 20
    assert gaps(pages) == ["search:coat: 20 entries on 2 pages did not reach what was known"]
    assert stage.server.seen("GET", "/2/tweets/counts/recent") == []


def test_where_counting_is_refused_the_search_is_read_all_the_same(stage: Stage) -> None:
    stage.world.post("coat", mention=False)
    channel = stage.open(search=["coat"], secrets={"bearer_token": "of-another-app"})

    assert texts(read_mentions(channel)) == ["coat"]


def test_our_own_posts_are_not_searched_for(stage: Stage) -> None:
    stage.world.post("our coat", author="shop", mention=False)

    assert read_mentions(stage.open(search=["coat"])) == []


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"v":2}', '{"v":1,"sources":3}', "[" * 5000])
def test_an_unreadable_cursor_is_a_first_poll_with_a_gap(stage: Stage, channel: XChannel, cursor: str) -> None:
    stage.world.post("The coat is blue.")

    page = channel.poll(cursor)

    assert texts(list(page.mentions)) == ["The coat is blue."]
    assert page.gap == CURSOR_LOST


def test_a_torn_page_changes_nothing(stage: Stage, channel: XChannel) -> None:
    stage.world.post("The coat is blue.")
    channel.probe()
    for cut in (Cut.HALF, Cut.AFTER, Cut.BEFORE):
        stage.proxy.fail_next("/mentions", cut)
        with pytest.raises(RetryableError, match="no whole answer"):
            channel.poll(None)

    assert texts(read_mentions(channel)) == ["The coat is blue."]


def test_a_silent_server_is_given_up(stage: Stage) -> None:
    channel = stage.open(timeout_seconds=1)
    channel.probe()
    stage.proxy.fail_next("/mentions", Cut.SILENT)

    with pytest.raises(RetryableError):
        channel.poll(None)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"no"', b"<html>sign in to the network</html>", b"\xff\xfe"])
def test_an_answer_of_somebody_in_between_is_no_page(stage: Stage, channel: XChannel, body: bytes) -> None:
    channel.probe()
    stage.proxy.fail_next("/mentions", Answer(200, body, {"content-type": "text/html"}))

    with pytest.raises(RetryableError):
        channel.poll(None)


NO_LISTS = [b"{}", b'{"errors":[{"title":"x"}]}', b'{"data":[]}', b'{"meta":[]}', b'{"meta":{},"data":{}}']


def poll_until_walking(channel: XChannel, source: str) -> list[Page]:
    """Poll until ``source`` is between two of its pages."""
    pages = [channel.poll(None)]
    while "walk" not in json.loads(pages[-1].cursor or "")["sources"].get(source, {}):
        assert pages[-1].more
        pages.append(channel.poll(pages[-1].cursor))
    return pages


@pytest.mark.parametrize("body", NO_LISTS)
@pytest.mark.parametrize(
    ("source", "path"), [("mentions", "/mentions"), ("search:coat", "/search/recent"), ("messages", "GET /2/dm_events")]
)
def test_an_answer_that_is_no_list_ends_no_walk(stage: Stage, source: str, path: str, body: bytes) -> None:
    channel = stage.open(search=["coat"], page_size=10, direct_message_page_size=10)
    for number in range(12):
        stage.world.post(f"torn {number}")
        stage.world.post(f"coat {number}", mention=False)
        stage.world.say(f"hello {number}", sender="aya", to="shop")
        stage.clock.advance(timedelta(minutes=1))
    pages = poll_until_walking(channel, source)
    stage.proxy.fail_next(path, Answer(200, body))

    with suppress(RetryableError):  # of the first source; others are passed over
        pages.append(channel.poll(pages[-1].cursor))
    for _ in range(2):
        pages += read_pages(channel, pages[-1].cursor)

    found = {mention.text for page in pages for mention in page.mentions}
    assert found == {f"{word} {number}" for word in ("torn", "coat", "hello") for number in range(12)}


def test_an_answer_about_no_conversation_leaves_its_beginner_to_be_asked_again(stage: Stage, channel: XChannel) -> None:
    root = stage.world.post("Look at this", author="kei", mention=False)
    middle = stage.world.post("@kei wow", author="emi", mention=False, reply_to=root.id)
    stage.world.post("@emi @kei @shop is this yours?", reply_to=middle.id)
    stage.proxy.fail_next("GET /2/tweets", Answer(200, b"{}"))
    read_mentions(channel)

    (found,) = read_mentions(channel)

    assert found.platform_data["root_author"] == stage.world.person("kei").id


def test_a_redirect_is_not_followed(stage: Stage, channel: XChannel) -> None:
    channel.probe()
    stage.proxy.fail_next("/mentions", Answer(302, b"", {"location": f"{stage.proxy.url}/2/users/me"}))

    with pytest.raises(PermanentError):
        channel.poll(None)


def test_a_search_that_fails_never_holds_up_the_mentions(stage: Stage) -> None:
    channel = stage.open(search=["coat"])
    cursor = read_pages(channel)[-1].cursor
    stage.world.post("coat for sale", mention=False)
    stage.world.post("The sleeve is torn.")
    stage.proxy.fail_next("/search/recent", Answer(503, b"{}"))

    pages = read_pages(channel, cursor)

    assert [one.text for page in pages for one in page.mentions] == ["The sleeve is torn."]
    assert gaps(pages) == []  # not yet worth a word
    assert "coat for sale" in texts(read_mentions(channel, pages[-1].cursor))


def test_a_search_that_is_refused_for_good_is_told(stage: Stage) -> None:
    channel = stage.open(search=["coat"])
    stage.proxy.fail_next("/search/recent", Answer(400, b'{"title":"Invalid","detail":"bad rule"}'))

    assert [gap for gap in gaps(read_pages(channel)) if "bad rule" in gap]


def test_a_position_that_went_stale_begins_the_walk_anew(stage: Stage) -> None:
    channel = stage.open(page_size=5)
    for number in range(12):
        stage.world.post(f"post {number}")
    first = channel.poll(None)
    assert first.cursor is not None
    cursor = json.loads(first.cursor)
    cursor["sources"]["mentions"]["walk"]["token"] = "1" * 20

    found = read_mentions(channel, json.dumps(cursor))

    assert {one.text for one in found} >= {f"post {number}" for number in range(12)}


def test_posts_without_time_or_author_are_refused_with_the_way_out(stage: Stage) -> None:
    stage.world.post("The coat is blue.")
    stage.server.names, stage.server.views = POSTS, Views(stage.world, POSTS)
    stage.server.hides_fields = True
    channel = stage.open()

    for ask in (channel.probe, lambda: channel.poll(None)):
        with pytest.raises(PermanentError) as caught:
            ask()
        assert caught.value.code == "fields_missing"
        assert "post_fields" in caught.value.remedy
    stage.server.hides_fields = False
    assert "author and time come back" in stage.open(post_fields=True).probe()


def test_the_probe_says_what_it_could_not_check(channel: XChannel) -> None:
    assert "no post yet" in channel.probe()
    assert channel.probe().startswith("@shop (7000) on http://127.0.0.1")


def test_a_search_that_is_no_longer_named_is_forgotten(stage: Stage) -> None:
    cursor = read_pages(stage.open(search=["coat", "sleeve"]))[-1].cursor
    page = read_pages(stage.open(search=["coat"]), cursor)[-1]

    assert page.cursor is not None
    assert "sleeve" not in page.cursor


def test_a_used_up_window_asks_the_poller_to_wait_for_its_end(stage: Stage) -> None:
    channel = stage.open(direct_messages=False)
    cursor = read_pages(channel)[-1].cursor
    stage.server.door.counts = dict.fromkeys(stage.server.door.counts, 300)

    with pytest.raises(RetryableError) as caught:
        channel.poll(cursor)

    assert caught.value.retry_after_seconds == pytest.approx(900, abs=1)
    stage.clock.advance(timedelta(seconds=901))
    channel.poll(cursor)


def test_while_only_the_mentions_are_closed_the_others_are_read_and_nobody_asks_for_mentions(stage: Stage) -> None:
    cursor = read_pages(stage.open(search=["coat"]))[-1].cursor
    stage.server.door.close("GET /2/users/{id}/mentions", timedelta(minutes=10))
    stage.world.post("The sleeve is torn.")
    stage.world.post("coat for sale", mention=False)
    stage.clock.advance(timedelta(minutes=6))
    stage.world.say("hello", sender="aya", to="shop")

    pages = read_pages(stage.open(search=["coat"]), cursor)  # a new process
    pages += read_pages(stage.open(search=["coat"]), pages[-1].cursor)

    assert {one.text for page in pages for one in page.mentions} == {"coat for sale", "hello"}
    assert len(stage.server.seen("GET", "/2/users/{id}/mentions")) == 2, "read once, refused once"
    assert pages[-1].unread.startswith("mentions: not read since")
    assert gaps(pages) == []
    stage.clock.advance(timedelta(minutes=5))
    pages = read_pages(stage.opened[-1], pages[-1].cursor)
    assert "The sleeve is torn." in {one.text for page in pages for one in page.mentions}
    assert pages[-1].unread == ""


def test_when_nothing_else_is_due_a_closed_list_puts_the_poll_off_until_something_is(stage: Stage) -> None:
    channel = stage.open()
    cursor = read_pages(channel)[-1].cursor
    stage.server.door.close("GET /2/users/{id}/mentions", timedelta(minutes=15))
    stage.clock.advance(timedelta(minutes=1))

    with pytest.raises(RetryableError) as caught:
        channel.poll(cursor)

    assert caught.value.retry_after_seconds == 240  # the messages have rested by then


def test_the_last_request_of_a_window_closes_the_list_before_any_refusal(stage: Stage) -> None:
    channel = stage.open(direct_messages=False)
    cursor = channel.poll(None).cursor
    stage.server.door.counts = dict.fromkeys(stage.server.door.counts, 299)
    cursor = channel.poll(cursor).cursor

    with pytest.raises(RetryableError):
        channel.poll(cursor)
    assert [one.status for one in stage.server.exchanges] == [200] * len(stage.server.exchanges)
    assert stage.server.door.asked_while_closed == 0


def overrun(stage: Stage, count: int, *, seconds: float = 0.2) -> None:
    """Let so many people mention us, one after the other."""
    for number in range(count):
        stage.clock.advance(timedelta(seconds=seconds))
        stage.world.post(f"storm {number}")


def test_mentions_that_x_no_longer_lists_are_read_by_search_and_told_as_filled(stage: Stage) -> None:
    channel = stage.open()
    cursor = read_pages(channel)[-1].cursor
    overrun(stage, 1100)
    stage.world.post("our own words @shop", author="shop", mention=False)

    pages = read_pages(channel, cursor)

    assert {one.text for page in pages for one in page.mentions} == {f"storm {number}" for number in range(1100)}
    assert gaps(pages) == []
    assert [page.filled for page in pages if page.filled] == [
        "mentions from 2026-11-20 02:45 to 03:01 UTC were read by search (300 posts), as X's list had dropped them"
    ]
    assert sum(page.cost_usd for page in pages) == pytest.approx(800 * 0.001 + 300 * 0.005 + 0.010)


def test_a_hole_survives_a_restart_and_a_search_that_is_away(stage: Stage) -> None:
    cursor = read_pages(stage.open())[-1].cursor
    overrun(stage, 1100)
    stage.proxy.fail_next("/search/recent", Answer(503, b"{}"))
    pages = read_pages(stage.open(), cursor)
    assert "1 holes to fill" in pages[-1].unread
    stage.world.post("later")

    pages += read_pages(stage.open(), pages[-1].cursor)

    found = {one.text for page in pages for one in page.mentions}
    assert found == {"later"} | {f"storm {number}" for number in range(1100)}
    assert gaps(pages) == []
    assert pages[-1].unread == ""


def test_a_walk_cut_while_the_list_moves_on_loses_nothing(stage: Stage) -> None:
    channel = stage.open()
    cursor = read_pages(channel)[-1].cursor
    overrun(stage, 300)
    page = channel.poll(cursor)
    found = texts(list(page.mentions))
    overrun(stage, 1100)

    pages = read_pages(stage.open(), page.cursor)

    found += [one.text for one_page in pages for one in one_page.mentions]
    assert len({*found}) == 1100
    assert len({one.external_id for one_page in [page, *pages] for one in one_page.mentions}) == 1400
    assert gaps(pages) == []


def test_a_hole_that_cannot_be_searched_is_a_gap(stage: Stage) -> None:
    channel = stage.open()
    cursor = read_pages(channel)[-1].cursor
    overrun(stage, 1100)
    stage.proxy.fail_next("/search/recent", Answer(403, b'{"reason": "client-not-enrolled"}'))

    pages = read_pages(channel, cursor)

    (gap,) = gaps(pages)
    assert gap.startswith(
        "mentions from 2026-11-20 02:45 to 03:01 UTC: dropped from X's list, and not found by search."
    )
    assert gaps(read_pages(channel, pages[-1].cursor)) == []


def test_a_hole_larger_than_the_operator_pays_for_is_a_gap(stage: Stage) -> None:
    channel = stage.open(fill_max_posts=100)
    cursor = read_pages(channel)[-1].cursor
    overrun(stage, 1100)

    pages = read_pages(channel, cursor)

    assert len({one.external_id for page in pages for one in page.mentions}) == 900
    assert [gap for gap in gaps(pages) if "options.fill_max_posts = 100" in gap]


def test_where_holes_are_not_to_be_filled_they_are_gaps(stage: Stage) -> None:
    channel = stage.open(fill_max_posts=0)
    cursor = read_pages(channel)[-1].cursor
    overrun(stage, 1100)

    assert gaps(read_pages(channel, cursor)) == ["mentions: X lists only the newest 800, and there were more"]
    assert stage.server.seen("GET", "/2/tweets/search/recent") == []


def test_a_hole_older_than_a_search_reaches_is_a_gap(stage: Stage) -> None:
    cursor = read_pages(stage.open())[-1].cursor
    overrun(stage, 1100)
    stage.proxy.fail_next("/search/recent", Answer(503, b"{}"))
    pages = read_pages(stage.open(), cursor)
    stage.clock.advance(timedelta(days=8))

    (gap,) = gaps(read_pages(stage.open(), pages[-1].cursor))

    assert "lie further back than X lets us search" in gap


def test_a_post_listed_late_is_read_all_the_same(stage: Stage, channel: XChannel) -> None:
    overrun(stage, 30, seconds=5)
    cursor = read_pages(channel)[-1].cursor
    stage.world.post("late", at=stage.clock.now() - timedelta(minutes=2))
    stage.world.post("very late", at=stage.clock.now() - timedelta(minutes=10))

    assert {"late", "very late"} <= set(texts(read_mentions(channel, cursor)))


def test_the_faster_mentions_come_the_sooner_the_next_poll(stage: Stage) -> None:
    channel = stage.open()
    cursor = read_pages(channel)[-1].cursor
    overrun(stage, 400, seconds=0.1)

    pages = read_pages(channel, cursor)

    assert min(page.again_seconds for page in pages if page.again_seconds) == pytest.approx(40, abs=0.5)


def test_a_limit_without_a_time_leaves_the_pause_to_the_poller(stage: Stage, channel: XChannel) -> None:
    channel.probe()
    stage.proxy.fail_next("/mentions", Answer(429, b"{}"))

    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds is None


def test_messages_over_their_limit_hold_up_nothing_and_come_later(stage: Stage) -> None:
    channel = stage.open()
    cursor = read_pages(channel)[-1].cursor
    stage.world.say("hello", sender="aya", to="shop")
    stage.clock.advance(timedelta(minutes=6))
    window = int(stage.clock.now().timestamp()) // 900
    stage.server.door.counts["GET /2/dm_events", window] = 15
    pages = read_pages(channel, cursor)
    assert [one for page in pages for one in page.mentions] == []

    stage.clock.advance(timedelta(minutes=15))

    assert texts(read_mentions(channel, pages[-1].cursor)) == ["hello"]


def test_the_next_poll_goes_on_with_nothing_lost_whatever_page_it_was_cut_after(stage: Stage) -> None:
    for number in range(17):
        stage.world.post(f"post {number} coat", mention=number % 2 == 0)
        stage.world.say(f"message {number}", sender=f"person{number}", to="shop")
    wanted = {f"post {number} coat" for number in range(17)} | {f"message {number}" for number in range(17)}

    for cut in range(1, 7):
        stage.clock.advance(timedelta(minutes=15))  # messages may be asked for fifteen times in fifteen minutes
        channel = stage.open(search=["coat"], page_size=5, direct_message_page_size=4)
        page = channel.poll(None)
        found = set(texts(list(page.mentions)))
        for _ in range(cut):
            page = channel.poll(page.cursor)
            found |= set(texts(list(page.mentions)))
        stage.open(search=["coat"], page_size=5, direct_message_page_size=4)  # a new process
        found |= set(texts(read_mentions(stage.opened[-1], page.cursor)))
        assert found == wanted
