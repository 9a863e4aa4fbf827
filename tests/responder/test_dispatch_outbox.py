"""What people do with the outbox: approve, undo, settle a doubt, post by hand, pause; and what others may not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.clock import FixedClock
from domain.errors import AlreadyAnsweredError, IllegalTransitionError, NotAllowedError, NotFoundError
from domain.lifecycle import ConversationState, DeliveryState, DraftState
from domain.words import AlertSeverity, DeliveryProblem, DraftKind, Route, Visibility
from listener.channels.sandbox import FaultKind, SandboxCall
from storage.alerts import acknowledge_alert, close_alerts, open_alerts, raise_alert
from storage.database import Database, Transaction
from storage.models import Alert, AuditEvent, Conversation, Delivery, Draft, LiveEvent, Mention, Reply, User
from storage.outbox import (
    cancel_delivery,
    cancel_for_mention,
    create_delivery,
    is_sending_paused,
    list_deliveries,
    mark_handed_off_sent,
    set_sending_paused,
    settle_uncertain,
    withdraw_delivery,
)
from tests.cast import NOON, OURS, THEIRS
from tests.responder.outbox_stage import HOLD, Stage, set_stage
from tests.rows import APOLOGY, WRONG_COAT, make_draft

HOUR = timedelta(hours=1)


@pytest.fixture
def stage(any_database: Database, clock: FixedClock, tmp_path: Path, ben: User) -> Stage:
    return set_stage(any_database, clock, tmp_path, ben)


@pytest.fixture
def doubtful(stage: Stage) -> int:
    """A delivery nobody knows the end of."""
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.LOST)
    assert stage.dispatch().uncertain == 1
    return delivery_id


def approve_again(tx: Transaction, reply: Reply, ben: User, *, route: Route = Route.API_PUBLIC) -> Delivery:
    account_id = tx.session.scalars(select(Conversation.channel_account_id)).first()
    assert account_id is not None
    return create_delivery(
        tx,
        reply=reply,
        route=route,
        channel_account_id=account_id,
        hold_seconds=10,
        approved_by=ben.id,
        waiting_since_before=NOON - HOUR,
    )


def frozen_reply(stage: Stage, delivery_id: int) -> Reply:
    with stage.database.transaction(OURS) as tx:
        return tx.session.get_one(Reply, tx.session.get_one(Delivery, delivery_id).reply_id)


def test_an_approval_is_held_as_long_as_was_promised(stage: Stage, ben: User) -> None:
    first = stage.approve()
    with stage.database.transaction(OURS) as tx:
        cancel_delivery(tx, first, user_id=ben.id, actor="Ben")
    with stage.database.transaction(OURS) as tx:
        delivery = approve_again(tx, frozen_reply(stage, first), ben)
    assert (delivery.state, delivery.hold_until, delivery.approved_at) == ("held", NOON + HOLD, NOON)
    assert len(delivery.idempotency_key) == 48


def test_a_second_approval_of_the_same_post_is_told_so_and_makes_no_row(stage: Stage, ben: User) -> None:
    first = stage.approve()
    with pytest.raises(AlreadyAnsweredError), stage.database.transaction(OURS) as tx:
        approve_again(tx, frozen_reply(stage, first), ben)
    with stage.database.snapshot(OURS) as tx:
        assert [line.delivery.id for line in list_deliveries(tx)] == [first]


def test_after_a_second_approval_the_transaction_can_still_be_used(stage: Stage, ben: User) -> None:
    reply = frozen_reply(stage, stage.approve())
    with stage.database.transaction(OURS) as tx:
        with pytest.raises(AlreadyAnsweredError):
            approve_again(tx, reply, ben)
        tx.audit("delivery_cancelled", actor="Ben")
    assert stage.verbs() == ["delivery_cancelled"]


def test_a_forbidden_route_never_gets_into_the_outbox(stage: Stage, ben: User) -> None:
    reply = frozen_reply(stage, stage.approve())
    with pytest.raises(NotAllowedError), stage.database.transaction(OURS) as tx:
        approve_again(tx, reply, ben, route=Route.FORBIDDEN)


def test_a_public_reply_and_a_message_to_the_same_post_may_both_be_on_their_way(stage: Stage) -> None:
    stage.approve()
    with stage.database.transaction(OURS) as tx:
        mention = tx.session.get_one(Mention, stage.ids["mention"])
        draft = make_draft(tx, mention=mention, visibility=Visibility.DM)
        assert draft.id


def test_undo_within_the_hold_puts_everything_back(stage: Stage, ben: User) -> None:
    delivery_id = stage.approve()
    with stage.database.transaction(OURS) as tx:
        other = make_draft(
            tx,
            mention=tx.session.get_one(Mention, stage.ids["mention"]),
            kind=DraftKind.SHORT,
            state=DraftState.SUPERSEDED,
        )
        older = make_draft(
            tx,
            mention=tx.session.get_one(Mention, stage.ids["mention"]),
            state=DraftState.SUPERSEDED,
            created_at=NOON - HOUR,
        )
    with stage.database.transaction(OURS) as tx:
        cancelled = cancel_delivery(tx, delivery_id, user_id=ben.id, actor="Ben")
    assert (cancelled.state, cancelled.problem) == ("cancelled", DeliveryProblem.TAKEN_BACK)
    conversation = stage.conversation()
    assert (conversation.waiting, conversation.waiting_since) == (True, NOON - HOUR)
    with stage.database.snapshot(OURS) as tx:
        states = {draft.id: draft.state for draft in tx.session.scalars(select(Draft))}
    assert states == {stage.ids["draft"]: "proposed", other.id: "proposed", older.id: "superseded"}
    stage.clock.advance(HOLD)
    stage.dispatch()
    assert stage.on_platform() == 0


def test_undo_comes_too_late_once_the_hold_is_released(stage: Stage, ben: User) -> None:
    delivery_id = stage.approve_due()
    stage.dispatch()
    with pytest.raises(IllegalTransitionError), stage.database.transaction(OURS) as tx:
        cancel_delivery(tx, delivery_id, user_id=ben.id, actor="Ben")
    assert stage.state(delivery_id) is DeliveryState.SENT


def test_undo_keeps_the_older_clock_when_a_newer_post_waits_already(stage: Stage, ben: User) -> None:
    delivery_id = stage.approve()
    with stage.database.transaction(OURS) as tx:
        conversation = tx.session.get_one(Conversation, stage.ids["conversation"])
        conversation.waiting, conversation.waiting_since = True, NOON
        conversation.due_at = NOON + HOUR
    with stage.database.transaction(OURS) as tx:
        cancel_delivery(tx, delivery_id, user_id=ben.id, actor="Ben")
    conversation = stage.conversation()
    assert (conversation.waiting_since, conversation.due_at) == (NOON - HOUR, NOON)


def test_undo_reopens_a_case_that_was_closed_meanwhile(stage: Stage, ben: User) -> None:
    delivery_id = stage.approve()
    with stage.database.transaction(OURS) as tx:
        conversation = tx.session.get_one(Conversation, stage.ids["conversation"])
        conversation.state, conversation.resolved_reason = ConversationState.RESOLVED, "joke"
    with stage.database.transaction(OURS) as tx:
        cancel_delivery(tx, delivery_id, user_id=ben.id, actor="Ben")
    assert (stage.conversation().state, stage.conversation().resolved_reason) == ("open", "")


def test_a_reply_in_line_can_be_withdrawn_but_not_undone(stage: Stage, ben: User) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.RETRYABLE, retry_after_seconds=600.0)
    stage.dispatch()
    with pytest.raises(IllegalTransitionError), stage.database.transaction(OURS) as tx:
        cancel_delivery(tx, delivery_id, user_id=ben.id, actor="Ben")
    with stage.database.transaction(OURS) as tx:
        withdraw_delivery(tx, delivery_id, user_id=ben.id, actor="Ben")
    stage.clock.advance(HOUR)
    stage.dispatch()
    assert (stage.state(delivery_id), stage.on_platform()) == (DeliveryState.CANCELLED, 0)


def test_a_handed_off_reply_is_marked_sent_by_the_person_who_posted_it(stage: Stage, aoi: User) -> None:
    delivery_id = stage.approve_due(route=Route.MANUAL)
    stage.dispatch()
    with stage.database.transaction(OURS) as tx:
        mark_handed_off_sent(tx, delivery_id, user_id=aoi.id, actor="Aoi", url="https://example.com/1")
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.url, delivery.sent_at) == ("sent", "https://example.com/1", NOON + HOLD)
    assert stage.conversation().first_reply_at == NOON + HOLD
    with pytest.raises(IllegalTransitionError), stage.database.transaction(OURS) as tx:
        mark_handed_off_sent(tx, delivery_id, user_id=aoi.id, actor="Aoi")


def test_the_address_a_person_gives_is_kept_only_where_it_can_be_a_link(stage: Stage, aoi: User) -> None:
    delivery_id = stage.approve_due(route=Route.MANUAL)
    stage.dispatch()
    with stage.database.transaction(OURS) as tx:
        mark_handed_off_sent(tx, delivery_id, user_id=aoi.id, actor="Aoi", url="javascript:alert(1)")
    assert stage.delivery(delivery_id).url == ""


def test_a_handed_off_reply_can_be_let_be(stage: Stage, aoi: User) -> None:
    delivery_id = stage.approve_due(route=Route.MANUAL)
    stage.dispatch()
    with stage.database.transaction(OURS) as tx:
        withdraw_delivery(tx, delivery_id, user_id=aoi.id, actor="Aoi")
    assert stage.state(delivery_id) is DeliveryState.CANCELLED
    assert stage.conversation().waiting


@pytest.mark.parametrize("released", [False, True])
def test_a_post_deleted_upstream_takes_its_unsent_replies_along(stage: Stage, *, released: bool) -> None:
    delivery_id = stage.approve_due()
    if released:
        stage.fault(SandboxCall.REPLY, FaultKind.RETRYABLE, retry_after_seconds=600.0)
        stage.dispatch()
    with stage.database.transaction(OURS) as tx:
        assert cancel_for_mention(tx, stage.ids["mention"], reason=DeliveryProblem.POST_GONE) == 1
        assert cancel_for_mention(tx, stage.ids["mention"], reason=DeliveryProblem.POST_GONE) == 0
    assert stage.delivery(delivery_id).problem == DeliveryProblem.POST_GONE
    assert stage.draft().state == DraftState.VOIDED


def test_a_sent_reply_stays_sent_when_the_post_is_deleted(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.dispatch()
    with stage.database.transaction(OURS) as tx:
        assert cancel_for_mention(tx, stage.ids["mention"], reason=DeliveryProblem.POST_GONE) == 0
    assert stage.state(delivery_id) is DeliveryState.SENT


def test_a_person_may_say_that_a_doubtful_reply_is_there(stage: Stage, doubtful: int, ben: User) -> None:
    with stage.database.transaction(OURS) as tx:
        settle_uncertain(tx, doubtful, outcome=DeliveryState.SENT, user_id=ben.id, actor="Ben")
    assert stage.delivery(doubtful).sent_at == stage.clock.now()
    assert stage.conversation().first_reply_at == stage.clock.now()
    assert stage.alerts() == []


def test_a_person_may_have_a_doubtful_reply_sent_again_under_its_key(stage: Stage, doubtful: int, ben: User) -> None:
    key = stage.delivery(doubtful).idempotency_key
    with stage.database.transaction(OURS) as tx:
        settle_uncertain(tx, doubtful, outcome=DeliveryState.QUEUED, user_id=ben.id, actor="Ben")
    assert stage.dispatch().sent == 1
    assert [post.idempotency_key for post in stage.platform.sent_posts()] == [key]


def test_a_person_may_let_a_doubtful_reply_be(stage: Stage, doubtful: int, ben: User) -> None:
    with stage.database.transaction(OURS) as tx:
        settle_uncertain(tx, doubtful, outcome=DeliveryState.CANCELLED, user_id=ben.id, actor="Ben")
    assert stage.conversation().waiting
    assert stage.draft().state == DraftState.PROPOSED


@pytest.mark.parametrize("outcome", [DeliveryState.HELD, DeliveryState.SENDING, DeliveryState.REFUSED])
def test_a_doubt_has_three_ways_out_and_no_other(
    stage: Stage, doubtful: int, ben: User, outcome: DeliveryState
) -> None:
    with pytest.raises(IllegalTransitionError), stage.database.transaction(OURS) as tx:
        settle_uncertain(tx, doubtful, outcome=outcome, user_id=ben.id, actor="Ben")


def test_a_reply_without_doubt_cannot_be_settled(stage: Stage, ben: User) -> None:
    delivery_id = stage.approve_due(route=Route.MANUAL)
    stage.dispatch()
    with pytest.raises(IllegalTransitionError), stage.database.transaction(OURS) as tx:
        settle_uncertain(tx, delivery_id, outcome=DeliveryState.SENT, user_id=ben.id, actor="Ben")


def test_chika_neither_sees_nor_moves_our_outbox(stage: Stage, chika: User) -> None:
    delivery_id = stage.approve()
    with stage.database.snapshot(THEIRS) as tx:
        assert list_deliveries(tx) == []
    with pytest.raises(NotFoundError), stage.database.transaction(THEIRS) as tx:
        cancel_delivery(tx, delivery_id, user_id=chika.id, actor="Chika")
    with stage.database.transaction(THEIRS) as tx:
        assert cancel_for_mention(tx, stage.ids["mention"], reason=DeliveryProblem.POST_GONE) == 0
    assert stage.state(delivery_id) is DeliveryState.HELD


def test_the_outbox_lists_newest_first_and_by_pages(stage: Stage) -> None:
    first, second = stage.approve(), stage.approve(number=2)
    with stage.database.snapshot(OURS) as tx:
        lines = list_deliveries(tx, states=[DeliveryState.HELD], limit=1)
        assert [line.delivery.id for line in lines] == [second]
        older = list_deliveries(tx, limit=1, before_id=second)
        assert [line.delivery.id for line in older] == [first]
        assert list_deliveries(tx, states=[DeliveryState.SENT]) == []
        line = older[0]
        assert (line.text, line.mention_text) == (APOLOGY, WRONG_COAT)
        assert (line.author_handle, line.account_name, line.channel_kind) == ("customer1", "shop", "sandbox")
        assert line.approver == "Ben"


def test_the_kill_switch_is_off_until_somebody_pulls_it(stage: Stage, ben: User) -> None:
    with stage.database.transaction(OURS) as tx:
        assert not is_sending_paused(tx)
        set_sending_paused(tx, paused=True, user_id=ben.id, actor="Ben")
        assert is_sending_paused(tx)
    with stage.database.snapshot(THEIRS) as tx:
        assert not is_sending_paused(tx)


def test_every_step_tells_open_desks(stage: Stage) -> None:
    stage.approve_due()
    stage.dispatch()
    with stage.database.snapshot(OURS) as tx:
        events = list(tx.session.scalars(select(LiveEvent)))
        assert {(event.kind, event.conversation_id) for event in events} == {("delivery", stage.ids["conversation"])}
        assert len(events) == 3


@pytest.fixture
def alerting(any_database: Database) -> Iterator[Transaction]:
    with any_database.transaction(OURS) as tx:
        yield tx


def ring(tx: Transaction, key: str = "k", severity: AlertSeverity = AlertSeverity.WARNING, **values: str) -> None:
    raise_alert(tx, "delivery_refused", dedupe_key=key, severity=severity, values=values)


def test_the_same_alert_is_one_row_with_a_count(alerting: Transaction) -> None:
    ring(alerting, detail="first")
    ring(alerting, detail="second")
    (alert,) = open_alerts(alerting)
    assert (alert.count, alert.values) == (2, {"detail": "second"})


def test_the_loudest_alert_stands_first(alerting: Transaction) -> None:
    for key, severity in (("a", AlertSeverity.INFO), ("b", AlertSeverity.CRITICAL), ("c", AlertSeverity.WARNING)):
        ring(alerting, key, severity)
    assert [alert.dedupe_key for alert in open_alerts(alerting)] == ["b", "c", "a"]


def test_an_acknowledged_alert_that_comes_again_is_a_new_one(alerting: Transaction, aoi: User) -> None:
    ring(alerting)
    first = open_alerts(alerting)[0]
    acknowledge_alert(alerting, first.id, user_id=aoi.id, actor="Aoi")
    acknowledge_alert(alerting, first.id, user_id=aoi.id, actor="Aoi")
    assert open_alerts(alerting) == []
    assert len(list(alerting.session.scalars(select(AuditEvent)))) == 1
    ring(alerting)
    assert [alert.count for alert in open_alerts(alerting)] == [1]
    assert len(list(alerting.session.scalars(select(Alert)))) == 2


def test_an_alert_that_has_settled_closes_by_itself(alerting: Transaction) -> None:
    ring(alerting)
    close_alerts(alerting, "k")
    close_alerts(alerting, "never raised")
    assert open_alerts(alerting) == []


def test_a_very_long_key_still_fits_its_column(alerting: Transaction) -> None:
    ring(alerting, "k" * 500)
    ring(alerting, "k" * 500)
    close_alerts(alerting, "k" * 500)
    assert open_alerts(alerting) == []


def test_chika_cannot_acknowledge_our_alert(any_database: Database, chika: User) -> None:
    with any_database.transaction(OURS) as tx:
        ring(tx)
        alert_id = open_alerts(tx)[0].id
    with pytest.raises(NotFoundError), any_database.transaction(THEIRS) as tx:
        acknowledge_alert(tx, alert_id, user_id=chika.id, actor="Chika")
