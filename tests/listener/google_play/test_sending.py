"""Answering on Google Play: one answer, never over somebody else's, never twice, whole, and found again."""

from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.replies import PlatformFacts
from domain.words import Visibility
from listener.channels.google_play import GooglePlayChannel
from tests.listener.channel_contract import APPROVED_AT, read_all, request_for
from tests.listener.google_play.stage import LOOK, SEND, OpenChannel
from tests.listener.review_stage import JSON, mention_of
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.google_play_api import GooglePlayApi


@pytest.fixture
def mention(play: GooglePlayApi, channel: GooglePlayChannel) -> IncomingMention:
    return mention_of(channel, play.write("青いコートが届きました"))


def turn_of(play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention) -> IncomingMention:
    """Answer ``mention``, let its author change it, and return that as polled."""
    _, cursor, _ = read_all(channel)
    channel.reply(request_for(mention, "失礼しました"))
    play.change(mention.external_id, "まだ届きません")
    (turn,), _, _ = read_all(channel, cursor)
    return turn


@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.HALF])
def test_ten_answers_behind_a_connection_that_dies_leave_ten_answers(
    play: GooglePlayApi, channel: GooglePlayChannel, proxy: FaultyProxy, cut: Cut
) -> None:
    ids = [play.write(f"number {number}") for number in range(10)]
    by_id = {one.external_id: one for one in read_all(channel)[0]}
    for number, external_id in enumerate(ids):
        request = request_for(by_id[external_id], f"お詫びします {number}")
        proxy.fail_next(SEND, cut)
        with pytest.raises(SendUncertainError):
            channel.reply(request)
        found = channel.find_reply(request, Visibility.PUBLIC)
        assert found is not None
        assert channel.reply(request).external_id == found.external_id  # a repeat sends nothing
        assert play.reviews[external_id].reply == f"お詫びします {number}"
    assert len(play.replies) == proxy.count(SEND) == len(ids)


def test_an_answer_to_a_changed_review_replaces_the_one_its_author_had_read(
    play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention
) -> None:
    first = channel.reply(request_for(mention, "失礼しました"))
    play.reviews[mention.external_id].reply = ""
    turn = turn_of(play, channel, mention)
    request = request_for(turn, "今日お送りします", key="t" * 32)
    assert channel.eligibility(request.target).replies_allowed is True
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    second = channel.reply(request)
    assert play.reviews[mention.external_id].reply == "今日お送りします"
    assert first.external_id != second.external_id


def test_but_not_one_that_a_colleague_wrote_since(
    play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention
) -> None:
    turn = turn_of(play, channel, mention)
    play.answer_by_hand(mention.external_id, "お電話しました")
    request = request_for(turn, "今日お送りします", key="t" * 32)
    assert channel.eligibility(request.target).replies_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "answered_otherwise"
    assert play.reviews[mention.external_id].reply == "お電話しました"


def test_another_answer_that_came_after_the_approval_is_for_a_person_to_judge(
    play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention
) -> None:
    request = request_for(mention, "お詫びします")
    play.answer_by_hand(mention.external_id, "お電話しました", replied=APPROVED_AT + timedelta(minutes=1))
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.PUBLIC)
    assert caught.value.code == "cannot_tell"
    play.answer_by_hand(mention.external_id, "お電話しました", replied=APPROVED_AT - timedelta(hours=1))
    assert channel.find_reply(request, Visibility.PUBLIC) is None


@pytest.mark.parametrize("text", ["a <b>bold</b> word", "<!-- x --> y", "1 < 2, x<y", "<3 をありがとう <?", "</p>"])
def test_no_sign_of_an_answer_is_taken_for_a_tag(
    play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention, text: str
) -> None:
    request = request_for(mention, text)
    channel.reply(request)
    assert play.reviews[mention.external_id].reply.replace("\u2060", "") == text
    assert channel.find_reply(request, Visibility.PUBLIC) is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" \n", "empty"), ("a\ud800", "broken_text"), ("あ" * 351, "too_long"), ("<a" * 120, "too_long")],
)
def test_a_text_that_cannot_stand_there_is_refused_before_any_request(
    channel: GooglePlayChannel, mention: IncomingMention, proxy: FaultyProxy, text: str, code: str
) -> None:
    before = len(proxy.seen)
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention, text))
    assert caught.value.code == code
    assert len(proxy.seen) == before


def test_the_longest_answer_is_taken(play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention) -> None:
    channel.reply(request_for(mention, "あ" * 350))
    assert play.reviews[mention.external_id].reply == "あ" * 350
    assert channel.measure("😢" * 175, Visibility.PUBLIC).fits
    assert not channel.measure("😢" * 176, Visibility.PUBLIC).fits


def test_a_review_that_is_not_shown_after_its_week_is_not_called_deleted(
    channel: GooglePlayChannel, mention: IncomingMention, clock: FixedClock
) -> None:
    request = request_for(mention)
    clock.advance(timedelta(days=7))
    assert channel.eligibility(request.target) == PlatformFacts(exists=None, replies_allowed=False, dm_allowed=False)
    with pytest.raises(RetryableError):
        channel.find_reply(request, Visibility.PUBLIC)
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert "Play Console" in caught.value.remedy


def test_where_google_shows_older_reviews_they_are_answered(
    play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention, clock: FixedClock
) -> None:
    play.shows_old = True
    clock.advance(timedelta(days=30))
    request = request_for(mention, "お待たせしました")
    assert channel.eligibility(request.target).replies_allowed is True
    channel.reply(request)
    assert play.reviews[mention.external_id].reply == "お待たせしました"


def test_a_review_gone_within_its_week_was_deleted(
    play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention
) -> None:
    play.reviews.clear()
    assert channel.eligibility(request_for(mention).target).exists is False
    assert channel.find_reply(request_for(mention), Visibility.PUBLIC) is None
    assert channel.capabilities.tells_deletions is False


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Answer(500), SendUncertainError),
        (Answer(503, b"", {"retry-after": "9"}), SendUncertainError),
        (Answer(200, b"{}", JSON), SendUncertainError),
        (Answer(200, b"<html>", JSON), SendUncertainError),
        (Cut.SILENT, SendUncertainError),
        (Answer(400, b'{"error": {"message": "no"}}', JSON), PermanentError),
        (Answer(403, b'{"error": {"errors": [{"reason": "quotaExceeded"}]}}', JSON), RetryableError),
    ],
)
def test_what_a_send_may_meet(
    open_channel: OpenChannel,
    mention: IncomingMention,
    proxy: FaultyProxy,
    fault: Answer | Cut,
    expected: type[Exception],
) -> None:
    proxy.fail_next(SEND, fault)
    with pytest.raises(expected):
        open_channel(timeout_seconds=2 if fault is Cut.SILENT else 10).reply(request_for(mention))
    assert proxy.count(SEND) == 1


@pytest.mark.parametrize("fault", [Answer(500), Answer(200, b"{}", JSON), Cut.HALF])
def test_when_the_look_before_a_send_fails_nothing_is_sent(
    channel: GooglePlayChannel, mention: IncomingMention, proxy: FaultyProxy, fault: Answer | Cut
) -> None:
    proxy.fail_next(LOOK, fault)
    with pytest.raises(RetryableError):
        channel.reply(request_for(mention))
    assert proxy.count(SEND) == 0


def test_nothing_is_sent_in_private(channel: GooglePlayChannel, mention: IncomingMention) -> None:
    with pytest.raises(PermanentError):
        channel.direct_message(request_for(mention))
    assert channel.find_reply(request_for(mention), Visibility.DM) is None
