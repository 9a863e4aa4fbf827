"""One poll of one account: next poll first, a page a transaction, a record always. Nobody sleeps here."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from config.settings import ChannelSettings, GatheringSettings, Settings
from domain.cleaning import ID_LIMIT, clean_id
from domain.errors import ChannelError, KikiteError, PermanentError, RetryableError, StorageError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.mentions import Page
from domain.ports import Channel
from domain.words import AlertSeverity
from listener.intake import DEFAULT_GATHERING, Stored, store_mentions
from listener.pacing import next_day, next_pause, quiet_pause, refused_pause, retry_pause
from listener.turns import Room, Turns
from storage.access_alerts import settle_refusal, tell_refusal
from storage.alerts import close_alerts, raise_alert
from storage.database import Database, Transaction
from storage.early_deletions import take_away
from storage.listening import PageRecord, PollClaim, claim_poll, due_accounts, finish_poll, note_own_id, record_page
from storage.parcels import empty_parcels

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=3)
"""For the first answer and for each page: longer than any channel's timeouts."""

SILENT_AFTER = timedelta(minutes=30)
"""An account that fails for longer is told to people, though it is tried again by itself."""

PAGES_LEFT = "pages were left for the next poll"
SOONEST = timedelta(seconds=5)
"""However fast posts come, polls begin no closer together: the settings allow no shorter pause either."""


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
    unread: str = ""
    """What the last page left for a later poll."""
    again_seconds: float | None = None
    """The soonest that a page asked to be polled again."""

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
            unread=PAGES_LEFT if page.more else page.unread,
            again_seconds=min((one for one in (self.again_seconds, page.again_seconds) if one), default=None),
        )


def poll_due(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    settings: Settings,
) -> int:
    """Poll every account of ``channels`` whose time has come, side by side; return how many were polled.

    One account's trouble never keeps another from its turn. Raises ``StorageError`` when the database itself is away.
    """
    with make_turns(database, workspace_id, channels=channels, settings=settings) as turns:
        return sum(outcome.outcome != "busy" for outcome in turns.take_all())


def make_turns(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    settings: Settings,
    follow: Callable[[Future[PollOutcome]], None] = lambda _: None,
) -> Turns[PollOutcome]:
    """Return what polls the accounts of ``channels`` that are due, as often as it is told to look; see ``Turns``."""
    kinds = {account_id: channel.kind for account_id, channel in channels.items() if channel.capabilities.reads_by_poll}
    by_id: dict[ChannelAccountId, ChannelSettings] = {}

    def read_due() -> list[ChannelAccountId]:
        with database.snapshot(workspace_id) as tx:
            due = due_accounts(tx, list(kinds))
        for account_id, name in due:
            named = (one for one in settings.channel if one.name == name)
            by_id[account_id] = next(named, ChannelSettings(name=name, kind=kinds[account_id]))
        return [account_id for account_id, _ in due]

    def take(account_id: ChannelAccountId) -> PollOutcome:
        return poll_account(
            database,
            workspace_id,
            account_id=account_id,
            channel=channels[account_id],
            settings=by_id[account_id],
            default_poll_seconds=settings.clock.poll_seconds,
            gathering=settings.gathering,
        )

    room = Room(at_once=settings.clock.polls_at_once, of_one_kind=settings.clock.polls_at_once_per_kind)
    return Turns(take, read_due=read_due, kinds=kinds, room=room, follow=follow)


def poll_account(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    account_id: ChannelAccountId,
    channel: Channel,
    settings: ChannelSettings,
    default_poll_seconds: int,
    gathering: GatheringSettings = DEFAULT_GATHERING,
) -> PollOutcome:
    """Poll one account once, due or not, and return how it went: a channel's errors are recorded, not raised.

    Raises ``StorageError`` when the database is away, ``NotFoundError`` for an account of another workspace.
    """
    interval = timedelta(seconds=settings.poll_seconds or default_poll_seconds)
    with database.transaction(workspace_id) as tx:
        claimed = claim_poll(tx, account_id, next_poll_at=tx.now + next_pause(interval), lease=LEASE)
    if claimed is None:
        return PollOutcome(outcome="busy")
    poll = _Poll(
        database, workspace_id, claimed, channel=channel, settings=settings, interval=interval, gathering=gathering
    )
    try:
        poll.read_pages()
    except RetryableError as error:
        return poll.finish("retryable", error=error, wait=poll.retry_delay(error.retry_after_seconds))
    except PermanentError as error:
        return poll.finish("permanent", error=error, wait=refused_pause())
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
        gathering: GatheringSettings,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._claimed = claimed
        self._channel = channel
        self._settings = settings
        self._interval = interval
        self._gathering = gathering
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
                tx,
                account_id=poll.account_id,
                own_external_id=own_external_id,
                mentions=page.mentions,
                gathering=self._gathering,
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
                filled=page.filled,
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
        """Return how long to wait after a passing failure."""
        return retry_pause(self._interval, attempts=self._claimed.attempts, asked_seconds=asked_seconds)

    def finish_well(self) -> PollOutcome:
        """Record the end of a poll without error."""
        outcome = self._outcome.outcome
        brought = self._outcome.new_count + self._outcome.revised_count
        quiet = self._claimed.quiet_polls + 1 if outcome == "done" and not brought else 0
        longest = timedelta(seconds=self._settings.quiet_poll_seconds)
        with self._database.transaction(self._workspace_id) as tx:
            next_poll_at = None
            if outcome == "budget":
                next_poll_at = next_day(tx.now)
            elif self._outcome.more:
                next_poll_at = tx.now
            elif self._outcome.again_seconds is not None:
                hurried = max(SOONEST, timedelta(seconds=self._outcome.again_seconds))
                next_poll_at = self._claimed.started_at + min(self._interval, hurried)
            elif pause := quiet_pause(self._interval, quiet_polls=quiet, longest=longest):
                next_poll_at = self._claimed.started_at + pause
            finish_poll(
                tx,
                self._claimed,
                outcome=outcome,
                error="",
                next_poll_at=next_poll_at,
                quiet_polls=quiet,
                unread=self._outcome.unread if outcome == "done" and self._outcome.pages else None,
            )
            if self._outcome.pages:
                settle_refusal(tx, self._claimed.account_id)
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
                tell_refusal(
                    tx, self._claimed.account_id, name=self._claimed.name, kind=self._channel.kind, detail=said
                )
            elif held and tx.now - (self._claimed.failing_since or tx.now) >= SILENT_AFTER:
                self._alert(tx, "channel_silent", severity=AlertSeverity.WARNING, detail=said)
        log.warning("poll_ended_early", account=self._claimed.name, outcome=outcome, error=said)
        return replace(self._outcome, outcome=outcome, error=said)

    def _alert(self, tx: Transaction, kind: str, *, severity: AlertSeverity, detail: str) -> None:
        values = {"channel": self._claimed.name, "detail": detail}
        raise_alert(tx, kind, dedupe_key=self._alert_key(kind), severity=severity, values=values)

    def _alert_key(self, kind: str) -> str:
        return f"{kind}:{self._claimed.account_id}"
