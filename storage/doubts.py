"""Doubtful sends: found by their lost lease, asked about, settled by what the platform says."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from domain.lifecycle import DeliveryState
from domain.words import DeliveryProblem
from storage.alerts import close_alerts
from storage.claimed_deliveries import Claimed, describe_claim, end_claim, step_claimed
from storage.claims import claim
from storage.database import Transaction
from storage.delivery_steps import load_delivery, note_step, step_delivery
from storage.models import ChannelAccount, Delivery
from storage.outbox import alert_key
from storage.send_records import ACTOR, DETAIL_LENGTH, warn_of_doubt

LOOKED_AT_ONCE = 200
MOST_QUESTIONS = 10
"""After so many questions the platform will not know better: a person decides."""


def is_anything_doubtful(tx: Transaction) -> bool:
    """Tell whether reconciliation has work. A cheap look, so that an idle desk writes nothing."""
    ripe = or_(Delivery.not_before.is_(None), Delivery.not_before <= tx.now)
    lost = (Delivery.state == DeliveryState.SENDING) & _lease_is_over(tx)
    doubtful = (Delivery.state == DeliveryState.UNCERTAIN) & ripe & (Delivery.asked_count < MOST_QUESTIONS)
    return tx.session.scalar(select(Delivery.id).where(or_(lost, doubtful)).limit(1)) is not None


def _lease_is_over(tx: Transaction) -> ColumnElement[bool]:
    return or_(Delivery.claimed_until.is_(None), Delivery.claimed_until < tx.now)


def doubt_lost_sends(tx: Transaction) -> int:
    """Turn ``sending`` rows whose worker never came back into ``uncertain``; returns how many."""
    lost = (
        select(Delivery.id, ChannelAccount.name)
        .join(ChannelAccount, ChannelAccount.id == Delivery.channel_account_id)
        .where(Delivery.state == DeliveryState.SENDING, _lease_is_over(tx))
        .limit(LOOKED_AT_ONCE)
    )
    values = {"problem": DeliveryProblem.STOPPED_MIDWAY, "problem_detail": "", "absent_since": None, "asked_count": 0}
    doubted = 0
    for delivery_id, name in list(tx.session.execute(lost)):
        still = (_lease_is_over(tx),)
        among = (DeliveryState.SENDING,)
        if step_delivery(tx, delivery_id, DeliveryState.UNCERTAIN, among=among, where=still, values=values):
            delivery = load_delivery(tx, delivery_id)
            warn_of_doubt(tx, delivery, account_name=name, problem=DeliveryProblem.STOPPED_MIDWAY)
            doubted += 1
    return doubted


def claim_doubtful(tx: Transaction, *, account_ids: Collection[int], lease: timedelta) -> Claimed | None:
    """Claim the oldest doubtful send that it is time to ask about."""
    due = (
        Delivery.state == DeliveryState.UNCERTAIN,
        Delivery.channel_account_id.in_(account_ids),
        Delivery.asked_count < MOST_QUESTIONS,
    )
    rows = claim(tx, Delivery, due=due, order=(Delivery.asked_count, Delivery.id), limit=1, lease=lease)
    return describe_claim(tx, rows[0]) if rows else None


def note_absence(tx: Transaction, claimed: Claimed, *, ask_again: timedelta) -> bool:
    """Note that the platform does not have the reply; it is asked once more after ``ask_again``."""
    return _note_question(
        tx, claimed, problem=DeliveryProblem.NOT_THERE, ask_again=ask_again, absent_since=claimed.absent_since or tx.now
    )


def note_no_answer(tx: Transaction, claimed: Claimed, *, ask_again: timedelta, detail: str) -> bool:
    """Note that the platform could not say. What it said before of the absence counts no more."""
    noted = _note_question(
        tx, claimed, problem=DeliveryProblem.CANNOT_TELL, ask_again=ask_again, absent_since=None, detail=detail
    )
    if noted and claimed.asked_count + 1 >= MOST_QUESTIONS:
        delivery = load_delivery(tx, claimed.delivery_id)
        warn_of_doubt(tx, delivery, account_name=claimed.account_name, problem=DeliveryProblem.CANNOT_TELL)
    return noted


def leave_to_person(tx: Transaction, claimed: Claimed) -> bool:
    """Stop asking: it got lost so often that sending it once more is for a person to decide."""
    values = {"problem": DeliveryProblem.GAVE_UP, "asked_count": MOST_QUESTIONS, "attempts": claimed.attempts - 1}
    if not end_claim(tx, claimed, state=DeliveryState.UNCERTAIN, values=values):
        return False
    delivery = load_delivery(tx, claimed.delivery_id)
    warn_of_doubt(tx, delivery, account_name=claimed.account_name, problem=DeliveryProblem.GAVE_UP)
    return True


def _note_question(
    tx: Transaction,
    claimed: Claimed,
    *,
    problem: DeliveryProblem,
    ask_again: timedelta,
    absent_since: datetime | None,
    detail: str = "",
) -> bool:
    values = {
        "problem": problem,
        "problem_detail": detail[:DETAIL_LENGTH],
        "asked_count": claimed.asked_count + 1,
        "absent_since": absent_since,
        "not_before": tx.now + ask_again,
        # A question is no attempt to send.
        "attempts": claimed.attempts - 1,
    }
    return end_claim(tx, claimed, state=DeliveryState.UNCERTAIN, values=values)


def requeue_absent(tx: Transaction, claimed: Claimed) -> bool:
    """Send again under the same idempotency key, since the platform surely does not have it."""
    values = {"problem": DeliveryProblem.NOT_THERE, "problem_detail": "", "absent_since": None, "asked_count": 0}
    values |= {"attempts": claimed.attempts - 1}
    if not step_claimed(tx, claimed, DeliveryState.QUEUED, values, among=(DeliveryState.UNCERTAIN,)):
        return False
    close_alerts(tx, alert_key("delivery_uncertain", claimed.delivery_id))
    delivery = load_delivery(tx, claimed.delivery_id)
    note_step(tx, delivery, "delivery_queued", actor=ACTOR, problem=DeliveryProblem.NOT_THERE)
    return True
