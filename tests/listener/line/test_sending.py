"""Answers leave once: under a key that LINE takes once, whatever happens to the connection."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.clock import FixedClock
from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.replies import SendRequest
from domain.words import Engagement, Visibility
from listener.channels.line import LineChannel
from listener.channels.line.notes import NoteKind, Notes
from listener.channels.line.sending import retry_key_of
from tests.listener.channel_contract import REPLY_TEXT, request_for
from tests.listener.line.stage import ENDPOINT, PUSH, QUOTA, SECRETS, OpenChannel, Stage, mention_of, named
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.line_api import group_id, user_id

AYA = user_id("aya")
MONTH_IS_FULL = Answer(429, b'{"message":"You have reached your monthly limit."}')


def ask(
    stage: Stage, channel: LineChannel, text: str = REPLY_TEXT, *, key: str = "k" * 32, author: str = "aya"
) -> SendRequest:
    """Return a request to answer a new message of Aya's, or of somebody else's."""
    return request_for(mention_of(channel, stage.say("where is my coat?", author=author)), text, key=key)


def settle(channel: LineChannel, request: SendRequest) -> str:
    """Do what dispatch and reconciliation do until it is settled; return our message's id."""
    for _ in range(10):
        try:
            return channel.direct_message(request).external_id
        except RetryableError:
            continue
        except SendUncertainError:
            if found := channel.find_reply(request, Visibility.DM):
                return found.external_id
    pytest.fail("never settled")


def test_an_answer_leaves_under_a_uuid_of_its_own_that_a_repeat_carries_again(
    stage: Stage, channel: LineChannel
) -> None:
    first, second = ask(stage, channel), ask(stage, channel, key="o" * 32)
    sent = channel.direct_message(first)
    assert channel.direct_message(first) == sent
    channel.direct_message(second)
    keys = [one.headers["x-line-retry-key"] for one in stage.api.exchanges if one.method == "POST"]
    assert keys == [retry_key_of(first), retry_key_of(first), retry_key_of(second)]
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", key) for key in keys
    )
    assert stage.api.texts_to(AYA) == [REPLY_TEXT, REPLY_TEXT]


def test_a_retry_key_never_changes(stage: Stage, channel: LineChannel) -> None:
    assert retry_key_of(ask(stage, channel)) == "c568209e-66a8-5cb0-9d90-052ba4254a63"


@pytest.mark.parametrize("order", ["key first", "body first"])
def test_another_text_or_chat_is_never_taken_for_what_line_accepted(
    stage: Stage, channel: LineChannel, order: str
) -> None:
    stage.api.validates_first = order == "body first"
    request = ask(stage, channel)
    channel.direct_message(request)
    edited = replace(request, text="Sorry, it is the other coat 🧥.")
    elsewhere = replace(request, target=ask(stage, channel, author="emi").target)
    for other in (edited, elsewhere):
        assert channel.find_reply(other, Visibility.DM) is None
        channel.direct_message(other)
    assert stage.api.texts_to(AYA) == [REPLY_TEXT, edited.text]
    assert stage.api.texts_to(user_id("emi")) == [REPLY_TEXT]


@pytest.mark.parametrize("order", ["key first", "body first"])
@pytest.mark.parametrize("told", ["the message", "the request only"])
def test_fifty_connections_killed_after_line_accepted_a_push_leave_one_message_each(
    stage: Stage, open_channel: OpenChannel, order: str, told: str
) -> None:
    stage.api.validates_first, stage.api.names_sent = order == "body first", told == "the message"
    channel = open_channel()
    channel.own_author_id  # noqa: B018 - asked once
    settled = 0
    for number in range(50):
        request = ask(stage, channel, f"answer {number}", key=f"key-{number}")
        stage.proxy.fail_next(PUSH, (Cut.AFTER, Cut.HALF)[number % 2])
        settled += bool(settle(open_channel() if number % 5 == 0 else channel, request))
    assert settled == 50
    assert stage.proxy.count(PUSH) == (
        100 if order == "key first" else 150
    )  # a question each; a repeat where it told nothing
    assert stage.api.texts_to(AYA) == [f"answer {number}" for number in range(50)]
    assert len(stage.api.pushed) == 50


@pytest.mark.parametrize(
    "fault", [Cut.BEFORE, Answer(500, b"{}"), Answer(503, b"<html>"), Answer(200, b"{"), Answer(408)]
)
def test_a_send_that_line_did_not_answer_is_uncertain_and_settled_with_one_message(
    stage: Stage, channel: LineChannel, fault: Cut | Answer
) -> None:
    request = ask(stage, channel)
    stage.proxy.fail_next(PUSH, fault)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    assert channel.find_reply(request, Visibility.DM) is None
    settle(channel, request)
    assert stage.api.texts_to(AYA) == [REPLY_TEXT]


def test_a_silent_line_is_uncertain(stage: Stage, open_channel: OpenChannel) -> None:
    channel = open_channel(timeout_seconds=1)
    request = ask(stage, channel)
    stage.proxy.fail_next(PUSH, Cut.SILENT)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)


def test_the_question_after_a_send_can_never_send(stage: Stage, channel: LineChannel) -> None:
    request = ask(stage, channel)
    for _ in range(3):
        assert channel.find_reply(request, Visibility.DM) is None
    asked = [one.body for one in stage.api.exchanges if one.method == "POST"]
    assert asked == [{"to": AYA, "messages": []}] * 3
    assert stage.api.pushed == []


def test_nothing_of_ours_is_ever_public(stage: Stage, channel: LineChannel) -> None:
    assert channel.find_reply(ask(stage, channel), Visibility.PUBLIC) is None
    assert stage.proxy.count(PUSH) == 0


@pytest.mark.parametrize(
    "fault", [Cut.BEFORE, Answer(500, b"{}"), Answer(429, b"{}"), MONTH_IS_FULL, Answer(200, b"{}"), Answer(409, b"{}")]
)
def test_a_question_that_is_not_answered_tells_nothing(stage: Stage, channel: LineChannel, fault: Cut | Answer) -> None:
    request = ask(stage, channel)
    channel.direct_message(request)
    stage.proxy.fail_next(PUSH, fault)
    with pytest.raises(RetryableError):
        channel.find_reply(request, Visibility.DM)
    assert channel.find_reply(request, Visibility.DM) is not None


def test_once_line_has_forgotten_the_key_a_person_decides(
    stage: Stage, channel: LineChannel, clock: FixedClock
) -> None:
    request = ask(stage, channel)
    stage.proxy.fail_next(PUSH, Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    clock.advance(timedelta(hours=23, minutes=1))
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.DM)
    assert caught.value.code == "cannot_tell"
    assert caught.value.remedy
    with pytest.raises(SendUncertainError) as refused:
        channel.direct_message(request)
    assert refused.value.code == "key_old"
    assert len(stage.api.pushed) == 1


def test_an_answer_approved_days_ago_leaves_and_its_doubt_is_counted_from_its_first_try(
    stage: Stage, channel: LineChannel, clock: FixedClock
) -> None:
    request = ask(stage, channel)
    clock.advance(timedelta(days=3))
    stage.proxy.fail_next(PUSH, Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    clock.advance(timedelta(hours=22))
    assert channel.find_reply(request, Visibility.DM) is not None


def test_a_doubt_of_another_home_is_counted_from_the_approval(
    stage: Stage, channel: LineChannel, clock: FixedClock, tmp_path: Path
) -> None:
    request = ask(stage, channel)
    channel.direct_message(request)
    Notes(tmp_path / "shop.line", clock=clock).drop(NoteKind.TRIED, retry_key_of(request))
    assert channel.find_reply(request, Visibility.DM) is not None
    clock.advance(timedelta(days=2))
    with pytest.raises(RetryableError):
        channel.find_reply(request, Visibility.DM)


def test_a_repeat_of_another_home_s_try_does_not_make_its_key_any_younger(
    stage: Stage, channel: LineChannel, clock: FixedClock, tmp_path: Path
) -> None:
    stage.api.validates_first = True
    request = ask(stage, channel)
    stage.proxy.fail_next(PUSH, Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)  # it arrived
    notes = Notes(tmp_path / "shop.line", clock=clock)
    notes.drop(NoteKind.TRIED, retry_key_of(request))
    notes.drop(NoteKind.DOUBTED, request.target.external_id)
    clock.advance(timedelta(hours=22))
    assert channel.find_reply(request, Visibility.DM) is None
    stage.proxy.fail_next(PUSH, Cut.BEFORE)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    clock.advance(timedelta(hours=3))
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.DM)
    assert caught.value.code == "cannot_tell"
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    assert stage.api.texts_to(AYA) == [REPLY_TEXT]


def test_a_push_accepted_before_is_a_success_even_when_line_names_no_message(
    stage: Stage, channel: LineChannel
) -> None:
    request = ask(stage, channel)
    stage.proxy.fail_next(PUSH, Answer(409, b'{"message":"x"}', {"x-line-accepted-request-id": "r-1"}))
    assert channel.direct_message(request).external_id == retry_key_of(request)
    stage.proxy.fail_next(PUSH, Answer(200, b"{}"))
    assert channel.direct_message(request).external_id == retry_key_of(request)


def test_a_conflict_that_names_nothing_is_uncertain(stage: Stage, channel: LineChannel) -> None:
    stage.proxy.fail_next(PUSH, Answer(409, b'{"message":"x"}'))
    with pytest.raises(SendUncertainError):
        channel.direct_message(ask(stage, channel))


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (
            400,
            b'{"message":"The request body has 1 error(s)","details":[{"message":"Bad","property":"to"}]}',
            "refused",
        ),
        (401, b'{"message":"Authentication failed"}', "token_refused"),
        (403, b'{"message":"Access to this API is not available for your account"}', "no_right"),
        (404, b"{}", "gone"),
        (302, b"", "moved"),
        (413, b"<html>", "refused"),
        (429, MONTH_IS_FULL.body, "quota_spent"),
    ],
)
def test_a_refusal_is_for_good_and_says_what_to_do(
    stage: Stage, channel: LineChannel, status: int, body: bytes, code: str
) -> None:
    stage.proxy.fail_next(PUSH, Answer(status, body))
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(ask(stage, channel))
    assert caught.value.code == code
    assert caught.value.remedy
    assert not [secret for secret in SECRETS if secret in f"{caught.value!r}{caught.value}"]


@pytest.mark.parametrize(("headers", "seconds"), [({}, None), ({"retry-after": "12"}, 12)])
def test_a_rate_limit_is_waited_for(
    stage: Stage, channel: LineChannel, headers: dict[str, str], seconds: float | None
) -> None:
    request = ask(stage, channel)
    stage.proxy.fail_next(PUSH, Answer(429, b'{"message":"The API rate limit has been exceeded."}', headers))
    with pytest.raises(RetryableError) as caught:
        channel.direct_message(request)
    assert caught.value.retry_after_seconds == seconds
    channel.direct_message(request)
    assert stage.api.texts_to(AYA) == [REPLY_TEXT]


def test_a_refusal_after_a_doubt_leaves_the_doubt(stage: Stage, channel: LineChannel) -> None:
    stage.api.limit, stage.api.validates_first = 1, True
    request = ask(stage, channel)
    stage.proxy.fail_next(PUSH, Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)  # it arrived, and was the month's last
    assert channel.find_reply(request, Visibility.DM) is None
    assert channel.eligibility(request.target).replies_allowed is True
    stage.proxy.fail_next(PUSH, MONTH_IS_FULL)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    assert settle(channel, request)
    assert stage.api.texts_to(AYA) == [REPLY_TEXT]
    assert channel.eligibility(request.target).replies_allowed is False


@pytest.mark.parametrize("fault", [Answer(429, b'{"message":"Wait."}'), Answer(403, b"{}")])
def test_a_repeat_that_is_turned_away_does_not_promise_that_nothing_arrived(
    stage: Stage, channel: LineChannel, fault: Answer
) -> None:
    stage.api.validates_first = True
    request = ask(stage, channel)
    stage.proxy.fail_next(PUSH, Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)  # it arrived
    assert channel.find_reply(request, Visibility.DM) is None
    stage.proxy.fail_next(PUSH, fault)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    assert settle(channel, request)
    assert stage.api.texts_to(AYA) == [REPLY_TEXT]


def test_nothing_leaves_in_a_month_whose_messages_are_used_up(stage: Stage, channel: LineChannel) -> None:
    request = ask(stage, channel)
    stage.api.used = 200
    facts = channel.eligibility(request.target)
    assert (facts.exists, facts.dm_allowed, facts.replies_allowed) == (None, True, False)
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request)
    assert caught.value.code == "quota_spent"
    assert "200 of 200" in caught.value.message
    assert stage.proxy.count(PUSH) == 0
    stage.api.used = 199
    channel.direct_message(request)


def test_line_s_own_word_counts_when_its_figures_lag_behind(stage: Stage, channel: LineChannel) -> None:
    stage.api.used, stage.api.counts = 200, False
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(ask(stage, channel))
    assert caught.value.code == "quota_spent"


def test_an_account_without_a_limit_always_sends(stage: Stage, channel: LineChannel) -> None:
    stage.api.limit, stage.api.used = None, 10**9
    request = ask(stage, channel)
    assert channel.eligibility(request.target).replies_allowed is True
    channel.direct_message(request)
    assert "messages this month: 1000000001;" in channel.probe()


def test_an_account_that_is_not_told_its_quota_sends(stage: Stage, channel: LineChannel) -> None:
    request = ask(stage, channel)
    for _ in range(2):
        stage.proxy.fail_next(QUOTA, Answer(403, b'{"message":"Not available"}'))
    assert channel.eligibility(request.target).replies_allowed is None
    channel.direct_message(request)


def test_when_the_quota_cannot_be_asked_nothing_is_sent_yet(stage: Stage, channel: LineChannel) -> None:
    for fault in (Answer(500), Answer(200, b'{"type":"limited"}')):
        stage.proxy.fail_next(QUOTA, fault)
        with pytest.raises(RetryableError):
            channel.direct_message(ask(stage, channel))
    assert stage.api.pushed == []


def test_the_quota_is_remembered_for_a_minute_for_those_who_only_look(
    stage: Stage, channel: LineChannel, clock: FixedClock
) -> None:
    request = ask(stage, channel)
    for _ in range(3):
        channel.eligibility(request.target)
    assert stage.proxy.count(QUOTA) == 2  # the limit and what is used
    clock.advance(timedelta(minutes=2))
    channel.eligibility(request.target)
    assert stage.proxy.count(QUOTA) == 4


def test_a_group_is_answered_in_the_group_with_the_question_shown_and_each_member_counts(
    stage: Stage, channel: LineChannel
) -> None:
    for author in ("mina", "emi"):
        stage.say("hi", chat="friends", author=author)
    mention = mention_of(channel, stage.say(named("@shop hi"), chat="friends"))
    stage.api.used = 198
    with pytest.raises(PermanentError):
        channel.reply(request_for(mention))
    stage.api.used = 197
    sent = channel.reply(request_for(mention))
    assert stage.api.texts_to(group_id("friends")) == [REPLY_TEXT]
    assert stage.api.shown[0].quote_token == mention.platform_data["quote_token"]
    assert stage.api.texts_to(AYA) == []
    assert sent.url.endswith(f"/chat/{group_id('friends')}")


def test_who_quotes_our_answer_in_a_group_turns_to_us(stage: Stage, channel: LineChannel) -> None:
    mention = mention_of(channel, stage.say(named("@shop hi"), chat="friends"))
    sent = channel.reply(request_for(mention))
    later = stage.say({"type": "text", "text": "thanks!", "quotedMessageId": sent.external_id}, chat="friends")
    found = mention_of(channel, later)
    assert (found.parent_external_id, found.engagement) == (sent.external_id, Engagement.REPLIED)


def test_who_left_a_group_is_not_answered_there(stage: Stage, channel: LineChannel) -> None:
    mention = mention_of(channel, stage.say(named("@shop hi"), chat="friends"))
    assert channel.eligibility(request_for(mention).target).dm_allowed is True
    stage.api.members[group_id("friends")] = []
    assert channel.eligibility(request_for(mention).target).dm_allowed is False


def test_who_blocked_us_is_known_before_the_event_came(stage: Stage, channel: LineChannel) -> None:
    request = ask(stage, channel)
    assert channel.eligibility(request.target).dm_allowed is True
    stage.api.block("aya")
    assert channel.eligibility(request.target).dm_allowed is False


def test_who_blocked_us_is_sent_nothing(stage: Stage, channel: LineChannel) -> None:
    request = ask(stage, channel)
    stage.bring(stage.api.block("aya"))
    channel.poll(None)
    asked = stage.proxy.count("GET")
    assert channel.eligibility(request.target).dm_allowed is False
    assert stage.proxy.count("GET") == asked
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request)
    assert caught.value.code == "blocked"
    assert stage.api.pushed == []


def test_line_accepts_a_push_to_somebody_who_blocks_us_and_shows_it_to_nobody(
    stage: Stage, channel: LineChannel
) -> None:
    request = ask(stage, channel)
    stage.api.block("aya")
    assert channel.direct_message(request).external_id
    assert stage.api.shown == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("a" * 5001, "too_long"),
        ("😀" * 2501, "too_long"),
        ("half \ud83d", "broken_text"),
    ],
)
def test_a_text_that_line_would_refuse_is_refused_here(
    stage: Stage, channel: LineChannel, text: str, code: str
) -> None:
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(ask(stage, channel, text))
    assert caught.value.code == code
    assert stage.proxy.count(PUSH) == 0


@pytest.mark.parametrize(("text", "length"), [("あ", 1), ("😀", 2), ("𠮷野家", 4), ("👨‍👩‍👧", 8), ("e\u0301", 2)])
def test_length_is_counted_in_utf_16(channel: LineChannel, text: str, length: int) -> None:
    assert channel.measure(text, Visibility.DM).length == length


def test_the_longest_text_arrives(stage: Stage, channel: LineChannel) -> None:
    channel.direct_message(ask(stage, channel, "😀" * 2500))
    assert stage.api.texts_to(AYA) == ["😀" * 2500]


def test_an_unreachable_line_was_surely_not_asked(stage: Stage, open_channel: OpenChannel, tmp_path: Path) -> None:
    request = ask(stage, open_channel())
    with pytest.raises(RetryableError):
        open_channel(service="http://127.0.0.1:9").direct_message(request)
    assert not list((tmp_path / "shop.line").glob("tried/*"))


def test_a_full_disk_stops_a_send_before_it_leaves(stage: Stage, channel: LineChannel, tmp_path: Path) -> None:
    request = ask(stage, channel)
    (tmp_path / "shop.line").mkdir(exist_ok=True)
    (tmp_path / "shop.line" / "tried").write_text("in the way")
    with pytest.raises(ChannelError) as caught:
        channel.direct_message(request)
    assert isinstance(caught.value, RetryableError)
    assert stage.api.pushed == []


def test_a_message_of_ours_that_cannot_be_noted_is_sent_all_the_same(
    stage: Stage, channel: LineChannel, tmp_path: Path
) -> None:
    request = ask(stage, channel)
    (tmp_path / "shop.line").mkdir(exist_ok=True)
    (tmp_path / "shop.line" / "sent").write_text("in the way")
    assert channel.direct_message(request).external_id


def test_our_account_is_asked_for_once_and_never_after_a_send(stage: Stage, open_channel: OpenChannel) -> None:
    request = ask(stage, open_channel())
    open_channel().direct_message(request)
    calls = [one for one in stage.proxy.seen if one != ENDPOINT]
    assert calls[-1] == PUSH
