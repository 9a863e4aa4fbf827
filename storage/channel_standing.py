"""Where each account's polling stands, for people to read: how far it is complete, what is wrong, when it is read next."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import func, or_, select

from config.hidden_secrets import hide_secrets
from config.settings import ChannelSettings, Settings
from domain.ids import ChannelAccountId
from storage.budgets import spent_today_usd
from storage.database import Transaction
from storage.listening import list_accounts
from storage.models import ChannelAccount

TOLD_AFTER: Final = timedelta(minutes=30)
"""Who fails for longer is told of where people look, though it is tried again by itself."""
OVERDUE_AFTER: Final = timedelta(minutes=15)
"""A poll that is due for longer shows that nobody polls."""
LIMITS: Final = frozenset({"rate_limited", "quota", "quota_used_up", "units_used_up", "usage_capped", "sign_in_busy"})
"""Codes of errors by which a platform asks us to wait: no failure."""


class AccountState(StrEnum):
    """How an account does, the worst first. Words: ``config/locale/channel_page.toml``."""

    REFUSED = "refused"
    """The platform said no for good: somebody must act."""
    FAILING = "failing"
    LIMITED = "limited"
    """The platform asks us to wait."""
    BUDGET = "budget"
    """The day's money is spent."""
    OVERDUE = "overdue"
    """Its poll was due a while ago: nobody polls."""
    BEHIND = "behind"
    """It is read, and pages are left."""
    NEVER = "never"
    """It was never polled."""
    QUIET = "quiet"
    """Well; nothing came lately, so it is read less often."""
    WELL = "well"
    BY_FILE = "by_file"
    """It is not polled at all."""
    RETIRED = "retired"
    """The settings no longer name it; its history stays."""


SEVERITY: Final = {state: place for place, state in enumerate(AccountState)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One account as its rows tell it. Moments are aware UTC; None: never yet."""

    account_id: ChannelAccountId
    name: str
    kind: str
    brand: str
    state: AccountState
    active: bool
    """False: the settings no longer name it; its history stays."""
    last_success_at: datetime | None
    complete_from: datetime | None
    """Since when nothing was missed."""
    complete_to: datetime | None
    """When the last poll began that left nothing: what came later may not have been read yet."""
    failing_since: datetime | None
    last_error: str
    """With its remedy; empty when the last poll went well."""
    next_poll_at: datetime | None
    spent_today_usd: float
    """Of the UTC day, as the platform charges it."""
    access_expires_at: datetime | None
    """When our way in ends, where the platform tells."""
    settings: ChannelSettings | None = field(repr=False)
    """None for one that the settings do not name."""

    @property
    def daily_budget_usd(self) -> float:
        """What a day may cost; 0: no cap."""
        return self.settings.daily_budget_usd if self.settings else 0.0

    def shown(self, said: str) -> str:
        """Return a platform's words as people may read them: on one line, without a secret."""
        return hide_secrets(said, self.settings) if self.settings else " ".join(said.split())

    def unpolled(self) -> "Standing":
        """Return it as that of an account which no poll reads."""
        return replace(self, state=AccountState.BY_FILE, next_poll_at=None) if self.active else self


def list_standings(tx: Transaction, settings: Settings) -> list[Standing]:
    """Return where every account stands, by name; also those that the settings no longer name. Reads one row an account."""
    named = {channel.name: channel for channel in settings.channel}
    return [_stand(tx, account, settings, named.get(account.name)) for account in list_accounts(tx)]


def count_troubled(tx: Transaction) -> int:
    """Count the accounts that were refused, or fail for longer than ``TOLD_AFTER``."""
    troubled = or_(ChannelAccount.last_outcome == "permanent", ChannelAccount.failing_since <= tx.now - TOLD_AFTER)
    wanted = select(func.count()).select_from(ChannelAccount)
    failing = (ChannelAccount.active.is_(True), ChannelAccount.failing_since.is_not(None), troubled)
    return tx.session.scalar(wanted.where(*failing)) or 0


def _stand(tx: Transaction, account: ChannelAccount, settings: Settings, own: ChannelSettings | None) -> Standing:
    complete_from, complete_to = account.complete_from, account.complete_to
    # A poll that found a gap and then failed left nothing complete behind it yet.
    known = complete_from is not None and complete_to is not None and complete_to >= complete_from
    return Standing(
        account_id=ChannelAccountId(account.id),
        name=account.name,
        kind=account.kind,
        brand=account.brand,
        state=_state(account, settings, own, now=tx.now),
        active=account.active,
        last_success_at=account.last_success_at,
        complete_from=complete_from if known else None,
        complete_to=complete_to if known else None,
        failing_since=account.failing_since,
        last_error=hide_secrets(account.last_error, own) if own else account.last_error,
        next_poll_at=account.next_poll_at if account.active else None,
        spent_today_usd=spent_today_usd(tx, account),
        access_expires_at=account.access_expires_at,
        settings=own,
    )


def _state(account: ChannelAccount, settings: Settings, own: ChannelSettings | None, *, now: datetime) -> AccountState:
    if not account.active:
        return AccountState.RETIRED
    if account.polled_at is None:
        return AccountState.NEVER
    if account.failing_since is not None:
        return _failure(account)
    if (account.next_poll_at or account.polled_at) + OVERDUE_AFTER < now:
        return AccountState.OVERDUE
    return _pace(account, settings, own, now=now)


def _failure(account: ChannelAccount) -> AccountState:
    if account.last_outcome == "permanent":
        return AccountState.REFUSED
    return AccountState.LIMITED if account.last_code in LIMITS else AccountState.FAILING


def _pace(account: ChannelAccount, settings: Settings, own: ChannelSettings | None, *, now: datetime) -> AccountState:
    if account.last_outcome == "budget" and account.budget_day == now.date().isoformat():
        return AccountState.BUDGET
    under_way = account.claimed_until is not None and account.claimed_until > now
    read_to, polled_at = account.complete_to, account.polled_at
    if not under_way and (read_to is None or (polled_at is not None and read_to < polled_at)):
        return AccountState.BEHIND
    return AccountState.QUIET if _rests(account, settings, own) else AccountState.WELL


def _rests(account: ChannelAccount, settings: Settings, own: ChannelSettings | None) -> bool:
    """Tell whether the pause grew because nothing comes."""
    usual = (own.poll_seconds if own else None) or settings.clock.poll_seconds
    longest = own.quiet_poll_seconds if own else 0
    return account.quiet_polls > 0 and longest > usual
