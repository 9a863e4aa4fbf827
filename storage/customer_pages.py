"""What the desk shows of a person beside their history: profiles, what people told of them, orders, open cases.

Texts and names are hostile: escape them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from domain.ids import ConversationId
from domain.lifecycle import ConversationState
from domain.purchases import BuyerKey, OrderItem
from storage.customer_suggestions import LinkSuggestion, count_free_orders, suggest_links
from storage.customers import find_profiles, load_customer
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import (
    Author,
    ChannelAccount,
    Conversation,
    Customer,
    CustomerNote,
    Mention,
    Purchase,
    User,
)
from storage.opt_outs import KnownOptOut, find_opt_out
from storage.purchases import count_joined, list_usable

ORDERS_SHOWN: Final = 5
NOTES_SHOWN: Final = 50
OPEN_SHOWN: Final = 5
EXCERPT_LENGTH: Final = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """One profile of a person. Names are hostile."""

    author_id: int
    channel_kind: str
    account_name: str
    display_name: str
    handle: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What somebody wrote down."""

    note_id: int
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCase:
    """A case of theirs that is not closed."""

    conversation_id: ConversationId
    channel_kind: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFacts:
    """What people told of a customer."""

    id: int
    display_name: str
    language: str
    time_zone: str
    persona: str
    tags: tuple[str, ...]
    purchases_consent: str
    purchases_consented_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownOrder:
    """One order that may be looked at. Names come from the shop."""

    number: str
    status: str
    items: tuple[OrderItem, ...]
    total: str
    currency: str
    ordered_at: datetime
    shipped_at: datetime | None
    expected_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerCard:
    """A person as the desk knows them. Without a customer there is one profile and nothing that people wrote down."""

    author_id: int
    """The profile it was opened for."""
    customer: CustomerFacts | None
    profiles: tuple[Profile, ...]
    opt_out: KnownOptOut | None
    suggestions: tuple[LinkSuggestion, ...]
    open_cases: tuple[OpenCase, ...]
    notes: tuple[Note, ...]
    orders: tuple[ShownOrder, ...]
    """The latest that may be looked at."""
    orders_joined: int
    """How many are theirs, seen or not."""
    orders_by_mail: int
    """How many of their mail address are nobody's yet."""


def read_card(
    tx: Transaction, author_id: int, *, buyer_key: BuyerKey, but_case: int | None = None
) -> CustomerCard | None:
    """Return the card of the person behind a profile; None when there is no such profile. ``but_case``: not among the open ones."""
    author = tx.session.get(Author, author_id)
    if author is None:
        return None
    authors = find_profiles(tx, author_id)
    customer = load_customer(tx, author.customer_id) if author.customer_id is not None else None
    return CustomerCard(
        author_id=author_id,
        customer=_facts(customer) if customer else None,
        profiles=_profiles(tx, authors),
        opt_out=find_opt_out(tx, author_id),
        suggestions=suggest_links(tx, authors, buyer_key=buyer_key),
        open_cases=_open_cases(tx, authors, but_case),
        notes=_notes(tx, customer.id) if customer else (),
        orders=tuple(map(_order, list_usable(tx, customer.id, limit=ORDERS_SHOWN))) if customer else (),
        orders_joined=count_joined(tx, customer.id) if customer else 0,
        orders_by_mail=count_free_orders(tx, authors, buyer_key=buyer_key),
    )


def _facts(row: Customer) -> CustomerFacts:
    return CustomerFacts(
        id=row.id,
        display_name=row.display_name,
        language=row.language,
        time_zone=row.time_zone,
        persona=row.persona,
        tags=tuple(str(tag) for tag in row.tags),
        purchases_consent=row.purchases_consent,
        purchases_consented_at=row.purchases_consented_at,
    )


def _order(row: Purchase) -> ShownOrder:
    return ShownOrder(
        number=row.number or row.external_id,
        status=row.status,
        items=tuple(
            OrderItem(name=str(item["name"]), quantity=int(item["quantity"]), variant=str(item["variant"]))
            for item in row.items
        ),
        total=row.total,
        currency=row.currency,
        ordered_at=row.ordered_at,
        shipped_at=row.shipped_at,
        expected_at=row.expected_at,
        delivered_at=row.delivered_at,
    )


def first_profile(tx: Transaction, customer_id: int) -> int | None:
    """Return the oldest profile of a customer; None when every one was taken off. Raises ``NotFoundError``."""
    load_customer(tx, customer_id)
    return tx.session.scalar(of_ours(select(func.min(Author.id)).where(Author.customer_id == customer_id)))


def _profiles(tx: Transaction, authors: Sequence[int]) -> tuple[Profile, ...]:
    rows = tx.session.execute(
        select(Author, ChannelAccount.kind, ChannelAccount.name)
        .join(ChannelAccount, ChannelAccount.id == Author.channel_account_id)
        .where(Author.id.in_(authors))
        .order_by(Author.id)
    )
    return tuple(
        Profile(
            author_id=author.id,
            channel_kind=kind,
            account_name=name,
            display_name=author.display_name,
            handle=author.handle,
            url=author.url,
        )
        for author, kind, name in rows
    )


def _open_cases(tx: Transaction, authors: Sequence[int], but_case: int | None) -> tuple[OpenCase, ...]:
    wanted = (
        select(Conversation, ChannelAccount.kind, func.substr(Mention.text, 1, EXCERPT_LENGTH).label("text"))
        .join(ChannelAccount, ChannelAccount.id == Conversation.channel_account_id)
        .join(Mention, Mention.id == Conversation.lead_mention_id)
        .where(
            Conversation.author_id.in_(authors),
            Conversation.state != ConversationState.RESOLVED.value,
            Conversation.id != (but_case or 0),
        )
        .order_by(Conversation.created_at.desc(), Conversation.id.desc())
        .limit(OPEN_SHOWN)
    )
    return tuple(
        OpenCase(conversation_id=ConversationId(row.id), channel_kind=kind, text=text, at=row.created_at)
        for row, kind, text in tx.session.execute(of_ours(wanted))
    )


def _notes(tx: Transaction, customer_id: int) -> tuple[Note, ...]:
    wanted = (
        select(CustomerNote, User.display_name)
        .join(User, User.id == CustomerNote.user_id)
        .where(CustomerNote.customer_id == customer_id)
        .order_by(CustomerNote.id.desc())
        .limit(NOTES_SHOWN)
    )
    return tuple(
        Note(note_id=row.id, by=by, at=row.created_at, text=row.text) for row, by in tx.session.execute(of_ours(wanted))
    )
