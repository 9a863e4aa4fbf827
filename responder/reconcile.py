"""Reconciliation: sends nobody knows the end of are asked about on the platform.

Found: it is recorded as sent. Surely not there, said twice with a pause between (a platform's index lags behind): it is queued
again under the same idempotency key. Anything less stays in doubt until a person decides. Never a blind resend.
"""

from collections.abc import Mapping
from datetime import timedelta

import structlog

from domain.errors import ChannelError, RetryableError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel
from responder.waits import MOST_TRIES, BackOff
from storage.claimed_deliveries import Claimed
from storage.database import Database, Transaction
from storage.doubts import (
    claim_doubtful,
    doubt_lost_sends,
    is_anything_doubtful,
    leave_to_person,
    note_absence,
    note_no_answer,
    requeue_absent,
)
from storage.send_records import record_sent

ASK_LEASE = timedelta(minutes=2)
BETWEEN_QUESTIONS = timedelta(seconds=30)
"""Least time between two answers "not there" before the reply is sent again."""
BACK_OFF = BackOff(first=timedelta(minutes=1), longest=timedelta(hours=1))

log = structlog.get_logger()


def reconcile_uncertain(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    limit: int = 20,
) -> int:
    """Doubt the sends whose worker is gone, then ask about up to ``limit`` doubtful ones.

    Returns how many rows it moved: new doubts, and doubts settled one way or the other.
    """
    with database.snapshot(workspace_id) as tx:
        if not is_anything_doubtful(tx):
            return 0
    with database.transaction(workspace_id) as tx:
        moved = doubt_lost_sends(tx)
    for _ in range(limit):
        with database.transaction(workspace_id) as tx:
            claimed = claim_doubtful(tx, account_ids=list(channels), lease=ASK_LEASE)
        if claimed is None:
            break
        moved += _ask(database, workspace_id, claimed, channels[ChannelAccountId(claimed.account_id)])
    return moved


def _ask(database: Database, workspace_id: WorkspaceId, claimed: Claimed, channel: Channel) -> bool:
    try:
        post = channel.find_reply(claimed.request, claimed.visibility)
    except Exception as error:
        if not isinstance(error, ChannelError):
            log.exception("find_reply_failed", delivery=claimed.delivery_id, account=claimed.account_name)
        asked = error.retry_after_seconds if isinstance(error, RetryableError) else None
        pause = BACK_OFF.wait(claimed.asked_count + 1, asked)
        with database.transaction(workspace_id) as tx:
            note_no_answer(tx, claimed, ask_again=pause, detail=type(error).__name__)
        return False
    with database.transaction(workspace_id) as tx:
        if post is not None:
            return record_sent(tx, claimed, post, actor="reconcile")
        if _is_surely_absent(tx, claimed):
            # This claim was a question, those before were tries to send.
            worn_out = claimed.attempts - 1 >= MOST_TRIES
            return leave_to_person(tx, claimed) if worn_out else requeue_absent(tx, claimed)
        note_absence(tx, claimed, ask_again=BETWEEN_QUESTIONS)
        return False


def _is_surely_absent(tx: Transaction, claimed: Claimed) -> bool:
    return claimed.absent_since is not None and tx.now - claimed.absent_since >= BETWEEN_QUESTIONS
