"""What pages show of a person: their card, a page of their history, and what their words ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from config.brand_book import BrandBook
from config.buyer_keys import find_buyer_key
from desk.visits import Visit
from responder.opt_out import find_wish
from storage.customer_history import Before, HistoryPost, read_history
from storage.customer_pages import CustomerCard, read_card
from storage.database import Transaction
from storage.models import Mention

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
POSTS_ON_A_PAGE: Final = 20
POSTS_BESIDE: Final = 5
"""Beside a conversation."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who wrote, beside a conversation or on a page of their own."""

    card: CustomerCard
    posts: tuple[HistoryPost, ...]
    older: str = ""
    """Address part of the next page of the history; empty: there is none."""
    wish: str = ""
    """``clear`` or ``perhaps`` when the post in view asks to be left alone."""
    mention_id: int | None = None
    """The post in view."""


def read_beside(visit: Visit, tx: Transaction, lead: Mention) -> Person | None:
    """Return who wrote the post in view."""
    key = find_buyer_key(visit.context.settings.home)
    card = read_card(tx, lead.author_id, buyer_key=key, but_case=lead.conversation_id)
    if card is None:
        return None
    posts, _ = read_history(tx, _authors(card), before=None, limit=POSTS_BESIDE + 1)
    wish = find_wish(lead.text) if card.opt_out is None else None
    return Person(
        card=card,
        posts=tuple(post for post in posts if post.mention_id != lead.id)[:POSTS_BESIDE],
        wish=str(wish) if wish else "",
        mention_id=lead.id,
    )


def read_person(visit: Visit, tx: Transaction, author_id: int, *, before: str) -> Person | None:
    """Return a person with one page of their history; ``before`` is an ``older`` of the page before."""
    card = read_card(tx, author_id, buyer_key=find_buyer_key(visit.context.settings.home))
    if card is None:
        return None
    posts, more = read_history(tx, _authors(card), before=read_before(before), limit=POSTS_ON_A_PAGE)
    older = write_before(posts[-1]) if more else ""
    return Person(card=card, posts=posts, older=older)


def list_personas(books: Mapping[str, BrandBook]) -> tuple[str, ...]:
    """Return the ids of every persona there is."""
    return tuple(dict.fromkeys(one.id for book in books.values() for one in book.voice.persona))


def write_before(post: HistoryPost) -> str:
    """Return a place in a history as text for an address."""
    return f"{(post.at - EPOCH) // timedelta(microseconds=1)}-{post.mention_id}"


def read_before(said: str) -> Before | None:
    """Return the place an address names; None for none or one that is no place."""
    at, _, mention_id = said.partition("-")
    try:
        return Before(at=EPOCH + timedelta(microseconds=int(at)), mention_id=int(mention_id))
    except (ValueError, OverflowError):
        return None


def _authors(card: CustomerCard) -> list[int]:
    return [profile.author_id for profile in card.profiles]
