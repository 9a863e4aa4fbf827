"""Answering on Google Play: one answer, never over somebody else's, never twice, whole, and found again."""

from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.replies import PlatformFacts
from domain.words import Visibility
from listener.channels.google_play import GooglePlayChannel
from tests.listener.channel_contract import read_all, request_for
from tests.listener.google_play.stage import LOOK, SEND
from tests.listener.review_sending import ReviewSending, Store, refuse_unsent
from tests.listener.review_stage import JSON, mention_of
from tests.partners.faulty_proxy import Answer, FaultyProxy
from tests.partners.google_play_api import GooglePlayApi


@pytest.fixture
def mention(play: GooglePlayApi, channel: GooglePlayChannel) -> IncomingMention:
    return mention_of(channel, play.write("青いコートが届きました"))


class TestGooglePlay(ReviewSending):
    look, send = LOOK, SEND

    @pytest.fixture
    def store_side(self, play: GooglePlayApi) -> Store:
        return play


def test_an_answer_to_a_changed_review_has_an_id_of_its_own(
    play: GooglePlayApi, channel: GooglePlayChannel, mention: IncomingMention
) -> None:
    _, cursor, _ = read_all(channel)
    first = channel.reply(request_for(mention, "失礼しました"))
    play.change(mention.external_id, "まだ届きません")
    (turn,), _, _ = read_all(channel, cursor)
    assert channel.reply(request_for(turn, "今日お送りします", key="t" * 32)).external_id != first.external_id


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
    [("あ" * 351, "too_long"), ("<a" * 120, "too_long")],
)
def test_a_text_that_is_too_long_for_google_is_refused_before_any_request(
    channel: GooglePlayChannel, mention: IncomingMention, proxy: FaultyProxy, text: str, code: str
) -> None:
    refuse_unsent(channel, mention, proxy, text=text, code=code)


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
        (Answer(200, b"<html>", JSON), SendUncertainError),
        (Answer(400, b'{"error": {"message": "no"}}', JSON), PermanentError),
        (Answer(403, b'{"error": {"errors": [{"reason": "quotaExceeded"}]}}', JSON), RetryableError),
    ],
)
def test_what_a_send_may_meet(
    channel: GooglePlayChannel, mention: IncomingMention, proxy: FaultyProxy, fault: Answer, expected: type[Exception]
) -> None:
    proxy.fail_next(SEND, fault)
    with pytest.raises(expected):
        channel.reply(request_for(mention))
    assert proxy.count(SEND) == 1
