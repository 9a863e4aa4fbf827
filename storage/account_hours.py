"""What each hour brought and cost: kept beside the polls, so that figures of weeks read few rows."""

from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete
from sqlalchemy.dialects import postgresql, sqlite

from domain.ids import ChannelAccountId
from storage.database import Transaction
from storage.models import AccountHour

KEPT: Final = timedelta(days=400)


def note_hour(tx: Transaction, account_id: ChannelAccountId, *, new: int, cost_usd: float) -> None:
    """Count what came and what it cost into the present hour. Nothing for nothing."""
    if not new and not cost_usd:
        return
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    insert: Any = postgresql.insert(AccountHour) if tx.is_postgresql else sqlite.insert(AccountHour)
    counted = {"new_count": AccountHour.new_count + new, "cost_usd": AccountHour.cost_usd + cost_usd}
    tx.session.execute(
        insert.on_conflict_do_update(index_elements=["channel_account_id", "hour"], set_=counted),
        {"channel_account_id": account_id, "hour": hour, "new_count": new, "cost_usd": cost_usd},
    )


def prune_hours(tx: Transaction) -> int:
    """Delete hours that no figure reaches back to; return how many."""
    old = delete(AccountHour).where(AccountHour.hour < tx.now - KEPT)
    done = tx.session.execute(old.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount
