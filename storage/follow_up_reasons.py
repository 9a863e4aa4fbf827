"""Whom to write to of our own accord, and when: what the rules find in the rows, and what forbids it.

Every case found becomes one row of ``FollowUp``, planned or dropped with the code that forbids it: nothing is looked at twice.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, cast, exists, or_, select

from config.follow_up_settings import FollowUpSettings
from domain.lifecycle import ConversationState, DeliveryState, MentionState
from domain.words import Intent, MentionKind, Purpose, Risk, Topic, Urgency, Visibility
from storage.database import Transaction
from storage.follow_ups import LIVE, Plan, add_plan, drop
from storage.known_rows import of_ours
from storage.models import (
    Author,
    ChannelAccount,
    Classification,
    Conversation,
    Customer,
    Delivery,
    Draft,
    FollowUp,
    Mention,
    OptOut,
    Purchase,
    Reply,
)
from storage.opt_outs import LIFTED, is_opted_out
from storage.quotes import is_newest_classification

SOLVED: Final = "solved"
"""Why a case is closed: the customer is content. Every other reason closes it without one."""
LOOK_BACK: Final = timedelta(days=3)
"""How long ago an answer may have left, or a parcel arrived, to be planned for: a clock that stood still catches up so far."""
CASE_AGE: Final = timedelta(days=60)
REPORTED_WITHIN: Final = timedelta(days=180)
AT_ONCE: Final = 200
OF_A_PARCEL: Final = frozenset({Topic.DELIVERY.value, Topic.PRODUCT.value, Topic.REFUND.value})
HARMLESS: Final = frozenset({Risk.PERSONAL_DATA.value})
"""Risks that call for care in public, not for silence afterwards."""


def plan_answered(tx: Transaction, settings: FollowUpSettings) -> int:
    """Plan to come back to complaints whose answer was sent; returns how many plans there are more."""
    answered = (
        select(Delivery.conversation_id, Delivery.mention_id, Delivery.sent_at, Classification.topic)
        .join(Mention, Mention.id == Delivery.mention_id)
        .join(Classification, is_newest_classification())
        .where(
            Delivery.state == DeliveryState.SENT.value,
            Delivery.purpose == Purpose.ANSWER.value,
            Delivery.sent_at >= tx.now - LOOK_BACK,
            Classification.intent == Intent.COMPLAINT.value,
            ~_is_planned(Delivery.conversation_id, Purpose.FOLLOW_UP, "answered"),
        )
        .order_by(Delivery.sent_at, Delivery.id)
        .limit(AT_ONCE)
    )
    planned = 0
    for row in tx.session.execute(answered).all():
        due_at = row.sent_at + timedelta(days=settings.days_for(row.topic))
        planned += _plan(tx, row.conversation_id, row.mention_id, Purpose.FOLLOW_UP, "answered", due_at=due_at)
    return planned


def plan_delivered(tx: Transaction, settings: FollowUpSettings) -> int:
    """Plan to ask after a parcel's delivery, in cases of people whose orders we may look at; returns how many.

    It takes the place of what was planned by the calendar alone.
    """
    consented = or_(
        Customer.purchases_consent == "given", and_(Customer.purchases_consent == "", Purchase.consented.is_(True))
    )
    complained = exists().where(
        Mention.conversation_id == Conversation.id,
        Classification.mention_id == Mention.id,
        Classification.intent == Intent.COMPLAINT.value,
        Classification.topic.in_(OF_A_PARCEL),
    )
    arrived = (
        select(Purchase.id, Purchase.items, Purchase.delivered_at, Conversation.id, Conversation.lead_mention_id)
        .join(Customer, Customer.id == Purchase.customer_id)
        .join(Author, Author.customer_id == Purchase.customer_id)
        .join(Conversation, Conversation.author_id == Author.id)
        .where(
            Purchase.delivered_at >= tx.now - LOOK_BACK,
            Purchase.delivered_at <= tx.now,
            consented,
            Conversation.first_reply_at.is_not(None),
            Conversation.state == ConversationState.OPEN.value,
            Conversation.created_at >= tx.now - CASE_AGE,
            Conversation.created_at <= Purchase.delivered_at,
            Conversation.lead_mention_id.is_not(None),
            complained,
            ~_is_planned(Conversation.id, Purpose.FOLLOW_UP, "delivered"),
        )
        .order_by(Purchase.delivered_at, Purchase.id, Conversation.id)
        .limit(AT_ONCE)
    )
    planned = 0
    for purchase_id, items, delivered_at, conversation_id, lead_id in tx.session.execute(arrived).all():
        due_at = max(tx.now, delivered_at + timedelta(days=settings.days_after_delivery))
        planned += _plan(
            tx,
            conversation_id,
            lead_id,
            Purpose.FOLLOW_UP,
            "delivered",
            due_at=due_at,
            subject=f"purchase:{purchase_id}",
            facts={"bought": _first_item(items)},
        )
        _replace(tx, conversation_id)
    return planned


def plan_fixed(tx: Transaction, *, brand: str, issue_id: str, since: date) -> int:
    """Plan to tell everybody whose sent reply stood on a known issue of ``brand`` that it is mended; returns how many.

    A person who reported it in several cases is told once. Replies from before ``since``, when it began, are not looked at.
    """
    begun = datetime.combine(since, time.min, UTC) - timedelta(days=1)
    subject = f"{brand}:{issue_id}"
    told = _is_planned(Reply.conversation_id, Purpose.FIXED, "fixed", subject)
    cited = (
        select(Reply.conversation_id, Reply.mention_id, Draft.citations, Conversation.author_id)
        .join(Draft, Draft.id == Reply.draft_id)
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .join(ChannelAccount, ChannelAccount.id == Conversation.channel_account_id)
        .join(Delivery, Delivery.reply_id == Reply.id)
        .where(
            ChannelAccount.brand == brand,
            Delivery.state == DeliveryState.SENT.value,
            Delivery.sent_at >= max(begun, tx.now - REPORTED_WITHIN),
            cast(Draft.citations, Text).contains(issue_id, autoescape=True),
            ~told,
        )
        .order_by(Reply.id)
        .limit(AT_ONCE)
    )
    planned = 0
    for row in tx.session.execute(cited).all():
        if not any(one.get("kind") == "known_issue" and one.get("reference") == issue_id for one in row.citations):
            continue
        if _is_told(tx, row.author_id, subject):
            continue
        planned += _plan(
            tx, row.conversation_id, row.mention_id, Purpose.FIXED, "fixed", due_at=tx.now, subject=subject
        )
    return planned


def drop_overtaken(tx: Transaction) -> int:
    """Let plans be that something has overtaken: a newer post waits, the post is gone, the case is closed; returns how many."""
    lead_differs = Conversation.lead_mention_id.is_distinct_from(FollowUp.mention_id)
    overtaken = or_(
        and_(Conversation.waiting.is_(True), lead_differs),
        and_(
            Conversation.state == ConversationState.RESOLVED.value,
            Conversation.resolved_reason != SOLVED,
            FollowUp.cause != "fixed",
        ),
        and_(Conversation.resolved_reason == SOLVED, FollowUp.purpose == Purpose.FOLLOW_UP.value),
        Conversation.lead_mention_id.is_(None),
        exists().where(OptOut.author_id == Conversation.author_id, OptOut.reason != LIFTED),
    )
    wanted = (
        select(FollowUp.id, FollowUp.conversation_id)
        .join(Conversation, Conversation.id == FollowUp.conversation_id)
        .where(FollowUp.state.in_([state.value for state in LIVE]), overtaken)
        .order_by(FollowUp.id)
        .limit(AT_ONCE)
    )
    dropped = 0
    for follow_up_id, conversation_id in tx.session.execute(wanted).all():
        conversation = tx.session.get_one(Conversation, conversation_id)
        problem = why_not(tx, conversation) or ("case_alive" if conversation.waiting else "case_closed")
        dropped += drop(tx, follow_up_id, problem=problem)
    return dropped


def why_not(tx: Transaction, conversation: Conversation) -> str:
    """Return why nobody may be written to of our own accord in a case: a code of ``follow_up.toml``, or nothing."""
    lead = tx.session.get(Mention, conversation.lead_mention_id or 0)
    if lead is None or lead.state == MentionState.GONE or lead.forgotten_at is not None:
        return "post_gone"
    if is_opted_out(tx, conversation.author_id):
        return "opted_out"
    labels = _labels(tx, conversation.id)
    if any(label.abuse for label in labels):
        return "abuse"
    grave = [set(label.risks) - HARMLESS or label.urgency == Urgency.CRITICAL for label in labels]
    return "grave" if any(grave) else ""


def profiles_of(tx: Transaction, author_id: int) -> list[int]:
    """Return the profiles of the person behind one, itself included, as people linked them."""
    customer_id = tx.session.scalar(select(Author.customer_id).where(Author.id == author_id))
    if customer_id is None:
        return [author_id]
    return list(tx.session.scalars(select(Author.id).where(Author.customer_id == customer_id).order_by(Author.id)))


def where_it_went_on(tx: Transaction, conversation: Conversation) -> Visibility:
    """Return where a case is being talked about: in private where they wrote so, else where our last reply stands."""
    lead = tx.session.get(Mention, conversation.lead_mention_id or 0)
    if lead is not None and lead.kind == MentionKind.MESSAGE:
        return Visibility.DM
    last = (
        select(Delivery.visibility)
        .where(Delivery.conversation_id == conversation.id, Delivery.state == DeliveryState.SENT.value)
        .order_by(Delivery.sent_at.desc(), Delivery.id.desc())
        .limit(1)
    )
    said = tx.session.scalar(of_ours(last))
    return Visibility(said) if said else Visibility.PUBLIC


def _plan(
    tx: Transaction,
    conversation_id: int,
    mention_id: int,
    purpose: Purpose,
    cause: str,
    *,
    due_at: datetime,
    subject: str = "",
    facts: dict[str, str] | None = None,
) -> bool:
    conversation = tx.session.get_one(Conversation, conversation_id)
    problem = why_not(tx, conversation)
    made = add_plan(
        tx,
        Plan(
            conversation_id=conversation_id,
            mention_id=mention_id,
            purpose=purpose,
            cause=cause,
            due_at=due_at,
            visibility=where_it_went_on(tx, conversation),
            subject=subject,
            facts={name: value for name, value in (facts or {}).items() if value},
            problem=problem,
        ),
    )
    return made is not None and not problem


def _is_planned(conversation: Any, purpose: Purpose, cause: str, subject: str = "") -> ColumnElement[bool]:  # noqa: ANN401 - the column of any table
    same = [FollowUp.conversation_id == conversation, FollowUp.purpose == purpose.value, FollowUp.cause == cause]
    if subject:
        same.append(FollowUp.subject == subject)
    return exists().where(*same)


def _is_told(tx: Transaction, author_id: int, subject: str) -> bool:
    told = (
        select(FollowUp.id)
        .join(Conversation, Conversation.id == FollowUp.conversation_id)
        .where(
            FollowUp.purpose == Purpose.FIXED.value,
            FollowUp.subject == subject,
            Conversation.author_id.in_(profiles_of(tx, author_id)),
        )
    )
    return tx.session.scalar(told.limit(1)) is not None


def _replace(tx: Transaction, conversation_id: int) -> None:
    by_calendar = select(FollowUp.id).where(
        FollowUp.conversation_id == conversation_id,
        FollowUp.purpose == Purpose.FOLLOW_UP.value,
        FollowUp.cause == "answered",
        FollowUp.state.in_([state.value for state in LIVE]),
    )
    for follow_up_id in list(tx.session.scalars(of_ours(by_calendar))):
        drop(tx, follow_up_id, problem="replaced")


def _labels(tx: Transaction, conversation_id: int) -> Collection[Classification]:
    said = (
        select(Classification)
        .join(Mention, Mention.id == Classification.mention_id)
        .where(Mention.conversation_id == conversation_id)
        .order_by(Classification.id)
    )
    newest: dict[int, Classification] = {row.mention_id: row for row in tx.session.scalars(of_ours(said))}
    return newest.values()


def _first_item(items: Sequence[Any]) -> str:
    names = [str(item.get("name", "")) for item in items if isinstance(item, dict)]
    return next((name for name in names if name), "")
