"""A question that nothing answers is kept once, grouped with those like it, and gone when something answers it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from config.brand_book import Bilingual, BrandBook, FaqEntry, KnownIssue, Policy
from domain.lifecycle import MentionState
from domain.understanding import Understanding
from domain.words import Band, Intent, Language, Topic
from responder.drafting import draft_pending
from responder.knowledge.condition import Fault, faults_by_entry, find_faults, find_twice
from responder.knowledge.gaps import group_alike
from storage.database import Database
from storage.faq_gaps import read_open_gaps
from storage.models import Conversation, FaqGap, Mention
from storage.understanding import record_classification
from tests.cast import OURS
from tests.responder.composing import QUESTION, demo_book, playbooks
from tests.rows import make_account, make_conversation_with_mention

TODAY = date(2026, 11, 20)
PONY = "Do you have stables where I can leave my pony while I shop?"


@dataclass(frozen=True)
class Said:
    text: str
    language: str = "en"


def draft(database: Database, words: str, *, band: Band = Band.SURE, **labels: Any) -> int:  # noqa: ANN401 - any label
    """Bring one understood post through the step; returns its mention."""
    prediction = replace(QUESTION, **{"topic": Topic.OTHER} | labels)
    with database.transaction(OURS) as tx:
        account = make_account(tx, kind="bluesky")
        thread = make_conversation_with_mention(
            tx, account=account, text=words, state=MentionState.UNDERSTOOD, url="https://social.example/1"
        )
        understanding = Understanding(language=Language.EN, prediction=prediction, band=band, model_id="test")
        record_classification(tx, mention_id=thread.mention.id, understanding=understanding)
        mention_id = thread.mention.id
    run(database)
    return mention_id


def run(database: Database) -> None:
    books = {"default": demo_book()}
    assert draft_pending(database, OURS, channels={}, books=books, playbooks=playbooks(), limit=10) == 1


def gaps(database: Database) -> list[str]:
    with database.snapshot(OURS) as tx:
        return [gap.text for gap in read_open_gaps(tx)]


def test_a_question_without_an_answer_is_kept_with_what_came_nearest(any_database: Database) -> None:
    draft(any_database, PONY)

    assert gaps(any_database) == [PONY]
    with any_database.snapshot(OURS) as tx:
        row = tx.session.scalars(select(FaqGap)).one()
        assert (row.brand, row.language, row.topic, row.state) == ("default", "en", "other", "open")
        assert 0 <= row.score < 0.5


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ("When do I get my refund?", {"topic": Topic.REFUND}),
        (PONY, {"intent": Intent.COMPLAINT, "constructive": True}),
        (PONY, {"needs_reply": False}),
        (PONY, {"abuse": True}),
        (PONY, {"band": Band.UNKNOWN}),
    ],
    ids=["answered", "complaint", "no reply", "abuse", "unknown"],
)
def test_what_is_answered_or_no_question_is_no_gap(database: Database, words: str, labels: dict[str, Any]) -> None:
    draft(database, words, **labels)

    assert gaps(database) == []


def test_a_post_that_is_drafted_for_again_is_kept_once(database: Database) -> None:
    mention_id = draft(database, PONY)
    with database.transaction(OURS) as tx:
        mention = tx.session.get_one(Mention, mention_id)
        mention.state = MentionState.UNDERSTOOD
    run(database)

    assert gaps(database) == [PONY]


def test_words_that_are_gone_are_not_shown(database: Database) -> None:
    mention_id = draft(database, PONY)
    with database.transaction(OURS) as tx:
        tx.session.get_one(Mention, mention_id).text = ""
        assert tx.session.scalars(select(Conversation)).one()

    assert gaps(database) == []


def test_questions_that_ask_the_same_stand_together_the_most_asked_first() -> None:
    said = [
        Said("Is there parking at the shop?"),
        Said("dogs allowed?"),
        Said("is there any parking at your shop"),
        Said("駐車場ありますか", "ja"),
        Said("駐車場はありますか?", "ja"),
        Said("駐車場ありますか。", "ja"),
        Said("!!!"),
        Said("???"),
    ]

    grouped = [[one.text for one in group] for group in group_alike(said)]

    assert [len(group) for group in grouped] == [3, 2, 1, 1, 1]
    assert grouped[0][0] == "駐車場ありますか"
    assert grouped[1] == ["Is there parking at the shop?", "is there any parking at your shop"]


def both(ja: str, en: str) -> Bilingual:
    return Bilingual(ja=ja, en=en)


def faq(name: str, *, question: Bilingual | None = None, **more: object) -> FaqEntry:
    given = {
        "id": name,
        "topic": "other",
        "question": question or both(f"{name}は?", f"{name}?"),
        "answer": both("はい", "Yes"),
    }
    return FaqEntry.model_validate(given | more)


def test_a_book_tells_what_is_wrong_with_it() -> None:
    said = both("特典", "Treat")
    book = BrandBook(
        voice=demo_book().voice,
        faq=(
            faq("past", valid_until=date(2026, 11, 19)),
            faq("coming", valid_from=date(2026, 11, 21)),
            faq("old", checked_on=date(2025, 1, 1)),
            faq("unread", review=True),
            faq("single", question=both("Same", "Same")),
            faq("fine", checked_on=TODAY, valid_until=TODAY),
            faq("parking", question=both("駐車場はありますか。", "Is there parking?")),
            faq("parking2", question=both("駐車場はありますか?", "Do you have a car park?")),
        ),
        policies=(Policy(id="gone", topic=Topic.OTHER, title=said, statement=said, valid_until=date(2026, 1, 1)),),
        known_issues=(
            KnownIssue(id="app", topic=Topic.APP, title=said, statement=said, since=date(2026, 1, 1), state="fixed"),
        ),
    )

    told = {
        name: [one.fault for one in found] for name, found in faults_by_entry(find_faults(book, today=TODAY)).items()
    }

    assert told == {
        ("faq", "past"): [Fault.OUTDATED],
        ("faq", "coming"): [Fault.NOT_YET],
        ("faq", "old"): [Fault.UNCHECKED],
        ("faq", "unread"): [Fault.UNREAD],
        ("faq", "single"): [Fault.ONE_LANGUAGE],
        ("policy", "gone"): [Fault.OUTDATED],
        ("known_issue", "app"): [Fault.NO_FIXED],
    }
    assert [(one.id, one.other) for one in find_twice(book)] == [("parking2", "parking")]
    assert find_faults(book, today=TODAY)[0].place == "brands/default/faq/past.md"


def test_never_cited_is_told_only_where_enough_was_cited() -> None:
    book = BrandBook(voice=demo_book().voice, faq=(faq("used"), faq("idle")))

    few = find_faults(book, today=TODAY, cited={("faq", "used"): 19})
    enough = find_faults(book, today=TODAY, cited={("faq", "used"): 20})

    assert few == []
    assert [(one.id, one.fault) for one in enough] == [("idle", Fault.NEVER_CITED)]
