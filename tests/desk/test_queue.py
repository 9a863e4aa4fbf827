"""The queue: its order, its splits, its pages, and the promise that its cost does not grow with what is stored."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event

from desk.inbox_view import read_cursor, write_cursor
from domain.ids import UserId
from domain.words import Intent, UrgencyRank
from storage.database import Database, Transaction
from storage.inbox import QueueKey, QueueRow, Split, count_arrivals, count_splits, find_next, list_queue
from storage.models import Conversation
from tests.cast import OURS
from tests.rows import make_account, make_conversation_with_mention

NOBODY = UserId(0)


def fill(tx: Transaction, count: int, *, seed: int = 1) -> None:
    chance, later = random.Random(seed), random.Random(seed + 1)
    account = make_account(tx)
    for _number in range(count):
        rank = chance.choice(list(UrgencyRank))
        due = None if rank is UrgencyRank.UNKNOWN else tx.now + timedelta(minutes=chance.randrange(4))
        make_conversation_with_mention(
            tx,
            account=account,
            conversation={
                "urgency_rank": rank,
                "due_at": due,
                "waiting_since": chance.choice([None, tx.now - timedelta(minutes=chance.randrange(3))]),
                "intent": chance.choice([None, *Intent]),
                "constructive": chance.choice([None, True, False]),
                "assignee_id": chance.choice([None, 7]),
                "waiting": chance.random() < 0.9,
                "follow_up_at": later.choice([None, tx.now - timedelta(minutes=later.randrange(3))]),
            },
        )


def walk(tx: Transaction, split: Split, *, user_id: UserId = NOBODY, limit: int = 7) -> list[QueueRow]:
    rows: list[QueueRow] = []
    after: QueueKey | None = None
    while True:
        page = list_queue(tx, split=split, user_id=user_id, after=after, limit=limit)
        rows += page.rows
        if not page.more:
            return rows
        after = read_cursor(write_cursor(page.rows[-1].key))


@pytest.mark.parametrize("split", list(Split))
def test_pages_put_together_are_the_whole_split_once_and_in_order(any_database: Database, split: Split) -> None:
    with any_database.transaction(OURS) as tx:
        fill(tx, 60)
        at_once = list_queue(tx, split=split, user_id=UserId(7), limit=500).rows
        page_by_page = walk(tx, split, user_id=UserId(7))
    assert [row.key for row in page_by_page] == [row.key for row in at_once]
    assert len({row.conversation_id for row in at_once}) == len(at_once) > 1
    for one, two in pairwise(at_once):
        assert one.key.values(split)[-1] != two.key.values(split)[-1]
        if split is Split.FOLLOW_UP:
            assert one.key.due_at
            assert two.key.due_at
            assert one.key.due_at <= two.key.due_at
            continue
        assert one.key.urgency_rank <= two.key.urgency_rank
        if one.key.urgency_rank == two.key.urgency_rank and one.key.due_at and two.key.due_at:
            assert one.key.due_at <= two.key.due_at


def test_splits_hold_what_their_names_say_and_count_it(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        fill(tx, 60)
        counts = count_splits(tx, user_id=UserId(7))
        for split in Split:
            assert counts[split] == len(walk(tx, split, user_id=UserId(7)))
        assert {row.intent for row in walk(tx, Split.QUESTIONS)} == {"question"}
        assert {row.constructive for row in walk(tx, Split.CONSTRUCTIVE)} == {True}
        assert max(row.key.urgency_rank for row in walk(tx, Split.URGENT)) == UrgencyRank.HIGH


def test_the_next_case_is_the_one_behind_and_from_the_end_the_first(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        fill(tx, 12)
        rows = walk(tx, Split.REVIEW)
        for one, two in pairwise(rows):
            assert find_next(tx, split=Split.REVIEW, user_id=NOBODY, after=one.key) == two.conversation_id
        last = find_next(tx, split=Split.REVIEW, user_id=NOBODY, after=rows[-1].key)
        assert last == rows[0].conversation_id


def test_the_only_case_has_no_next(database: Database) -> None:
    with database.transaction(OURS) as tx:
        make_conversation_with_mention(tx)
        (row,) = walk(tx, Split.REVIEW)
        assert find_next(tx, split=Split.REVIEW, user_id=NOBODY, after=row.key) is None


def test_arrivals_count_conversations_that_are_new_since_the_page_was_made(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        thread = make_conversation_with_mention(tx)
        newest = list_queue(tx, split=Split.REVIEW, user_id=NOBODY).newest_mention_id
        assert newest == thread.mention.id
        make_conversation_with_mention(tx)
        make_conversation_with_mention(tx, conversation={"waiting": False})
        assert count_arrivals(tx, split=Split.REVIEW, user_id=NOBODY, newest_mention_id=newest) == 1
        assert count_arrivals(tx, split=Split.PRAISE, user_id=NOBODY, newest_mention_id=newest) == 0


@pytest.mark.parametrize("split", list(Split))
def test_every_split_is_read_from_one_index_in_order_and_never_sorted(database: Database, split: Split) -> None:
    told: list[tuple[str, tuple[object, ...]]] = []
    with database.transaction(OURS) as tx:
        fill(tx, 30)
        rows = walk(tx, split, user_id=UserId(7))
        connection = tx.session.connection()
        event.listen(connection, "before_cursor_execute", lambda *call: told.append((call[2], call[3])))
        list_queue(tx, split=split, user_id=UserId(7), after=rows[0].key, limit=5)
        count_splits(tx, user_id=UserId(7))
        asked = [(sql, values) for sql, values in told if "FROM conversation" in sql]
        plans = [
            " ".join(str(step[3]) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))
            for sql, values in asked
        ]
    assert len(plans) > len(Split)
    for plan in plans:
        assert "USING INDEX ix_conversation_" in plan or "USING COVERING INDEX ix_conversation_" in plan
        assert "TEMP B-TREE" not in plan
        assert "ix_conversation_workspace_id" not in plan


def test_a_conversation_without_a_mention_left_does_not_break_the_list(database: Database) -> None:
    with database.transaction(OURS) as tx:
        thread = make_conversation_with_mention(tx)
        tx.session.get_one(Conversation, thread.conversation.id).lead_mention_id = None
        tx.session.flush()
        (row,) = walk(tx, Split.REVIEW)
    assert (row.text, row.author_name, row.drafts) == ("", "", 0)
