"""Profiles that may be one person, each with the reason why somebody may think so. Nothing is linked here: a person decides.

A clue that many profiles share is none ("Anna", "guest"), so beyond a handful nothing is suggested by it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from domain.purchases import BuyerKey
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Author, ChannelAccount, CustomerLink, Purchase

SAME_PROFILE: Final = "same_profile"
SAME_BUYER: Final = "same_buyer"
SAME_LINK: Final = "same_link"
SAME_HANDLE: Final = "same_handle"
SAME_NAME: Final = "same_name"
REASONS: Final = (SAME_PROFILE, SAME_BUYER, SAME_LINK, SAME_HANDLE, SAME_NAME)
"""From the surest to the least sure; keys of ``config/locale/customers.toml``."""
MOST_ALIKE: Final = 3
"""Profiles that one clue may name."""
MOST_SHOWN: Final = 5
SHORTEST: Final = 3
"""Characters of a handle or name that can be a clue at all."""
SHORTEST_WIDE: Final = 2
"""Of a name in kanji or kana."""
WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkSuggestion:
    """A profile that may be the same person's. Names are hostile."""

    author_id: int
    customer_id: int | None
    """Whose it is already."""
    channel_kind: str
    account_name: str
    display_name: str
    handle: str
    url: str
    reasons: tuple[str, ...]


def suggest_links(tx: Transaction, author_ids: Sequence[int], *, buyer_key: BuyerKey) -> tuple[LinkSuggestion, ...]:
    """Return profiles that may belong to the person behind ``author_ids``, the surest first; declined ones are left out."""
    rows = tx.session.execute(
        select(Author, ChannelAccount.kind)
        .join(ChannelAccount, ChannelAccount.id == Author.channel_account_id)
        .where(Author.id.in_(author_ids))
    ).all()
    found: dict[int, list[str]] = {}
    for author, kind in rows:
        for reason, clue in _clues(tx, author, kind):
            named = _named_by(tx, clue, author)
            for other in named if len(named) <= MOST_ALIKE else ():
                found.setdefault(other, []).append(reason)
    for other in _buyers(tx, [(author, kind) for author, kind in rows], buyer_key):
        found.setdefault(other, []).append(SAME_BUYER)
    customers = {author.customer_id for author, _ in rows if author.customer_id is not None}
    for known in author_ids:
        found.pop(known, None)
    return _describe(tx, found, customers=customers, author_ids=author_ids)


def mail_address(author: Author, kind: str) -> str:
    """Return the mail address that a profile is, where its channel is mail."""
    if kind != "email":
        return ""
    return next((said for said in (author.handle, author.external_id) if "@" in said), "")


def count_free_orders(tx: Transaction, author_ids: Sequence[int], *, buyer_key: BuyerKey) -> int:
    """Return how many orders of these profiles' mail addresses are nobody's yet."""
    keys = find_buyer_keys(tx, author_ids, buyer_key=buyer_key)
    if not keys:
        return 0
    free = select(func.count()).select_from(Purchase)
    return tx.session.scalar(free.where(Purchase.buyer_key.in_(keys), Purchase.customer_id.is_(None))) or 0


def find_buyer_keys(tx: Transaction, author_ids: Sequence[int], *, buyer_key: BuyerKey) -> list[str]:
    """Return the keys of these profiles' mail addresses."""
    rows = tx.session.execute(
        select(Author, ChannelAccount.kind)
        .join(ChannelAccount, ChannelAccount.id == Author.channel_account_id)
        .where(Author.id.in_(author_ids), ChannelAccount.kind == "email")
    )
    keys = {buyer_key(mail_address(author, kind)) for author, kind in rows}
    return sorted(keys - {""})


def _clues(tx: Transaction, author: Author, kind: str) -> list[tuple[str, ColumnElement[bool]]]:
    elsewhere = Author.channel_account_id != author.channel_account_id
    clues: list[tuple[str, ColumnElement[bool]]] = []
    if author.handle:
        others = select(ChannelAccount.id).where(
            ChannelAccount.kind == kind, ChannelAccount.id != author.channel_account_id
        )
        if accounts := list(tx.session.scalars(others)):
            there = Author.channel_account_id.in_(accounts)
            clues.append((SAME_PROFILE, (Author.external_id == author.external_id) & there))
    if author.url:
        clues.append((SAME_LINK, (Author.url == author.url) & elsewhere))
    if spelled := _spellings(author.handle):
        clues.append((SAME_HANDLE, Author.handle.in_(spelled) & elsewhere))
    if _is_clue(author.display_name):
        clues.append((SAME_NAME, (Author.display_name == author.display_name) & elsewhere))
    return clues


def _spellings(handle: str) -> list[str]:
    """Return how one handle is spelled on other platforms: with and without @, its server, in small letters."""
    plain = handle.strip().removeprefix("@").removeprefix("u/")
    if len(plain) < SHORTEST:
        return []
    local = plain.partition("@")[0]
    first = local.removesuffix(".bsky.social")
    names = {plain, local, first}
    names |= {name.casefold() for name in names}
    return sorted({spelled for name in names if len(name) >= SHORTEST for spelled in (name, f"@{name}", f"u/{name}")})


def _is_clue(name: str) -> bool:
    plain = name.strip()
    return len(plain) >= (SHORTEST_WIDE if WIDE.search(plain) else SHORTEST)


def _named_by(tx: Transaction, clue: ColumnElement[bool], author: Author) -> list[int]:
    # No order is asked for: SQLite would walk every profile in it instead of the index of the clue.
    wanted = select(Author.id).where(clue, Author.id != author.id, Author.workspace_id == tx.workspace_id)
    return sorted(tx.session.scalars(of_ours(wanted.limit(MOST_ALIKE + 1))))


def _buyers(tx: Transaction, rows: Sequence[tuple[Author, str]], buyer_key: BuyerKey) -> list[int]:
    """Return profiles of customers who bought with the mail address of one of these."""
    keys = {buyer_key(mail_address(author, kind)) for author, kind in rows} - {""}
    if not keys:
        return []
    buying = select(Purchase.customer_id).where(Purchase.buyer_key.in_(keys), Purchase.customer_id.is_not(None))
    return list(tx.session.scalars(select(Author.id).where(Author.customer_id.in_(buying)).limit(MOST_ALIKE)))


def _describe(
    tx: Transaction, found: dict[int, list[str]], *, customers: set[int], author_ids: Sequence[int]
) -> tuple[LinkSuggestion, ...]:
    if not found:
        return ()
    declined = _declined(tx, found, customers=customers, author_ids=author_ids)
    rows = tx.session.execute(
        select(Author, ChannelAccount.kind, ChannelAccount.name)
        .join(ChannelAccount, ChannelAccount.id == Author.channel_account_id)
        .where(Author.id.in_([other for other in found if other not in declined]))
    )
    suggestions = [
        LinkSuggestion(
            author_id=author.id,
            customer_id=author.customer_id,
            channel_kind=kind,
            account_name=name,
            display_name=author.display_name,
            handle=author.handle,
            url=author.url,
            reasons=tuple(reason for reason in REASONS if reason in found[author.id]),
        )
        for author, kind, name in rows
        if author.customer_id is None or author.customer_id not in customers
    ]
    suggestions.sort(key=lambda one: (REASONS.index(one.reasons[0]), -len(one.reasons), one.author_id))
    return tuple(suggestions[:MOST_SHOWN])


def _declined(
    tx: Transaction, found: dict[int, list[str]], *, customers: set[int], author_ids: Sequence[int]
) -> set[int]:
    """Return those that somebody said are not this person, from either side."""
    theirs = aliased(Author)
    not_ours = select(CustomerLink.author_id).where(
        CustomerLink.author_id.in_(list(found)),
        CustomerLink.customer_id.in_(customers),
        CustomerLink.linked.is_(False),
    )
    not_theirs = (
        select(theirs.id)
        .join(CustomerLink, CustomerLink.customer_id == theirs.customer_id)
        .where(theirs.id.in_(list(found)), CustomerLink.author_id.in_(author_ids), CustomerLink.linked.is_(False))
    )
    return set(tx.session.scalars(of_ours(not_ours))) | set(tx.session.scalars(of_ours(not_theirs)))
