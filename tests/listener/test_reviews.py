"""A review taken in: one case, in which a text changed after an answer waits again and may be answered in its turn."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from domain.ids import ChannelAccountId
from domain.mentions import IncomingMention
from domain.replies import SendTarget
from listener.intake import Stored, store_mentions
from listener.reviews import (
    Review,
    StoreAnswer,
    count_units,
    fingerprint,
    is_same_text,
    join_title,
    moment_of,
    read_mention,
    review_id_of,
    tell_facts,
)
from storage.database import Database
from storage.models import Conversation, Mention, MentionRevision
from tests.cast import NOON, OURS
from tests.rows import make_account

REVIEW = Review(
    external_id="gp:AOqpTOE-1",
    text="色が違う\n青でした",
    rating=2,
    author_name="綾",
    written_at=NOON - timedelta(hours=1),
    url="https://store.example/1",
)
ANSWER = StoreAnswer(text="失礼しました", modified_at=NOON - timedelta(minutes=30))


@pytest.fixture
def account_id(any_database: Database) -> ChannelAccountId:
    with any_database.transaction(OURS) as tx:
        return ChannelAccountId(make_account(tx).id)


def take_in(database: Database, account_id: ChannelAccountId, mention: IncomingMention) -> Stored:
    with database.transaction(OURS) as tx:
        return store_mentions(tx, account_id=account_id, own_external_id="developer:1", mentions=[mention])


def test_a_change_before_any_answer_is_a_revision_and_one_after_it_makes_the_same_case_wait_again(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    assert take_in(any_database, account_id, read_mention(REVIEW, turn=0)).new == 1
    changed = replace(REVIEW, text="やはり緑でした")
    assert take_in(any_database, account_id, read_mention(changed, turn=0)).revised == 1
    with any_database.transaction(OURS) as tx:
        tx.session.execute(update(Conversation).values(waiting=False, waiting_since=None, state="resolved"))
    later = replace(REVIEW, text="まだ届きません", rating=1, answer=ANSWER, written_at=NOON - timedelta(minutes=5))
    turn = read_mention(later, turn=moment_of(ANSWER.modified_at))
    assert take_in(any_database, account_id, turn).new == 1
    with any_database.snapshot(OURS) as tx:
        (case,) = tx.session.scalars(select(Conversation)).all()
        texts = tx.session.scalars(select(Mention.text).order_by(Mention.id)).all()
        assert (case.waiting, case.thread_external_id) == (True, REVIEW.external_id)
        assert texts == ["やはり緑でした", "まだ届きません"]
        assert tx.session.scalars(select(MentionRevision.text)).all() == [REVIEW.text]
        assert tx.session.scalars(select(Mention.rating).order_by(Mention.id)).all() == [2, 1]


def test_the_id_of_a_turn_leads_to_the_review() -> None:
    turn = read_mention(replace(REVIEW, answer=ANSWER), turn=5)
    assert review_id_of(turn.external_id) == review_id_of(REVIEW.external_id) == REVIEW.external_id
    assert turn.author.external_id == read_mention(REVIEW, turn=0).author.external_id


def test_a_review_is_closed_only_while_an_answer_stands_that_ours_would_not_replace() -> None:
    answered = replace(REVIEW, answer=ANSWER)
    first, turn = (read_mention(answered, turn=number) for number in (0, moment_of(ANSWER.modified_at)))
    targets = [
        SendTarget(
            external_id=one.external_id, author_external_id="a", author_handle="a", platform_data=one.platform_data
        )
        for one in (first, turn)
    ]
    assert [tell_facts(REVIEW, target).replies_allowed for target in targets] == [True, True]
    assert [tell_facts(answered, target).replies_allowed for target in targets] == [False, True]
    assert [tell_facts(None, target).exists for target in targets] == [False, False]


def test_an_id_is_not_cut_to_that_of_another_review() -> None:
    odd = replace(REVIEW, external_id="gp:a@shop", answer=ANSWER)
    for turn in (0, moment_of(ANSWER.modified_at)):
        assert review_id_of(read_mention(odd, turn=turn).external_id) == "gp:a@shop"


@pytest.mark.parametrize(
    ("title", "body", "text"), [("a", "b", "a\nb"), ("", "b", "b"), ("a", "", "a"), ("", "", ""), ("a", "a", "a\na")]
)
def test_title_and_body_are_one_text(title: str, body: str, text: str) -> None:
    assert join_title(title, body) == text


def test_texts_are_the_same_whatever_a_store_does_to_their_spaces() -> None:
    assert is_same_text("か\u3099\r\n  a ", "が a")
    assert not is_same_text("a b", "ab")
    assert fingerprint("か\u3099 a") == fingerprint("が\na")
    assert len(fingerprint("\ud800")) == 16


def test_length_is_never_counted_too_short() -> None:
    assert [count_units(text) for text in ("", "あ", "😢", "\ud800", "e\u0301")] == [0, 1, 2, 1, 2]
