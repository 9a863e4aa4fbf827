"""Accounts and their polls: who is connected, what is due, where each stands, what each poll did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, case, func, or_, select, update

from domain.errors import NotFoundError
from domain.ids import ChannelAccountId
from storage.budgets import spend, spent_today_usd
from storage.claims import claim
from storage.database import Transaction
from storage.models import ChannelAccount, PollRecord

LONGEST_WAIT = timedelta(days=1)
"""No poll is put off for longer. A later time stands there only when the clock was wrong."""

CLOCK_SLIP = timedelta(minutes=5)
"""A poll that began further in the future than this shows that the clock was set back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectedAccount:
    """An account as the settings name it."""

    name: str
    kind: str
    brand: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PollClaim:
    """One account taken for one poll, and what the poll needs of it."""

    account_id: ChannelAccountId
    name: str
    token: str
    poll_id: int
    attempts: int
    """Polls since the last that ended well, this one included."""
    cursor: str | None
    started_at: datetime
    failing_since: datetime | None
    spent_today_usd: float
    quiet_polls: int
    """In a row before this one."""
    next_poll_at: datetime
    """As written at the claim; an earlier one at the end means that somebody wants this account polled sooner."""


def store_accounts(tx: Transaction, accounts: Sequence[ConnectedAccount]) -> dict[str, ChannelAccountId]:
    """Insert or refresh ``accounts`` by name and retire all others; return the ids. History of retired ones stays."""
    rows = {row.name: row for row in tx.session.scalars(select(ChannelAccount))}
    for row in rows.values():
        row.active = False
    for account in accounts:
        found = rows.get(account.name)
        if found is None:
            found = rows[account.name] = ChannelAccount(name=account.name)
            tx.session.add(found)
        found.kind, found.brand, found.active = account.kind, account.brand, True
    tx.session.flush()
    return {account.name: ChannelAccountId(rows[account.name].id) for account in accounts}


def find_account(tx: Transaction, account_id: ChannelAccountId) -> ChannelAccount:
    """Return one account. Raises ``NotFoundError`` outside this workspace."""
    account = tx.session.scalar(select(ChannelAccount).where(ChannelAccount.id == account_id))
    if account is None:
        raise NotFoundError("There is no such account.", remedy="Check the name in kikite.toml.")
    return account


def find_account_named(tx: Transaction, name: str) -> ChannelAccountId | None:
    """Return the active account of this name, None where there is none."""
    wanted = select(ChannelAccount.id).where(ChannelAccount.name == name, ChannelAccount.active.is_(True))
    row_id = tx.session.scalar(wanted)
    return None if row_id is None else ChannelAccountId(row_id)


def list_accounts(tx: Transaction) -> list[ChannelAccount]:
    """Return every account, by name; also those that the settings no longer name."""
    return list(tx.session.scalars(select(ChannelAccount).order_by(ChannelAccount.name)))


def due_accounts(tx: Transaction, among: Sequence[ChannelAccountId]) -> list[tuple[ChannelAccountId, str]]:
    """Return ids and names of the accounts of ``among`` whose time has come, the longest waiting first."""
    next_poll = ChannelAccount.next_poll_at
    clock_was_wrong = or_(next_poll > tx.now + LONGEST_WAIT, ChannelAccount.polled_at > tx.now + CLOCK_SLIP)
    wanted = (
        select(ChannelAccount.id, ChannelAccount.name)
        .where(ChannelAccount.id.in_(among), ChannelAccount.active.is_(True))
        .where(or_(next_poll.is_(None), next_poll <= tx.now, clock_was_wrong))
        .order_by(next_poll.is_not(None), next_poll, ChannelAccount.id)
    )
    return [(ChannelAccountId(row_id), name) for row_id, name in tx.session.execute(wanted)]


def claim_poll(
    tx: Transaction, account_id: ChannelAccountId, *, next_poll_at: datetime, lease: timedelta
) -> PollClaim | None:
    """Take one account for a poll and write when the next is due, so that a crash never hammers the platform.

    None: another process polls it right now. A poll that never ended (its process died) is closed as failed.
    """
    _free_overlong_claim(tx, account_id, lease)
    rows = claim(
        tx,
        ChannelAccount,
        due=[ChannelAccount.id == account_id],
        order=[ChannelAccount.id],
        limit=1,
        lease=lease,
        values={"next_poll_at": next_poll_at, "polled_at": tx.now},
    )
    if not rows:
        find_account(tx, account_id)
        return None
    account = rows[0]
    died = (PollRecord.channel_account_id == account_id, PollRecord.outcome == "running")
    _change(tx, PollRecord, died, {"outcome": "failed", "error": "The process ended midway.", "finished_at": tx.now})
    record = PollRecord(channel_account_id=account_id, started_at=tx.now, cursor_before=account.cursor)
    tx.session.add(record)
    tx.session.flush()
    return PollClaim(
        account_id=account_id,
        name=account.name,
        token=account.claim_token or "",
        poll_id=record.id,
        attempts=account.attempts,
        cursor=account.cursor,
        started_at=tx.now,
        failing_since=account.failing_since,
        spent_today_usd=spent_today_usd(tx, account),
        quiet_polls=account.quiet_polls,
        next_poll_at=next_poll_at,
    )


def _free_overlong_claim(tx: Transaction, account_id: ChannelAccountId, lease: timedelta) -> None:
    """Drop a claim that runs longer than any lease: the clock was set back since it was made."""
    overlong = (ChannelAccount.id == account_id, ChannelAccount.claimed_until > tx.now + lease + CLOCK_SLIP)
    _change(tx, ChannelAccount, overlong, {"claim_token": None, "claimed_until": None})


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRecord:
    """What one page brought."""

    cursor: str | None
    new: int
    seen: int
    requests: int
    cost_usd: float
    gap: str
    filled: str = ""


def record_page(tx: Transaction, poll: PollClaim, page: PageRecord, *, lease: timedelta) -> bool:
    """Record one page beside its mentions and renew the lease. False: the claim was lost, and the poll is another's now."""
    account = find_account(tx, poll.account_id)
    values: dict[str, Any] = {
        "cursor": page.cursor,
        "claimed_until": tx.now + lease,
        **spend(tx, poll.account_id, page.cost_usd, new=page.new),
    }
    complete_to = account.complete_to
    if page.gap or account.complete_from is None:
        # Whatever came before this poll began may be missing; everything after it will be read.
        values["complete_from"] = poll.started_at
    if not _change(tx, ChannelAccount, _held(poll), values):
        return False
    counted: dict[str, Any] = {
        "cursor_after": page.cursor,
        "pages": PollRecord.pages + 1,
        "new_count": PollRecord.new_count + page.new,
        "seen_count": PollRecord.seen_count + page.seen,
        "requests": PollRecord.requests + page.requests,
        "cost_usd": PollRecord.cost_usd + page.cost_usd,
    }
    if page.gap:
        counted |= {"gap": page.gap, "gap_from": complete_to}
    if page.filled:
        counted["filled"] = page.filled
    _change(tx, PollRecord, (PollRecord.id == poll.poll_id,), counted)
    return True


def finish_poll(
    tx: Transaction,
    poll: PollClaim,
    *,
    outcome: str,
    error: str,
    next_poll_at: datetime | None,
    quiet_polls: int = 0,
    code: str = "",
    unread: str | None = None,
) -> bool:
    """Close the record and give the account back. ``done`` and ``budget`` are no failures; None keeps the time written
    at the claim, and ``done`` an earlier one that was written since. ``code`` is that of the error; ``unread`` is what was left for later, empty when all was read up to where
    the poll began, None when that is not known. False: the claim was lost meanwhile; only the record is closed.
    """
    ended = {"outcome": outcome, "error": error, "finished_at": tx.now, "unread": unread or ""}
    _change(tx, PollRecord, (PollRecord.id == poll.poll_id, PollRecord.outcome == "running"), ended)
    values: dict[str, Any] = {
        "claim_token": None,
        "claimed_until": None,
        "last_outcome": outcome,
        "last_code": code[:40],
    }
    if next_poll_at is not None:
        wanted = min(next_poll_at, tx.now + LONGEST_WAIT)
        hastened = ChannelAccount.next_poll_at < poll.next_poll_at  # by a parcel that came meanwhile
        values["next_poll_at"] = (
            case((hastened, ChannelAccount.next_poll_at), else_=wanted) if outcome == "done" else wanted
        )
    if outcome in {"done", "budget"}:
        values |= {"attempts": 0, "failing_since": None, "last_error": "", "quiet_polls": quiet_polls}
        if outcome == "done":
            values["last_success_at"] = tx.now
        if unread == "":
            values["complete_to"] = poll.started_at
    else:
        values |= {"failing_since": func.coalesce(ChannelAccount.failing_since, tx.now), "last_error": error}
    return _change(tx, ChannelAccount, _held(poll), values)


def note_own_id(tx: Transaction, account_id: ChannelAccountId, own_external_id: str) -> None:
    """Keep who we are on the platform."""
    other = (ChannelAccount.id == account_id, ChannelAccount.own_external_id != own_external_id)
    _change(tx, ChannelAccount, other, {"own_external_id": own_external_id})


def _held(poll: PollClaim) -> tuple[ColumnElement[bool], ...]:
    return (ChannelAccount.id == poll.account_id, ChannelAccount.claim_token == poll.token)


def _change(
    tx: Transaction,
    model: type[ChannelAccount | PollRecord],
    where: Sequence[ColumnElement[bool]],
    values: Mapping[str, Any],
) -> bool:
    changed = tx.session.execute(
        update(model).where(*where).values(dict(values)).execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", changed).rowcount > 0
