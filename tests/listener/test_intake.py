"""Intake: the same post once, in the right thread, with the right clock, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from domain.clock import FixedClock
from domain.ids import ChannelAccountId
from domain.lifecycle import ConversationState, DeliveryState, DraftState, MentionState
from domain.words import Engagement, MentionKind, UrgencyRank
from listener.intake import Stored, store_mentions
from storage.database import Database
from storage.early_deletions import take_away
from storage.models import Author, Conversation, Delivery, Draft, LiveEvent, Mention, MentionRevision, User
from tests.cast import NOON, OURS, THEIRS
from tests.listener.posts import AN_HOUR_AGO, AYA, EMI, US, WRONG_COAT, at, load_case, load_mention, make_post
from tests.rows import make_account, make_delivery, make_draft


@pytest.fixture
def account_id(any_database: Database) -> ChannelAccountId:
    with any_database.transaction(OURS) as tx:
        return ChannelAccountId(make_account(tx).id)


def take_in(database: Database, account_id: ChannelAccountId, *posts: object, revise: bool = True) -> Stored:
    with database.transaction(OURS) as tx:
        return store_mentions(tx, account_id=account_id, own_external_id="us", mentions=posts, revise=revise)  # type: ignore[arg-type]


@contextmanager
def count_statements(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_new_post_becomes_a_mention_that_waits_in_a_thread_of_its_own(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    assert take_in(any_database, account_id, make_post()) == Stored(new=1)
    with any_database.snapshot(OURS) as tx:
        mention, case = load_mention(tx, "p1"), load_case(tx, "p1")
        assert (mention.text, mention.state, mention.collected_at) == (WRONG_COAT, MentionState.COLLECTED, NOON)
        assert (case.thread_external_id, case.lead_mention_id) == ("p1", mention.id)
        assert (case.waiting, case.waiting_since, case.due_at) == (True, AN_HOUR_AGO, None)
        assert (case.state, case.urgency_rank) == (ConversationState.OPEN, UrgencyRank.UNKNOWN)
        author = tx.session.scalars(select(Author)).one()
        assert (author.external_id, author.handle, author.display_name) == ("aya-id", "aya", "綾")


def test_the_same_page_again_changes_nothing(any_database: Database, account_id: ChannelAccountId) -> None:
    posts = [make_post(f"p{number}") for number in range(3)]
    assert take_in(any_database, account_id, *posts) == Stored(new=3)
    with any_database.snapshot(OURS) as tx:
        events = tx.session.scalar(select(func.count()).select_from(LiveEvent))
    assert take_in(any_database, account_id, *posts) == Stored(seen=3)
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalar(select(func.count()).select_from(Mention)) == 3
        assert tx.session.scalar(select(func.count()).select_from(MentionRevision)) == 0
        assert tx.session.scalar(select(func.count()).select_from(LiveEvent)) == events


def test_a_post_twice_in_one_page_is_one_mention(any_database: Database, account_id: ChannelAccountId) -> None:
    assert take_in(any_database, account_id, make_post(), make_post()) == Stored(new=1, seen=1)


def test_two_accounts_may_have_the_same_id(any_database: Database, account_id: ChannelAccountId) -> None:
    with any_database.transaction(OURS) as tx:
        other = ChannelAccountId(make_account(tx).id)
    assert take_in(any_database, account_id, make_post()).new == 1
    assert take_in(any_database, other, make_post()).new == 1


def test_chika_sees_nothing_of_ours(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, make_post())
    with any_database.snapshot(THEIRS) as tx:
        for model in (Mention, Conversation, Author):
            assert tx.session.scalars(select(model)).all() == []


def test_our_own_posts_never_become_mentions(any_database: Database, account_id: ChannelAccountId) -> None:
    mine = make_post("mine", "We are sorry!", author=US)
    assert take_in(any_database, account_id, mine, make_post()) == Stored(new=1, own=1)
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Mention.external_id)).all() == ["p1"]
        assert tx.session.scalars(select(Author.external_id)).all() == ["aya-id"]


def test_what_a_delivery_became_is_ours_whoever_the_platform_says_wrote_it(
    any_database: Database, account_id: ChannelAccountId, ben: User
) -> None:
    take_in(any_database, account_id, make_post("p1"), make_post("review"))
    with any_database.transaction(OURS) as tx:
        for name, sent in (("p1", "p2"), ("review", "review")):
            draft = make_draft(tx, mention=load_mention(tx, name))
            make_delivery(tx, draft=draft, approved_by=ben, state=DeliveryState.SENT, external_id=sent)
    again = [
        make_post("p2", parent_external_id="p1"),
        replace(make_post("review"), text="Two stars now."),
        make_post(""),
    ]
    assert take_in(any_database, account_id, *again) == Stored(new=1, revised=1, own=1)
    with any_database.snapshot(OURS) as tx:
        assert set(tx.session.scalars(select(Mention.external_id))) == {"p1", "review", ""}


def test_without_an_own_id_nothing_is_taken_for_ours(any_database: Database, account_id: ChannelAccountId) -> None:
    with any_database.transaction(OURS) as tx:
        unnamed = make_post(author=replace(AYA, external_id=""))
        stored = store_mentions(tx, account_id=account_id, own_external_id="", mentions=[unnamed])
    assert stored == Stored(new=1)


# -- threads ---------------------------------------------------------------------------------------------------------------


def test_an_answer_joins_its_parents_thread_in_the_same_page_or_later(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    child = make_post("p3", "And late.", parent_external_id="p2", created_at=at(20))
    parent = make_post("p2", "Hello?", parent_external_id="p1", created_at=at(40))
    take_in(any_database, account_id, child, parent, make_post())
    take_in(any_database, account_id, make_post("p4", "Anyone?", parent_external_id="p3", created_at=at(10)))
    with any_database.snapshot(OURS) as tx:
        case = load_case(tx, "p1")
        assert {load_case(tx, name).id for name in ("p2", "p3", "p4")} == {case.id}
        assert case.lead_mention_id == load_mention(tx, "p4").id
        assert case.waiting_since == AN_HOUR_AGO


def test_answers_to_a_post_nobody_has_seen_hold_together_and_its_late_arrival_joins_them(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(
        any_database, account_id, make_post("a", parent_external_id="lost"), make_post("b", parent_external_id="lost")
    )
    take_in(any_database, account_id, make_post("lost"))
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "a").id == load_case(tx, "b").id == load_case(tx, "lost").id


def cases(database: Database, *names: str) -> set[int]:
    with database.snapshot(OURS) as tx:
        return {load_case(tx, name).id for name in names}


def test_a_chain_whose_middle_arrives_last_is_one_case(any_database: Database, account_id: ChannelAccountId) -> None:
    for name, parent in (("c", "p"), ("p", "g"), ("g", "")):
        take_in(any_database, account_id, make_post(name, f"I am {name}", parent_external_id=parent))
    assert len(cases(any_database, "c", "p", "g")) == 1


def test_a_late_parent_brings_its_own_chain_of_the_same_page_along(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, make_post("c", "I am c", parent_external_id="p"))
    late = [make_post("g", "I am g"), make_post("p", "I am p", parent_external_id="g"), make_post("s", "I am s", parent_external_id="g")]  # fmt: skip
    take_in(any_database, account_id, *late)
    take_in(any_database, account_id, make_post("t", "I am t", parent_external_id="s"))
    assert len(cases(any_database, "c", "p", "g", "s", "t")) == 1


def test_a_parent_that_is_deleted_before_we_see_it_still_holds_its_answers_together(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, make_post("a", "One", parent_external_id="gone"))
    with any_database.transaction(OURS) as tx:
        take_away(tx, account_id, ["gone"])
    take_in(any_database, account_id, make_post("gone", "Too late"), make_post("b", "Two", parent_external_id="gone"))
    assert len(cases(any_database, "a", "b")) == 1
    with any_database.snapshot(OURS) as tx:
        assert sorted(tx.session.scalars(select(Mention.external_id))) == ["a", "b"]


def test_answers_to_a_stored_post_that_was_deleted_stay_in_its_case(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, make_post("root", "Root"), make_post("mid", "Mid", parent_external_id="root"))
    with any_database.transaction(OURS) as tx:
        take_away(tx, account_id, ["mid", "root"])
    take_in(any_database, account_id, make_post("leaf", "Leaf", parent_external_id="mid", created_at=at(1)))
    assert len(cases(any_database, "root", "mid", "leaf")) == 1
    with any_database.snapshot(OURS) as tx:
        case = load_case(tx, "leaf")
        assert (case.waiting, case.lead_mention_id) == (True, load_mention(tx, "leaf").id)


@pytest.mark.parametrize("pages", [1, 4, 20])
@pytest.mark.parametrize("order", ["down", "up", "mixed"])
def test_a_chain_of_two_hundred_is_one_case_in_whatever_order_it_comes(
    database: Database, order: str, pages: int
) -> None:
    with database.transaction(OURS) as tx:
        account = ChannelAccountId(make_account(tx).id)
    chain = [
        make_post(f"p{place:03}", f"Post {place}", parent_external_id=f"p{place - 1:03}" if place else "")
        for place in range(200)
    ]
    if order == "mixed":
        chain = chain[:100][::-1] + chain[100:]
    chain = chain[::-1] if order == "up" else chain
    size = len(chain) // pages
    for start in range(0, len(chain), size):
        take_in(database, account, *chain[start : start + size])
    assert len(cases(database, *(post.external_id for post in chain))) == 1


def test_a_ring_and_what_hangs_on_it_are_one_case(any_database: Database, account_id: ChannelAccountId) -> None:
    ring = [("a", "b"), ("b", "c"), ("c", "a"), ("tail", "b"), ("end", "tail")]
    take_in(any_database, account_id, *(make_post(name, f"I am {name}", parent_external_id=to) for name, to in ring))
    assert len(cases(any_database, "a", "b", "c", "tail", "end")) == 1


def test_two_cases_that_both_exist_are_left_apart(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, make_post("g", "I am g"), make_post("c", "I am c", parent_external_id="p"))
    take_in(any_database, account_id, make_post("p", "I am p", parent_external_id="g"))
    assert len(cases(any_database, "p", "g")) == 1
    assert len(cases(any_database, "c", "g")) == 2


def test_finding_the_answers_to_a_late_post_walks_their_own_index(database: Database) -> None:
    with database.transaction(OURS) as tx:
        account = ChannelAccountId(make_account(tx).id)
    with count_statements(database) as said:
        take_in(database, account, make_post())
    (asked,) = [one for one in said if one.startswith("SELECT mention.parent_external_id")]
    with database.engine.connect() as connection:
        values = (1,) * asked.count("?")
        plan = " ".join(str(step[3]) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values))
    assert "ix_mention_parent" in plan


def test_the_platforms_thread_counts_before_the_parent(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, make_post("a", thread_external_id="root", parent_external_id="elsewhere"))
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "a").thread_external_id == "root"


def test_parents_in_a_ring_do_not_hang(any_database: Database, account_id: ChannelAccountId) -> None:
    ring = [make_post("a", parent_external_id="b"), make_post("b", parent_external_id="a")]
    assert take_in(any_database, account_id, *ring, make_post("self", parent_external_id="self")).new == 3


def test_an_answer_to_our_reply_joins_the_case(any_database: Database, account_id: ChannelAccountId, ben: User) -> None:
    take_in(any_database, account_id, make_post())
    with any_database.transaction(OURS) as tx:
        draft = make_draft(tx, mention=load_mention(tx, "p1"))
        make_delivery(
            tx, draft=draft, approved_by=ben, state=DeliveryState.SENT, external_id="our-reply", sent_at=tx.now
        )
    take_in(any_database, account_id, make_post("thanks", "Thanks!", parent_external_id="our-reply", created_at=at(1)))
    with any_database.snapshot(OURS) as tx:
        case = load_case(tx, "p1")
        assert load_case(tx, "thanks").id == case.id
        assert (case.waiting, case.waiting_since) == (True, at(1))


def test_messages_of_one_person_are_one_thread(any_database: Database, account_id: ChannelAccountId) -> None:
    message = {"kind": MentionKind.MESSAGE, "engagement": Engagement.WROTE_DM}
    take_in(any_database, account_id, make_post("m1", **message), make_post("m2", **message))
    take_in(any_database, account_id, make_post("m3", author=EMI, **message), make_post("m4", **message))
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "m1").id == load_case(tx, "m2").id == load_case(tx, "m4").id != load_case(tx, "m3").id


def test_each_person_under_our_own_announcement_is_a_case_of_their_own(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    first = make_post("a", thread_external_id="sale", platform_data={"root_author": "us"})
    take_in(any_database, account_id, first, replace(first, external_id="e", author=EMI))
    take_in(any_database, account_id, replace(first, external_id="a2", parent_external_id="a"))
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "a").id == load_case(tx, "a2").id != load_case(tx, "e").id


# -- clocks ----------------------------------------------------------------------------------------------------------------


def test_a_further_post_keeps_the_clock_of_a_case_that_waits(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, make_post())
    with any_database.transaction(OURS) as tx:
        case = load_case(tx, "p1")
        case.urgency_rank, case.due_at = UrgencyRank.HIGH, NOON
    take_in(any_database, account_id, make_post("p2", parent_external_id="p1", created_at=at(5)))
    with any_database.snapshot(OURS) as tx:
        case = load_case(tx, "p1")
        assert (case.waiting_since, case.due_at, case.urgency_rank) == (AN_HOUR_AGO, NOON, UrgencyRank.HIGH)


@pytest.mark.parametrize("state", [ConversationState.RESOLVED, ConversationState.SNOOZED])
def test_an_answer_reopens_a_resolved_or_snoozed_case_with_a_new_clock(
    any_database: Database, account_id: ChannelAccountId, state: ConversationState
) -> None:
    take_in(any_database, account_id, make_post())
    with any_database.transaction(OURS) as tx:
        case = load_case(tx, "p1")
        case.state, case.resolved_reason, case.waiting, case.waiting_since = state, "joke", False, None
        case.due_at, case.urgency_rank, case.snoozed_until = NOON, UrgencyRank.LOW, NOON + timedelta(days=1)
    take_in(any_database, account_id, make_post("p2", parent_external_id="p1", created_at=at(5)))
    with any_database.snapshot(OURS) as tx:
        case = load_case(tx, "p1")
        assert (case.state, case.resolved_reason, case.snoozed_until) == (ConversationState.OPEN, "", None)
        assert (case.waiting, case.waiting_since, case.due_at) == (True, at(5), None)
        assert case.urgency_rank == UrgencyRank.UNKNOWN


def test_an_older_post_found_late_does_not_become_the_one_to_answer(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, make_post())
    take_in(any_database, account_id, make_post("p0", thread_external_id="p1", created_at=at(600)))
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "p1").lead_mention_id == load_mention(tx, "p1").id


def test_nobody_waits_since_the_future(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, make_post(created_at=NOON + timedelta(days=3)))
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "p1").waiting_since == NOON


@pytest.mark.parametrize("moment", [datetime.min, datetime.max, datetime(2026, 11, 20, 2, 0)])  # noqa: DTZ001, DTZ901 - hostile on purpose
def test_times_no_channel_should_give_do_not_stop_a_page(
    any_database: Database, account_id: ChannelAccountId, moment: datetime
) -> None:
    assert take_in(any_database, account_id, make_post(created_at=moment), make_post("p2")).new == 2


# -- edits -----------------------------------------------------------------------------------------------------------------


def test_an_edited_post_keeps_its_earlier_text_and_is_understood_again(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, make_post())
    with any_database.transaction(OURS) as tx:
        mention = load_mention(tx, "p1")
        mention.state, mention.claim_token, mention.attempts = MentionState.DRAFTED, "a step's", 3
        draft_id = make_draft(tx, mention=mention).id
    assert take_in(any_database, account_id, make_post(text="Solved, thank you!")) == Stored(revised=1)
    with any_database.snapshot(OURS) as tx:
        mention = load_mention(tx, "p1")
        assert (mention.text, mention.state) == ("Solved, thank you!", MentionState.COLLECTED)
        assert (mention.claim_token, mention.attempts) == (None, 0)
        revision = tx.session.scalars(select(MentionRevision)).one()
        assert (revision.mention_id, revision.text, revision.seen_at) == (mention.id, WRONG_COAT, NOON)
        assert tx.session.get_one(Draft, draft_id).state == DraftState.VOIDED


def test_an_edit_calls_back_the_reply_that_is_still_held(
    any_database: Database, account_id: ChannelAccountId, ben: User
) -> None:
    take_in(any_database, account_id, make_post())
    with any_database.transaction(OURS) as tx:
        delivery_id = make_delivery(tx, draft=make_draft(tx, mention=load_mention(tx, "p1")), approved_by=ben).id
    take_in(any_database, account_id, make_post(text="Solved, thank you!"))
    with any_database.snapshot(OURS) as tx:
        delivery = tx.session.get_one(Delivery, delivery_id)
        assert (delivery.state, delivery.problem) == (DeliveryState.CANCELLED, "post_edited")
        assert tx.session.scalars(select(Draft.state)).all() == [DraftState.VOIDED]
        assert (load_case(tx, "p1").waiting, load_case(tx, "p1").waiting_since) == (True, AN_HOUR_AGO)


def test_an_edit_after_our_reply_leaves_reply_and_case_alone(
    any_database: Database, account_id: ChannelAccountId, ben: User
) -> None:
    take_in(any_database, account_id, make_post())
    with any_database.transaction(OURS) as tx:
        draft = make_draft(tx, mention=load_mention(tx, "p1"))
        make_delivery(tx, draft=draft, approved_by=ben, state=DeliveryState.SENT, sent_at=tx.now)
    take_in(any_database, account_id, make_post(text="Edit: typo"))
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Delivery.state)).all() == [DeliveryState.SENT]
        assert tx.session.scalars(select(Draft.state)).all() == [DraftState.APPROVED]
        assert load_case(tx, "p1").waiting is False


def test_an_edit_of_an_ignored_post_brings_it_back(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, make_post(text="lol"))
    with any_database.transaction(OURS) as tx:
        case = load_case(tx, "p1")
        case.waiting, case.waiting_since, case.state, case.resolved_reason = False, None, "resolved", "joke"
    take_in(any_database, account_id, make_post())
    with any_database.snapshot(OURS) as tx:
        case = load_case(tx, "p1")
        assert (case.waiting, case.waiting_since, case.state, case.resolved_reason) == (True, NOON, "open", "")


def test_changed_stars_are_taken_over_and_the_case_keeps_its_drafts(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, make_post(rating=2))
    with any_database.transaction(OURS) as tx:
        make_draft(tx, mention=load_mention(tx, "p1"))
    assert take_in(any_database, account_id, make_post(rating=1)) == Stored(seen=1)
    with any_database.snapshot(OURS) as tx:
        assert load_mention(tx, "p1").rating == 1
        assert tx.session.scalars(select(Draft.state)).one() == DraftState.PROPOSED
    assert take_in(any_database, account_id, make_post(rating=5, text="Solved!")) == Stored(revised=1)
    with any_database.snapshot(OURS) as tx:
        assert load_mention(tx, "p1").rating == 5
        assert [row.text for row in tx.session.scalars(select(MentionRevision))] == [WRONG_COAT]


def test_a_post_that_became_private_is_private_here_too(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, make_post(platform_data={"visibility": "public"}))
    closed = make_post(
        text="For your eyes only",
        kind=MentionKind.MESSAGE,
        engagement=Engagement.WROTE_DM,
        platform_data={"visibility": "private"},
    )
    assert take_in(any_database, account_id, closed) == Stored(revised=1)
    with any_database.snapshot(OURS) as tx:
        mention = load_mention(tx, "p1")
        assert (mention.kind, mention.engagement) == (MentionKind.MESSAGE, Engagement.WROTE_DM)
        assert mention.platform_data == {"visibility": "private"}


def test_a_known_id_in_another_authors_hand_changes_nothing(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, make_post(author=AYA))
    assert take_in(any_database, account_id, make_post(author=EMI, text="They are thieves")) == Stored(seen=1)
    with any_database.snapshot(OURS) as tx:
        assert load_mention(tx, "p1").text == WRONG_COAT
        assert tx.session.scalars(select(MentionRevision)).all() == []


def test_a_file_never_revises(any_database: Database, account_id: ChannelAccountId) -> None:
    both = (make_post(text="first"), make_post(text="second"))
    assert take_in(any_database, account_id, *both, revise=False) == Stored(new=1, seen=1)
    assert take_in(any_database, account_id, *both, revise=False) == Stored(seen=2)
    with any_database.snapshot(OURS) as tx:
        assert load_mention(tx, "p1").text == "first"


def test_an_author_who_renames_is_one_author(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, make_post())
    take_in(any_database, account_id, make_post("p2", author=replace(AYA, handle="aya_new")))
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Author.handle)).all() == ["aya_new"]


# -- size and hostility ------------------------------------------------------------------------------------------------------


def test_a_page_costs_a_fixed_number_of_statements(any_database: Database, account_id: ChannelAccountId) -> None:
    def page(prefix: str, size: int) -> list[object]:
        roots = [
            make_post(f"{prefix}{number}", author=replace(AYA, external_id=f"{prefix}{number}"))
            for number in range(size)
        ]
        return [
            *roots,
            *(make_post(f"{root.external_id}-again", parent_external_id=root.external_id) for root in roots),
        ]

    with count_statements(any_database) as for_few:
        take_in(any_database, account_id, *page("few", 2))
    with count_statements(any_database) as for_many:
        take_in(any_database, account_id, *page("many", 200))
    assert len(for_many) <= len(for_few) + 2  # the rows of an insert may be split in two
    assert len(for_few) < 20


def test_choosing_what_to_answer_walks_the_conversations_own_index(database: Database) -> None:
    with database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx).id)
    take_in(database, account_id, make_post())
    with count_statements(database) as said:
        take_in(database, account_id, make_post("p2", parent_external_id="p1"))
    updates = [statement for statement in said if statement.startswith("UPDATE conversation")]
    assert len(updates) == 2
    with database.engine.connect() as connection:
        for statement in updates:
            values = ("2026-11-20",) * statement.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            searches = [step[3] for step in plan if " mention " in step[3]]
            assert searches
            assert all("ix_mention_conversation" in step or "INTEGER PRIMARY KEY" in step for step in searches)


def test_ids_longer_than_a_column_stay_apart_and_stable(any_database: Database, account_id: ChannelAccountId) -> None:
    long = "x" * 2000
    posts = [
        make_post(long + "1", author=replace(AYA, external_id=long)),
        make_post(long + "2", parent_external_id=long + "1"),
    ]
    assert take_in(any_database, account_id, *posts).new == 2
    assert take_in(any_database, account_id, *posts) == Stored(seen=2)


def test_addresses_that_are_not_web_addresses_are_dropped(any_database: Database, account_id: ChannelAccountId) -> None:
    evil = replace(AYA, url="javascript:alert(1)")
    take_in(any_database, account_id, make_post(url="data:text/html,<script>", author=evil, rating=9))
    with any_database.snapshot(OURS) as tx:
        mention = load_mention(tx, "p1")
        assert (mention.url, mention.rating) == ("", None)
        assert tx.session.scalars(select(Author.url)).all() == [""]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile=st.text(st.characters(), max_size=60))
def test_no_text_stops_intake(database: Database, clock: FixedClock, hostile: str) -> None:
    with database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx).id)
    clock.advance(timedelta(seconds=1))
    author = replace(AYA, external_id=hostile, handle=hostile, display_name=hostile, url=hostile)
    post = make_post(
        hostile,
        hostile,
        author=author,
        thread_external_id=hostile,
        parent_external_id=hostile,
        language_hint=hostile,
        url=hostile,
        platform_data={hostile: hostile},
    )
    assert take_in(database, account_id, post) == Stored(new=1)
    assert take_in(database, account_id, post) == Stored(seen=1)
