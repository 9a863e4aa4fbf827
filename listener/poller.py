"""One poll of one account: next poll first, a page a transaction, a record always. Nobody sleeps here."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import structlog

from config.settings import ChannelSettings, Settings
from domain.errors import ChannelError, KikiteError, PermanentError, RetryableError, StorageError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.mentions import Page
from domain.ports import Channel
from domain.words import AlertSeverity
from listener.cleaning import clean_id
from listener.intake import ID_LIMIT, Stored, store_mentions
from storage.alerts import close_alerts, raise_alert
from storage.database import Database, Transaction
from storage.early_deletions import take_away
from storage.listening import PageRecord, PollClaim, claim_poll, due_accounts, finish_poll, note_own_id, record_page
from storage.parcels import empty_parcels

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=3)
"""For the first answer and for each page: longer than any channel's timeouts."""

SLOWEST_RETRY = timedelta(minutes=30)
REFUSED_RETRY = timedelta(hours=1)
"""After a permanent refusal: somebody must act, and when they have, it is noticed within the hour."""

SILENT_AFTER = timedelta(minutes=30)
"""An account that fails for longer is told to people, though it is tried again by itself."""

JITTER = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class PollOutcome:
    """How one poll ended."""

    outcome: str
    """``done``, ``retryable``, ``permanent``, ``budget``, ``failed`` (a fault of our own) or ``busy`` (polled elsewhere now)."""
    pages: int = 0
    new_count: int = 0
    seen_count: int = 0
    revised_count: int = 0
    own_count: int = 0
    requests: int = 0
    cost_usd: float = 0.0
    error: str = ""
    more: bool = False
    """True when pages were left for the next poll, which is due at once."""

    def plus(self, page: Page, stored: Stored) -> "PollOutcome":
        """Return the outcome with one page counted."""
        return replace(
            self,
            pages=self.pages + 1,
            new_count=self.new_count + stored.new,
            seen_count=self.seen_count + stored.seen,
            revised_count=self.revised_count + stored.revised,
            own_count=self.own_count + stored.own,
            requests=self.requests + page.requests,
            cost_usd=self.cost_usd + page.cost_usd,
            more=page.more,
        )


def poll_due(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    settings: Settings,
) -> int:
    """Poll every account of ``channels`` whose time has come; return how many were polled.

    One account's trouble never keeps another from its turn. Raises ``StorageError`` when the database itself is away.
    """
    polled = [account_id for account_id, channel in channels.items() if channel.capabilities.reads_by_poll]
    with database.snapshot(workspace_id) as tx:
        due = due_accounts(tx, polled)
    by_name = {channel.name: channel for channel in settings.channel}
    count = 0
    for account_id, name in due:
        outcome = poll_account(
            database,
            workspace_id,
            account_id=account_id,
            channel=channels[account_id],
            settings=by_name.get(name) or ChannelSettings(name=name, kind=channels[account_id].kind),
            default_poll_seconds=settings.clock.poll_seconds,
        )
        count += outcome.outcome != "busy"
    return count


def poll_account(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    account_id: ChannelAccountId,
    channel: Channel,
    settings: ChannelSettings,
    default_poll_seconds: int,
) -> PollOutcome:
    """Poll one account once, due or not, and return how it went: a channel's errors are recorded, not raised.

    Raises ``StorageError`` when the database is away, ``NotFoundError`` for an account of another workspace.
    """
    interval = timedelta(seconds=settings.poll_seconds or default_poll_seconds)
    with database.transaction(workspace_id) as tx:
        claimed = claim_poll(tx, account_id, next_poll_at=tx.now + interval, lease=LEASE)
    if claimed is None:
        return PollOutcome(outcome="busy")
    poll = _Poll(database, workspace_id, claimed, channel=channel, settings=settings, interval=interval)
    try:
        poll.read_pages()
    except RetryableError as error:
        return poll.finish("retryable", error=error, wait=poll.retry_delay(error.retry_after_seconds))
    except PermanentError as error:
        return poll.finish("permanent", error=error, wait=_jittered(REFUSED_RETRY))
    except StorageError:
        raise
    except Exception as error:
        # The step's edge: a fault in a channel's code or a page nobody expected must not end the loop.
        log.exception("poll_failed", account=claimed.name)
        return poll.finish("failed", error=error, wait=poll.retry_delay(None))
    return poll.finish_well()


class _ClaimLostError(Exception):
    """Another process polls this account now; nothing of the page was stored."""


class _Poll:
    """A claimed poll under way."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        claimed: PollClaim,
        *,
        channel: Channel,
        settings: ChannelSettings,
        interval: timedelta,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._claimed = claimed
        self._channel = channel
        self._settings = settings
        self._interval = interval
        self._outcome = PollOutcome(outcome="done")

    def read_pages(self) -> None:
        """Take pages until none waits, the turn is over or the day's money is spent. Raises what the channel raises."""
        if self._budget_is_spent():
            return
        own_external_id = self._channel.own_author_id
        cursor = self._claimed.cursor
        for _ in range(self._settings.max_pages_per_poll):
            page = self._channel.poll(cursor)
            try:
                self._record(page, own_external_id)
            except _ClaimLostError:
                self._outcome = replace(self._outcome, outcome="busy", more=False)
                return
            cursor = page.cursor
            if self._budget_is_spent() or not page.more:
                return

    def _record(self, page: Page, own_external_id: str) -> None:
        """Store mentions, cursor and record together. Raises ``_ClaimLostError``: nothing of the page was stored."""
        poll = self._claimed
        with self._database.transaction(self._workspace_id) as tx:
            note_own_id(tx, poll.account_id, own_external_id)
            stored = store_mentions(
                tx, account_id=poll.account_id, own_external_id=own_external_id, mentions=page.mentions
            )
            if page.gone:
                take_away(tx, poll.account_id, [clean_id(one, ID_LIMIT) for one in page.gone])
            record = PageRecord(
                cursor=page.cursor,
                new=stored.new,
                seen=stored.seen,
                requests=page.requests,
                cost_usd=page.cost_usd,
                gap=page.gap,
            )
            if not record_page(tx, poll, record, lease=LEASE):
                # Whoever holds the claim reads all this too, and maybe what was taken back since: nothing of it may stand.
                raise _ClaimLostError
            if page.parcels_read:
                empty_parcels(tx, poll.account_id, upto=page.parcels_read)
            if page.gap:
                self._alert(tx, "channel_gap", severity=AlertSeverity.WARNING, detail=page.gap)
        self._outcome = self._outcome.plus(page, stored)

    def _budget_is_spent(self) -> bool:
        budget = self._settings.daily_budget_usd
        spent = self._claimed.spent_today_usd + self._outcome.cost_usd
        if budget and spent >= budget:
            self._outcome = replace(self._outcome, outcome="budget")
        return self._outcome.outcome == "budget"

    def retry_delay(self, asked_seconds: float | None) -> timedelta:
        """Return how long to wait: what the platform asked for, else twice as long for each failure in a row."""
        if asked_seconds is not None:
            return timedelta(seconds=max(0.0, asked_seconds))
        doublings = min(self._claimed.attempts - 1, 16)
        return _jittered(max(self._interval, min(self._interval * 2**doublings, SLOWEST_RETRY)))

    def _quiet_interval(self, quiet_polls: int) -> timedelta:
        """Return the pause after so many polls in a row that brought nothing: doubled with each, as far as the settings let it."""
        longest = timedelta(seconds=self._settings.quiet_poll_seconds or 0)
        doubled: timedelta = self._interval * 2 ** min(quiet_polls, 16)
        return max(self._interval, min(doubled, longest))

    def finish_well(self) -> PollOutcome:
        """Record the end of a poll without error."""
        outcome = self._outcome.outcome
        brought = self._outcome.new_count + self._outcome.revised_count
        quiet = self._claimed.quiet_polls + 1 if outcome == "done" and not brought else 0
        with self._database.transaction(self._workspace_id) as tx:
            next_poll_at = None
            if outcome == "budget":
                next_poll_at = _next_day(tx.now)
            elif self._outcome.more:
                next_poll_at = tx.now
            elif quiet:
                next_poll_at = self._claimed.started_at + self._quiet_interval(quiet)
            finish_poll(
                tx,
                self._claimed,
                outcome=outcome,
                error="",
                next_poll_at=next_poll_at,
                quiet_polls=quiet,
                nothing_left=outcome == "done" and self._outcome.pages > 0 and not self._outcome.more,
            )
            if self._outcome.pages:
                close_alerts(tx, self._alert_key("channel_refused"))
                close_alerts(tx, self._alert_key("channel_silent"))
        return self._outcome

    def finish(self, outcome: str, *, error: Exception, wait: timedelta) -> PollOutcome:
        """Record a poll that ended in ``error``; the pages taken before it stay."""
        # An unexpected error's words may carry anything, a token in an address too: its name must do.
        said = str(error) if isinstance(error, KikiteError) else f"Unexpected {type(error).__name__}; see the log."
        with self._database.transaction(self._workspace_id) as tx:
            next_poll_at = tx.now + wait
            code = error.code if isinstance(error, ChannelError) else type(error).__name__
            held = finish_poll(tx, self._claimed, outcome=outcome, error=said, next_poll_at=next_poll_at, code=code)
            if held and outcome == "permanent":
                self._alert(tx, "channel_refused", severity=AlertSeverity.CRITICAL, detail=said)
            elif held and tx.now - (self._claimed.failing_since or tx.now) >= SILENT_AFTER:
                self._alert(tx, "channel_silent", severity=AlertSeverity.WARNING, detail=said)
        log.warning("poll_ended_early", account=self._claimed.name, outcome=outcome, error=said)
        return replace(self._outcome, outcome=outcome, error=said)

    def _alert(self, tx: Transaction, kind: str, *, severity: AlertSeverity, detail: str) -> None:
        values = {"channel": self._claimed.name, "detail": detail}
        raise_alert(tx, kind, dedupe_key=self._alert_key(kind), severity=severity, values=values)

    def _alert_key(self, kind: str) -> str:
        return f"{kind}:{self._claimed.account_id}"


def _jittered(delay: timedelta) -> timedelta:
    """Return ``delay`` give or take a fifth, so that accounts that failed together do not come back together."""
    return delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, guards nothing


def _next_day(moment: datetime) -> datetime:
    """Return the next midnight in UTC, when budgets begin anew."""
    return datetime.combine(moment.date() + timedelta(days=1), time(0), tzinfo=UTC)
