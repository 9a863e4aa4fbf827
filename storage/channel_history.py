"""What accounts did lately, for the page that tells whether anything is missing: last polls, gaps, cost, posts a day.

Every statement names accounts and a stretch of time, so that none reads all polls there ever were.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, literal_column, select

from domain.ids import ChannelAccountId
from storage.channel_standing import Standing
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import AccountHour, ChannelAccount, PollRecord

MONTH: Final = timedelta(days=30)
DAYS: Final = 14
GAPS_READ: Final = 500
HAS_GAP: Final[ColumnElement[bool]] = literal_column("(gap <> '' OR filled <> '')")
"""Spelled as the index is, without values apart or a type, which would add words: SQLite compares them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LastPoll:
    """The poll that began last."""

    started_at: datetime
    is_running: bool
    pages: int
    new_count: int
    seen_count: int
    requests: int
    cost_usd: float
    unread: str
    """What it left for a later poll; empty when nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A time from which posts may be missing; or, where it was closed another way at once, might have been."""

    begins_at: datetime | None
    """Up to when nothing was missing; None: not known."""
    ends_at: datetime
    reason: str
    """In the channel's own words; empty where it was closed."""
    filled: str
    """What was read another way, in the channel's own words; empty where nothing was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """One account's last weeks."""

    last_poll: LastPoll | None = None
    gaps: tuple[Gap, ...] = ()
    """Of the last 30 days, the latest first."""
    month_cost_usd: float = 0.0
    days: tuple[tuple[date, int], ...] = ()
    """Posts of each of the last ``DAYS`` days, today's last, in the reader's zone."""


def read_histories(
    tx: Transaction, standings: Sequence[Standing], *, zone: ZoneInfo
) -> dict[ChannelAccountId, History]:
    """Return what each account did lately, by id; days begin at midnight in ``zone``."""
    account_ids = [standing.account_id for standing in standings]
    polls = _read_last_polls(tx, account_ids)
    gaps = read_gaps(tx, standings)
    costs = _read_costs(tx, account_ids)
    days = _read_days(tx, account_ids, zone=zone)
    return {
        one: History(
            last_poll=polls.get(one),
            gaps=gaps.get(one, ()),
            month_cost_usd=costs.get(one, 0.0),
            days=days[one],
        )
        for one in account_ids
    }


def read_gaps(tx: Transaction, standings: Sequence[Standing]) -> dict[ChannelAccountId, tuple[Gap, ...]]:
    """Return the gaps of the last 30 days of each account that has any, the latest first."""
    by_id: dict[int, Standing] = {standing.account_id: standing for standing in standings}
    number = PollRecord.channel_account_id
    told = (number, PollRecord.gap_from, PollRecord.started_at, PollRecord.gap, PollRecord.filled)
    wanted = (
        select(*told)
        .where(HAS_GAP)
        .where(number.in_(list(by_id)), PollRecord.started_at >= tx.now - MONTH)
        .order_by(PollRecord.started_at.desc(), PollRecord.id.desc())
        .limit(GAPS_READ)
    )
    found: dict[ChannelAccountId, list[Gap]] = {}
    for account_id, begins_at, ends_at, reason, filled in tx.session.execute(wanted):
        shown = by_id[account_id].shown
        gap = Gap(begins_at=begins_at, ends_at=ends_at, reason=shown(reason), filled=shown(filled))
        found.setdefault(ChannelAccountId(account_id), []).append(gap)
    return {account_id: tuple(gaps) for account_id, gaps in found.items()}


def _read_last_polls(tx: Transaction, account_ids: Sequence[ChannelAccountId]) -> dict[ChannelAccountId, LastPoll]:
    own = PollRecord.channel_account_id == ChannelAccount.id
    latest = select(PollRecord.id).where(own).order_by(PollRecord.started_at.desc(), PollRecord.id.desc()).limit(1)
    wanted = (
        select(ChannelAccount.id, PollRecord)
        .join(PollRecord, PollRecord.id == latest.correlate(ChannelAccount).scalar_subquery())
        .where(ChannelAccount.id.in_(account_ids))
    )
    return {
        ChannelAccountId(account_id): LastPoll(
            started_at=poll.started_at,
            is_running=poll.finished_at is None,
            pages=poll.pages,
            new_count=poll.new_count,
            seen_count=poll.seen_count,
            requests=poll.requests,
            cost_usd=poll.cost_usd,
            unread=poll.unread,
        )
        for account_id, poll in tx.session.execute(of_ours(wanted))
    }


def _read_costs(tx: Transaction, account_ids: Sequence[ChannelAccountId]) -> dict[ChannelAccountId, float]:
    number = AccountHour.channel_account_id
    wanted = select(number, func.sum(AccountHour.cost_usd)).where(number.in_(account_ids))
    rows = tx.session.execute(of_ours(wanted.where(AccountHour.hour > tx.now - MONTH).group_by(number)))
    return {ChannelAccountId(account_id): float(cost) for account_id, cost in rows}


def _read_days(
    tx: Transaction, account_ids: Sequence[ChannelAccountId], *, zone: ZoneInfo
) -> Mapping[ChannelAccountId, tuple[tuple[date, int], ...]]:
    today = tx.now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    number = AccountHour.channel_account_id
    since = tx.now - timedelta(days=DAYS + 1)
    wanted = select(number, AccountHour.hour, AccountHour.new_count).where(number.in_(account_ids))
    counted: Counter[tuple[int, date]] = Counter()
    for account_id, hour, count in tx.session.execute(of_ours(wanted.where(AccountHour.hour >= since))):
        counted[account_id, hour.astimezone(zone).date()] += count
    return {one: tuple((day, counted[one, day]) for day in days) for one in account_ids}
