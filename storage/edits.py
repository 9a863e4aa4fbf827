"""What the author changed or took away upstream: the earlier text kept or blanked, drafts voided, replies called back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update

from domain.lifecycle import DRAFT, MENTION, DeliveryState, DraftState, MentionState, sources
from domain.words import DeliveryProblem
from storage.authors import forget_authors, hold_authors_of
from storage.database import Transaction
from storage.digests import blank_digests_quoting
from storage.faq_gaps import drop_gaps
from storage.follow_ups import forget_facts, plan_again
from storage.forgetting import blank_drafts
from storage.gatherings import settle_gone
from storage.known_rows import of_ours
from storage.mention_sketches import drop_sketches
from storage.mentions import OURS_ALREADY, choose_leads
from storage.models import Classification, Conversation, Delivery, Draft, Mention, MentionRevision, Reply
from storage.outbox import cancel_for_mention
from storage.quoted_posts import blank_words_quoted
from storage.surveys import forget_comments
from storage.testimonials import withdraw_with

FREE = {"claim_token": None, "claimed_until": None, "not_before": None, "attempts": 0}
"""Takes a row out of the hands of a step that read its earlier text: that step's result will not be recorded."""

NOT_LEFT = (DeliveryState.HELD, DeliveryState.QUEUED)
ANSWERED = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.HANDED_OFF)


@dataclass(frozen=True, kw_only=True, slots=True)
class EditedText:
    """A known mention as its author left it now."""

    mention_id: int
    conversation_id: int
    text: str
    text_original: str
    kind: str
    engagement: str
    """With ``kind``: what was public may be private now."""
    platform_data: dict[str, str]


def store_edits(tx: Transaction, edits: Sequence[EditedText]) -> list[int]:
    """Keep the earlier texts as revisions, take the new ones, and send the mentions back to be understood.

    Proposed drafts are voided and replies that have not left are cancelled. A case that nobody answered yet waits again.
    Returns the conversations touched.
    """
    if not edits:
        return []
    new = {edit.mention_id: edit for edit in edits}
    # What was blanked while this page was read stays blank.
    still_there = (Mention.id.in_(new), Mention.gone_at.is_(None), Mention.forgotten_at.is_(None))
    wanted = select(Mention).where(*still_there).order_by(Mention.id).with_for_update()
    mentions = list(tx.session.scalars(wanted.execution_options(populate_existing=True)))
    ids = [mention.id for mention in mentions]
    for mention in mentions:
        revision = MentionRevision(
            mention_id=mention.id, text=mention.text, text_original=mention.text_original, seen_at=tx.now
        )
        tx.session.add(revision)
        edit = new[mention.id]
        mention.text, mention.text_original = edit.text, edit.text_original
        mention.kind, mention.engagement, mention.platform_data = edit.kind, edit.engagement, edit.platform_data
    tx.session.flush()
    _set(tx, Mention, (Mention.id.in_(ids),), FREE)
    again = [state.value for state in sources(MENTION, MentionState.COLLECTED)]
    collected = {"state": MentionState.COLLECTED.value, "problem": ""}
    _set(tx, Mention, (Mention.id.in_(ids), Mention.state.in_(again)), collected)
    _call_back(tx, ids, DeliveryProblem.POST_EDITED)
    drop_gaps(tx, ids)
    _wait_unless_answered(tx, ids)
    return sorted({edit.conversation_id for edit in edits})


def store_ratings(tx: Transaction, ratings: Mapping[int, int | None]) -> None:
    """Take the stars that known mentions have now, by mention id. Stars alone are no edit: nothing is to be read again."""
    for mention_id, rating in sorted(ratings.items()):
        _set(tx, Mention, (Mention.id == mention_id,), {"rating": rating})


def _wait_unless_answered(tx: Transaction, mention_ids: Sequence[int]) -> None:
    """Bring cases back whose newest post changed before anybody answered it: what was ignored may now be a complaint."""
    answered = exists().where(Delivery.mention_id == Conversation.lead_mention_id, Delivery.state.in_(ANSWERED))
    idle = (
        Conversation.lead_mention_id.in_(mention_ids),
        Conversation.waiting.is_(False),
        Conversation.gathered_under_id.is_(None),
        ~answered,
    )
    values = {"waiting": True, "waiting_since": tx.now, "due_at": None, "state": "open", "resolved_reason": ""}
    _set(tx, Conversation, idle, {**values, "updated_at": tx.now})


def mark_gone(tx: Transaction, mention_ids: Sequence[int]) -> int:
    """Note that posts are deleted or protected upstream; returns how many that is news for.

    Their text goes from mention, revisions, reasons, digests and the posts that quote them, their address as well; drafts are voided,
    replies that have not left are cancelled, and the conversation leaves the queue unless another post in it still waits. Of our words
    stay those that somebody approved. Authors of whom no word is left lose their names.
    """
    gone_from = [state.value for state in sources(MENTION, MentionState.GONE)]
    wanted = select(Mention.id, Mention.conversation_id).where(
        Mention.id.in_(mention_ids), Mention.state.in_(gone_from)
    )
    authors = hold_authors_of(tx, mention_ids)
    rows = tx.session.execute(wanted.order_by(Mention.id).with_for_update()).all()
    if not rows:
        return 0
    ids = [row.id for row in rows]
    conversations = sorted({row.conversation_id for row in rows})
    blank = {"text": "", "text_original": ""}
    gone = {"state": MentionState.GONE.value, "gone_at": tx.now, "checked_at": tx.now, "platform_data": {}, "url": ""}
    _set(tx, Mention, (Mention.id.in_(ids),), {**FREE, **blank, **gone})
    _set(tx, MentionRevision, (MentionRevision.mention_id.in_(ids),), blank)
    _set(tx, Classification, (Classification.mention_id.in_(ids),), {"reasons": []})
    blank_digests_quoting(tx, ids)
    blank_words_quoted(tx, ids)
    _call_back(tx, ids, DeliveryProblem.POST_GONE)
    forget_facts(tx, ids, drops=True)
    forget_comments(tx, set(conversations))
    withdraw_with(tx, ids)
    _blank_drafts(tx, ids)
    forget_authors(tx, authors)
    choose_leads(tx, conversations)
    settled = settle_gone(tx, conversations)
    drop_sketches(tx, ids)
    drop_gaps(tx, ids)
    _leave_queue(tx, conversations)
    for row in rows:
        tx.audit("mention_gone", actor="listener", conversation_id=row.conversation_id, subject=f"mention:{row.id}")
    for conversation_id in sorted({*conversations, *settled}):
        tx.emit("mention", conversation_id=conversation_id)
    return len(ids)


def _leave_queue(tx: Transaction, conversation_ids: Sequence[int]) -> None:
    """Stop the clock where no post that is still there came in since it began to run; else let it run from the oldest."""
    still_waits = and_(
        Mention.conversation_id == Conversation.id,
        Mention.state != MentionState.GONE.value,
        or_(Conversation.waiting_since.is_(None), Mention.created_at >= Conversation.waiting_since),
    )
    here = (Conversation.id.in_(conversation_ids), Conversation.waiting.is_(True))
    stopped = {"waiting": False, "waiting_since": None, "due_at": None, "updated_at": tx.now}
    stop = update(Conversation).where(*here, ~exists().where(still_waits)).values(stopped)
    tx.session.execute(stop.execution_options(**OURS_ALREADY))
    oldest = func.coalesce(
        select(func.min(Mention.created_at)).where(still_waits).scalar_subquery(), Conversation.waiting_since
    )
    tx.session.execute(update(Conversation).where(*here).values(waiting_since=oldest).execution_options(**OURS_ALREADY))


def _call_back(tx: Transaction, mention_ids: Sequence[int], reason: DeliveryProblem) -> None:
    """Void the drafts of posts that changed and cancel what has not left."""
    leaving = select(Delivery.mention_id).where(Delivery.mention_id.in_(mention_ids), Delivery.state.in_(NOT_LEFT))
    for mention_id in list(tx.session.scalars(leaving.distinct())):
        cancel_for_mention(tx, mention_id, reason=reason)
    # Voided are the open options. One that was approved stays what it is: its reply has left, or was called back above.
    open_drafts = [state.value for state in sources(DRAFT, DraftState.VOIDED) if state is not DraftState.APPROVED]
    _set(
        tx,
        Draft,
        (Draft.mention_id.in_(mention_ids), Draft.state.in_(open_drafts)),
        {"state": DraftState.VOIDED.value},
    )
    plan_again(tx, mention_ids)


def _blank_drafts(tx: Transaction, mention_ids: Sequence[int]) -> None:
    """Take our words that nobody approved, they repeat what was deleted, and the facts that any of them rest on."""
    approved = exists().where(Reply.draft_id == Draft.id)
    never = select(Draft.id).where(Draft.mention_id.in_(mention_ids), ~approved)
    blank_drafts(tx, list(tx.session.scalars(of_ours(never))))
    _set(tx, Draft, (Draft.mention_id.in_(mention_ids),), {"facts_used": []})


def _set(tx: Transaction, model: Any, where: Sequence[ColumnElement[bool]], values: dict[str, Any]) -> None:  # noqa: ANN401 - any table of ours
    tx.session.execute(update(model).where(*where).values(values).execution_options(synchronize_session=False))
