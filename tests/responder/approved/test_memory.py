"""What is kept in mind of approved replies: only what may be, only ours, for as long as it is there."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest

from domain.clock import FixedClock
from domain.lifecycle import DeliveryState
from domain.words import Language, Visibility
from responder.approved import Asked, EarlierCase, Memory
from storage.approved_replies import list_approved, read_approved
from storage.database import Database
from storage.edits import EditedText, mark_gone, store_edits
from storage.forgetting import OldPost, forget_posts
from storage.models import User
from tests.cast import NOON, OURS, THEIRS
from tests.responder.approved.earlier import Answered, answer

POST = "The zip of my rain jacket broke after a week."
REPLY = "We are sorry about the zip. Please send us a direct message."
MINUTE = timedelta(seconds=61)


def find(database: Database, memory: Memory, text: str = POST, **asked: object) -> list[EarlierCase]:
    wanted = {"brand": "default", "language": Language.EN, "visibility": Visibility.PUBLIC} | asked
    with database.snapshot(OURS) as tx:
        return memory.find(tx, Asked(text=text, **wanted))  # type: ignore[arg-type]  # what the test asks for


def refresh(database: Database, memory: Memory) -> int:
    with database.snapshot(OURS) as tx:
        return memory.refresh(tx)


def store(database: Database, by: User, post: str = POST, **given: object) -> Answered:
    with database.transaction(OURS) as tx:
        return answer(tx, post, REPLY, by=by, **given)  # type: ignore[arg-type]  # what the test gives


def test_what_was_approved_and_sent_is_found_with_its_provenance(any_database: Database, ben: User) -> None:
    answered = store(any_database, ben)
    memory = Memory()
    refresh(any_database, memory)

    found = find(any_database, memory, "The zip of my rain jacket broke again.")

    assert [one.reply.reply_id for one in found] == [answered.reply.id]
    assert (found[0].reply.approved_by, found[0].reply.approved_at, found[0].times) == ("Ben", NOON, 1)


@pytest.mark.parametrize("state", [one for one in DeliveryState if one is not DeliveryState.SENT], ids=str)
def test_what_did_not_go_out_is_not_remembered(database: Database, ben: User, state: DeliveryState) -> None:
    store(database, ben, state=state)
    with database.snapshot(OURS) as tx:
        assert list_approved(tx) == []


def test_other_brands_languages_and_private_replies_stay_apart(database: Database, ben: User) -> None:
    store(database, ben)
    memory = Memory()
    refresh(database, memory)
    assert find(database, memory)
    assert not find(database, memory, brand="other")
    assert not find(database, memory, language=Language.JA)
    assert not find(database, memory, visibility=Visibility.DM)


def test_another_workspace_finds_nothing_of_ours(any_database: Database, ben: User) -> None:
    answered = store(any_database, ben)
    memory = Memory()
    refresh(any_database, memory)
    with any_database.snapshot(THEIRS) as tx:
        memory.refresh(tx)
        asked = Asked(brand="default", text=POST, language=Language.EN, visibility=Visibility.PUBLIC)
        assert memory.find(tx, asked) == []
        assert list_approved(tx) == []
        assert read_approved(tx, [answered.reply.id]) == []


def test_what_is_deleted_is_not_shown_from_that_moment_and_then_let_go(
    any_database: Database, clock: FixedClock, ben: User
) -> None:
    answered = store(any_database, ben)
    memory = Memory()
    refresh(any_database, memory)
    assert find(any_database, memory)

    with any_database.transaction(OURS) as tx:
        mark_gone(tx, [answered.thread.mention.id])

    assert find(any_database, memory) == []
    assert memory.count(OURS) == 1
    clock.advance(MINUTE)
    refresh(any_database, memory)
    assert memory.count(OURS) == 0


def test_what_is_forgotten_is_let_go(database: Database, clock: FixedClock, ben: User) -> None:
    answered = store(database, ben)
    memory = Memory()
    refresh(database, memory)
    mention = answered.thread.mention
    with database.transaction(OURS) as tx:
        old = OldPost(id=mention.id, conversation_id=mention.conversation_id, created_at=mention.created_at)
        forget_posts(tx, [old])
    assert find(database, memory) == []
    clock.advance(MINUTE)
    refresh(database, memory)
    assert memory.count(OURS) == 0


def test_a_post_that_was_edited_after_its_answer_is_no_example_any_more(
    database: Database, clock: FixedClock, ben: User
) -> None:
    mention = store(database, ben).thread.mention
    memory = Memory()
    refresh(database, memory)
    clock.advance(MINUTE)
    edit = EditedText(
        mention_id=mention.id,
        conversation_id=mention.conversation_id,
        text="All is well.",
        text_original="All is well.",
        kind=mention.kind,
        engagement=mention.engagement,
        platform_data={},
    )
    with database.transaction(OURS) as tx:
        store_edits(tx, [edit])
    assert find(database, memory) == []


def test_new_approvals_are_taken_in_a_little_at_a_time(database: Database, clock: FixedClock, ben: User) -> None:
    for number in range(5):
        store(database, ben, f"{POST} Number {number}.")
    memory = Memory()
    with database.snapshot(OURS) as tx:
        assert memory.refresh(tx, most=2) == 3
        assert memory.refresh(tx, most=2) == 1
        assert memory.refresh(tx, most=2) == 0
    assert memory.count(OURS) == 5
    store(database, ben, "My parcel is late.")
    refresh(database, memory)
    assert memory.count(OURS) == 5, "not before a minute has passed"
    clock.advance(MINUTE)
    refresh(database, memory)
    assert find(database, memory, "Where is my parcel? It is late.")


def test_meaning_finds_what_shares_few_words(database: Database, ben: User) -> None:
    class Meaning:
        space = "test"

        def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            rows = [[1.0, 0.0] if "zip" in text.casefold() else [0.0, 1.0] for text in texts]
            return np.array(rows, dtype=np.float32)

    store(database, ben)
    for number in range(8):
        store(database, ben, f"Parcel {number} came late again, a whole month, in this rain.")
    memory = Memory(Meaning)
    refresh(database, memory)
    assert [one.reply.post for one in find(database, memory, "zip broken? rain!")][:1] == [POST]
    alone = Memory()
    refresh(database, alone)
    assert POST not in [one.reply.post for one in find(database, alone, "zip broken? rain!")]
