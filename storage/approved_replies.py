"""Replies that somebody approved and that went out: what earlier cases taught us, for as long as their posts are still there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, select

from domain.lifecycle import DeliveryState
from domain.replies import Citation
from domain.words import Purpose
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import (
    Author,
    ChannelAccount,
    Classification,
    Conversation,
    Delivery,
    Draft,
    Mention,
    MentionRevision,
    Reply,
    Review,
    User,
)

MOST_KEPT: Final = 20_000
"""The newest count: what was said years ago is no model for today."""
READ_AT_ONCE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovedReply:
    """One answer as it was approved, with the post it answers. ``post`` and names are untrusted."""

    reply_id: int
    mention_id: int
    conversation_id: int
    brand: str
    language: str
    visibility: str
    intent: str
    post: str
    author_id: int
    author_names: tuple[str, ...]
    text: str
    text_hash: str
    approved_by: str
    approved_at: datetime
    unchanged: bool
    """True: nobody touched what the drafter wrote."""
    wordings: tuple[str, ...]
    citations: tuple[Citation, ...]
    facts: tuple[str, ...]
    """Notes of what its draft used of the case (``responder/notes.py``)."""


def list_approved(tx: Transaction, *, limit: int = MOST_KEPT) -> list[int]:
    """Return the ids of the replies that may be remembered, those sent last first."""
    wanted = (
        _joined(select(Reply.id))
        .where(Delivery.workspace_id == tx.workspace_id, *_remembered())
        .order_by(Delivery.sent_at.desc())
        .limit(limit)
    )
    return list(tx.session.scalars(of_ours(wanted)))


def read_approved(tx: Transaction, reply_ids: Sequence[int]) -> list[ApprovedReply]:
    """Return those of the replies that may still be remembered, in the order given; at most ``READ_AT_ONCE``."""
    label = (
        select(func.max(Classification.id)).where(Classification.mention_id == Mention.id).correlate(Mention)
    ).scalar_subquery()
    columns = (
        *(Reply.id, Reply.mention_id, Reply.conversation_id, Reply.language, Reply.visibility, Reply.text),
        *(Reply.text_hash, ChannelAccount.brand, Mention.text.label("post"), Mention.author_id),
        *(Author.display_name, Author.handle, User.display_name.label("approver"), Review.created_at),
        *(Review.edit_distance, Draft.wordings, Draft.citations, Draft.facts_used, Classification.intent),
    )
    wanted = (
        _joined(select(*columns))
        .join(Review, Review.id == Reply.review_id)
        .join(User, User.id == Review.user_id)
        .join(Draft, Draft.id == Reply.draft_id)
        .join(Author, Author.id == Mention.author_id)
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .join(ChannelAccount, ChannelAccount.id == Conversation.channel_account_id)
        .outerjoin(Classification, Classification.id == label)
        .where(Reply.workspace_id == tx.workspace_id, Reply.id.in_(list(reply_ids)[:READ_AT_ONCE]), *_remembered())
    )
    found = {row.id: _read(row) for row in tx.session.execute(of_ours(wanted))}
    return [found[number] for number in reply_ids if number in found]


def _joined(statement: Select[Any]) -> Select[Any]:
    return (
        statement.select_from(Delivery)
        .join(Reply, Reply.id == Delivery.reply_id)
        .join(Mention, Mention.id == Delivery.mention_id)
    )


def _remembered() -> tuple[ColumnElement[bool], ...]:
    """Sent or posted by hand, as an answer, to a post that is still there and still says what was answered."""
    changed = exists().where(MentionRevision.mention_id == Mention.id, MentionRevision.seen_at > Reply.created_at)
    return (
        Delivery.state == DeliveryState.SENT.value,
        Delivery.purpose == Purpose.ANSWER.value,
        Mention.gone_at.is_(None),
        Mention.forgotten_at.is_(None),
        Mention.text != "",
        Reply.text != "",
        ~changed,
    )


def _read(row: Any) -> ApprovedReply:  # noqa: ANN401 - a row of the columns above
    return ApprovedReply(
        reply_id=row.id,
        mention_id=row.mention_id,
        conversation_id=row.conversation_id,
        brand=row.brand,
        language=row.language,
        visibility=row.visibility,
        intent=row.intent or "",
        post=row.post,
        author_id=row.author_id,
        author_names=tuple(name for name in (row.display_name, row.handle) if name),
        text=row.text,
        text_hash=row.text_hash,
        approved_by=row.approver,
        approved_at=row.created_at,
        unchanged=row.edit_distance == 0,
        wordings=tuple(str(one) for one in row.wordings or ()),
        citations=tuple(
            Citation(kind=str(one["kind"]), reference=str(one["reference"]), title=str(one.get("title", "")))
            for one in row.citations or ()
            if isinstance(one, dict) and "kind" in one and "reference" in one
        ),
        facts=tuple(str(one) for one in row.facts_used or ()),
    )
