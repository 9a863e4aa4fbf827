"""The safety net: all lists at Meta, read every few minutes, without holes and without an end."""

import json
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.words import Engagement, MentionKind
from listener.channels.graph.channel import GraphChannel
from listener.channels.graph.usage import Meter
from tests.listener.channel_contract import from_others, read_all
from tests.listener.graph.stage import JSON, OpenChannel, refusal
from tests.listener.inbox import MemoryInbox
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.graph_world import World

on_facebook = pytest.mark.parametrize("kind", ["facebook"])
on_instagram = pytest.mark.parametrize("kind", ["instagram"])


def ids(channel: GraphChannel, cursor: str | None = None) -> list[str]:
    return [one.external_id for one in from_others(channel, read_all(channel, cursor)[0])]


def pages(channel: GraphChannel, cursor: str | None = None) -> list[Page]:
    found = [channel.poll(cursor)]
    while found[-1].more:
        assert len(found) < 100
        found.append(channel.poll(found[-1].cursor))
    return found


def test_many_posts_with_many_comments_are_read_to_the_end(open_channel: OpenChannel, world: World) -> None:
    roots = [world.post(f"post {number}") for number in range(12)]
    posted = {world.comment(f"{number}", on=root) for root in roots for number in range(5)}
    found = ids(open_channel(page_size=2, max_pages=1000))
    assert set(found) == posted
    assert len(found) == len(posted)


def test_a_sweep_comes_every_few_minutes_only(open_channel: OpenChannel, world: World, clock: FixedClock) -> None:
    channel = open_channel(sweep_minutes=10)
    root = world.post()
    _, cursor, _ = read_all(channel)
    comment = world.comment("later", on=root)
    asked = len(world.asked)
    page = channel.poll(cursor)
    assert (page.mentions, page.more, page.requests) == ((), False, 0)
    assert len(world.asked) == asked
    clock.advance(timedelta(minutes=11))
    assert ids(channel, page.cursor) == [comment]


@pytest.mark.parametrize("cursor", ["", "no json", "[]", '{"v":99}', "[" * 50_000])
def test_an_unreadable_cursor_begins_anew_and_says_so(channel: GraphChannel, world: World, cursor: str) -> None:
    comment = world.comment("hello", on=world.post())
    page = channel.poll(cursor)
    assert "cursor" in page.gap
    assert comment in {one.external_id for one in page.mentions}


def test_another_accounts_cursor_begins_anew(channel: GraphChannel, world: World) -> None:
    world.post()
    stored = json.loads(read_all(channel)[1] or "")
    assert "cursor" in channel.poll(json.dumps({**stored, "of": "1"})).gap


def test_the_cursor_stays_small(open_channel: OpenChannel, world: World) -> None:
    for number in range(8):
        root = world.post()
        for _ in range(3):
            world.comment(f"{number}", on=root)
    assert max(len(page.cursor or "") for page in pages(open_channel(page_size=2))) < 2000


def test_what_is_older_than_the_first_poll_is_left_where_it_is(
    open_channel: OpenChannel, world: World, clock: FixedClock
) -> None:
    root = world.post()
    world.comment("old", on=root, created=clock.now() - timedelta(days=8))
    young = world.comment("young", on=root, created=clock.now() - timedelta(days=6))
    assert ids(open_channel()) == [young]


def test_posts_that_are_too_old_are_not_asked_for_new_comments(
    open_channel: OpenChannel, world: World, clock: FixedClock
) -> None:
    old = world.post("old", created=clock.now() - timedelta(days=400))
    older = [world.post("older", created=clock.now() - timedelta(days=500 + number)) for number in range(5)]
    world.comment("on the older", on=older[0])
    on_old = world.comment("on the old", on=old)
    found = ids(open_channel(page_size=1, watch_days=365))
    assert found == [on_old], "the page that shows the border is still read"


def test_a_ceiling_is_told_as_a_gap_and_the_sweep_ends(open_channel: OpenChannel, world: World) -> None:
    root = world.post()
    for number in range(20):
        world.comment(f"{number}", on=root)
    told = [page.gap for page in pages(open_channel(page_size=2, max_pages=3)) if page.gap]
    assert len(told) == 1
    assert "3 pages did not reach" in told[0]


def test_an_edit_is_noticed_for_some_hours(channel: GraphChannel, world: World, clock: FixedClock) -> None:
    comment = world.comment("blue", on=world.post(), created=clock.now() - timedelta(hours=2))
    _, cursor, _ = read_all(channel)
    clock.advance(timedelta(hours=5))
    world.nodes[comment].text = "green"
    found, cursor, _ = read_all(channel, cursor)
    assert [one.text for one in found] == ["green"]
    clock.advance(timedelta(hours=5))
    assert read_all(channel, cursor)[0] == []


def test_posts_that_name_us_are_mentions(channel: GraphChannel, world: World) -> None:
    tagged = world.tag("@mizunara のコート、暖かい")
    mention = next(one for one in read_all(channel)[0] if one.external_id == f"tag:{tagged}")
    assert (mention.kind, mention.engagement) == (MentionKind.POST, Engagement.MENTIONED)
    assert mention.url.startswith("https://")


def test_a_list_beside_the_first_that_fails_holds_up_nothing(
    channel: GraphChannel, world: World, proxy: FaultyProxy, clock: FixedClock
) -> None:
    comment, message = world.comment("hello", on=world.post()), world.write("in private")
    proxy.fail_next("conversations", refusal(200), times=2)
    found = pages(channel)
    assert [one.external_id for page in found for one in page.mentions] == [comment]
    assert next(page.gap for page in found if page.gap).startswith("messages: not read since 2026")
    clock.advance(timedelta(minutes=20))
    pages(channel, found[-1].cursor)
    assert message in ids(channel, found[-1].cursor)


def test_passing_trouble_of_such_a_list_is_told_after_half_an_hour(
    channel: GraphChannel, world: World, proxy: FaultyProxy, clock: FixedClock
) -> None:
    world.post()
    proxy.fail_next("conversations", Answer(500), times=2)
    first = pages(channel)
    assert [page.gap for page in first if page.gap] == []
    clock.advance(timedelta(minutes=31))
    assert [page.gap for page in pages(channel, first[-1].cursor) if page.gap]


def test_a_place_in_a_list_that_is_no_more_ends_this_sweep_and_the_next_reads_all(
    open_channel: OpenChannel, world: World
) -> None:
    channel = open_channel(page_size=1, max_pages=50)
    roots = [world.post(f"{number}") for number in range(3)]
    kept = [world.comment("hello", on=root) for root in roots]
    first = channel.poll(None)
    stored = json.loads(first.cursor or "")
    stored["sweep"]["after"] = "bm90aGluZw=="
    told = pages(channel, json.dumps(stored))
    assert "not read since" in told[0].gap
    assert set(kept) <= set(ids(channel, told[-1].cursor))


def test_a_place_that_no_address_can_hold_is_one_that_is_no_more(
    channel: GraphChannel, world: World, proxy: FaultyProxy
) -> None:
    comment = world.comment("hello", on=world.post())
    torn = {"data": [], "paging": {"cursors": {"after": "\ud800"}, "next": "https://graph.facebook.com/next"}}
    edge = "feed" if world.kind == "facebook" else "media"
    proxy.fail_next(f"/{edge}", Answer(200, json.dumps(torn).encode(), JSON))
    told = pages(channel)
    assert [page.gap for page in told if "not read since" in page.gap]
    assert comment in ids(channel, told[-1].cursor)


def test_a_post_deleted_while_its_comments_are_read_costs_only_itself(open_channel: OpenChannel, world: World) -> None:
    channel = open_channel(page_size=2, max_pages=50)
    other = world.post("another")
    kept = world.comment("stays", on=other)
    root = world.post()
    for number in range(5):
        world.comment(f"{number}", on=root)
    first = channel.poll(None)
    world.nodes[root].is_deleted = True
    rest = pages(channel, first.cursor)
    found = {one.external_id for page in (first, *rest) for one in page.mentions}
    assert kept in found
    assert [page.gap for page in rest if page.gap] == []


@pytest.mark.parametrize("answer", [refusal(10), refusal(100), Answer(500)])
def test_a_post_whose_comments_meta_refuses_holds_up_no_other(
    open_channel: OpenChannel, world: World, proxy: FaultyProxy, clock: FixedClock, answer: Answer
) -> None:
    channel = open_channel(page_size=2, max_pages=50)
    old = clock.now() - timedelta(days=1)
    others = [world.post("another", created=old - timedelta(hours=number)) for number in range(3)]
    kept = {world.comment("stays", on=other) for other in others}
    root = world.post()
    first_said, *_ = [world.comment(f"{number}", on=root) for number in range(5)]
    first = channel.poll(None)
    if answer.status == 500:
        proxy.fail_next(f"/{root}/comments", answer)
        with pytest.raises(RetryableError):
            channel.poll(first.cursor)
        clock.advance(timedelta(minutes=31))
    proxy.fail_next(f"/{root}/comments", answer)
    rest = pages(channel, first.cursor)
    assert kept <= {one.external_id for page in (first, *rest) for one in page.mentions}
    assert f": the rest below {root} not read since " in next(page.gap for page in rest if page.gap)
    clock.advance(timedelta(hours=7))
    assert first_said in ids(channel, rest[-1].cursor), "the next sweep reads it, however long ago"


def test_what_meta_refuses_for_long_holds_back_no_time(
    open_channel: OpenChannel, world: World, proxy: FaultyProxy, clock: FixedClock
) -> None:
    channel = open_channel(page_size=2, max_pages=50)
    root = world.post()
    for number in range(5):
        world.comment(f"{number}", on=root)
    proxy.fail_next(f"/{root}/comments", refusal(10), times=2)
    cursor = pages(channel)[-1].cursor
    clock.advance(timedelta(hours=7))
    cursor = pages(channel, cursor)[-1].cursor
    clock.advance(timedelta(hours=7))
    assert ids(channel, cursor) == []


def test_comments_hidden_before_they_were_read_come_only_where_the_settings_say_so(
    open_channel: OpenChannel, world: World
) -> None:
    hidden = world.comment("hidden", on=world.post())
    world.nodes[hidden].is_hidden = True
    assert ids(open_channel()) == []
    assert ids(open_channel(hidden_comments=True)) == [hidden]


@pytest.mark.parametrize("settings", [{}, {"hidden_comments": True}])
def test_a_comment_that_a_moderator_hides_is_still_there(
    open_channel: OpenChannel, world: World, settings: dict[str, bool]
) -> None:
    channel = open_channel(**settings)
    comment = world.comment("hello", on=world.post())
    _, cursor, _ = read_all(channel)
    world.nodes[comment].is_hidden = True
    assert channel.still_there([comment]) == {comment}
    assert not [gone for page in pages(channel, cursor) for gone in page.gone]
    world.nodes[comment].is_hidden = False
    assert ids(channel, cursor) == [comment]


def test_an_answer_below_an_old_comment_is_found(channel: GraphChannel, world: World, clock: FixedClock) -> None:
    root = world.post(created=clock.now() - timedelta(days=5))
    old = world.comment("old", on=root, created=clock.now() - timedelta(days=4))
    _, cursor, _ = read_all(channel)
    clock.advance(timedelta(days=1))
    read_all(channel, cursor)
    answer = world.comment("still waiting", on=root, parent=old)
    found = [one for one in read_all(channel, cursor)[0] if one.external_id == answer]
    assert found[0].parent_external_id == old
    assert found[0].engagement is Engagement.REPLIED


@on_instagram
def test_more_answers_than_a_page_holds_are_walked_to_the_newest(open_channel: OpenChannel, world: World) -> None:
    root = world.post()
    top = world.comment("top", on=root)
    answers = [world.comment(f"{number}", on=root, parent=top) for number in range(7)]
    assert set(ids(open_channel(page_size=2))) == {top, *answers}


@on_facebook
def test_a_visitors_post_and_the_comments_below_are_cases_of_their_writers(channel: GraphChannel, world: World) -> None:
    theirs = world.post("Where is my coat?", author="aya")
    comment = world.comment("Mine, too", on=theirs, author="emi")
    found = {one.external_id: one for one in read_all(channel)[0]}
    assert set(found) == {theirs, comment}
    assert {one.platform_data["root_author"] for one in found.values()} == {channel.own_author_id}
    assert {one.thread_external_id for one in found.values()} == {theirs}


def test_the_lists_of_messages_are_not_asked_for_where_they_are_switched_off(
    open_channel: OpenChannel, world: World
) -> None:
    world.write("in private")
    assert ids(open_channel(direct_messages=False)) == []
    assert not [path for _, path, _ in world.asked if "conversations" in path]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-app-usage": '{"call_count":95,"total_cputime":10,"total_time":10}'}, 300),
        ({"x-page-usage": '{"call_count":9,"total_cputime":10,"total_time":99}'}, 300),
        (
            {
                "x-business-use-case-usage": '{"1":[{"type":"pages","call_count":100,"total_cputime":1,"total_time":1,'
                '"estimated_time_to_regain_access":28}]}'
            },
            28 * 60,
        ),
    ],
)
def test_polls_stop_before_everything_is_used_up_and_go_on_afterwards(
    channel: GraphChannel,
    world: World,
    clock: FixedClock,
    inbox: MemoryInbox,
    headers: dict[str, str],
    wait: int,
) -> None:
    world.post()
    world.headers = headers
    first = pages(channel)[-1]
    asked = len(world.asked)
    again = channel.poll(first.cursor)
    assert (again.mentions, again.more, again.gap, again.requests) == ((), False, "", 0)
    event = world.tell_comment(world.comment("told by itself", on=next(iter(world.nodes))))
    inbox.keep(channel.receive(world.call(event)))
    by_call = channel.poll(again.cursor)
    assert [one.text for one in by_call.mentions] == ["told by itself"], "what Meta brings goes on"
    assert [path for method, path, _ in world.asked[asked:] if "feed" in path or path.endswith("/media")] == []
    world.headers = {}
    clock.advance(timedelta(seconds=wait))
    pages(channel, by_call.cursor)
    assert len([path for _, path, _ in world.asked if "conversations" in path]) == 1


@pytest.mark.parametrize("fullest", ["x-app-usage", "x-page-usage", "x-business-use-case-usage"])
def test_the_fullest_limit_counts_though_a_later_answer_tells_of_another_one(clock: FixedClock, fullest: str) -> None:
    calm = {
        "x-app-usage": '{"call_count":1}',
        "x-page-usage": '{"call_count":2}',
        "x-business-use-case-usage": '{"1":[{"type":"instagram","call_count":3},{"type":"messenger","call_count":1}],"2":[{"call_count":4}]}',
    }
    full = calm | {"x-business-use-case-usage": '{"1":[{"type":"instagram","call_count":95}]}'}
    full |= dict.fromkeys(("x-app-usage", "x-page-usage"), '{"call_count":1,"total_time":95}')
    meter = Meter(clock)
    meter.note({fullest: full[fullest]})
    clock.advance(timedelta(minutes=4))
    meter.note({name: value for name, value in calm.items() if name != fullest})
    meter.note({"x-business-use-case-usage": '{"1":[{"type":"messenger","call_count":89}]}'})
    assert "95 %" in meter.held_back()
    clock.advance(timedelta(minutes=1))
    assert meter.held_back() == "", "it sinks by itself"
    meter.note(full)
    meter.note(calm)
    assert meter.held_back() == "", "the same limit, told anew"


@pytest.mark.parametrize("is_first", [True, False])
def test_a_poll_by_a_clock_that_ran_ahead_hides_nothing(
    open_channel: OpenChannel, world: World, clock: FixedClock, *, is_first: bool
) -> None:
    channel = open_channel(sweep_minutes=10)
    cursor = None if is_first else pages(channel)[-1].cursor
    clock.advance(timedelta(days=3650))
    cursor = pages(channel, cursor)[-1].cursor
    clock.advance(timedelta(days=-3650))
    comment = world.comment("hello", on=world.post())
    assert ids(channel, cursor) == [comment]


@pytest.mark.parametrize("source", ["tagged", "tags", "messages"])
def test_a_cursor_that_speaks_of_lists_within_a_flat_one_stops_no_poll(
    channel: GraphChannel, world: World, clock: FixedClock, source: str
) -> None:
    cursor = pages(channel)[-1].cursor
    stored = json.loads(cursor or "")
    stored["sweep"] = {"began": clock.now().isoformat(), "source": source, "inner": [["1_2", "x"]]}
    comment = world.comment("hello", on=world.post())
    assert comment in ids(channel, pages(channel, json.dumps(stored))[-1].cursor)


def test_that_polls_wait_is_told_after_half_an_hour(channel: GraphChannel, world: World, clock: FixedClock) -> None:
    world.post()
    world.headers = {"x-business-use-case-usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":60}]}'}
    cursor = pages(channel)[-1].cursor
    clock.advance(timedelta(minutes=29))
    assert channel.poll(cursor).gap == ""
    clock.advance(timedelta(minutes=2))
    assert "100 % of our requests" in channel.poll(cursor).gap


@pytest.mark.parametrize(
    "usage", ["", "no json", "[]", '{"call_count":"95"}', '{"call_count":1e999}', '{"call_count":89}']
)
def test_headers_that_say_nothing_stop_nobody(channel: GraphChannel, world: World, usage: str) -> None:
    world.post()
    world.headers = {"x-app-usage": usage, "x-business-use-case-usage": usage}
    pages(channel)


@pytest.mark.parametrize("cut", list(Cut))
def test_a_torn_page_is_read_again(open_channel: OpenChannel, world: World, proxy: FaultyProxy, cut: Cut) -> None:
    channel = open_channel(timeout_seconds=2 if cut is Cut.SILENT else 10)
    comment = world.comment("hello", on=world.post())
    proxy.fail_next("GET ", cut)
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"
    assert ids(channel) == [comment]


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b'"text"', b"<html>", b"{" * 9999])
def test_an_answer_that_makes_no_sense_is_trouble_of_metas(
    channel: GraphChannel, world: World, proxy: FaultyProxy, body: bytes
) -> None:
    world.post()
    proxy.fail_next("GET ", Answer(200, body, {"content-type": "application/json"}))
    with pytest.raises(RetryableError):
        channel.poll(None)


def test_entries_that_cannot_be_read_are_told(channel: GraphChannel, world: World, proxy: FaultyProxy) -> None:
    edge = "feed" if world.kind == "facebook" else "media"
    broken = {"data": [{"id": "1_2", "timestamp": "?", "comments": {"data": [None, {"id": 5}]}}]}
    read_all(channel)
    proxy.fail_next(f"/{edge}", Answer(200, json.dumps(broken).encode(), {"content-type": "application/json"}))
    assert "could not be read" in channel.poll(None).gap


def test_an_old_message_that_cannot_be_read_is_told_for_some_hours_only(
    channel: GraphChannel, proxy: FaultyProxy, clock: FixedClock
) -> None:
    nodes = [{"id": "m_1", "created_time": clock.now().isoformat()}]
    talk = {"id": "t_1", "updated_time": clock.now().isoformat(), "messages": {"data": nodes}}
    answer = Answer(200, json.dumps({"data": [talk]}).encode(), JSON)
    proxy.fail_next("conversations", answer, times=3)
    first = pages(channel)
    assert [page.gap for page in first if page.gap] == ["messages: 1 entries could not be read"]
    clock.advance(timedelta(hours=7))
    second = pages(channel, first[-1].cursor)
    clock.advance(timedelta(hours=7))
    assert [page.gap for page in pages(channel, second[-1].cursor) if page.gap] == []


def test_a_very_long_comment_and_empty_ones_arrive(channel: GraphChannel, world: World) -> None:
    root = world.post()
    long, empty = world.comment("長い🧥" * 2000, on=root), world.comment("", on=root)
    by_id = {one.external_id: one.text for one in read_all(channel)[0]}
    assert by_id == {long: "長い🧥" * 2000, empty: "[attachment]"}


def test_a_revoked_token_is_told_with_what_to_do(channel: GraphChannel, world: World) -> None:
    world.token.update(works=False, subcode=460)
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert "password" in str(caught.value)
    assert "access_token" in caught.value.remedy


def test_every_request_carries_its_proof_and_no_token_stands_in_an_address(channel: GraphChannel, world: World) -> None:
    world.comment("hello", on=world.post())
    pages(channel)
    assert world.asked
    for _, _, query in world.asked:
        assert len(query["appsecret_proof"]) == 64
        assert "access_token" not in query


def test_a_lost_right_to_read_deletes_nothing(channel: GraphChannel, world: World, proxy: FaultyProxy) -> None:
    comment = world.comment("hello", on=world.post())
    proxy.fail_next("GET ", refusal(100, 33))
    proxy.fail_next("GET ", refusal(10))
    with pytest.raises(PermanentError) as caught:
        channel.still_there([comment])
    assert caught.value.code == "no_right"
    assert channel.still_there([comment]) == {comment}


@on_instagram
def test_a_comment_below_an_advertisement_stands_below_its_media(
    channel: GraphChannel, world: World, inbox: MemoryInbox
) -> None:
    comment = world.comment("hello", on=world.post())
    told = world.tell_comment(comment)
    told["value"]["media"] = {"id": "555", "ad_id": "777", "original_media_id": world.nodes[comment].post}
    inbox.keep(channel.receive(world.call(told)))
    found = {one.thread_external_id for one in read_all(channel)[0]}
    assert found == {world.nodes[comment].post}
