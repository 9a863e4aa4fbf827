"""What platforms send by webhook: kept before it is answered, read by the account's next poll, then emptied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select, update

from domain.ids import ChannelAccountId, WorkspaceId
from domain.webhooks import KeptParcel, Parcel
from storage.database import Database, Transaction
from storage.models import ChannelAccount, WebhookParcel
from storage.upserts import insert_or_skip

KEYS_KEPT: Final = timedelta(days=30)
"""Platforms repeat a call that failed for hours, some for days; a key that old is not asked for again."""


def store_parcels(tx: Transaction, account_id: ChannelAccountId, parcels: Sequence[Parcel]) -> int:
    """Keep ``parcels``, each key once, and make the account's next poll due now unless it is failing; return how many were new."""
    account = ChannelAccount.id == account_id
    # The account's row is held first: numbers then grow in the order of commits, and a reader's cursor jumps over none.
    tx.session.execute(select(ChannelAccount.id).where(account).with_for_update())
    rows = [
        {"channel_account_id": account_id, "key": parcel.key, "text": parcel.text, "received_at": tx.now}
        for parcel in {parcel.key: parcel for parcel in parcels}.values()
    ]
    if not rows:
        return 0
    insert = insert_or_skip(tx, WebhookParcel, "channel_account_id", "key")
    new = len(tx.session.execute(insert.returning(WebhookParcel.id), rows).all())
    well = (account, ChannelAccount.failing_since.is_(None), ChannelAccount.next_poll_at > tx.now)
    if new:
        hasten = update(ChannelAccount).where(*well).values(next_poll_at=tx.now)
        tx.session.execute(hasten.execution_options(synchronize_session=False))
    return new


def empty_parcels(tx: Transaction, account_id: ChannelAccountId, *, upto: int) -> None:
    """Drop the texts of parcels that a page was made of; their keys stay for ``KEYS_KEPT``."""
    read = (
        WebhookParcel.channel_account_id == account_id,
        WebhookParcel.id <= upto,
        WebhookParcel.text != "",
    )
    tx.session.execute(update(WebhookParcel).where(*read).values(text="").execution_options(synchronize_session=False))


def prune_parcels(tx: Transaction) -> int:
    """Delete the keys of parcels read long ago; return how many. What nobody read stays."""
    old = (WebhookParcel.text == "", WebhookParcel.received_at < tx.now - KEYS_KEPT)
    done = tx.session.execute(delete(WebhookParcel).where(*old).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount


@dataclass(frozen=True)
class StoredInbox:
    """The ``Inbox`` of one account."""

    database: Database
    workspace_id: WorkspaceId
    account_id: ChannelAccountId

    def read(self, after: int, *, limit: int) -> Sequence[KeptParcel]:
        """Return unread parcels above ``after``, in order. Raises ``StorageError`` when the database is away."""
        wanted = (
            select(WebhookParcel)
            .where(WebhookParcel.channel_account_id == self.account_id)
            .where(WebhookParcel.id > after, WebhookParcel.text != "")
            .order_by(WebhookParcel.id)
            .limit(limit)
        )
        with self.database.snapshot(self.workspace_id) as tx:
            return [
                KeptParcel(number=row.id, key=row.key, text=row.text, received_at=row.received_at)
                for row in tx.session.scalars(wanted)
            ]
