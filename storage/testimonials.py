"""Praise that we may quote: who praises again and again, what they were asked, and what they said to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, func, or_, select

from config.follow_up_settings import FollowUpSettings
from domain.errors import IllegalTransitionError, NotFoundError
from domain.lifecycle import MentionState
from domain.words import Intent, Purpose
from storage.database import Transaction
from storage.follow_up_reasons import profiles_of, where_it_went_on, why_not
from storage.follow_ups import Plan, add_plan
from storage.known_rows import of_ours
from storage.models import (
    Author,
    ChannelAccount,
    Classification,
    Conversation,
    Customer,
    Delivery,
    FollowUp,
    Mention,
    Testimonial,
)
from storage.quotes import is_newest_classification

AMBASSADOR: Final = "ambassador"
"""Tag of a customer."""
NOTICED_WITHIN: Final = timedelta(days=2)
AT_ONCE: Final = 200
ANSWERS: Final = ("agreed", "declined", "withdrawn")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotable:
    """A testimonial with the words it is about, read from the post itself: gone with it."""

    testimonial_id: int
    state: str
    text: str
    author_name: str
    url: str
    channel_kind: str
    said_at: datetime
    answered_at: datetime | None
    conversation_id: int


def plan_requests(tx: Transaction, settings: FollowUpSettings) -> int:
    """Mark who praised us again and again, and plan to ask each of them once; returns how many plans there are more."""
    fresh = (
        select(Mention, Conversation)
        .join(Conversation, Conversation.lead_mention_id == Mention.id)
        .join(Classification, is_newest_classification())
        .where(
            Classification.intent == Intent.PRAISE.value,
            Classification.created_at >= tx.now - NOTICED_WITHIN,
            Mention.author_id == Conversation.author_id,
            Mention.state != MentionState.GONE.value,
            ~exists().where(FollowUp.conversation_id == Conversation.id, FollowUp.purpose == Purpose.TESTIMONIAL.value),
        )
        .order_by(Mention.id)
        .limit(AT_ONCE)
    )
    planned = 0
    for mention, conversation in tx.session.execute(fresh).all():
        if not is_ambassador(tx, mention.author_id, settings):
            continue
        _tag(tx, mention.author_id)
        if not settings.testimonials or _is_asked(tx, mention.author_id):
            continue
        problem = why_not(tx, conversation)
        plan = Plan(
            conversation_id=conversation.id,
            mention_id=mention.id,
            purpose=Purpose.TESTIMONIAL,
            cause="praise",
            due_at=tx.now + timedelta(days=1),
            visibility=where_it_went_on(tx, conversation),
            problem=problem,
        )
        planned += add_plan(tx, plan) is not None and not problem
    return planned


def is_ambassador(tx: Transaction, author_id: int, settings: FollowUpSettings) -> bool:
    """Tell whether the person behind a profile praised us often enough of late."""
    praises = (
        select(func.count(Mention.id))
        .join(Classification, is_newest_classification())
        .where(
            Mention.author_id.in_(profiles_of(tx, author_id)),
            Mention.created_at >= tx.now - timedelta(days=settings.ambassador_days),
            Mention.state != MentionState.GONE.value,
            Classification.intent == Intent.PRAISE.value,
        )
    )
    return (tx.session.scalar(praises) or 0) >= settings.ambassador_praises


def open_testimonial(tx: Transaction, delivery: Delivery) -> None:
    """Note that somebody was asked, now that the request has left. Doing it twice is doing it once."""
    standing = select(Testimonial.id).where(Testimonial.mention_id == delivery.mention_id)
    if tx.session.scalar(of_ours(standing)) is None:
        mention = tx.session.get_one(Mention, delivery.mention_id)
        tx.session.add(Testimonial(mention_id=mention.id, author_id=mention.author_id, created_at=tx.now))
        tx.session.flush()


def find_asked(tx: Transaction, conversation_id: int) -> Testimonial | None:
    """Return what was asked in a case, answered or not."""
    wanted = (
        select(Testimonial)
        .join(Mention, Mention.id == Testimonial.mention_id)
        .where(Mention.conversation_id == conversation_id)
        .order_by(Testimonial.id.desc())
        .limit(1)
    )
    found: Testimonial | None = tx.session.scalar(of_ours(wanted))
    return found


def record_consent(
    tx: Transaction, testimonial_id: int, *, state: str, mention_id: int | None, user_id: int, actor: str
) -> None:
    """Keep what the customer said, as a person read it; ``mention_id`` is the post in which they did: the evidence.

    Raises ``NotFoundError``; ``IllegalTransitionError`` for consent without a post of theirs, or after they withdrew.
    """
    wanted = select(Testimonial).where(Testimonial.id == testimonial_id).with_for_update()
    row = tx.session.scalar(wanted)
    if row is None:
        raise NotFoundError("There is no such request.", remedy="Reload the page.")
    if state not in ANSWERS or (row.state == "withdrawn" and state != "withdrawn"):
        raise IllegalTransitionError(current=row.state, to=state)
    evidence = tx.session.get(Mention, mention_id or 0)
    if state == "agreed" and not _is_evidence(evidence, row):
        raise IllegalTransitionError(current=row.state, to=state)
    row.state, row.recorded_by, row.answered_at = state, user_id, tx.now
    row.answer_mention_id = evidence.id if evidence is not None else row.answer_mention_id
    about = tx.session.get_one(Mention, row.mention_id)
    tx.audit(
        "testimonial_recorded",
        actor=actor,
        user_id=user_id,
        conversation_id=about.conversation_id,
        subject=f"testimonial:{row.id}",
        detail={"state": state},
    )
    tx.emit("review", conversation_id=about.conversation_id)


def withdraw_with(tx: Transaction, mention_ids: list[int]) -> None:
    """Withdraw what stands on posts that were deleted: the praise itself, or the consent to quote it."""
    about = or_(Testimonial.mention_id.in_(mention_ids), Testimonial.answer_mention_id.in_(mention_ids))
    for row in tx.session.scalars(of_ours(select(Testimonial).where(about, Testimonial.state != "withdrawn"))):
        row.state, row.answered_at = "withdrawn", tx.now
    tx.session.flush()


def list_testimonials(tx: Transaction, *, states: tuple[str, ...] = ("agreed",), limit: int = 500) -> list[Quotable]:
    """Return testimonials in ``states``, the newest answer first. One whose post has no text any more is left out."""
    wanted = (
        select(Testimonial, Mention, Author, ChannelAccount.kind)
        .join(Mention, Mention.id == Testimonial.mention_id)
        .join(Author, Author.id == Testimonial.author_id)
        .join(ChannelAccount, ChannelAccount.id == Mention.channel_account_id)
        .where(Testimonial.state.in_(states), Mention.gone_at.is_(None), Mention.forgotten_at.is_(None))
        .order_by(Testimonial.answered_at.desc(), Testimonial.id.desc())
        .limit(limit)
    )
    return [
        Quotable(
            testimonial_id=row.id,
            state=row.state,
            text=mention.text,
            author_name=author.display_name or author.handle,
            url=mention.url,
            channel_kind=kind,
            said_at=mention.created_at,
            answered_at=row.answered_at,
            conversation_id=mention.conversation_id,
        )
        for row, mention, author, kind in tx.session.execute(wanted)
    ]


def _is_evidence(post: Mention | None, row: Testimonial) -> bool:
    return post is not None and post.author_id == row.author_id and post.state != MentionState.GONE


def _is_asked(tx: Transaction, author_id: int) -> bool:
    profiles = profiles_of(tx, author_id)
    asked = select(Testimonial.id).where(Testimonial.author_id.in_(profiles)).limit(1)
    planned = (
        select(FollowUp.id)
        .join(Conversation, Conversation.id == FollowUp.conversation_id)
        .where(Conversation.author_id.in_(profiles), FollowUp.purpose == Purpose.TESTIMONIAL.value)
        .limit(1)
    )
    return any(tx.session.scalar(one) is not None for one in (asked, planned))


def _tag(tx: Transaction, author_id: int) -> None:
    customer_id = tx.session.scalar(select(Author.customer_id).where(Author.id == author_id))
    customer = tx.session.get(Customer, customer_id) if customer_id else None
    if customer is not None and AMBASSADOR not in customer.tags:
        customer.tags = [*customer.tags, AMBASSADOR]
        tx.session.flush()
