"""Money on an account's day: what polls and questions cost, whoever writes first, and the hour it fell into."""

from typing import Any

from sqlalchemy import case

from domain.ids import ChannelAccountId
from storage.account_hours import note_hour
from storage.database import Transaction
from storage.models import ChannelAccount


def spent_today_usd(tx: Transaction, account: ChannelAccount) -> float:
    """Return what the account cost on the present UTC day, as the platforms charge."""
    return account.budget_spent_usd if account.budget_day == _today(tx) else 0.0


def spend(tx: Transaction, account_id: ChannelAccountId, cost_usd: float, *, new: int = 0) -> dict[str, Any]:
    """Count ``cost_usd``, and ``new`` posts, into the present hour; return the values that put the money on the account's row.

    They add to what stands there at the update, so that a poll and a sweep at the same time lose nothing of each other.
    """
    note_hour(tx, account_id, new=new, cost_usd=cost_usd)
    if not cost_usd:
        return {}
    today = _today(tx)
    before = case((ChannelAccount.budget_day == today, ChannelAccount.budget_spent_usd), else_=0.0)
    return {"budget_day": today, "budget_spent_usd": before + cost_usd}


def _today(tx: Transaction) -> str:
    return tx.now.date().isoformat()
