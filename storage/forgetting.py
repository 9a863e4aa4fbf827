"""Texts whose time is over: of old posts in closed cases goes what people wrote; ids, labels, figures and the audit trail stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, and_, case, delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from domain.ids import ChannelAccountId
from domain.lifecycle import ConversationState, DeliveryState, DraftState, MentionState
from storage.authors import forget_authors, hold_authors_of
from storage.database import Transaction
from storage.digests import blank_digests_quoting
from storage.faq_gaps import drop_gaps
from storage.follow_ups import forget_facts
from storage.known_rows import of_ours
from storage.models import (
    Classification,
    Conversation,
    Delivery,
    Draft,
    DraftRevision,
    Mention,
    MentionRevision,
    MentionSketch,
    Reply,
    WebhookParcel,
)
from storage.quoted_posts import blank_words_quoted
from storage.surveys import forget_comments

FORGOTTEN: Final = "forgotten"
"""Why nothing more is done with a post whose text is gone: worded in ``drafting.toml``."""
ON_THE_WAY: Final = (
    DeliveryState.HELD,
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.UNCERTAIN,
    DeliveryState.HANDED_OFF,
)
"""A reply in one of these may still be read, sent or settled by somebody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OldPost:
    """A post whose text is to be forgotten."""

    id: int
    conversation_id: int
    created_at: datetime


def find_old_posts(
    tx: Transaction, account_id: ChannelAccountId, *, older_than: datetime, after: OldPost | None, limit: int
) -> list[OldPost]:
    """Return posts from before ``older_than`` in closed cases, the oldest first, from ``after`` on. Their cases are held for the transaction.

    Closed is a case that waits for nobody, with no reply on its way, and that does not stand under one that waits.
    """
    columns = (Mention.id, Mention.conversation_id, Mention.created_at)
    old = [
        Mention.channel_account_id == account_id,
        Mention.created_at < older_than,
        Mention.forgotten_at.is_(None),
    ]
    if after is not None:
        later = and_(Mention.created_at == after.created_at, Mention.id > after.id)
        old.append(or_(Mention.created_at > after.created_at, later))
    wanted = (
        select(*columns)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .where(*old, *_is_closed())
        .order_by(Mention.created_at, Mention.id)
        .limit(limit)
        .with_for_update(of=Conversation)
    )
    return [OldPost(**row._mapping) for row in tx.session.execute(of_ours(wanted))]  # noqa: SLF001 - a row's public mapping view


def _is_closed() -> tuple[ColumnElement[bool], ...]:
    leading = aliased(Conversation)
    on_the_way = exists().where(Delivery.conversation_id == Conversation.id, Delivery.state.in_(ON_THE_WAY))
    stands_under = exists().where(leading.id == Conversation.gathered_under_id, leading.waiting.is_(True))
    return (
        Conversation.waiting.is_(False),
        Conversation.state != ConversationState.SNOOZED.value,
        ~on_the_way,
        ~stands_under,
    )


def forget_posts(tx: Transaction, posts: Sequence[OldPost]) -> None:
    """Blank everything in which the words of ``posts`` stand, and those of our answers to them; forget authors of whom no word is left.

    Hashes stay, so that the audit trail still proves which text was approved.
    """
    if not posts:
        return
    ids = [post.id for post in posts]
    authors = hold_authors_of(tx, ids)
    _blank_mentions(tx, ids)
    _set(tx, MentionRevision, MentionRevision.mention_id.in_(ids), {"text": "", "text_original": ""})
    _set(tx, Classification, Classification.mention_id.in_(ids), {"reasons": []})
    _blank_answers(tx, ids)
    drop_gaps(tx, ids)
    tx.session.execute(delete(MentionSketch).where(MentionSketch.mention_id.in_(ids)).execution_options(**_PLAIN))
    blank_digests_quoting(tx, ids)
    blank_words_quoted(tx, ids)
    forget_facts(tx, ids, drops=True)
    forget_comments(tx, {post.conversation_id for post in posts})
    forget_authors(tx, authors)
    counts: dict[int, int] = {}
    for post in posts:
        counts[post.conversation_id] = counts.get(post.conversation_id, 0) + 1
    for conversation_id, count in sorted(counts.items()):
        tx.audit("texts_forgotten", actor="retention", conversation_id=conversation_id, detail={"posts": str(count)})
    tx.emit("mention")


def _blank_mentions(tx: Transaction, ids: Sequence[int]) -> None:
    """Take the words; a post still on its way down the line leaves it: whoever reads it now will not have their result recorded."""
    unread, undrafted = MentionState.COLLECTED.value, MentionState.UNDERSTOOD.value
    values = {
        "text": "",
        "text_original": "",
        "platform_data": {},
        "url": "",
        "forgotten_at": tx.now,
        "state": case(
            (Mention.state == unread, MentionState.HANDED_OVER.value),
            (Mention.state == undrafted, MentionState.UNDRAFTED.value),
            else_=Mention.state,
        ),
        "problem": case((Mention.state.in_((unread, undrafted)), FORGOTTEN), else_=Mention.problem),
        "claim_token": None,
        "claimed_until": None,
        "not_before": None,
        "attempts": 0,
    }
    _set(tx, Mention, Mention.id.in_(ids), values)


def _blank_answers(tx: Transaction, ids: Sequence[int]) -> None:
    """Take our words as well: they repeat names, orders and troubles. An option nobody decided on is void."""
    drafts = list(tx.session.scalars(of_ours(select(Draft.id).where(Draft.mention_id.in_(ids)))))
    blank_drafts(tx, drafts)
    _set(
        tx,
        Draft,
        and_(Draft.id.in_(drafts), Draft.state == DraftState.PROPOSED.value),
        {"state": DraftState.VOIDED.value},
    )
    _set(tx, Reply, Reply.mention_id.in_(ids), {"text": ""})
    _set(tx, Delivery, Delivery.mention_id.in_(ids), {"problem_detail": ""})


def blank_drafts(tx: Transaction, draft_ids: Sequence[int]) -> None:
    """Take what drafts say, in every revision, and what they rest on."""
    _set(tx, DraftRevision, DraftRevision.draft_id.in_(draft_ids), {"text": "", "checks": []})
    _set(tx, Draft, Draft.id.in_(draft_ids), {"facts_used": [], "open_questions": []})


def forget_parcels(tx: Transaction, account_id: ChannelAccountId, *, older_than: datetime) -> int:
    """Blank webhook events from before ``older_than`` that no poll has taken; returns how many."""
    old = (
        WebhookParcel.channel_account_id == account_id,
        WebhookParcel.received_at < older_than,
        WebhookParcel.text != "",
    )
    return _set(tx, WebhookParcel, and_(*old), {"text": ""})


_PLAIN: Final = {"synchronize_session": False}


def _set(tx: Transaction, model: Any, where: ColumnElement[bool], values: dict[str, Any]) -> int:  # noqa: ANN401 - any table of ours
    changed = tx.session.execute(update(model).where(where).values(values).execution_options(**_PLAIN))
    return cast("CursorResult[Any]", changed).rowcount
