"""Profiles on one channel account, refreshed with every page of posts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from domain.ids import ChannelAccountId
from storage.database import Transaction
from storage.mentions import in_chunks
from storage.models import Author
from storage.upserts import insert_or_skip


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthorToStore:
    """A profile as it stands in the newest post."""

    external_id: str
    handle: str
    display_name: str
    url: str


def store_authors(tx: Transaction, account_id: ChannelAccountId, authors: Sequence[AuthorToStore]) -> dict[str, int]:
    """Insert or refresh profiles; return their ids by external id."""
    ids: dict[str, int] = {}
    fresh = {author.external_id: author for author in authors}
    for chunk in in_chunks(sorted(fresh)):
        wanted = select(Author).where(Author.channel_account_id == account_id, Author.external_id.in_(chunk))
        for row in tx.session.scalars(wanted):
            author = fresh[row.external_id]
            row.handle, row.display_name, row.url = author.handle, author.display_name, author.url
            ids[row.external_id] = row.id
    tx.session.flush()
    rows = [
        {
            "channel_account_id": account_id,
            "external_id": external_id,
            "handle": author.handle,
            "display_name": author.display_name,
            "url": author.url,
            "first_seen_at": tx.now,
        }
        for external_id, author in sorted(fresh.items())
        if external_id not in ids
    ]
    if rows:
        insert = insert_or_skip(tx, Author, "channel_account_id", "external_id")
        inserted = tx.session.execute(insert.returning(Author.external_id, Author.id), rows)
        ids.update((external_id, row_id) for external_id, row_id in inserted)
    for chunk in in_chunks(sorted(fresh.keys() - ids.keys())):  # another process was quicker
        wanted = select(Author).where(Author.channel_account_id == account_id, Author.external_id.in_(chunk))
        ids.update((row.external_id, row.id) for row in tx.session.scalars(wanted))
    return ids
