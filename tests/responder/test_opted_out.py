"""Who asks to be left alone is: nothing is drafted to leave, nothing approved leaves, until a person says otherwise."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.clock import FixedClock
from domain.errors import IllegalTransitionError
from domain.lifecycle import DeliveryState, DraftState
from domain.words import DeliveryProblem, Route
from storage.customers import keep_customer, link_profile
from storage.database import Database
from storage.edits import mark_gone
from storage.models import AuditEvent, Author, Delivery, Mention, OptOut, User
from storage.opt_out_decisions import opt_in, opt_out
from storage.opt_outs import find_opt_out, is_opted_out
from storage.outbox import mark_handed_off_sent
from tests.cast import OURS, THEIRS
from tests.responder.outbox_stage import Stage, set_stage
from tests.responder.test_drafting import FakeChannel, run, stored, understood
from tests.rows import make_account, make_conversation_with_mention
from tests.storage.test_customers import at_desk


@pytest.fixture
def stage(any_database: Database, clock: FixedClock, tmp_path: Path, ben: User) -> Stage:
    return set_stage(any_database, clock, tmp_path, ben)


def author_of(database: Database, delivery_id: int) -> int:
    with database.snapshot(OURS) as tx:
        delivery = tx.session.get_one(Delivery, delivery_id)
        return tx.session.get_one(Mention, delivery.mention_id).author_id


def test_their_own_words_stop_the_drafts_and_are_kept_with_the_post(any_database: Database) -> None:
    thread = understood(any_database, "もう連絡しないでください。")
    run(any_database, FakeChannel(), account_id=thread.account.id)
    _, drafts, texts = stored(any_database, thread)
    assert {(draft.route, draft.rule_id) for draft in drafts} == {(Route.FORBIDDEN, "house.opted-out")}
    assert set(texts) == {""}
    with any_database.snapshot(OURS) as tx:
        row = tx.session.scalars(select(OptOut)).one()
        assert (row.author_id, row.reason, row.mention_id, row.user_id) == (
            thread.author.id,
            "asked",
            thread.mention.id,
            None,
        )
        assert "person_opted_out" in list(tx.session.scalars(select(AuditEvent.verb)))


def test_what_may_mean_it_leaves_the_drafts_for_a_person(any_database: Database) -> None:
    thread = understood(any_database, "青いコートが届いた。リプ不要")
    run(any_database, FakeChannel(), account_id=thread.account.id)
    _, drafts, _ = stored(any_database, thread)
    assert Route.FORBIDDEN not in {draft.route for draft in drafts}
    with any_database.snapshot(OURS) as tx:
        assert not is_opted_out(tx, thread.author.id)


def test_a_rule_does_not_overrule_a_person_but_later_words_count_again(
    any_database: Database, clock: FixedClock, aoi: User
) -> None:
    thread = understood(any_database, "Stop messaging me.")
    author = thread.author.id
    run(any_database, FakeChannel(), account_id=thread.account.id)
    with any_database.transaction(OURS) as tx:
        assert opt_in(tx, author, user=at_desk(aoi))
        assert not opt_in(tx, author, user=at_desk(aoi))
        assert not opt_out(tx, author, user=None, mention_id=thread.mention.id)
        assert not is_opted_out(tx, author)
    clock.advance(timedelta(days=1))
    with any_database.transaction(OURS) as tx:
        mention = tx.session.get_one(Mention, thread.mention.id)
        mention.created_at = tx.now
        tx.session.flush()
        assert opt_out(tx, author, user=None, mention_id=mention.id)
        assert is_opted_out(tx, author)


def test_what_was_approved_is_taken_back_when_they_opt_out(stage: Stage, aoi: User) -> None:
    delivery_id = stage.approve()
    with stage.database.transaction(OURS) as tx:
        opt_out(tx, author_of(stage.database, delivery_id), user=at_desk(aoi))
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.problem) == (DeliveryState.CANCELLED, DeliveryProblem.OPTED_OUT)
    assert stage.draft().state == DraftState.PROPOSED
    stage.clock.advance(timedelta(minutes=5))
    stage.dispatch()
    assert stage.on_platform() == 0


def test_what_a_person_was_to_post_by_hand_is_recalled_when_they_opt_out(stage: Stage, aoi: User) -> None:
    delivery_id = stage.approve_due(route=Route.MANUAL)
    stage.dispatch()
    assert stage.state(delivery_id) is DeliveryState.HANDED_OFF
    with stage.database.transaction(OURS) as tx:
        opt_out(tx, author_of(stage.database, delivery_id), user=None)
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.problem) == (DeliveryState.CANCELLED, DeliveryProblem.OPTED_OUT)
    assert stage.draft().state == DraftState.PROPOSED
    assert stage.conversation().waiting
    with pytest.raises(IllegalTransitionError), stage.database.transaction(OURS) as tx:
        mark_handed_off_sent(tx, delivery_id, user_id=aoi.id, actor="Aoi")


def test_what_a_person_has_posted_by_hand_stays_as_it_is_when_they_opt_out(stage: Stage, aoi: User) -> None:
    delivery_id = stage.approve_due(route=Route.MANUAL)
    stage.dispatch()
    with stage.database.transaction(OURS) as tx:
        mark_handed_off_sent(tx, delivery_id, user_id=aoi.id, actor="Aoi")
        opt_out(tx, author_of(stage.database, delivery_id), user=at_desk(aoi))
    assert stage.state(delivery_id) is DeliveryState.SENT


def test_it_is_asked_again_at_the_very_moment_of_sending(stage: Stage, ben: User) -> None:
    delivery_id = stage.approve_due()
    author_id = author_of(stage.database, delivery_id)

    def opt_out_behind_its_back() -> None:
        with stage.database.transaction(OURS) as tx:
            row = OptOut(author_id=author_id, reason="person", user_id=ben.id, created_at=tx.now)
            tx.session.add(row)

    stage.channel.before_look = opt_out_behind_its_back
    assert stage.dispatch().refused == 1
    assert stage.on_platform() == 0
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.problem) == (DeliveryState.REFUSED, DeliveryProblem.OPTED_OUT)
    assert "house.opted-out" in delivery.problem_detail


def test_it_holds_for_every_profile_that_is_linked_and_for_nobody_else(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        first, second, stranger = (
            make_conversation_with_mention(tx, account=make_account(tx, kind=kind)) for kind in ("x", "bluesky", "x")
        )
        customer = keep_customer(tx, first.author.id, user=at_desk(aoi)).id
        link_profile(tx, customer, second.author.id, user=at_desk(aoi))
        opt_out(tx, first.author.id, user=at_desk(aoi))
        assert [is_opted_out(tx, one.author.id) for one in (first, second, stranger)] == [True, True, False]
        found = find_opt_out(tx, second.author.id)
        assert found is not None
        assert (found.reason, found.by) == ("person", aoi.display_name)
        opt_in(tx, second.author.id, user=at_desk(aoi))
        assert not is_opted_out(tx, first.author.id)
        theirs = first.author.id
    with any_database.snapshot(THEIRS) as tx:
        assert not is_opted_out(tx, theirs)


def test_a_post_of_somebody_else_is_no_evidence(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        account = make_account(tx)
        first, second = (make_conversation_with_mention(tx, account=account) for _ in range(2))
        opt_out(tx, first.author.id, user=at_desk(aoi), mention_id=second.mention.id)
        assert tx.session.scalars(select(OptOut.mention_id)).one() is None


def test_who_opted_out_is_still_known_when_their_last_post_is_gone(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        account = make_account(tx, kind="email")
        person: dict[str, object] = {
            "external_id": "mika@example.com",
            "handle": "mika@example.com",
            "display_name": "Mika",
        }
        thread = make_conversation_with_mention(tx, account=account, author=person)
        opt_out(tx, thread.author.id, user=at_desk(aoi))
        mark_gone(tx, [thread.mention.id])
        kept = tx.session.get_one(Author, thread.author.id)
        assert (kept.external_id, kept.handle, kept.display_name) == ("mika@example.com", "", "")
