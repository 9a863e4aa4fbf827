"""Answering in the App Store: one answer, never over somebody else's, never twice, and found again."""

import pytest

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.words import Visibility
from listener.channels.app_store import AppStoreChannel
from tests.listener.app_store.stage import LOOK, SEND
from tests.listener.channel_contract import request_for
from tests.listener.review_sending import ReviewSending, Store, refuse_unsent
from tests.listener.review_stage import JSON, mention_of
from tests.partners.app_store_connect import AppStoreConnect
from tests.partners.faulty_proxy import Answer, FaultyProxy


@pytest.fixture
def mention(store: AppStoreConnect, channel: AppStoreChannel) -> IncomingMention:
    return mention_of(channel, store.write("青いコートが届きました"))


class TestAppStore(ReviewSending):
    look, send = LOOK, SEND

    @pytest.fixture
    def store_side(self, store: AppStoreConnect) -> Store:
        return store


def test_an_answer_with_other_spaces_or_accents_is_still_ours(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    store.answer_by_hand(mention.external_id, "Cafe\u0301  \r\nがお送りします ")
    found = channel.find_reply(request_for(mention, "Café\nか\u3099お送りします"), Visibility.PUBLIC)
    assert found is not None


def test_a_review_taken_away_has_no_answer_and_takes_none(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    store.reviews.clear()
    request = request_for(mention)
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "gone"


@pytest.mark.parametrize(
    ("text", "code"),
    [("a\0", "broken_text"), ("あ" * 5971, "too_long")],
)
def test_a_text_that_apple_takes_not_is_refused_before_any_request(
    channel: AppStoreChannel, mention: IncomingMention, proxy: FaultyProxy, text: str, code: str
) -> None:
    refuse_unsent(channel, mention, proxy, text=text, code=code)


def test_the_longest_answer_is_taken(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    channel.reply(request_for(mention, "あ" * 5970))
    assert len(store.answer_to(mention.external_id)) == 5970
    assert channel.measure("😢", Visibility.PUBLIC).length == 2


def test_a_key_without_the_role_is_told_so(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    store.can_answer = False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.code == "no_right"
    assert "Customer Support" in caught.value.remedy


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Answer(201, b"{}", JSON), SendUncertainError),
        (Answer(201, b"<html>", JSON), SendUncertainError),
        (Answer(409, b'{"errors": [{"detail": "no"}]}', JSON), PermanentError),
    ],
)
def test_what_a_send_may_meet(
    channel: AppStoreChannel, mention: IncomingMention, proxy: FaultyProxy, fault: Answer, expected: type[Exception]
) -> None:
    proxy.fail_next(SEND, fault)
    with pytest.raises(expected):
        channel.reply(request_for(mention))
    assert proxy.count(SEND) == 1


@pytest.mark.parametrize("named", ["null", '{"type": "customerReviewResponses"}'])
def test_an_answer_that_no_link_names_is_not_overwritten(
    channel: AppStoreChannel, mention: IncomingMention, proxy: FaultyProxy, named: str
) -> None:
    review = (
        f'{{"type": "customerReviews", "id": "{mention.external_id}", "attributes": {{"body": "x", "createdDate": '
        f'"2026-11-20T03:00:00Z"}}, "relationships": {{"response": {{"data": {named}}}}}}}'
    )
    answer = '{"type": "customerReviewResponses", "id": "r", "attributes": {"responseBody": "by hand"}}'
    proxy.fail_next(LOOK, Answer(200, f'{{"data": {review}, "included": [{answer}]}}'.encode(), JSON))
    with pytest.raises(RetryableError):
        channel.reply(request_for(mention))
    assert proxy.count(SEND) == 0
