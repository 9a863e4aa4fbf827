"""How a case ends well: a content answer is noticed, the case is closed as solved, and it may come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import exists, select

from domain.lifecycle import CONVERSATION, ConversationState, DeliveryState, FollowUpState, MentionState, advance
from domain.words import Intent, Purpose
from storage.database import Transaction
from storage.follow_up_reasons import SOLVED
from storage.follow_ups import LIVE
from storage.ignoring import RESOLVED
from storage.known_rows import of_ours
from storage.models import Classification, Conversation, Delivery, FollowUp, Mention
from storage.quotes import is_newest_classification
from storage.reviews import lock_conversation, stop_waiting, supersede_options

HAPPY: Final = "happy_mention"
"""Fact of a follow-up: the post by which the customer said that all is well."""
KEPT_OPEN: Final = "kept_open"
"""Fact of a follow-up: a person does not want the case closed for it."""
READ_WITHIN: Final = timedelta(days=1)
CASE_AGE: Final = timedelta(days=90)
AT_ONCE: Final = 200
ON_THE_WAY: Final = (
    DeliveryState.HELD,
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.UNCERTAIN,
    DeliveryState.HANDED_OFF,
)
ACTOR: Final = "follow-up"


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterPost:
    """The customer's newest post in a case that we came back to, or meant to. Its text is hostile."""

    follow_up_id: int
    conversation_id: int
    author_id: int
    mention_id: int
    text: str
    intent: Intent
    language: str


def list_later_posts(tx: Transaction) -> list[LaterPost]:
    """Return fresh posts by customers in answered cases with a follow-up, which nobody has read for contentment yet."""
    wanted = (
        select(FollowUp, Mention, Conversation.author_id, Classification.intent, Classification.language)
        .join(Conversation, Conversation.id == FollowUp.conversation_id)
        .join(Mention, Mention.id == Conversation.lead_mention_id)
        .join(Classification, is_newest_classification())
        .where(
            FollowUp.purpose == Purpose.FOLLOW_UP.value,
            FollowUp.created_at < Mention.collected_at,
            FollowUp.mention_id != Mention.id,
            Mention.author_id == Conversation.author_id,
            Mention.collected_at >= tx.now - READ_WITHIN,
            Mention.state != MentionState.GONE.value,
            Conversation.state == ConversationState.OPEN.value,
            Conversation.first_reply_at.is_not(None),
        )
        .order_by(FollowUp.id)
        .limit(AT_ONCE)
    )
    return [
        LaterPost(
            follow_up_id=row.id,
            conversation_id=row.conversation_id,
            author_id=author_id,
            mention_id=mention.id,
            text=mention.text,
            intent=Intent(intent),
            language=language,
        )
        for row, mention, author_id, intent, language in tx.session.execute(wanted)
        if row.facts.get(HAPPY) != str(mention.id)
    ]


def note_happy(tx: Transaction, post: LaterPost) -> None:
    """Keep that the customer says that all is well: the desk suggests to close the case."""
    row = tx.session.get_one(FollowUp, post.follow_up_id)
    row.facts = {**{name: said for name, said in row.facts.items() if name != KEPT_OPEN}, HAPPY: str(post.mention_id)}
    tx.session.flush()
    tx.audit("case_happy", actor=ACTOR, conversation_id=post.conversation_id, subject=f"mention:{post.mention_id}")
    tx.emit("review", conversation_id=post.conversation_id)


def is_happy(tx: Transaction, conversation: Conversation) -> bool:
    """Tell whether the newest post of an open case says that all is well, and nobody has said otherwise."""
    return conversation.state == ConversationState.OPEN and any(
        row.facts.get(HAPPY) == str(conversation.lead_mention_id) and not row.facts.get(KEPT_OPEN)
        for row in _follow_ups(tx, conversation.id)
    )


def keep_open(tx: Transaction, conversation_id: int) -> None:
    """Do not close a case by rule for the contentment that was read from its newest post."""
    for row in _follow_ups(tx, conversation_id):
        if row.facts.get(HAPPY):
            row.facts = {**row.facts, KEPT_OPEN: "yes"}
    tx.session.flush()


def close_settled(tx: Transaction) -> int:
    """Close the cases whose customer is content and has been asked, or is not to be asked; returns how many."""
    live = exists().where(
        FollowUp.conversation_id == Conversation.id, FollowUp.state.in_([state.value for state in LIVE])
    )
    leaving = exists().where(Delivery.conversation_id == Conversation.id, Delivery.state.in_(ON_THE_WAY))
    noted = exists().where(
        FollowUp.conversation_id == Conversation.id,
        FollowUp.purpose == Purpose.FOLLOW_UP.value,
        FollowUp.created_at >= tx.now - CASE_AGE,
        FollowUp.state.in_((FollowUpState.DONE.value, FollowUpState.DROPPED.value)),
    )
    wanted = (
        select(Conversation)
        .join(Mention, Mention.id == Conversation.lead_mention_id)
        .where(
            Conversation.state == ConversationState.OPEN.value,
            Conversation.waiting.is_(False),
            Mention.collected_at >= tx.now - CASE_AGE,
            noted,
            ~live,
            ~leaving,
        )
        .order_by(Conversation.updated_at.desc())
        .limit(AT_ONCE)
    )
    closed = 0
    for conversation in list(tx.session.scalars(wanted)):
        if is_happy(tx, conversation):
            resolve_solved(tx, conversation.id, actor=ACTOR)
            closed += 1
    return closed


def resolve_solved(tx: Transaction, conversation_id: int, *, actor: str, user_id: int | None = None) -> bool:
    """Close a case because its customer is content. False when it was closed before. ``reopen_ignored`` takes it back."""
    conversation = lock_conversation(tx, conversation_id)
    if conversation.state == ConversationState.RESOLVED:
        return False
    conversation.state = advance(CONVERSATION, ConversationState(conversation.state), ConversationState.RESOLVED)
    set_aside: Sequence[int] = supersede_options(
        tx, mention_id=conversation.lead_mention_id or 0, purpose=Purpose.ANSWER
    )
    since = conversation.waiting_since if conversation.waiting else None
    detail = {
        "reason": SOLVED,
        "waiting_since": since.isoformat() if since else "",
        "drafts": " ".join(str(draft) for draft in set_aside),
    }
    conversation.resolved_reason = SOLVED
    stop_waiting(tx, conversation)
    tx.audit(
        RESOLVED,
        actor=actor,
        user_id=user_id,
        conversation_id=conversation.id,
        subject=f"conversation:{conversation.id}",
        detail=detail,
    )
    tx.emit("review", conversation_id=conversation.id)
    return True


def bring_before_person(tx: Transaction, conversation_id: int, *, minutes: int) -> None:
    """Open a case again, waiting from now on: its customer is not content. One that waits already keeps its clock."""
    conversation = lock_conversation(tx, conversation_id)
    keep_open(tx, conversation_id)
    if conversation.state != ConversationState.OPEN:
        conversation.state = advance(CONVERSATION, ConversationState(conversation.state), ConversationState.OPEN)
        conversation.resolved_reason = ""
        conversation.snoozed_until = None
    if not conversation.waiting:
        conversation.waiting, conversation.waiting_since = True, tx.now
        conversation.due_at = tx.now + timedelta(minutes=minutes)
    conversation.updated_at = tx.now
    tx.session.flush()


def _follow_ups(tx: Transaction, conversation_id: int) -> list[FollowUp]:
    wanted = select(FollowUp).where(
        FollowUp.conversation_id == conversation_id, FollowUp.purpose == Purpose.FOLLOW_UP.value
    )
    return list(tx.session.scalars(of_ours(wanted)))
