"""Cases worth quoting in a digest: who waits longest, the best praise, what people suggest.

The words of direct messages and of posts that are gone never leave this module.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from domain.lifecycle import ConversationState, MentionState
from domain.words import Engagement, Intent, MentionKind
from storage.database import Transaction
from storage.models import ChannelAccount, Classification, Conversation, Mention

SHOWN_WAITING = 5
SHOWN_PRAISE = 3
SHOWN_CONSTRUCTIVE = 10
PRAISE_LOOKED_AT = 200
QUOTED_CHARACTERS = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotedCase:
    """One mention as a digest shows it."""

    conversation_id: int
    mention_id: int
    text: str
    """As it was written. Empty for a direct message and for a post that is gone."""
    by_dm: bool
    language: str
    """``ja``, ``en``, ``other``, or empty when unknown."""
    intent: str
    constructive: bool | None
    topic: str
    account_name: str
    brand: str
    created_at: datetime
    waiting_since: datetime | None
    due_at: datetime | None


def longest_waiting(tx: Transaction) -> tuple[QuotedCase, ...]:
    """Return the open cases that wait longest for an answer, the longest first."""
    wanted = (
        _cases(Conversation.lead_mention_id == Mention.id)
        .where(Conversation.waiting.is_(True), Conversation.state == ConversationState.OPEN)
        .where(Conversation.waiting_since.is_not(None))
        .order_by(Conversation.waiting_since, Conversation.id)
        .limit(SHOWN_WAITING)
    )
    return tuple(_quote(row) for row in tx.session.execute(wanted))


def best_praise(tx: Transaction, *, start: datetime, end: datetime) -> tuple[QuotedCase, ...]:
    """Return the public praise posted in the window that the classifier is surest of, the surest first."""
    wanted = (
        _cases(Conversation.id == Mention.conversation_id)
        .where(Mention.created_at >= start, Mention.created_at < end)
        .where(Classification.intent == Intent.PRAISE, *_public())
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(PRAISE_LOOKED_AT)
    )
    # Scores are JSON, which the two databases sort differently: a bounded number is sorted here.
    rows = sorted(tx.session.execute(wanted), key=lambda row: -_sureness(row.Classification))
    return tuple(_quote(row) for row in rows[:SHOWN_PRAISE])


def constructive_list(tx: Transaction, *, start: datetime, end: datetime) -> tuple[QuotedCase, ...]:
    """Return the newest constructive complaints posted in the window."""
    wanted = (
        _cases(Conversation.id == Mention.conversation_id)
        .where(Mention.created_at >= start, Mention.created_at < end, Mention.state != MentionState.GONE)
        .where(Classification.intent == Intent.COMPLAINT, Classification.constructive.is_(True))
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(SHOWN_CONSTRUCTIVE)
    )
    return tuple(_quote(row) for row in tx.session.execute(wanted))


def _cases(thread: ColumnElement[bool]) -> Select[Mention, Conversation, ChannelAccount, Classification]:
    return (
        select(Mention, Conversation, ChannelAccount, Classification)
        .select_from(Mention)
        .join(Conversation, thread)
        .join(ChannelAccount, ChannelAccount.id == Mention.channel_account_id)
        .outerjoin(Classification, is_newest_classification())
        # What says the same as another is counted, and quoted once.
        .where(Conversation.gathered_under_id.is_(None))
    )


def is_newest_classification() -> ColumnElement[bool]:
    """Return the join condition from ``Mention`` to the ``Classification`` that counts: its newest."""
    any_of_it = aliased(Classification)
    newest = select(func.max(any_of_it.id)).where(any_of_it.mention_id == Mention.id).correlate(Mention)
    return Classification.id == newest.scalar_subquery()


def _public() -> tuple[ColumnElement[bool], ...]:
    return (
        Mention.state != MentionState.GONE,
        Mention.kind != MentionKind.MESSAGE,
        Mention.engagement != Engagement.WROTE_DM,
    )


def _sureness(classification: Classification) -> float:
    scores = [classification.scores.get(head) for head in ("intent", "sentiment")]
    return sum(float(score) for score in scores if isinstance(score, int | float))


def _quote(row: Any) -> QuotedCase:  # noqa: ANN401 - a row of ``_cases``
    mention, conversation, account, classification = row
    by_dm = mention.kind == MentionKind.MESSAGE or mention.engagement == Engagement.WROTE_DM
    silent = by_dm or mention.state == MentionState.GONE
    return QuotedCase(
        conversation_id=conversation.id,
        mention_id=mention.id,
        text="" if silent else mention.text_original[:QUOTED_CHARACTERS],
        by_dm=by_dm,
        language=classification.language if classification else (conversation.language or ""),
        intent=classification.intent if classification else "",
        constructive=classification.constructive if classification else None,
        topic=classification.topic if classification else "",
        account_name=account.name,
        brand=account.brand,
        created_at=mention.created_at,
        waiting_since=conversation.waiting_since,
        due_at=conversation.due_at,
    )
