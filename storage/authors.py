"""Profiles on one channel account: refreshed with every page of posts, blanked when no word of theirs is left."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists, select

from domain.ids import ChannelAccountId
from domain.lifecycle import DeliveryState
from storage.customers import forget_names
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.mentions import in_chunks
from storage.models import Author, Delivery, Mention, OptOut
from storage.upserts import insert_or_skip

MAY_HAVE_LEFT: Final = (DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.HANDED_OFF)
"""Of a reply that somebody may still look for at its reader's."""


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


def hold_authors_of(tx: Transaction, mention_ids: Sequence[int]) -> list[int]:
    """Lock who wrote these posts, before the posts: the order in which a page is stored, too. Returns their ids."""
    theirs = select(Mention.author_id).where(Mention.id.in_(mention_ids))
    wanted = select(Author.id).where(Author.id.in_(theirs)).order_by(Author.id).with_for_update()
    return list(tx.session.scalars(wanted))


def forget_authors(tx: Transaction, author_ids: Sequence[int]) -> None:
    """Blank the profiles of those of whom no post with a text is left and to whom no reply is on its way.

    An id that is a name or an address goes as well; what they post later makes a new profile. It stays where they asked to be left
    alone: they could not be told from a stranger any more. With the last profile of a customer goes the customer's name.
    """
    speaks = exists().where(Mention.author_id == Author.id, Mention.forgotten_at.is_(None), Mention.gone_at.is_(None))
    is_answered = exists().where(
        Mention.author_id == Author.id, Delivery.mention_id == Mention.id, Delivery.state.in_(MAY_HAVE_LEFT)
    )
    silent = select(Author).where(Author.id.in_(author_ids), ~speaks, ~is_answered).order_by(Author.id)
    rows = list(tx.session.scalars(of_ours(silent).execution_options(populate_existing=True)))
    opted_out = set(tx.session.scalars(of_ours(select(OptOut.author_id).where(OptOut.author_id.in_(author_ids)))))
    for row in rows:
        if _names_a_person(row) and row.id not in opted_out:
            # Drawn and not derived: a digest of a name gives the name away to whoever has it in mind. Nobody can take it, either.
            row.external_id = f"forgotten:{secrets.token_hex(16)}"
        row.handle = row.display_name = row.url = ""
    tx.session.flush()
    forget_names(tx, rows)


def _names_a_person(author: Author) -> bool:
    """Tell whether the id is more than a number of the platform's: a name, an address of mail, a page about somebody."""
    known = author.external_id.casefold()
    names = [name.casefold() for name in (author.handle, author.display_name) if name]
    is_named = any(known == name or known.endswith((f":{name}", f"/{name}")) for name in names)
    return is_named or "@" in known or "://" in known
