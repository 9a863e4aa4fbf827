"""Whom the rules plan to write to, whom never, and what lets a plan be."""

from datetime import date, timedelta
from typing import Any

import pytest

from config.brand_book import Bilingual, BrandBook, KnownIssue
from config.follow_up_settings import FollowUpSettings
from config.settings import Settings
from domain.clock import FixedClock
from domain.lifecycle import FollowUpState
from domain.words import Intent, Purpose, Risk, Sentiment, Topic, Urgency
from responder.follow_up import look_after_cases
from storage.database import Database, Transaction
from storage.edits import mark_gone
from storage.follow_ups import drop
from storage.models import (
    Author,
    ChannelAccount,
    Conversation,
    Customer,
    FollowUp,
    OptOut,
    Purchase,
    User,
)
from storage.models import Testimonial as Request
from storage.testimonials import list_testimonials, open_testimonial, record_consent
from tests.cast import OURS, THEIRS
from tests.desk.setting import make_voice
from tests.responder.follow_up.labels import read_as
from tests.rows import Thread, make_account, make_conversation_with_mention, make_delivery, make_draft

FIXED = KnownIssue(
    id="app-logout",
    topic=Topic.APP,
    title=Bilingual(ja="ログアウトされる", en="Logged out"),
    statement=Bilingual(ja="調べています。", en="We are on it."),
    since=date(2026, 10, 1),
    state="fixed",
    fixed=Bilingual(ja="直りました。", en="It is fixed."),
)


def answered(
    tx: Transaction,
    ben: User,
    *,
    account: ChannelAccount | None = None,
    citations: list[dict[str, str | None]] | None = None,
    **said: Any,  # noqa: ANN401 - passed through
) -> Thread:
    """A case whose answer has just been sent."""
    thread = make_conversation_with_mention(tx, account=account)
    read_as(tx, thread, **said)
    draft = make_draft(tx, mention=thread.mention, citations=citations or [])
    make_delivery(tx, draft=draft, approved_by=ben, state="sent", sent_at=tx.now)
    thread.conversation.first_reply_at = tx.now
    thread.conversation.due_at = None
    tx.session.flush()
    return thread


def look(database: Database, *issues: KnownIssue, **settings: Any) -> int:  # noqa: ANN401 - passed through
    made = Settings(home=".", follow_up=FollowUpSettings(**settings))
    books = {"default": BrandBook(voice=make_voice(), known_issues=issues)}
    return look_after_cases(database, OURS, settings=made, books=books)


def plans(database: Database) -> list[tuple[str, str, str, str]]:
    with database.snapshot(OURS) as tx:
        rows = tx.session.query(FollowUp).order_by(FollowUp.id)
        return [(row.purpose, row.cause, row.state, row.problem) for row in rows]


def test_an_answered_complaint_is_come_back_to_after_the_days_of_its_topic(any_database: Database, ben: User) -> None:
    with any_database.transaction(OURS) as tx:
        answered(tx, ben)
        sent_at = tx.now
    assert look(any_database) == 1
    assert look(any_database) == 0, "once for each case"
    with any_database.snapshot(OURS) as tx:
        (row,) = tx.session.query(FollowUp)
        assert (row.purpose, row.cause, row.state) == ("follow_up", "answered", "planned")
        assert row.due_at == sent_at + timedelta(days=7)
    with any_database.snapshot(THEIRS) as tx:
        assert tx.session.query(FollowUp).count() == 0, "Chika sees nothing of ours"


def test_praise_and_questions_are_not_come_back_to(database: Database, ben: User) -> None:
    with database.transaction(OURS) as tx:
        answered(tx, ben, intent=Intent.QUESTION, constructive=None)
        answered(tx, ben, intent=Intent.PRAISE, constructive=None, sentiment=Sentiment.POSITIVE)
    look(database)
    assert plans(database) == []


def test_nothing_is_planned_by_rule_when_it_is_switched_off(database: Database, ben: User) -> None:
    with database.transaction(OURS) as tx:
        answered(tx, ben)
    assert look(database, enabled=False) == 0
    assert plans(database) == []


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"abuse": True}, "abuse"),
        ({"risks": frozenset({Risk.LEGAL})}, "grave"),
        ({"urgency": Urgency.CRITICAL}, "grave"),
        ({"risks": frozenset({Risk.PERSONAL_DATA})}, ""),
    ],
)
def test_abuse_and_grave_cases_are_left_to_people(
    any_database: Database, ben: User, said: dict[str, Any], problem: str
) -> None:
    with any_database.transaction(OURS) as tx:
        answered(tx, ben, **said)
    look(any_database)
    assert plans(any_database) == [("follow_up", "answered", "dropped" if problem else "planned", problem)]


def test_who_opted_out_on_any_linked_profile_is_left_alone(any_database: Database, ben: User) -> None:
    with any_database.transaction(OURS) as tx:
        thread = answered(tx, ben)
        other = make_conversation_with_mention(tx)
        customer = Customer(display_name="Hanako", purchases_consented_at=None, created_at=tx.now)
        tx.session.add(customer)
        tx.session.flush()
        for author in (thread.author, other.author):
            author.customer_id = customer.id
        tx.session.add(OptOut(author_id=other.author.id, reason="asked", created_at=tx.now))
    look(any_database)
    assert plans(any_database) == [("follow_up", "answered", "dropped", "opted_out")]


def test_an_opt_out_later_drops_what_was_planned(any_database: Database, ben: User) -> None:
    with any_database.transaction(OURS) as tx:
        thread = answered(tx, ben)
    look(any_database)
    with any_database.transaction(OURS) as tx:
        tx.session.add(OptOut(author_id=thread.author.id, reason="person", created_at=tx.now))
    look(any_database)
    assert plans(any_database) == [("follow_up", "answered", "dropped", "opted_out")]


def test_a_deleted_post_drops_its_plan_and_takes_the_facts_along(any_database: Database, ben: User) -> None:
    with any_database.transaction(OURS) as tx:
        thread = answered(tx, ben)
    look(any_database)
    with any_database.transaction(OURS) as tx:
        row = tx.session.query(FollowUp).one()
        row.facts = {"bought": "緑のコート"}
    with any_database.transaction(OURS) as tx:
        mark_gone(tx, [thread.mention.id])
    with any_database.snapshot(OURS) as tx:
        row = tx.session.query(FollowUp).one()
        assert (row.state, row.problem, row.facts) == ("dropped", "post_gone", {})


@pytest.mark.parametrize(("consent", "last"), [("given", "delivered"), ("refused", "answered"), ("", "answered")])
def test_a_delivered_parcel_takes_the_place_of_the_calendar_with_consent_only(
    any_database: Database, ben: User, clock: FixedClock, consent: str, last: str
) -> None:
    with any_database.transaction(OURS) as tx:
        thread = answered(tx, ben)
        customer = Customer(display_name="", purchases_consent=consent, purchases_consented_at=None, created_at=tx.now)
        tx.session.add(customer)
        tx.session.flush()
        thread.author.customer_id = customer.id
        purchase = Purchase(
            source="file",
            external_id="1",
            customer_id=customer.id,
            items=[{"name": "Green coat", "quantity": 1}],
            ordered_at=tx.now - timedelta(days=9),
            delivered_at=tx.now + timedelta(hours=3),
            consented=False,
            updated_at=tx.now,
        )
        tx.session.add(purchase)
    look(any_database)
    clock.advance(timedelta(hours=4))
    look(any_database)
    calendar = (
        ("follow_up", "answered", "dropped", "replaced")
        if last == "delivered"
        else ("follow_up", "answered", "planned", "")
    )
    delivered = [("follow_up", "delivered", "planned", "")] if last == "delivered" else []
    assert plans(any_database) == [calendar, *delivered]


def test_everybody_whose_reply_stood_on_a_mended_issue_is_told_once(any_database: Database, ben: User) -> None:
    cited = [{"kind": "known_issue", "reference": FIXED.id, "title": "x", "score": None}]
    other = [{"kind": "faq", "reference": FIXED.id, "title": "x", "score": None}]
    with any_database.transaction(OURS) as tx:
        account = make_account(tx)
        first = answered(tx, ben, account=account, citations=cited, topic=Topic.APP)
        second = answered(tx, ben, account=account, citations=cited, topic=Topic.APP)
        again = answered(tx, ben, account=account, citations=cited, topic=Topic.APP)
        tx.session.get_one(Conversation, again.conversation.id).author_id = first.author.id
        answered(tx, ben, account=account, citations=other, topic=Topic.APP)
    still_open = FIXED.model_copy(update={"state": "open"})
    look(any_database, still_open)
    assert [one for one in plans(any_database) if one[0] == "fixed"] == []
    look(any_database, FIXED)
    look(any_database, FIXED)
    with any_database.snapshot(OURS) as tx:
        rows = tx.session.query(FollowUp).filter(FollowUp.purpose == Purpose.FIXED).order_by(FollowUp.id)
        told = [(row.conversation_id, row.subject) for row in rows]
    assert told == [(first.conversation.id, "default:app-logout"), (second.conversation.id, "default:app-logout")]


def test_repeated_praise_makes_an_ambassador_who_is_asked_once(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        account = make_account(tx)
        threads = [make_conversation_with_mention(tx, account=account, text="love it") for _post in range(3)]
        customer = Customer(display_name="", purchases_consented_at=None, created_at=tx.now)
        tx.session.add(customer)
        tx.session.flush()
        for thread in threads[:2]:
            tx.session.get_one(Author, thread.author.id).customer_id = customer.id
        for thread in threads:
            read_as(tx, thread, intent=Intent.PRAISE, constructive=None, sentiment=Sentiment.POSITIVE)
            thread.conversation.waiting = False
    look(any_database)
    look(any_database)
    assert plans(any_database) == [("testimonial", "praise", "planned", "")]
    with any_database.snapshot(OURS) as tx:
        assert tx.session.get_one(Customer, customer.id).tags == ["ambassador"]


def test_consent_stands_on_a_post_of_its_author_and_goes_with_it(any_database: Database, ben: User) -> None:
    with any_database.transaction(OURS) as tx:
        thread = make_conversation_with_mention(tx, text="the best coat I ever had")
        stranger = make_conversation_with_mention(tx, text="yes")
        draft = make_draft(tx, mention=thread.mention, purpose=Purpose.TESTIMONIAL)
        delivery = make_delivery(tx, draft=draft, approved_by=ben, state="sent", sent_at=tx.now)
        open_testimonial(tx, delivery)
        open_testimonial(tx, delivery)
        asked = tx.session.query(Request).one()
        with pytest.raises(Exception, match="agreed"):
            record_consent(tx, asked.id, state="agreed", mention_id=stranger.mention.id, user_id=ben.id, actor="Ben")
        record_consent(tx, asked.id, state="agreed", mention_id=thread.mention.id, user_id=ben.id, actor="Ben")
        assert [one.text for one in list_testimonials(tx)] == ["the best coat I ever had"]
    with any_database.transaction(OURS) as tx:
        mark_gone(tx, [thread.mention.id])
    with any_database.snapshot(OURS) as tx:
        assert tx.session.query(Request).one().state == "withdrawn"
        assert list_testimonials(tx) == []


def test_a_plan_is_dropped_once_and_a_second_time_is_no_news(database: Database, ben: User) -> None:
    with database.transaction(OURS) as tx:
        answered(tx, ben)
    look(database)
    with database.transaction(OURS) as tx:
        row = tx.session.query(FollowUp).one()
        assert drop(tx, row.id, problem="person")
        assert not drop(tx, row.id, problem="person")
    look(database)
    assert plans(database) == [("follow_up", "answered", FollowUpState.DROPPED, "person")]
