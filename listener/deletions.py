"""Noticing what was deleted or protected upstream: ask the platform about open posts, blank what is gone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import structlog

from domain.errors import ChannelError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel
from storage.database import Database
from storage.edits import OpenMention, mark_gone, note_checked, open_mentions

log = structlog.get_logger(__name__)

ASK_AT_ONCE = 25
"""Posts in one question: what the strictest platform takes (Bluesky's getPosts, its lexicon app.bsky.feed.getPosts)."""


def check_deletions(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    older_than: timedelta,
    limit: int = 100,
) -> int:
    """Ask about up to ``limit`` open posts not asked about for ``older_than``, the longest unasked first.

    Open is what waits for us and what has a reply that has not left. What is gone loses its text, its drafts and its place in
    the queue (see ``mark_gone``). A platform that does not answer is asked again next time. Returns how many are gone.
    """
    telling = [account_id for account_id, channel in channels.items() if channel.capabilities.tells_deletions]
    with database.snapshot(workspace_id) as tx:
        waiting = open_mentions(tx, telling, unasked_since=tx.now - older_than, limit=limit)
    gone = 0
    for account_id in telling:
        mine = [mention for mention in waiting if mention.account_id == account_id]
        gone += _check_account(database, workspace_id, channel=channels[account_id], mentions=mine)
    return gone


def _check_account(
    database: Database, workspace_id: WorkspaceId, *, channel: Channel, mentions: Sequence[OpenMention]
) -> int:
    gone = 0
    for asked in _chunks(mentions):
        try:
            there = channel.still_there([mention.external_id for mention in asked])
        except ChannelError as error:
            log.warning("deletion_check_failed", channel=channel.kind, error=error.message)
            return gone
        except Exception:
            # The edge of the question: a fault in one channel's code must not keep the others from being asked.
            log.exception("deletion_check_broke", channel=channel.kind)
            return gone
        with database.transaction(workspace_id) as tx:
            note_checked(tx, [mention.id for mention in asked])
            gone += mark_gone(tx, [mention.id for mention in asked if mention.external_id not in there])
    return gone


def _chunks(mentions: Sequence[OpenMention]) -> Iterator[Sequence[OpenMention]]:
    for start in range(0, len(mentions), ASK_AT_ONCE):
        yield mentions[start : start + ASK_AT_ONCE]
