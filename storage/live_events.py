"""Hints for open desks that something changed. ``Transaction.emit`` writes them; a desk asks for those after the last it saw.

Ids become visible in their order (see ``Database.transaction``), so "everything after id n" misses nothing.
"""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select

from storage.database import Transaction
from storage.models import LiveEvent


def newest_event_id(tx: Transaction) -> int:
    """Return the id a desk that opens now starts from; 0 where nothing ever happened."""
    return tx.session.scalar(select(func.max(LiveEvent.id))) or 0


def events_after(tx: Transaction, event_id: int, limit: int = 200) -> list[LiveEvent]:
    """Return up to ``limit`` events after ``event_id``, oldest first."""
    return list(
        tx.session.scalars(select(LiveEvent).where(LiveEvent.id > event_id).order_by(LiveEvent.id).limit(limit))
    )


def prune_events(tx: Transaction, older_than: timedelta) -> int:
    """Delete events older than ``older_than`` and return how many. The newest stays: desks start from its id."""
    old = tx.session.execute(
        delete(LiveEvent)
        .where(LiveEvent.at < tx.now - older_than, LiveEvent.id < newest_event_id(tx))
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", old).rowcount
