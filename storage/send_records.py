"""How a send ended: each record is one step, conditional on the claim, with its audit line, event and alert."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from domain.cleaning import clean_address, clean_id
from domain.ids import ChannelAccountId
from domain.lifecycle import DeliveryState, DraftState
from domain.replies import SentPost
from domain.words import AlertSeverity, DeliveryProblem
from storage.access_alerts import settle_send_refusal, tell_send_refusal
from storage.alerts import close_alerts, raise_alert
from storage.claimed_deliveries import Claimed, end_claim, step_claimed
from storage.database import Transaction
from storage.delivery_steps import load_delivery, note_first_reply, note_step, put_back
from storage.models import Delivery
from storage.outbox import alert_key

ACTOR = "dispatch"
DETAIL_LENGTH = 500


def record_sent(tx: Transaction, claimed: Claimed, post: SentPost, *, actor: str = ACTOR) -> bool:
    """Record that the reply is on the platform. False: the claim was lost, nothing was changed.

    What the platform calls it is cleaned as intake cleans its posts: storable, so that a reply that has left is surely recorded, and
    known again when it comes in.
    """
    external_id, url = clean_id(post.external_id), clean_address(post.url)
    values = {"sent_at": tx.now, "external_id": external_id, "url": url, "problem": "", "problem_detail": ""}
    if not step_claimed(tx, claimed, DeliveryState.SENT, values):
        return False
    delivery = load_delivery(tx, claimed.delivery_id)
    note_first_reply(tx, delivery)
    close_alerts(tx, alert_key("delivery_uncertain", delivery.id))
    settle_send_refusal(tx, ChannelAccountId(claimed.account_id))
    note_step(tx, delivery, "delivery_sent", actor=actor, external_id=external_id)
    return True


def record_refused(
    tx: Transaction,
    claimed: Claimed,
    *,
    problem: DeliveryProblem,
    detail: str = "",
    among: Collection[DeliveryState] = (DeliveryState.QUEUED, DeliveryState.SENDING),
    access_lost: str = "",
) -> bool:
    """Record that it will not be sent: an alert is raised and the case waits for a person again.

    ``access_lost`` is what the platform said when it no longer takes our way in: that is told as well.
    """
    values = {"problem": problem, "problem_detail": detail[:DETAIL_LENGTH]}
    if not step_claimed(tx, claimed, DeliveryState.REFUSED, values, among=among):
        return False
    _bring_back(tx, claimed, verb="delivery_refused", problem=problem, detail=detail)
    if access_lost:
        account_id, name, kind = ChannelAccountId(claimed.account_id), claimed.account_name, claimed.channel_kind
        tell_send_refusal(tx, account_id, name=name, kind=kind, detail=access_lost)
    return True


def record_gone(tx: Transaction, claimed: Claimed) -> bool:
    """Record that the post to answer has gone before the call began."""
    values = {"problem": DeliveryProblem.POST_GONE, "problem_detail": ""}
    if not step_claimed(tx, claimed, DeliveryState.CANCELLED, values, among=(DeliveryState.QUEUED,)):
        return False
    _bring_back(tx, claimed, verb="delivery_cancelled", problem=DeliveryProblem.POST_GONE, detail="")
    return True


def _bring_back(tx: Transaction, claimed: Claimed, *, verb: str, problem: DeliveryProblem, detail: str) -> None:
    gone = problem is DeliveryProblem.POST_GONE
    delivery = load_delivery(tx, claimed.delivery_id)
    put_back(tx, delivery, draft=DraftState.VOIDED if gone else DraftState.PROPOSED)
    note_step(tx, delivery, verb, actor=ACTOR, problem=problem, reason=detail[:DETAIL_LENGTH])
    kind = "delivery_unapproved" if problem is DeliveryProblem.TEXT_CHANGED else verb
    loud = {"delivery_cancelled": AlertSeverity.INFO, "delivery_refused": AlertSeverity.WARNING}
    raise_alert(
        tx,
        kind,
        dedupe_key=alert_key(kind, delivery.id),
        severity=loud.get(kind, AlertSeverity.CRITICAL),
        values={"channel": claimed.account_name, "detail": detail[:DETAIL_LENGTH] or "-"},
        conversation_id=delivery.conversation_id,
    )


def record_retry(tx: Transaction, claimed: Claimed, *, delay: timedelta, detail: str, began: bool) -> bool:
    """Record that the platform surely did not take it for now; it is due again after ``delay``."""
    values: dict[str, Any] = {"problem": DeliveryProblem.PLATFORM_BUSY, "problem_detail": detail[:DETAIL_LENGTH]}
    values["not_before"] = tx.now + delay
    if not began:
        # No step of the state table: the row stays queued and only the claim ends.
        return end_claim(tx, claimed, state=DeliveryState.QUEUED, values=values)
    if not step_claimed(tx, claimed, DeliveryState.QUEUED, values, among=(DeliveryState.SENDING,)):
        return False
    note_step(
        tx, load_delivery(tx, claimed.delivery_id), "delivery_postponed", actor=ACTOR, reason=values["problem_detail"]
    )
    return True


def record_uncertain(tx: Transaction, claimed: Claimed, *, problem: DeliveryProblem, detail: str) -> bool:
    """Record that nobody knows whether the reply is on the platform."""
    values = {"problem": problem, "problem_detail": detail[:DETAIL_LENGTH], "absent_since": None, "asked_count": 0}
    if not step_claimed(tx, claimed, DeliveryState.UNCERTAIN, values):
        return False
    warn_of_doubt(tx, load_delivery(tx, claimed.delivery_id), account_name=claimed.account_name, problem=problem)
    return True


def warn_of_doubt(tx: Transaction, delivery: Delivery, *, account_name: str, problem: DeliveryProblem) -> None:
    """Raise the alert of a doubtful send, or count it once more."""
    note_step(tx, delivery, "delivery_uncertain", actor=ACTOR, problem=problem)
    raise_alert(
        tx,
        "delivery_uncertain",
        dedupe_key=alert_key("delivery_uncertain", delivery.id),
        severity=AlertSeverity.CRITICAL,
        values={"channel": account_name},
        conversation_id=delivery.conversation_id,
    )
