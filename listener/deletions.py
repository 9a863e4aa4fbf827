"""Noticing what was deleted or protected upstream: ask the platforms about posts that still have a text, blank what is gone.

First come posts with a reply on its way out, then those that wait for us, then all others, at a rhythm of their own. Each account
has its own turn and its own share of it, so that much of one never keeps another from being asked.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import structlog

from config.settings import ClockSettings, Settings
from domain.errors import ChannelError, PermanentError, RetryableError, StorageError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel, DeletionReporter, Spender
from domain.words import AlertSeverity
from listener.deletion_reports import follow_report, is_report_due
from listener.pacing import refused_pause, retry_pause
from storage.alerts import close_alerts, raise_alert
from storage.database import Database
from storage.deletion_checks import (
    CheckedAccount,
    PostToAsk,
    accounts_to_check,
    claim_check,
    finish_check,
    leaving_posts,
    note_checked,
    note_missing,
    other_posts,
    renew_check,
    waiting_posts,
)
from storage.edits import mark_gone

log = structlog.get_logger(__name__)

OPEN_AT_ONCE: Final = 100
"""Posts of one account that leave, and as many that wait, asked about in one turn."""
OTHER_QUESTIONS: Final = 4
"""Requests of one turn spent on all other posts: what asks one by one asks about few, what asks in hundreds about hundreds."""
LEAST_AT_ONCE: Final = 25
"""Posts between two records, also where each costs a request."""
QUESTION_SECONDS: Final = 60
"""Of asking between two records. What was not asked by then is due in the next turn; what was is noted."""
SUSPICIOUS: Final = 3
"""So many posts told gone at once, and none of the question there, are asked about a second time before anything is blanked:
a platform in trouble looks the same."""
LEASE: Final = timedelta(minutes=5)
"""For one answer: longer than any channel's timeouts."""
RETRY: Final = timedelta(minutes=15)
"""First pause after a question that was not answered, when the platform names none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """How long posts may go unseen before their platform is asked again."""

    leaving: timedelta
    waiting: timedelta
    others: timedelta | None
    """None: never asked."""

    @classmethod
    def of(cls, clock: ClockSettings) -> "Rhythm":
        """Return what the settings say."""
        return cls(
            leaving=timedelta(minutes=clock.leaving_check_minutes),
            waiting=timedelta(minutes=clock.deletion_check_minutes),
            others=timedelta(hours=clock.closed_check_hours) if clock.closed_check_hours else None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Due:
    """What one account is to be asked about in this turn."""

    leaving: Sequence[PostToAsk]
    waiting: Sequence[PostToAsk]
    others: Sequence[PostToAsk]
    report: bool

    def __bool__(self) -> bool:
        return bool(self.leaving or self.waiting or self.others or self.report)


def check_deletions(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    settings: Settings,
) -> int:
    """Ask each account of ``channels`` about posts that its platform was not asked about for long; return how many are gone.

    What is gone loses its text, its drafts and its place in the queue (see ``mark_gone``). A question answered with nothing at all
    is put again in a later turn, see ``SUSPICIOUS``. Where answers cost money, closed posts are asked about only within a daily
    budget, and once that is spent, only posts with a reply on its way out. A platform that does not answer, or that asks for a
    pause, is left alone until then. Raises ``StorageError`` when the database is away.
    """
    telling = [account_id for account_id, channel in channels.items() if channel.capabilities.tells_deletions]
    rhythm = Rhythm.of(settings.clock)
    gone = 0
    budgets = {channel.name: channel.daily_budget_usd for channel in settings.channel}
    for account, due in _read_due(database, workspace_id, telling, channels=channels, rhythm=rhythm, budgets=budgets):
        turn = _Turn(
            database,
            workspace_id,
            account,
            channel=channels[account.id],
            rhythm=rhythm,
            daily_budget_usd=budgets.get(account.name, 0),
        )
        gone += turn.take(due)
    if gone:
        database.drop_old_pages()
    return gone


def _read_due(
    database: Database,
    workspace_id: WorkspaceId,
    telling: Sequence[ChannelAccountId],
    *,
    channels: Mapping[ChannelAccountId, Channel],
    rhythm: Rhythm,
    budgets: Mapping[str, float],
) -> list[tuple[CheckedAccount, _Due]]:
    with database.snapshot(workspace_id) as tx:
        accounts = accounts_to_check(tx, telling)
        ids = [account.id for account in accounts]
        leaving = leaving_posts(tx, ids, unseen_since=tx.now - rhythm.leaving, limit=OPEN_AT_ONCE)
        waiting = waiting_posts(tx, ids, unseen_since=tx.now - rhythm.waiting, limit=OPEN_AT_ONCE)
        found = []
        for account in accounts:
            can = channels[account.id].capabilities
            others: Sequence[PostToAsk] = ()
            # Every text ever stored, day after day: where that costs money, nobody pays without having named a sum.
            may_ask = bool(budgets.get(account.name)) or not isinstance(channels[account.id], Spender)
            if rhythm.others is not None and may_ask and not can.reports_deletions:
                unseen_since = tx.now - rhythm.others
                limit = OTHER_QUESTIONS * can.asked_at_once
                others = other_posts(tx, account.id, unseen_since=unseen_since, limit=limit)
            due = _Due(
                leaving=leaving[account.id],
                waiting=waiting[account.id],
                others=others,
                report=can.reports_deletions and is_report_due(tx, account, rhythm.others),
            )
            found.append((account, due))
    return [(account, due) for account, due in found if due]


class _Turn:
    """One account's turn under way."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        account: CheckedAccount,
        *,
        channel: Channel,
        rhythm: Rhythm,
        daily_budget_usd: float,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._account = account
        self._channel = channel
        self._rhythm = rhythm
        self._daily_budget_usd = daily_budget_usd
        self._spent_usd = account.spent_today_usd
        self._asked: set[int] = set()
        self._gone = 0

    def take(self, due: _Due) -> int:
        """Ask, record, and give the turn back; a channel's errors are recorded, not raised. Returns how many posts are gone."""
        with self._database.transaction(self._workspace_id) as tx:
            if not claim_check(tx, self._account.id, until=tx.now + LEASE):
                return 0
        pause: timedelta | None = None
        failures = 0
        try:
            self._ask_all(due)
        except PermanentError as error:
            pause = refused_pause()
            log.warning("deletion_check_refused", account=self._account.name, error=error.message)
        except ChannelError as error:
            failures = self._account.failures + 1
            asked = error.retry_after_seconds if isinstance(error, RetryableError) else None
            pause = retry_pause(RETRY, attempts=failures, asked_seconds=asked)
            log.warning("deletion_check_failed", account=self._account.name, error=error.message)
        except StorageError:
            raise
        except Exception:
            # The edge of the question: a fault in one channel's code must not keep the others from being asked.
            failures = self._account.failures + 1
            pause = retry_pause(RETRY, attempts=failures, asked_seconds=None)
            log.exception("deletion_check_broke", account=self._account.name)
        with self._database.transaction(self._workspace_id) as tx:
            until = None if pause is None else tx.now + pause
            finish_check(tx, self._account.id, pause_until=until, failures=failures, cost_usd=self._take_spent())
        return self._gone

    def _ask_all(self, due: _Due) -> None:
        """Ask in the order of urgency. Raises what the channel raises; what was answered before is recorded."""
        self._ask(due.leaving)
        self._ask(due.waiting, within_budget=True)
        if due.report and isinstance(self._channel, DeletionReporter) and self._rhythm.others is not None:
            self._gone += follow_report(
                self._database,
                self._workspace_id,
                self._account,
                channel=self._channel,
                every=self._rhythm.others,
            )
        self._ask(due.others, within_budget=True)
        self._tell_of_budget(due.others)

    def _ask(self, posts: Sequence[PostToAsk], *, within_budget: bool = False) -> None:
        for asked in self._chunks([post for post in posts if post.id not in self._asked]):
            if within_budget and self._is_budget_spent():
                return
            if not self._ask_chunk(asked):
                return

    def _ask_chunk(self, posts: Sequence[PostToAsk]) -> bool:
        """Ask as many at once as the platform takes, and record what was answered. False: the time was over before the end."""
        until = monotonic() + QUESTION_SECONDS
        size = self._channel.capabilities.asked_at_once
        asked: list[PostToAsk] = []
        there: set[str] = set()
        try:
            for start in range(0, len(posts), size):
                question = posts[start : start + size]
                there |= self._channel.still_there([post.external_id for post in question])
                asked += question
                if monotonic() > until:
                    break
        finally:
            # Also when a later question failed: its error says nothing about the answers before.
            if asked:
                self._record(asked, there)
        return len(asked) == len(posts)

    def _record(self, asked: Sequence[PostToAsk], there: Collection[str]) -> None:
        self._asked.update(post.id for post in asked)
        missing = [post for post in asked if post.external_id not in there]
        doubted: list[PostToAsk] = []
        if len(missing) == len(asked) >= SUSPICIOUS:
            doubted = [post for post in missing if not post.is_second_look]
        unsure = {post.id for post in doubted}
        with self._database.transaction(self._workspace_id) as tx:
            note_checked(tx, [post.id for post in asked if post.id not in unsure])
            note_missing(tx, sorted(unsure))
            self._gone += mark_gone(tx, [post.id for post in missing if post.id not in unsure])
            renew_check(tx, self._account.id, until=tx.now + LEASE, cost_usd=self._take_spent())
        if doubted:
            log.warning("deletion_check_doubted", account=self._account.name, posts=len(doubted))

    def _chunks(self, posts: Sequence[PostToAsk]) -> Iterator[Sequence[PostToAsk]]:
        size = max(LEAST_AT_ONCE, self._channel.capabilities.asked_at_once)
        for start in range(0, len(posts), size):
            yield posts[start : start + size]

    def _take_spent(self) -> float:
        """Return what the channel spent since the last time, to be recorded now."""
        spent = self._channel.take_spent() if isinstance(self._channel, Spender) else 0.0
        self._spent_usd += spent
        return spent

    def _is_budget_spent(self) -> bool:
        return 0 < self._daily_budget_usd <= self._spent_usd

    def _tell_of_budget(self, others: Sequence[PostToAsk]) -> None:
        """Raise an alert while the budget leaves posts unasked for twice as long as they may be; take it back after."""
        if self._rhythm.others is None or not others:
            return
        left = [post for post in others if post.id not in self._asked]
        key = f"deletions_unasked:{self._account.id}"
        with self._database.transaction(self._workspace_id) as tx:
            if _has_waited(left, since=tx.now - 2 * self._rhythm.others):
                values = {"channel": self._account.name, "count": str(len(left))}
                raise_alert(tx, "deletions_unasked", dedupe_key=key, severity=AlertSeverity.WARNING, values=values)
            elif not left:
                close_alerts(tx, key)


def _has_waited(posts: Sequence[PostToAsk], *, since: datetime) -> bool:
    return any(post.last_seen < since for post in posts)
