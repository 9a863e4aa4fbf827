"""Pages of what LINE brought: in order, none lost, none twice, whatever is broken in between."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError
from domain.webhooks import Parcel, Receipt
from listener.channels.line import LineChannel
from listener.channels.line.notes import NoteKind, Notes
from tests.listener.channel_contract import read_all, request_for
from tests.listener.inbox import MemoryInbox
from tests.listener.line.stage import ENDPOINT, PROFILE, OpenChannel, Stage, mention_of
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.line_api import user_id


class EmptiedInbox(MemoryInbox):
    """What a page took is gone thereafter, as in our rows."""

    def take(self, upto: int) -> None:
        self.kept = [parcel for parcel in self.kept if parcel.number > upto]


def test_many_pages_come_in_order_and_once(stage: Stage, open_channel: OpenChannel) -> None:
    sent = [stage.say(f"number {number}") for number in range(25)]
    channel = open_channel(page_size=4)
    cursor, seen, read = None, [], []
    while True:
        page = channel.poll(cursor)
        seen += [one.external_id for one in page.mentions]
        read.append(page.parcels_read)
        cursor = page.cursor
        if not page.more:
            break
    assert seen == sent
    assert read == [4, 8, 12, 16, 20, 24, 25]


def test_a_page_that_was_not_recorded_comes_again(stage: Stage, open_channel: OpenChannel) -> None:
    for number in range(6):
        stage.say(f"number {number}")
    first = open_channel(page_size=4).poll(None)
    again = open_channel(page_size=4).poll(None)
    assert again.mentions == first.mentions
    assert again.cursor == first.cursor


def test_a_silent_inbox_moves_nothing(channel: LineChannel) -> None:
    page = channel.poll('{"v":1,"after":7}')
    assert (page.cursor, page.parcels_read, page.more, page.gap) == ('{"v":1,"after":7}', 0, False, "")


@pytest.mark.parametrize(
    "cursor", ["", "{", "[]", '{"v":2,"after":1}', '{"v":1}', '{"v":1,"after":-1}', '{"v":1,"after":"1"}', "[" * 99_999]
)
def test_a_cursor_that_cannot_be_read_is_a_first_poll_with_a_gap(
    stage: Stage, channel: LineChannel, cursor: str
) -> None:
    sent = stage.say("hello")
    page = channel.poll(cursor)
    assert [one.external_id for one in page.mentions] == [sent]
    assert "the place reached was lost" in page.gap


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "null",
        "[" * 100_000,
        '{"type":"message"}',
        '{"type":"message","source":{"type":"user"},"timestamp":1}',
        '{"type":"message","source":{"type":"planet","userId":"U1"},"timestamp":1,"message":{"id":"1"}}',
        '{"type":"message","source":{"type":"user","userId":"U1"},"timestamp":1e400,"message":{"id":"1"}}',
        '{"type":"message","source":{"type":"user","userId":"U1"},"timestamp":99999999999999999999,"message":{"id":"1"}}',
        '{"type":"message","source":{"type":"user","userId":"U\\ud800"},"timestamp":1,"message":{"id":"1"}}',
        '{"type":"message","source":{"type":"user","userId":"U\\u0000"},"timestamp":1,"message":{"id":"1"}}',
        '{"type":"message","source":{"type":"group","groupId":"C\\ud800","userId":"U1"},"timestamp":1,"message":{"id":"1"}}',
        '{"type":"message","source":{"type":"user","userId":"U1"},"timestamp":1,"message":{}}',
        '{"type":"message","source":{"type":"user","userId":"U1"},"timestamp":1}',
    ],
)
def test_a_parcel_that_cannot_be_read_is_told_and_stops_nobody(stage: Stage, channel: LineChannel, text: str) -> None:
    first = stage.say("before")
    stage.inbox.keep(Receipt(parcels=(Parcel(key="odd", text=text),)))
    last = stage.say("after")
    page = channel.poll(None)
    assert [one.external_id for one in page.mentions] == [first, last]
    assert page.gap == "1 events of LINE's could not be read"
    assert page.parcels_read == 3


@pytest.mark.parametrize(
    ("webhook", "says"),
    [
        (None, "no webhook URL is set"),
        (("https://desk.test/hooks/shop", False), "switched off"),
        (("https://old.test/callback", True), "does not end with /hooks/shop"),
    ],
)
def test_a_webhook_that_cannot_reach_us_is_a_gap(
    stage: Stage, channel: LineChannel, webhook: tuple[str, bool] | None, says: str
) -> None:
    stage.api.webhook = webhook
    sent = stage.say("hello")
    page = channel.poll(None)
    assert says in page.gap
    assert [one.external_id for one in page.mentions] == [sent]
    assert says in channel.probe()


def test_what_was_taken_back_never_comes_in(stage: Stage, channel: LineChannel) -> None:
    kept, gone = stage.say("stays"), stage.say("my card number is 4111")
    stage.bring(stage.api.unsend(gone))
    page = channel.poll(None)
    assert [one.external_id for one in page.mentions] == [kept]
    assert page.gone == (gone,)
    assert channel.poll(None).mentions == page.mentions


def test_what_was_taken_back_before_it_came_never_comes_in(stage: Stage, channel: LineChannel) -> None:
    event = stage.api.message("late")
    stage.bring(stage.api.unsend(event["message"]["id"]))
    cursor = channel.poll(None).cursor
    stage.bring(event)
    assert channel.poll(cursor).mentions == ()


def test_what_is_taken_back_later_is_gone_for_every_process(stage: Stage, open_channel: OpenChannel) -> None:
    stage.inbox = EmptiedInbox()
    sent = stage.say("hello")
    channel = open_channel()
    mention = mention_of(channel, sent)
    stage.bring(stage.api.unsend(sent))
    page = channel.poll('{"v":1,"after":1}')
    assert page.gone == (sent,)
    stage.inbox.take(page.parcels_read)
    other = open_channel()
    assert other.still_there([sent, "never-seen"]) == {"never-seen"}
    facts = other.eligibility(request_for(mention).target)
    assert (facts.exists, facts.dm_allowed) == (False, False)
    with pytest.raises(PermanentError) as caught:
        other.direct_message(request_for(mention))
    assert caught.value.code == "gone"
    assert stage.api.pushed == []


def test_a_profile_is_asked_once_a_day(stage: Stage, channel: LineChannel, clock: FixedClock) -> None:
    for _ in range(5):
        stage.say("hello")
    channel.poll(None)
    assert stage.proxy.count(PROFILE) == 1
    clock.advance(timedelta(hours=25))
    stage.api.names[user_id("aya")] = "あや"
    assert {one.author.display_name for one in channel.poll(None).mentions} == {"あや"}
    assert stage.proxy.count(PROFILE) == 2


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_person_whom_line_does_not_show_has_no_name_and_is_heard_all_the_same(
    stage: Stage, channel: LineChannel, status: int
) -> None:
    stage.say("hello")
    stage.proxy.fail_next(PROFILE, Answer(status, b'{"message":"Not found"}'))
    (mention,) = channel.poll(None).mentions
    assert mention.author.display_name == ""
    assert mention.author.handle == mention.author.external_id == user_id("aya")


@pytest.mark.parametrize(
    "fault", [Cut.AFTER, Cut.HALF, Answer(500), Answer(429, b"{}"), Answer(200, b"[]"), Answer(200, b"{")]
)
def test_trouble_with_names_holds_up_no_message_and_is_waited_for_once(
    stage: Stage, channel: LineChannel, fault: Cut | Answer
) -> None:
    for author in ("aya", "emi", "mina"):
        stage.say("hello", author=author)
    stage.proxy.fail_next(PROFILE, fault)
    page = channel.poll(None)
    assert [one.author.display_name for one in page.mentions] == ["", "", ""]
    assert stage.proxy.count(PROFILE) == 1
    assert [one.author.display_name for one in channel.poll(None).mentions] == ["aya", "emi", "mina"]


def test_events_of_friends_and_blocks_make_no_mentions(stage: Stage, channel: LineChannel) -> None:
    stage.bring(stage.api.event("follow", follow={"isUnblocked": False}), stage.api.block("emi"))
    page = channel.poll(None)
    assert (page.mentions, page.gap, page.parcels_read) == ((), "", 2)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_trouble_of_line_s_is_passing(stage: Stage, channel: LineChannel, status: int) -> None:
    stage.proxy.fail_next(ENDPOINT, Answer(status, b"<html>", {"retry-after": "7"}))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds == 7


def test_a_limit_without_a_time_leaves_the_time_to_the_poller(stage: Stage, channel: LineChannel) -> None:
    stage.proxy.fail_next(
        ENDPOINT, Answer(429, b'{"message":"The API rate limit has been exceeded. Try again later."}')
    )
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert (caught.value.code, caught.value.retry_after_seconds) == ("rate_limited", None)


def test_a_silent_line_is_given_up(stage: Stage, open_channel: OpenChannel) -> None:
    stage.proxy.fail_next(ENDPOINT, Cut.SILENT)
    with pytest.raises(RetryableError):
        open_channel(timeout_seconds=0.2).poll(None)


def test_a_revoked_token_is_told_at_the_next_poll(stage: Stage, channel: LineChannel) -> None:
    stage.api.token = "another"
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert caught.value.code == "token_refused"
    assert "channel_access_token" in caught.value.remedy


def test_an_account_that_may_not_ask_for_its_webhook_is_read_all_the_same(stage: Stage, channel: LineChannel) -> None:
    sent = stage.say("hello")
    stage.proxy.fail_next(ENDPOINT, Answer(403, b'{"message":"Not available"}'))
    page = channel.poll(None)
    assert ([one.external_id for one in page.mentions], page.gap) == ([sent], "")


def test_notes_that_cannot_be_kept_stop_the_poll_and_lose_nothing(
    stage: Stage, open_channel: OpenChannel, tmp_path: Path
) -> None:
    stage.bring(stage.api.unsend(stage.say("x")))
    (tmp_path / "shop.line").write_text("in the way")
    with pytest.raises(RetryableError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "notes_not_kept"


def test_notes_hold_nothing_of_what_people_wrote_and_old_ones_go(
    stage: Stage, open_channel: OpenChannel, tmp_path: Path, clock: FixedClock
) -> None:
    gone = stage.say("secret words")
    stage.bring(stage.api.unsend(gone), stage.api.block("emi"))
    read_all(open_channel())
    kept = [file for file in (tmp_path / "shop.line").rglob("*") if file.is_file()]
    told = "".join(f"{file.name} {file.read_text()}" for file in kept)
    assert len(kept) == 2
    assert "secret words" not in told
    assert gone not in told
    clock.advance(timedelta(days=365 * 200))  # files carry the machine's own time
    Notes(tmp_path / "shop.line", clock=clock).learn([])
    assert [file for file in kept if file.exists()] == []


def test_late_events_do_not_undo_newer_ones(
    stage: Stage, channel: LineChannel, tmp_path: Path, clock: FixedClock
) -> None:
    blocked, followed = stage.api.block("emi"), stage.api.event("follow", author="emi", follow={"isUnblocked": True})
    notes = Notes(tmp_path / "shop.line", clock=clock)
    stage.bring(blocked)
    cursor = channel.poll(None).cursor
    assert notes.is_blocked_by(user_id("emi"))
    stage.bring(followed)
    cursor = channel.poll(cursor).cursor
    assert not notes.is_blocked_by(user_id("emi"))
    stage.bring({**blocked, "webhookEventId": "late"})
    channel.poll(cursor)
    assert not notes.is_blocked_by(user_id("emi"))
    assert notes.read(NoteKind.BLOCKED, "nobody") == ""


@pytest.mark.parametrize("left", ["\0" * 36, "2026-11", "yes", "2026-11-22T09:00:00 yes"], ids=repr)
def test_a_spoilt_note_stops_no_poll(
    stage: Stage, channel: LineChannel, tmp_path: Path, clock: FixedClock, left: str
) -> None:
    notes = Notes(tmp_path / "shop.line", clock=clock)
    notes.write(NoteKind.BLOCKED, user_id("emi"), left)
    sent = stage.say("I am here", author="emi")
    assert [one.external_id for one in channel.poll(None).mentions] == [sent]
    assert not notes.is_blocked_by(user_id("emi"))
    notes.write(NoteKind.TRIED, "a key", left.removesuffix(" yes"))
    assert notes.first_try("a key") is None


def test_who_writes_again_does_not_block_us_and_who_takes_a_message_back_may(
    stage: Stage, channel: LineChannel, tmp_path: Path, clock: FixedClock
) -> None:
    notes = Notes(tmp_path / "shop.line", clock=clock)
    stage.bring(stage.api.block("emi"), stage.api.unsend("1", author="emi"))
    cursor = channel.poll(None).cursor
    assert notes.is_blocked_by(user_id("emi"))
    stage.say("I am back", author="emi")
    channel.poll(cursor)
    assert not notes.is_blocked_by(user_id("emi"))


def test_a_cursor_is_small_json(stage: Stage, channel: LineChannel) -> None:
    stage.say("x")
    stored: Any = json.loads(channel.poll(None).cursor or "")
    assert stored == {"v": 1, "after": 1}
