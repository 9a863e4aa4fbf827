"""Closing a case without an answer, and taking that back: the case waits again with its old clock and its options.

What is needed to take it back stands in the audit line of the ignoring, which is written once and never changed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update

from domain.errors import IllegalTransitionError
from domain.lifecycle import (
    CONVERSATION,
    DRAFT,
    ConversationState,
    DraftState,
    MentionState,
    advance,
    sources,
)
from domain.words import IgnoreReason, Purpose, Verdict
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import AuditEvent, Conversation, Draft, Mention, Review
from storage.reviews import Decision, count_proposed, stop_waiting, supersede_options

IGNORED: Final = "conversation_ignored"
RESOLVED: Final = "conversation_resolved"
"""Verbs of the audit line: closed without an answer, closed as solved."""
OFFERED_FOR: Final = timedelta(seconds=60)
"""How long the undo is offered on every page; the case itself offers it for ever."""
LINES_READ: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnIgnore:
    """A case that somebody has just closed and may take back at once."""

    conversation_id: int
    offered_until: datetime


def resolve_ignored(tx: Transaction, conversation: Conversation, *, decision: Decision) -> dict[str, str]:
    """Close a conversation without an answer, for a reason that is counted. Returns the audit line's detail."""
    reason = IgnoreReason(decision.reason)
    mention_id = conversation.lead_mention_id or 0
    review = Review(
        conversation_id=conversation.id,
        mention_id=mention_id,
        user_id=decision.user_id,
        verdict=Verdict.IGNORED,
        reason=reason,
        note=decision.note,
        created_at=tx.now,
    )
    tx.session.add(review)
    detail = {"reason": str(reason)}
    set_aside = supersede_options(tx, mention_id=mention_id, purpose=Purpose.ANSWER)
    if conversation.state != ConversationState.RESOLVED:
        conversation.state = advance(CONVERSATION, ConversationState(conversation.state), ConversationState.RESOLVED)
        # Only the step out of the queue knows the clock: a second reason given later must not cover it.
        since = conversation.waiting_since if conversation.waiting else None
        detail |= {
            "waiting_since": since.isoformat() if since else "",
            "drafts": " ".join(str(draft) for draft in set_aside),
        }
    conversation.resolved_reason = reason
    stop_waiting(tx, conversation)
    return detail


def reopen_ignored(tx: Transaction, conversation: Conversation) -> bool:
    """Put a closed conversation back as it was before: open, its old clock running, its options proposed.

    False when it is not closed (any more): nothing is done.
    Raises ``IllegalTransitionError`` when its post is gone or forgotten.
    """
    if conversation.state != ConversationState.RESOLVED:
        return False
    lead = tx.session.get(Mention, conversation.lead_mention_id or 0)
    if lead is None or lead.state == MentionState.GONE or lead.forgotten_at is not None:
        raise IllegalTransitionError(current=conversation.state, to=ConversationState.OPEN)
    before = _before(tx, conversation)
    since = before.get("waiting_since")
    conversation.state = advance(CONVERSATION, ConversationState(conversation.state), ConversationState.OPEN)
    conversation.resolved_reason = ""
    # It waited unless the line says that somebody had answered already; due_at was never taken from it.
    conversation.waiting = since != ""
    if conversation.waiting:
        conversation.waiting_since = datetime.fromisoformat(since) if since else lead.created_at
    conversation.updated_at = tx.now
    tx.session.flush()
    _offer_again(tx, lead, [int(draft) for draft in before.get("drafts", "").split()])
    return True


def _before(tx: Transaction, conversation: Conversation) -> dict[str, str]:
    lines = (
        select(AuditEvent.detail)
        .where(AuditEvent.conversation_id == conversation.id, AuditEvent.verb.in_((IGNORED, RESOLVED)))
        .order_by(AuditEvent.id.desc())
        .limit(LINES_READ)
    )
    return next((detail for detail in tx.session.scalars(of_ours(lines)) if "waiting_since" in detail), {})


def _offer_again(tx: Transaction, lead: Mention, draft_ids: list[int]) -> None:
    wanted = [Draft.id.in_(draft_ids), Draft.mention_id == lead.id, Draft.state == DraftState.SUPERSEDED]
    if lead.state == MentionState.UNDERSTOOD or count_proposed(tx, mention_id=lead.id):
        # Written anew meanwhile, or about to be: only what a person wrote comes back beside it.
        wanted.append(Draft.revision > 1)
    ids = list(tx.session.scalars(of_ours(select(Draft.id).where(*wanted))))
    tx.session.execute(
        update(Draft)
        .where(Draft.id.in_(ids), Draft.state.in_(sources(DRAFT, DraftState.PROPOSED)))
        .values(state=DraftState.PROPOSED)
        .execution_options(synchronize_session=False)
    )


def find_own_ignore(tx: Transaction, *, user_id: int) -> OwnIgnore | None:
    """Return the case that this user closed with their newest decision, while its undo is offered."""
    newest = select(Review).where(Review.user_id == user_id).order_by(Review.id.desc()).limit(1)
    review: Review | None = tx.session.scalar(of_ours(newest))
    if review is None or review.verdict != Verdict.IGNORED or review.created_at + OFFERED_FOR <= tx.now:
        return None
    conversation = tx.session.get(Conversation, review.conversation_id)
    if conversation is None or conversation.state != ConversationState.RESOLVED:
        return None
    return OwnIgnore(conversation_id=conversation.id, offered_until=review.created_at + OFFERED_FOR)
