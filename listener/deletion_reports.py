"""Long questions: all posts of an account at once, where the platform takes such a list and answers it later.

The ticket stands on the account's row. One that is lost before it was stored is asked for again; an answer read twice changes nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from domain.errors import PermanentError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import DeletionReporter
from domain.words import AlertSeverity
from storage.alerts import close_alerts, raise_alert
from storage.database import Database, Transaction
from storage.deletion_checks import (
    CheckedAccount,
    drop_ticket,
    keep_ticket,
    note_checked,
    other_posts,
)
from storage.edits import mark_gone
from storage.mentions import find_known

log = structlog.get_logger(__name__)
Value = TypeVar("Value")

GIVEN_UP_AFTER: Final = timedelta(hours=24)
AT_ONCE: Final = 500
"""Posts recorded in one transaction."""
QUESTIONS: Final = 4
"""Long questions within the time that a post may go unasked: each is about those that would not live to see the next."""


def is_report_due(tx: Transaction, account: CheckedAccount, every: timedelta | None) -> bool:
    """Tell whether there is a ticket to come back with, or a question to put: posts unasked for nearly ``every``."""
    if account.ticket:
        return True
    if every is None or (account.asked_at is not None and tx.now - account.asked_at < every / QUESTIONS):
        return False
    return bool(other_posts(tx, account.id, unseen_since=tx.now - _unasked_for(every), limit=1))


def follow_report(
    database: Database,
    workspace_id: WorkspaceId,
    account: CheckedAccount,
    *,
    channel: DeletionReporter,
    every: timedelta,
) -> int:
    """Read the answer to the question that is out, or put a new one; return how many posts are gone.

    A question that the platform refuses, or has not answered after ``GIVEN_UP_AFTER``, is let go with an alert, and put again later.
    Raises ``RetryableError``: the ticket stays, and is shown again.
    """
    report = _Report(database, workspace_id, account, channel=channel)
    try:
        if account.ticket:
            return report.read()
        report.ask(unasked_for=_unasked_for(every))
    except PermanentError as error:
        report.let_go(f"{error.message} {error.remedy}".strip())
    return 0


def _unasked_for(every: timedelta) -> timedelta:
    return every * (QUESTIONS - 1) / QUESTIONS


class _Report:
    """One account's long question."""

    def __init__(
        self, database: Database, workspace_id: WorkspaceId, account: CheckedAccount, *, channel: DeletionReporter
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._account = account
        self._channel = channel

    @property
    def _id(self) -> ChannelAccountId:
        return self._account.id

    def ask(self, *, unasked_for: timedelta) -> None:
        """Put a question about all posts not seen for ``unasked_for``, and keep its ticket."""
        with self._database.snapshot(self._workspace_id) as tx:
            upto = tx.now - unasked_for
            posts = other_posts(tx, self._id, unseen_since=upto)
        ticket = self._channel.ask_deletions([post.external_id for post in posts])
        if not ticket:
            # The platform knows none of them by their ids: it will not tell of them in this way.
            for some in _chunks([post.id for post in posts]):
                with self._database.transaction(self._workspace_id) as tx:
                    note_checked(tx, some)
        with self._database.transaction(self._workspace_id) as tx:
            keep_ticket(tx, self._id, ticket, upto=upto)
        log.info("deletion_report_asked", account=self._account.name, posts=len(posts))

    def read(self) -> int:
        """Come back with the ticket; record what is gone, then that all were asked about, then that the ticket is done with."""
        account = self._account
        with self._database.snapshot(self._workspace_id) as tx:
            now = tx.now
        told = self._channel.read_deletions(account.ticket)
        if told is None:
            if account.asked_at is None or now - account.asked_at >= GIVEN_UP_AFTER:
                hours = int(GIVEN_UP_AFTER.total_seconds() // 3600)
                self.let_go(f"The platform has not answered for {hours} hours.")
            return 0
        gone = 0
        for some in _chunks(sorted(told)):
            with self._database.transaction(self._workspace_id) as tx:
                # What we never asked about, or never had, is not found here and changes nothing.
                known = find_known(tx, self._id, some)
                gone += mark_gone(tx, [mention.id for mention in known.values()])
        self._note_answered()
        with self._database.transaction(self._workspace_id) as tx:
            drop_ticket(tx, self._id, account.ticket)
            close_alerts(tx, self._alert_key)
        log.info("deletion_report_read", account=account.name, gone=gone)
        return gone

    def _note_answered(self) -> None:
        account = self._account
        while account.asked_upto is not None:
            with self._database.transaction(self._workspace_id) as tx:
                posts = other_posts(tx, self._id, unseen_since=account.asked_upto, limit=AT_ONCE)
                note_checked(tx, [post.id for post in posts], at=account.asked_at)
            if not posts:
                return

    def let_go(self, why: str) -> None:
        """Forget the ticket and say so. The next question comes in its own time."""
        with self._database.transaction(self._workspace_id) as tx:
            if self._account.ticket:
                drop_ticket(tx, self._id, self._account.ticket)
            else:
                keep_ticket(tx, self._id, "", upto=tx.now)
            values = {"channel": self._account.name, "detail": why}
            raise_alert(
                tx,
                "deletion_report_failed",
                dedupe_key=self._alert_key,
                severity=AlertSeverity.WARNING,
                values=values,
            )
        log.warning("deletion_report_failed", account=self._account.name, error=why)

    @property
    def _alert_key(self) -> str:
        return f"deletion_report_failed:{self._id}"


def _chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
