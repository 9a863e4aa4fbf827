"""A text that its brand would stop now does not leave, however it was approved; nor is it changed."""

from pathlib import Path

import pytest
from sqlalchemy import select

from config.brand_book import BrandBook
from domain.clock import FixedClock
from domain.lifecycle import DeliveryState, DraftState
from domain.words import DeliveryProblem, Language
from storage.database import Database
from storage.models import Reply, User
from tests.cast import OURS
from tests.responder.checks.corpus import VOICE
from tests.responder.outbox_stage import Stage, set_stage
from tests.rows import APOLOGY

PUBLISHED = "ご注文から3営業日以内に発送いたします。"
BOOK = BrandBook.model_validate(
    {
        "voice": VOICE,
        "faq": [
            {
                "id": "times",
                "topic": "delivery",
                "question": {"ja": "いつ発送されますか。", "en": "When will it ship?"},
                "answer": {"ja": PUBLISHED, "en": "It ships within 3 business days."},
            }
        ],
    }
)
CITED = {"kind": "faq", "reference": "times", "title": "いつ発送されますか。"}


@pytest.fixture
def stage(any_database: Database, clock: FixedClock, tmp_path: Path, ben: User) -> Stage:
    return set_stage(any_database, clock, tmp_path, ben)


def forbid(word: str) -> dict[str, BrandBook]:
    voice = VOICE.model_copy(update={"forbidden_words": (word,)})
    return {"default": BrandBook(voice=voice)}


def read_reply(stage: Stage) -> str:
    with stage.database.snapshot(OURS) as tx:
        return tx.session.scalars(select(Reply.text)).one()


def test_a_word_forbidden_after_the_approval_puts_the_text_before_a_person(stage: Stage) -> None:
    delivery_id = stage.approve_due()

    assert stage.dispatch(books=forbid(APOLOGY[:5])).refused == 1

    delivery = stage.delivery(delivery_id)
    assert (delivery.problem, delivery.problem_detail) == (DeliveryProblem.CHECKS_FAILED, "forbidden_word")
    assert stage.on_platform() == 0
    assert stage.conversation().waiting
    assert stage.draft().state == DraftState.PROPOSED
    assert stage.alerts() == [("delivery_refused", 1)]
    assert read_reply(stage) == APOLOGY


def test_the_same_text_leaves_while_nothing_stops_it(stage: Stage) -> None:
    delivery_id = stage.approve_due()

    assert stage.dispatch(books=forbid("never said")).sent == 1
    assert stage.state(delivery_id) is DeliveryState.SENT


def test_house_rules_hold_without_any_book(stage: Stage) -> None:
    stage.approve_due(drafted={"text": "Card 4111 1111 1111 1111 it is."})

    assert stage.dispatch(books={}).refused == 1
    assert stage.on_platform() == 0


@pytest.mark.parametrize(("citations", "sent"), [([CITED], 1), ([], 0)])
def test_a_published_date_leaves_where_it_is_cited_and_not_elsewhere(
    stage: Stage, citations: list[dict[str, str]], sent: int
) -> None:
    drafted = {"text": PUBLISHED, "language": Language.JA, "citations": citations}
    delivery_id = stage.approve_due(drafted=drafted)

    assert stage.dispatch(books={"default": BOOK}).sent == sent
    if not sent:
        assert stage.delivery(delivery_id).problem_detail == "promise_date"
