"""What is known of the author of a post, over all profiles that a person linked: a handful of look-ups by index."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select

from domain.cases import PastReply, PersonKnown, PurchaseFacts
from domain.lifecycle import ConversationState, DeliveryState
from domain.words import Intent, Language, Visibility
from storage.customers import find_profiles
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Author, Conversation, Customer, Delivery, Draft, Mention, Purchase, Reply
from storage.purchases import list_usable

SAME_TOPIC_DAYS: Final = 90
REPLIES: Final = 5
REPLIES_READ: Final = 20
"""How many of the latest are looked through for offers."""
PURCHASES: Final = 5


def gather_person(tx: Transaction, *, author_id: int, conversation_id: int, topic: str) -> PersonKnown:
    """Return what is known of a person beside the case at hand. ``offers`` names every policy that a sent reply cited.

    Orders are in it only as far as their buyer agreed; texts of posts are not.
    """
    authors = find_profiles(tx, author_id)
    customer = _customer(tx, author_id)
    earlier = _earlier(tx, authors, conversation_id=conversation_id, topic=topic)
    replies, offers = _replies(tx, authors)
    return PersonKnown(
        called=customer.display_name if customer else "",
        language=Language(customer.language) if customer and customer.language in tuple(Language) else None,
        time_zone=customer.time_zone if customer else "",
        persona=customer.persona if customer else "",
        cases=earlier[0],
        open_cases=earlier[1],
        same_topic=earlier[2],
        praises=earlier[3],
        last_intent=_last_intent(tx, authors, conversation_id=conversation_id) if earlier[0] else None,
        replies=replies,
        offers=offers,
        purchases=tuple(_facts(row) for row in list_usable(tx, customer.id, limit=PURCHASES)) if customer else (),
    )


def _customer(tx: Transaction, author_id: int) -> Customer | None:
    found = select(Customer).join(Author, Author.customer_id == Customer.id).where(Author.id == author_id)
    row: Customer | None = tx.session.scalar(of_ours(found))
    return row


def _earlier(tx: Transaction, authors: Sequence[int], *, conversation_id: int, topic: str) -> tuple[int, int, int, int]:
    """Return how many earlier cases there are, how many are open, were lately about this topic, were praise."""
    recent = Conversation.created_at >= tx.now - timedelta(days=SAME_TOPIC_DAYS)
    counted = select(
        func.count(),
        _count_of(Conversation.state != ConversationState.RESOLVED.value),
        _count_of(and_(Conversation.topic == topic, recent)) if topic else func.sum(0),
        _count_of(Conversation.intent == Intent.PRAISE.value),
    ).where(Conversation.author_id.in_(authors), Conversation.id != conversation_id)
    row = tx.session.execute(of_ours(counted)).one()
    return (int(row[0]), int(row[1] or 0), int(row[2] or 0), int(row[3] or 0))


def _count_of(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _last_intent(tx: Transaction, authors: Sequence[int], *, conversation_id: int) -> Intent | None:
    latest = (
        select(Conversation.intent)
        .where(Conversation.author_id.in_(authors), Conversation.id != conversation_id)
        .order_by(Conversation.created_at.desc(), Conversation.id.desc())
        .limit(1)
    )
    intent = tx.session.scalar(of_ours(latest))
    return Intent(intent) if intent in tuple(Intent) else None


def _replies(tx: Transaction, authors: Sequence[int]) -> tuple[tuple[PastReply, ...], tuple[tuple[str, date], ...]]:
    latest = (
        select(Reply.text, Reply.visibility, Delivery.sent_at, Draft.citations)
        .join(Mention, Mention.id == Reply.mention_id)
        .join(Delivery, Delivery.reply_id == Reply.id)
        .outerjoin(Draft, Draft.id == Reply.draft_id)
        .where(
            Mention.author_id.in_(authors), Delivery.state == DeliveryState.SENT.value, Delivery.sent_at.is_not(None)
        )
        .order_by(Delivery.sent_at.desc(), Delivery.id.desc())
        .limit(REPLIES_READ)
    )
    rows = tx.session.execute(of_ours(latest)).all()
    replies = [
        PastReply(text=row.text, sent_at=row.sent_at, visibility=Visibility(row.visibility)) for row in rows if row.text
    ]
    offers = {
        str(cited.get("reference", "")): row.sent_at.date()
        for row in reversed(rows)
        for cited in row.citations or ()
        if cited.get("kind") == "policy"
    }
    return tuple(replies[:REPLIES]), tuple((policy, day) for policy, day in offers.items() if policy)


def _facts(row: Purchase) -> PurchaseFacts:
    return PurchaseFacts(
        items=tuple(str(item.get("name", "")) for item in row.items),
        status=row.status,
        ordered_at=row.ordered_at,
        shipped_at=row.shipped_at,
        expected_at=row.expected_at,
        delivered_at=row.delivered_at,
    )
