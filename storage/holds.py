"""What the desk's header shows of the outbox: the approval one can still take back, and how much waits for a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain.lifecycle import DeliveryState
from storage.database import Transaction
from storage.models import Delivery

COUNTED_AT_MOST = 1000
HOLDS_SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnHold:
    """An approval that its approver can still take back."""

    delivery_id: int
    conversation_id: int
    hold_until: datetime
    others: int
    """How many more of theirs are held."""


def find_own_hold(tx: Transaction, *, user_id: int) -> OwnHold | None:
    """Return the newest approval of this user that is still held."""
    held = list(
        tx.session.scalars(
            select(Delivery)
            .where(Delivery.state == DeliveryState.HELD, Delivery.hold_until > tx.now, Delivery.approved_by == user_id)
            .order_by(Delivery.id.desc())
            .limit(HOLDS_SHOWN)
        )
    )
    if not held:
        return None
    newest = held[0]
    return OwnHold(
        delivery_id=newest.id,
        conversation_id=newest.conversation_id,
        hold_until=newest.hold_until,
        others=len(held) - 1,
    )


def count_deliveries(tx: Transaction, *, states: tuple[DeliveryState, ...]) -> int:
    """Count the deliveries in ``states``, up to ``COUNTED_AT_MOST``."""
    some = select(Delivery.id).where(Delivery.state.in_(states)).limit(COUNTED_AT_MOST)
    return len(tx.session.scalars(some).all())
