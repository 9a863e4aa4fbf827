"""Sending composed digests, with the discipline of the outbox: claimed as ``sending`` first, never twice blindly."""

import sys
from datetime import timedelta
from typing import TextIO

import structlog

from config.settings import Settings
from digest.smtp import SmtpNotifier
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.ids import WorkspaceId
from domain.ports import Notifier
from storage.database import Database
from storage.digests import (
    claim_digest,
    doubt_lost_digests,
    is_any_digest_due,
    record_digest_refused,
    record_digest_retry,
    record_digest_sent,
    record_digest_uncertain,
)
from storage.models import Digest

__all__ = ["ConsoleNotifier", "SmtpNotifier", "send_due_digests"]

LEASE = timedelta(minutes=10)
"""Longer than all steps of a session at the longest timeout that the settings allow."""
STALE = timedelta(hours=36)
"""A digest whose day ended longer ago is not mailed any more: mail that was off for a week must not flood its readers."""
MOST_TRIES = 8
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)

log = structlog.get_logger()


class ConsoleNotifier:
    """Writes the text part to a stream: for homes without a mail server, and for tests."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, *, message_id: str, to: str, subject: str, text: str, html: str) -> None:
        """Write the mail's head and text; the HTML part is only counted."""
        stream = self._stream or sys.stdout
        stream.write(f"To: {to}\nSubject: {subject}\nMessage-ID: {message_id}\n\n{text}\n")
        stream.write(f"[{len(html)} characters of HTML]\n")
        stream.flush()


def send_due_digests(database: Database, workspace_id: WorkspaceId, *, settings: Settings, notifier: Notifier) -> int:
    """Send every composed digest that is due; returns how many the mail server took.

    A digest whose sending got no clear answer becomes ``uncertain``: an alert asks a person.
    """
    with database.snapshot(workspace_id) as tx:
        if not is_any_digest_due(tx, newer_than=tx.now - STALE):
            return 0
    with database.transaction(workspace_id) as tx:
        doubt_lost_digests(tx)
    sent = 0
    # One reader has one digest a day: the number of turns is bounded without a limit of its own.
    for _ in range(2 * len(settings.digest.readers) + 10):
        with database.transaction(workspace_id) as tx:
            digest = claim_digest(tx, newer_than=tx.now - STALE, lease=LEASE)
        if digest is None:
            break
        sent += _send(database, workspace_id, digest, notifier)
    return sent


def _send(database: Database, workspace_id: WorkspaceId, digest: Digest, notifier: Notifier) -> bool:
    try:
        notifier.send(
            message_id=digest.message_id,
            to=digest.reader_address,
            subject=digest.subject,
            text=digest.text,
            html=digest.html,
        )
    except Exception as error:  # noqa: BLE001 - a step's edge: whatever happened is recorded, nothing is repeated blindly
        _record_failure(database, workspace_id, digest, error)
        return False
    with database.transaction(workspace_id) as tx:
        return record_digest_sent(tx, digest)


def _record_failure(database: Database, workspace_id: WorkspaceId, digest: Digest, error: Exception) -> None:
    problem = f"{error.code}: {error.message}" if isinstance(error, ChannelError) else type(error).__name__
    log.warning("digest_not_sent", digest=digest.id, problem=problem)
    worn_out = digest.attempts >= MOST_TRIES
    with database.transaction(workspace_id) as tx:
        if isinstance(error, PermanentError) or (isinstance(error, RetryableError) and worn_out):
            record_digest_refused(tx, digest, problem=problem)
        elif isinstance(error, RetryableError):
            delay = min(FIRST_WAIT * 2 ** (digest.attempts - 1), LONGEST_WAIT)
            record_digest_retry(tx, digest, delay=delay, problem=problem)
        else:
            record_digest_uncertain(tx, digest, problem=problem)
