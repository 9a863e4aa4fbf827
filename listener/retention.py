"""Forgetting in time: each channel's ``retention_days`` after a post was written, the words of its closed case go."""

from datetime import timedelta
from typing import Final

import structlog

from config.settings import Settings
from domain.ids import ChannelAccountId, WorkspaceId
from storage.database import Database
from storage.forgetting import OldPost, find_old_posts, forget_parcels, forget_posts
from storage.listening import find_account_named

log = structlog.get_logger(__name__)

AT_ONCE: Final = 200
"""Posts forgotten in one transaction."""
BATCHES: Final = 100
"""Of one account in one turn, so that the first turn of a large one does not hold up the others."""


def forget_old(database: Database, workspace_id: WorkspaceId, *, settings: Settings) -> int:
    """Blank what is older than each channel lets it be, in cases that are closed; return how many posts that was.

    An open case keeps its words whatever its age. Killed anywhere, the next turn goes on from there.
    """
    forgotten = 0
    for channel in settings.channel:
        if not channel.retention_days:
            continue
        with database.snapshot(workspace_id) as tx:
            account_id = find_account_named(tx, channel.name)
        if account_id is None:
            continue
        kept = timedelta(days=channel.retention_days)
        count = _forget_account(database, workspace_id, account_id, kept=kept)
        if count:
            log.info("texts_forgotten", account=channel.name, posts=count)
        forgotten += count
    # Also when nothing was: what a deletion blanked may wait for a moment in which nobody else was there.
    database.drop_old_pages()
    return forgotten


def _forget_account(
    database: Database, workspace_id: WorkspaceId, account_id: ChannelAccountId, *, kept: timedelta
) -> int:
    with database.transaction(workspace_id) as tx:
        forget_parcels(tx, account_id, older_than=tx.now - kept)
    count = 0
    last: OldPost | None = None
    for _ in range(BATCHES):
        with database.transaction(workspace_id) as tx:
            posts = find_old_posts(tx, account_id, older_than=tx.now - kept, after=last, limit=AT_ONCE)
            forget_posts(tx, posts)
        count += len(posts)
        if len(posts) < AT_ONCE:
            break
        last = posts[-1]
    return count
