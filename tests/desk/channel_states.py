"""Accounts in every state that the page of the channels knows, with gaps, polls and weeks behind them."""

from datetime import datetime, timedelta

from domain.words import AlertSeverity
from storage.alerts import raise_alert
from storage.channel_standing import AccountState
from storage.database import Transaction
from storage.models import AccountHour, ChannelAccount, PollRecord
from tests.rows import make_account

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HOSTILE = "<script>alert(1)</script> \u202eevil"


def well(now: datetime) -> dict[str, object]:
    """Columns of an account that was read a moment ago, to its end."""
    return {
        "polled_at": now - MINUTE,
        "last_success_at": now - MINUTE,
        "complete_from": now - 20 * DAY,
        "complete_to": now - MINUTE,
        "next_poll_at": now + MINUTE,
        "last_outcome": "done",
    }


def failing(now: datetime, *, outcome: str, code: str, error: str) -> dict[str, object]:
    """Columns of an account that fails since two hours ago."""
    return well(now) | {
        "complete_to": now - 2 * 60 * MINUTE,
        "failing_since": now - 2 * 60 * MINUTE,
        "last_outcome": outcome,
        "last_code": code,
        "last_error": error,
    }


REFUSED = "Meta does not take our access token: it has expired. Make a new one; save it as access_token."
NO_ANSWER = "The server has trouble (503)."


def set_channels(tx: Transaction, *, now: datetime) -> dict[AccountState, ChannelAccount]:
    """Add an account of each state, named after it; return them by state."""
    fine = well(now)
    columns: dict[AccountState, dict[str, object]] = {
        AccountState.REFUSED: failing(now, outcome="permanent", code="token_refused", error=REFUSED),
        AccountState.FAILING: failing(now, outcome="retryable", code="server_error", error=f"{NO_ANSWER} {HOSTILE}"),
        AccountState.LIMITED: failing(now, outcome="retryable", code="rate_limited", error="Meta asks us to wait."),
        AccountState.BUDGET: fine
        | {
            "last_outcome": "budget",
            "budget_day": now.date().isoformat(),
            "budget_spent_usd": 5.0,
            "complete_to": now - 60 * MINUTE,
            "next_poll_at": now + 9 * 60 * MINUTE,
        },
        AccountState.OVERDUE: fine | {"next_poll_at": now - 60 * MINUTE, "polled_at": now - 61 * MINUTE},
        AccountState.BEHIND: fine | {"complete_to": now - 30 * MINUTE},
        AccountState.NEVER: {},
        AccountState.WELL: fine,
        AccountState.RETIRED: fine | {"active": False},
    }
    kinds = {AccountState.REFUSED: "facebook", AccountState.WELL: "bluesky", AccountState.BEHIND: "line"}
    made = {
        state: make_account(tx, name=f"the-{state.replace('_', '-')}", kind=kinds.get(state, "mastodon"), **values)
        for state, values in columns.items()
    }
    for state, account in made.items():
        if state is not AccountState.NEVER:
            add_poll(tx, account, at=now - MINUTE, unread="pages are left" if state is AccountState.BEHIND else "")
    add_weeks(tx, made[AccountState.WELL], now=now)
    add_poll(tx, made[AccountState.WELL], at=now - 3 * DAY, gap=f"800 posts were not enough {HOSTILE}")
    add_poll(tx, made[AccountState.WELL], at=now - 2 * DAY, filled="800 more were read by search")
    add_poll(tx, made[AccountState.BEHIND], at=now - DAY, gap="the cursor was lost")
    raise_alert(
        tx,
        "channel_gap",
        dedupe_key=f"channel_gap:{made[AccountState.BEHIND].id}",
        severity=AlertSeverity.WARNING,
        values={"channel": "the-behind", "detail": "the cursor was lost"},
    )
    return made


def add_poll(
    tx: Transaction, account: ChannelAccount, *, at: datetime, gap: str = "", filled: str = "", unread: str = ""
) -> None:
    """Add a poll that ended well."""
    tx.session.add(
        PollRecord(
            channel_account_id=account.id,
            started_at=at,
            finished_at=at,
            pages=2,
            new_count=3,
            seen_count=7,
            requests=4,
            cost_usd=0.015,
            outcome="done",
            gap=gap,
            gap_from=at - 5 * 60 * MINUTE if gap else None,
            filled=filled,
            unread=unread,
        )
    )
    tx.session.flush()


def add_weeks(
    tx: Transaction, account: ChannelAccount, *, now: datetime, days: int = 40, cost_usd: float = 0.01
) -> None:
    """Add an hour for each day past, today's first: as many posts as days ago, and one."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    for back in range(days):
        tx.session.add(
            AccountHour(channel_account_id=account.id, hour=hour - back * DAY, new_count=back + 1, cost_usd=cost_usd)
        )
    tx.session.flush()
