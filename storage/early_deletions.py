"""Deletions that platforms tell by themselves. Events come in any order: one may be told before its post."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select

from domain.ids import ChannelAccountId
from storage.database import Transaction
from storage.edits import mark_gone
from storage.mentions import CHUNK, find_known
from storage.models import EarlyDeletion
from storage.upserts import insert_or_skip

EARLY_KEPT: Final = timedelta(days=30)
"""As long as the keys of webhooks: a post that comes later than this was never on its way."""


def take_away(tx: Transaction, account_id: ChannelAccountId, external_ids: Sequence[str]) -> None:
    """Mark posts gone that the platform tells to be deleted; one that never came is remembered."""
    told = [one for one in dict.fromkeys(external_ids) if one]
    known = find_known(tx, account_id, told)
    mark_gone(tx, [mention.id for mention in known.values()])
    rows = [
        {"channel_account_id": account_id, "external_id": one, "told_at": tx.now} for one in told if one not in known
    ]
    if rows:
        tx.session.execute(insert_or_skip(tx, EarlyDeletion, "channel_account_id", "external_id"), rows)


def find_early_deletions(tx: Transaction, account_id: ChannelAccountId, external_ids: Sequence[str]) -> frozenset[str]:
    """Return those of ``external_ids`` that were told to be deleted before they came."""
    here = select(EarlyDeletion.external_id).where(EarlyDeletion.channel_account_id == account_id)
    found: set[str] = set()
    for begin in range(0, len(external_ids), CHUNK):
        found |= set(tx.session.scalars(here.where(EarlyDeletion.external_id.in_(external_ids[begin : begin + CHUNK]))))
    return frozenset(found)


def prune_early_deletions(tx: Transaction) -> int:
    """Forget deletions whose post did not come for ``EARLY_KEPT``; return how many."""
    old = delete(EarlyDeletion).where(EarlyDeletion.told_at < tx.now - EARLY_KEPT)
    return cast("CursorResult[Any]", tx.session.execute(old.execution_options(synchronize_session=False))).rowcount
