"""What answering in an app store must pass: one answer, never over somebody else's, never twice, and found again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.ports import Channel
from domain.words import Visibility
from tests.listener.channel_contract import APPROVED_AT, read_all, request_for
from tests.listener.review_stage import JSON, mention_of
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy


class Store(Protocol):
    """A store of ours, in the words that all stores share."""

    def write(self, body: str) -> str:
        """Let somebody write a review; return its id."""
        ...

    def change(self, review_id: str, body: str) -> None:
        """Let its author change it."""
        ...

    def answer_by_hand(self, review_id: str, text: str, *, at: datetime | None = None) -> None:
        """Answer it in the store's own console; ``at``: not just now."""
        ...

    def answer_to(self, review_id: str) -> str:
        """Return the answer that stands below it."""
        ...


class ReviewSending:
    """Subclass it, give ``store_side``; ``channel``, ``open_channel`` and ``proxy`` are the store's."""

    look: str
    """The request before a send, as the proxy sees it."""
    send: str

    @pytest.fixture
    def store_side(self) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def mention(self, store_side: Store, channel: Channel) -> IncomingMention:
        """One review, as polled."""
        return mention_of(channel, store_side.write("青いコートが届きました"))

    @pytest.fixture
    def turn(self, store_side: Store, channel: Channel, mention: IncomingMention) -> IncomingMention:
        """The review as its author changed it after our answer, as polled."""
        _, cursor, _ = read_all(channel)
        channel.reply(request_for(mention, "失礼しました"))
        store_side.change(mention.external_id, "まだ届きません")
        (changed,), _, _ = read_all(channel, cursor)
        return changed

    @pytest.mark.parametrize("cut", [Cut.AFTER, Cut.HALF])
    def test_ten_answers_behind_a_connection_that_dies_leave_ten_answers(
        self, store_side: Store, channel: Channel, proxy: FaultyProxy, cut: Cut
    ) -> None:
        ids = [store_side.write(f"number {number}") for number in range(10)]
        by_id = {one.external_id: one for one in read_all(channel)[0]}
        for number, external_id in enumerate(ids):
            request = request_for(by_id[external_id], f"お詫びします {number}")
            proxy.fail_next(self.send, cut)
            with pytest.raises(SendUncertainError):
                channel.reply(request)
            found = channel.find_reply(request, Visibility.PUBLIC)
            assert found is not None
            assert channel.reply(request).external_id == found.external_id  # a repeat sends nothing
            assert store_side.answer_to(external_id) == f"お詫びします {number}"
        assert proxy.count(self.send) == len(ids)

    def test_an_answer_to_a_changed_review_replaces_the_one_its_author_had_read(
        self, store_side: Store, channel: Channel, mention: IncomingMention, turn: IncomingMention
    ) -> None:
        request = request_for(turn, "今日お送りします", key="t" * 32)
        assert channel.eligibility(request.target).replies_allowed is True
        assert channel.find_reply(request, Visibility.PUBLIC) is None
        channel.reply(request)
        assert store_side.answer_to(mention.external_id) == "今日お送りします"
        assert channel.find_reply(request, Visibility.PUBLIC) is not None

    def test_but_not_one_that_a_colleague_wrote_since(
        self, store_side: Store, channel: Channel, mention: IncomingMention, turn: IncomingMention
    ) -> None:
        store_side.answer_by_hand(mention.external_id, "お電話しました")
        request = request_for(turn, "今日お送りします", key="t" * 32)
        assert channel.eligibility(request.target).replies_allowed is False
        with pytest.raises(PermanentError) as caught:
            channel.reply(request)
        assert (caught.value.code, bool(caught.value.remedy)) == ("answered_otherwise", True)
        assert store_side.answer_to(mention.external_id) == "お電話しました"

    def test_another_answer_that_came_after_the_approval_is_for_a_person_to_judge(
        self, store_side: Store, channel: Channel, mention: IncomingMention
    ) -> None:
        request = request_for(mention, "お詫びします")
        store_side.answer_by_hand(mention.external_id, "お電話しました", at=APPROVED_AT + timedelta(minutes=1))
        with pytest.raises(RetryableError) as caught:
            channel.find_reply(request, Visibility.PUBLIC)
        assert caught.value.code == "cannot_tell"
        store_side.answer_by_hand(mention.external_id, "お電話しました", at=APPROVED_AT - timedelta(hours=1))
        assert channel.find_reply(request, Visibility.PUBLIC) is None

    @pytest.mark.parametrize("text", ["", " \n", "a\ud800"])
    def test_a_text_that_cannot_stand_there_is_refused_before_any_request(
        self, channel: Channel, mention: IncomingMention, proxy: FaultyProxy, text: str
    ) -> None:
        refuse_unsent(channel, mention, proxy, text=text, code="broken_text" if text.strip() else "empty")

    @pytest.mark.parametrize("fault", [Answer(500), Answer(200, b"{}", JSON), Cut.HALF])
    def test_when_the_look_before_a_send_fails_nothing_is_sent(
        self, channel: Channel, mention: IncomingMention, proxy: FaultyProxy, fault: Answer | Cut
    ) -> None:
        proxy.fail_next(self.look, fault)
        with pytest.raises(RetryableError):
            channel.reply(request_for(mention))
        assert proxy.count(self.send) == 0

    @pytest.mark.parametrize(
        "fault",
        [Answer(500), Answer(503, b"", {"retry-after": "9"}), Answer(408), Answer(200, b"{}", JSON), Cut.SILENT],
    )
    def test_a_send_that_is_not_answered_is_uncertain(
        self,
        open_channel: Callable[..., Channel],
        mention: IncomingMention,
        proxy: FaultyProxy,
        fault: Answer | Cut,
    ) -> None:
        proxy.fail_next(self.send, fault)
        with pytest.raises(SendUncertainError):
            open_channel(timeout_seconds=2 if fault is Cut.SILENT else 10).reply(request_for(mention))
        assert proxy.count(self.send) == 1

    def test_nothing_is_sent_in_private(self, channel: Channel, mention: IncomingMention) -> None:
        request = request_for(mention, "hello")
        with pytest.raises(PermanentError):
            channel.direct_message(request)
        assert channel.find_reply(request, Visibility.DM) is None
        assert channel.eligibility(request.target).dm_allowed is False


def refuse_unsent(channel: Channel, mention: IncomingMention, proxy: FaultyProxy, *, text: str, code: str) -> None:
    """Require that ``text`` is refused with ``code``, and nobody asked."""
    before = len(proxy.seen)
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention, text))
    assert caught.value.code == code
    assert len(proxy.seen) == before
