"""Answering in the App Store: one answer, never over somebody else's, never twice, and found again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.replies import SendRequest
from domain.words import Visibility
from listener.channels.app_store import AppStoreChannel
from tests.listener.app_store.stage import LOOK, SEND, OpenChannel
from tests.listener.channel_contract import APPROVED_AT, read_all, request_for
from tests.listener.review_stage import JSON, mention_of
from tests.partners.app_store_connect import AppStoreConnect
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy


@pytest.fixture
def mention(store: AppStoreConnect, channel: AppStoreChannel) -> IncomingMention:
    return mention_of(channel, store.write("青いコートが届きました"))


def response_to(store: AppStoreConnect, mention: IncomingMention) -> str:
    found = store.reviews[mention.thread_external_id].response
    return found.text if found else ""


def turn_of(store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention) -> IncomingMention:
    """Answer ``mention``, let its author change it, and return that as polled."""
    _, cursor, _ = read_all(channel)
    channel.reply(request_for(mention, "失礼しました"))
    store.change(mention.external_id, "まだ届きません")
    (turn,), _, _ = read_all(channel, cursor)
    return turn


@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.HALF])
def test_ten_answers_behind_a_connection_that_dies_leave_ten_answers(
    store: AppStoreConnect, channel: AppStoreChannel, proxy: FaultyProxy, cut: Cut
) -> None:
    ids = [store.write(f"number {number}") for number in range(10)]
    by_id = {one.external_id: one for one in read_all(channel)[0]}
    for external_id in ids:
        request = request_for(by_id[external_id], f"お詫びします {external_id}")
        proxy.fail_next(SEND, cut)
        with pytest.raises(SendUncertainError):
            channel.reply(request)
        found = channel.find_reply(request, Visibility.PUBLIC)
        assert found is not None
        assert channel.reply(request).external_id == found.external_id  # a repeat sends nothing
    assert store.responses_made == len(ids)
    assert proxy.count(SEND) == len(ids)


def test_an_answer_to_a_changed_review_replaces_the_one_its_author_had_read(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    turn = turn_of(store, channel, mention)
    request = request_for(turn, "今日お送りします", key="t" * 32)
    assert channel.eligibility(request.target).replies_allowed is True
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    channel.reply(request)
    assert response_to(store, mention) == "今日お送りします"
    assert channel.find_reply(request, Visibility.PUBLIC) is not None


def test_but_not_one_that_a_colleague_wrote_since(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    turn = turn_of(store, channel, mention)
    store.answer_by_hand(mention.external_id, "お電話しました")
    request = request_for(turn, "今日お送りします", key="t" * 32)
    assert channel.eligibility(request.target).replies_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert (caught.value.code, bool(caught.value.remedy)) == ("answered_otherwise", True)
    assert response_to(store, mention) == "お電話しました"


def test_another_answer_that_came_after_the_approval_is_for_a_person_to_judge(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    request = request_for(mention, "お詫びします")
    store.answer_by_hand(mention.external_id, "お電話しました", modified=APPROVED_AT + timedelta(minutes=1))
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.PUBLIC)
    assert caught.value.code == "cannot_tell"


def test_another_answer_from_before_the_approval_means_that_ours_is_not_there(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    store.answer_by_hand(mention.external_id, "お電話しました", modified=APPROVED_AT - timedelta(hours=1))
    assert channel.find_reply(request_for(mention, "お詫びします"), Visibility.PUBLIC) is None


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
    [("", "empty"), (" \n", "empty"), ("a\ud800", "broken_text"), ("a\0", "broken_text"), ("あ" * 5971, "too_long")],
)
def test_a_text_that_cannot_stand_there_is_refused_before_any_request(
    channel: AppStoreChannel, mention: IncomingMention, proxy: FaultyProxy, text: str, code: str
) -> None:
    before = len(proxy.seen)
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention, text))
    assert caught.value.code == code
    assert len(proxy.seen) == before


def test_the_longest_answer_is_taken(
    store: AppStoreConnect, channel: AppStoreChannel, mention: IncomingMention
) -> None:
    channel.reply(request_for(mention, "あ" * 5970))
    assert len(response_to(store, mention)) == 5970
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
        (Answer(500), SendUncertainError),
        (Answer(503, b"", {"retry-after": "9"}), SendUncertainError),
        (Answer(408), SendUncertainError),
        (Answer(201, b"{}", JSON), SendUncertainError),
        (Answer(201, b"<html>", JSON), SendUncertainError),
        (Cut.SILENT, SendUncertainError),
        (Answer(409, b'{"errors": [{"detail": "no"}]}', JSON), PermanentError),
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
    channel: AppStoreChannel, mention: IncomingMention, proxy: FaultyProxy, fault: Answer | Cut
) -> None:
    proxy.fail_next(LOOK, fault)
    with pytest.raises(RetryableError):
        channel.reply(request_for(mention))
    assert proxy.count(SEND) == 0


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


def test_nothing_is_sent_in_private(channel: AppStoreChannel, mention: IncomingMention) -> None:
    request: SendRequest = replace(request_for(mention), text="hello")
    with pytest.raises(PermanentError):
        channel.direct_message(request)
    assert channel.find_reply(request, Visibility.DM) is None
    assert channel.eligibility(request.target).dm_allowed is False
