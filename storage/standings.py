"""Where each account's polling stands, for people to read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage.database import Transaction
from storage.listening import list_accounts
from storage.models import ChannelAccount, PollRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One account as its rows tell it. Moments are aware UTC; None: never yet."""

    name: str
    kind: str
    brand: str
    active: bool
    """False: the settings no longer name it; its history stays."""
    last_success_at: datetime | None
    complete_from: datetime | None
    """Since when nothing was missed."""
    complete_to: datetime | None
    """When the last good poll began: what came later may not have been read yet."""
    failing_since: datetime | None
    last_error: str
    """With its remedy; empty when the last poll went well."""
    next_poll_at: datetime | None
    spent_today_usd: float
    """Of the UTC day, as the platform charges it."""


def list_standings(tx: Transaction) -> list[Standing]:
    """Return where every account stands, by name; also those that the settings no longer name."""
    number = PollRecord.channel_account_id
    well = select(number, func.max(PollRecord.started_at)).where(PollRecord.outcome == "done").group_by(number)
    read_to = dict(tx.session.execute(well).all())
    return [
        _standing(account, read_to.get(account.id), today=tx.now.date().isoformat()) for account in list_accounts(tx)
    ]


def _standing(account: ChannelAccount, read_to: datetime | None, *, today: str) -> Standing:
    complete_from = account.complete_from
    # A poll that found a gap and then failed left nothing complete behind it yet.
    known = complete_from is not None and read_to is not None and read_to >= complete_from
    return Standing(
        name=account.name,
        kind=account.kind,
        brand=account.brand,
        active=account.active,
        last_success_at=account.last_success_at,
        complete_from=complete_from if known else None,
        complete_to=read_to if known else None,
        failing_since=account.failing_since,
        last_error=account.last_error,
        next_poll_at=account.next_poll_at,
        spent_today_usd=account.budget_spent_usd if account.budget_day == today else 0.0,
    )
