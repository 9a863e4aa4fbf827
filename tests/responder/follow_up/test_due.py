"""What is due is drafted by the purpose's playbook, in other words for each, or let be with the reason; it may die anywhere."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from config.brand_book import Bilingual, BrandBook, KnownIssue
from config.follow_up_settings import FollowUpSettings
from config.playbook import Playbook
from domain.clock import FixedClock
from domain.ids import ChannelAccountId
from domain.replies import PlatformFacts
from domain.words import DraftKind, Language, Purpose, SurveyKind, Topic, Visibility
from responder.follow_up_drafting import draft_follow_ups
from responder.survey_links import SurveyLinks
from storage.database import Database
from storage.follow_ups import Plan, add_plan, claim_due
from storage.models import Conversation, Draft, DraftRevision, FollowUp, Survey, User
from tests.cast import OURS
from tests.desk.setting import make_voice
from tests.responder.composing import playbooks
from tests.responder.follow_up.labels import read_as
from tests.responder.test_drafting import FakeChannel
from tests.rows import Thread, make_account, make_conversation_with_mention, make_delivery, make_draft

LINKS = SurveyLinks(key=b"k" * 32, base="https://desk.shop.example")
FIXED = KnownIssue(
    id="app-logout",
    topic=Topic.APP,
    title=Bilingual(ja="ログアウトされる", en="Logged out"),
    statement=Bilingual(ja="調べています。", en="We are on it."),
    since=date(2026, 10, 1),
    state="fixed",
    fixed=Bilingual(ja="バージョン3.3で直りました。", en="Version 3.3 of the app keeps you signed in."),
)


def case(database: Database, ben: User, *, visibility: Visibility = Visibility.PUBLIC) -> Thread:
    with database.transaction(OURS) as tx:
        account = make_account(tx, kind="bluesky")
        thread = make_conversation_with_mention(
            tx, account=account, url="https://social.example/1", author={"display_name": "Hannah"}
        )
        read_as(tx, thread, topic=Topic.APP)
        draft = make_draft(tx, mention=thread.mention, visibility=visibility)
        make_delivery(tx, draft=draft, approved_by=ben, state="sent", sent_at=tx.now)
    return thread


def due(database: Database, thread: Thread, purpose: Purpose, *, subject: str = "") -> int:
    with database.transaction(OURS) as tx:
        row = add_plan(
            tx,
            Plan(
                conversation_id=thread.conversation.id,
                mention_id=thread.mention.id,
                purpose=purpose,
                cause="fixed" if purpose is Purpose.FIXED else "happy",
                due_at=tx.now,
                visibility=Visibility.PUBLIC,
                subject=subject,
            ),
        )
        assert row is not None
        return row.id


def draft(
    database: Database,
    *threads: Thread,
    channel: FakeChannel | None = None,
    books: Sequence[Playbook] | None = None,
    links: SurveyLinks = LINKS,
) -> int:
    return draft_follow_ups(
        database,
        OURS,
        channels={ChannelAccountId(thread.account.id): channel or FakeChannel() for thread in threads},
        books={"default": BrandBook(voice=make_voice(), known_issues=(FIXED,))},
        playbooks=playbooks() if books is None else books,
        settings=FollowUpSettings(),
        links=links,
    )


def texts(database: Database, purpose: Purpose) -> list[str]:
    with database.snapshot(OURS) as tx:
        wanted = (
            select(DraftRevision.text)
            .join(Draft, Draft.id == DraftRevision.draft_id)
            .where(Draft.purpose == purpose.value, Draft.position == 0)
            .order_by(Draft.id)
        )
        return list(tx.session.scalars(wanted))


def plan(database: Database, number: int) -> tuple[str, str]:
    with database.snapshot(OURS) as tx:
        row = tx.session.get_one(FollowUp, number)
        return row.state, row.problem


def test_everybody_is_told_that_it_is_mended_with_the_approved_words_inside_other_words(
    any_database: Database, ben: User
) -> None:
    threads = [case(any_database, ben) for _customer in range(4)]
    for thread in threads:
        due(any_database, thread, Purpose.FIXED, subject="default:app-logout")
    assert draft(any_database, *threads) == 4
    said = texts(any_database, Purpose.FIXED)
    assert len(said) == 4
    assert all(FIXED.fixed and FIXED.fixed.say(Language.EN) in text for text in said)
    assert len(set(said)) == 4
    with any_database.snapshot(OURS) as tx:
        assert all(row.follow_up_at is not None for row in tx.session.scalars(select(Conversation)))


@pytest.mark.parametrize("visibility", list(Visibility))
def test_only_a_private_survey_carries_a_link(database: Database, ben: User, visibility: Visibility) -> None:
    thread = case(database, ben, visibility=visibility)
    due(database, thread, Purpose.SURVEY)
    draft(database, thread)
    (text,) = texts(database, Purpose.SURVEY)
    with database.snapshot(OURS) as tx:
        survey = tx.session.scalars(select(Survey)).one()
        assert (survey.kind, survey.language) == (SurveyKind.CSAT, "en")
        assert (LINKS.address(survey.id, survey.expires_at) in text) is (visibility is Visibility.DM)
    assert ("5" in text) or visibility is Visibility.DM


def test_without_an_address_for_customers_a_number_is_asked_for_in_private_too(database: Database, ben: User) -> None:
    thread = case(database, ben, visibility=Visibility.DM)
    due(database, thread, Purpose.SURVEY)
    draft(database, thread, links=SurveyLinks(key=b"k" * 32))
    (text,) = texts(database, Purpose.SURVEY)
    assert "http" not in text
    assert "5" in text


def test_a_closed_door_lets_the_plan_be_with_the_reason(database: Database, ben: User) -> None:
    thread = case(database, ben, visibility=Visibility.DM)
    number = due(database, thread, Purpose.SURVEY)
    channel = FakeChannel()
    channel.facts = PlatformFacts(exists=True, replies_allowed=True, dm_allowed=False)
    draft(database, thread, channel=channel)
    assert plan(database, number) == ("dropped", "no_route")
    assert texts(database, Purpose.SURVEY) == []


def test_where_no_playbook_fits_a_person_writes(database: Database, ben: User) -> None:
    thread = case(database, ben)
    number = due(database, thread, Purpose.FIXED, subject="default:app-logout")
    draft(database, thread, books=[book for book in playbooks() if book.purpose is Purpose.ANSWER])
    assert plan(database, number) == ("drafted", "not_drafted")
    with database.snapshot(OURS) as tx:
        blank = tx.session.scalars(select(Draft).where(Draft.purpose == Purpose.FIXED.value)).one()
        assert blank.kind == DraftKind.BLANK


def test_an_issue_that_is_open_again_is_told_to_nobody(database: Database, ben: User) -> None:
    thread = case(database, ben)
    number = due(database, thread, Purpose.FIXED, subject="default:something-else")
    draft(database, thread)
    assert plan(database, number) == ("dropped", "not_fixed")


def test_a_worker_that_died_in_between_leaves_the_plan_to_the_next(
    any_database: Database, ben: User, clock: FixedClock
) -> None:
    thread = case(any_database, ben)
    number = due(any_database, thread, Purpose.SURVEY)
    with any_database.transaction(OURS) as tx:
        assert claim_due(tx, limit=5, lease=timedelta(minutes=5))  # and here it dies
    assert draft(any_database, thread) == 0, "it may still be at work"
    clock.advance(timedelta(minutes=6))
    assert draft(any_database, thread) == 1
    assert draft(any_database, thread) == 0
    assert plan(any_database, number) == ("drafted", "")
    assert len(texts(any_database, Purpose.SURVEY)) == 1
    with any_database.snapshot(OURS) as tx:
        assert len(list(tx.session.scalars(select(Survey)))) == 1
