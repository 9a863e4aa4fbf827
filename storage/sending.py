"""The outbox as dispatch uses it: release holds, claim, begin the call. How it ended is in ``storage/send_records.py``."""

from collections.abc import Collection
from datetime import timedelta
from enum import Enum, auto

from sqlalchemy import or_, select, update

from domain.lifecycle import DeliveryState
from domain.replies import hash_text
from domain.words import AlertSeverity, DeliveryProblem, Route, Verdict
from storage.alerts import raise_alert
from storage.claimed_deliveries import Claimed, describe_claim, end_claim
from storage.claims import claim
from storage.database import Transaction
from storage.delivery_steps import load_delivery, note_step, step_delivery
from storage.models import ChannelAccount, Delivery, Reply, Review
from storage.outbox import is_sending_paused
from storage.send_records import ACTOR, record_refused

RELEASED_AT_ONCE = 200
NO_CHANNEL_PAUSE = timedelta(minutes=10)


class Begin(Enum):
    """What came of asking to begin the call."""

    BEGUN = auto()
    PAUSED = auto()
    TEXT_CHANGED = auto()
    LOST = auto()


def is_anything_due(tx: Transaction) -> bool:
    """Tell whether dispatch has work. A cheap look, so that an idle desk writes nothing."""
    ripe = or_(Delivery.not_before.is_(None), Delivery.not_before <= tx.now)
    held = (Delivery.state == DeliveryState.HELD) & (Delivery.hold_until <= tx.now)
    queued = (Delivery.state == DeliveryState.QUEUED) & ripe
    return tx.session.scalar(select(Delivery.id).where(or_(held, queued)).limit(1)) is not None


def release_holds(tx: Transaction) -> tuple[int, int]:
    """Let go of holds that are over; returns how many were queued and how many handed off to a person."""
    due = (
        select(Delivery.id, Delivery.route)
        .where(Delivery.state == DeliveryState.HELD, Delivery.hold_until <= tx.now)
        .order_by(Delivery.hold_until, Delivery.id)
        .limit(RELEASED_AT_ONCE)
    )
    queued = handed_off = 0
    for delivery_id, route in list(tx.session.execute(due)):
        by_hand = route == Route.MANUAL
        to = DeliveryState.HANDED_OFF if by_hand else DeliveryState.QUEUED
        # The hold is asked for again: an undo and a release may meet.
        over = (Delivery.hold_until <= tx.now,)
        if step_delivery(tx, delivery_id, to, among=(DeliveryState.HELD,), where=over):
            note_step(tx, load_delivery(tx, delivery_id), f"delivery_{to}", actor=ACTOR)
            queued, handed_off = queued + (not by_hand), handed_off + by_hand
    return queued, handed_off


def claim_queued(tx: Transaction, *, account_ids: Collection[int], lease: timedelta) -> Claimed | None:
    """Claim the oldest ripe delivery of these accounts. It stays ``queued``: the call has not begun."""
    due = (Delivery.state == DeliveryState.QUEUED, Delivery.channel_account_id.in_(account_ids))
    rows = claim(tx, Delivery, due=due, order=(Delivery.id,), limit=1, lease=lease)
    return describe_claim(tx, rows[0]) if rows else None


def begin_sending(tx: Transaction, claimed: Claimed, *, lease: timedelta) -> Begin:
    """Mark the delivery as ``sending``; once this is committed the call may be made, and exactly once.

    Nothing begins while the kill switch is on, nor for a text that is not the one a named person approved.
    """
    ours = (Delivery.claim_token == claimed.token,)
    queued = (DeliveryState.QUEUED,)
    if is_sending_paused(tx):
        end_claim(tx, claimed, state=DeliveryState.QUEUED, values={"attempts": claimed.attempts - 1})
        return Begin.PAUSED
    if not _is_approved(tx, claimed):
        record_refused(tx, claimed, problem=DeliveryProblem.TEXT_CHANGED, among=queued)
        return Begin.TEXT_CHANGED
    keep = {"claim_token": claimed.token, "claimed_until": tx.now + lease}
    if not step_delivery(tx, claimed.delivery_id, DeliveryState.SENDING, among=queued, where=ours, values=keep):
        return Begin.LOST
    tx.audit(
        "delivery_sending",
        actor=ACTOR,
        conversation_id=claimed.conversation_id,
        subject=f"delivery:{claimed.delivery_id}",
    )
    tx.emit("delivery", conversation_id=claimed.conversation_id)
    return Begin.BEGUN


def _is_approved(tx: Transaction, claimed: Claimed) -> bool:
    """Tell whether the text about to leave is, to the byte, the one in the review of the person who approved it."""
    wanted = (
        select(Delivery, Reply, Review)
        .join(Reply, Reply.id == Delivery.reply_id)
        .join(Review, Review.id == Reply.review_id)
        .where(Delivery.id == claimed.delivery_id)
        .execution_options(populate_existing=True)
    )
    found = tx.session.execute(wanted).one_or_none()
    if found is None:
        return False
    delivery, reply, review = found
    return (
        review.verdict in (Verdict.APPROVED, Verdict.EDITED)
        and review.text_hash == reply.text_hash == hash_text(reply.text) == hash_text(claimed.request.text)
        and delivery.mention_id == reply.mention_id == review.mention_id
        and delivery.visibility == reply.visibility == claimed.visibility
    )


def park_without_channel(tx: Transaction, *, account_ids: Collection[int]) -> int:
    """Warn of ripe deliveries whose account is not among those connected, and look again later; returns how many."""
    ripe = or_(Delivery.not_before.is_(None), Delivery.not_before <= tx.now)
    lonely = (
        select(Delivery.id, Delivery.conversation_id, ChannelAccount.name)
        .join(ChannelAccount, ChannelAccount.id == Delivery.channel_account_id)
        .where(Delivery.state == DeliveryState.QUEUED, ripe, Delivery.channel_account_id.not_in(account_ids))
        .limit(RELEASED_AT_ONCE)
    )
    rows = list(tx.session.execute(lonely))
    for delivery_id, conversation_id, name in rows:
        tx.session.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.QUEUED)
            .values(not_before=tx.now + NO_CHANNEL_PAUSE, problem=DeliveryProblem.NO_CHANNEL)
            .execution_options(synchronize_session=False)
        )
        raise_alert(
            tx,
            "delivery_no_channel",
            dedupe_key=f"delivery_no_channel:{name}",
            severity=AlertSeverity.WARNING,
            values={"channel": name},
            conversation_id=conversation_id,
        )
    return len(rows)
