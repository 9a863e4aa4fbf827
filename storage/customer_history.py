"""What a person wrote on any linked profile, with what we answered: newest first, a page at a time, by index.

Texts are hostile: escape them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import or_, select

from domain.lifecycle import DeliveryState
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import ChannelAccount, Classification, Delivery, Mention, Reply

DEAD: Final = (DeliveryState.CANCELLED.value, DeliveryState.REFUSED.value)


class Before(NamedTuple):
    """A place in the history: everything older than it."""

    at: datetime
    mention_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnReply:
    """What we answered to a post."""

    text: str
    at: datetime
    visibility: str
    purpose: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryPost:
    """A post of theirs with our answers to it."""

    mention_id: int
    conversation_id: int
    channel_kind: str
    account_name: str
    at: datetime
    text: str
    url: str
    language: str
    gone: bool
    intent: str
    topic: str
    replies: tuple[OwnReply, ...]


def read_history(
    tx: Transaction, author_ids: Sequence[int], *, before: Before | None, limit: int
) -> tuple[tuple[HistoryPost, ...], bool]:
    """Return what these profiles wrote, newest first, from ``before`` on, and whether there is more. Each profile reads one index."""
    found: list[Mention] = []
    for author_id in author_ids:
        wanted = select(Mention).where(Mention.author_id == author_id)
        if before is not None:
            older = (Mention.created_at == before.at) & (Mention.id < before.mention_id)
            wanted = wanted.where(or_(Mention.created_at < before.at, older))
        page = wanted.order_by(Mention.created_at.desc(), Mention.id.desc()).limit(limit + 1)
        found += tx.session.scalars(of_ours(page))
    found.sort(key=lambda row: (row.created_at, row.id), reverse=True)
    shown = found[:limit]
    ids = [row.id for row in shown]
    accounts = {row.id: row for row in tx.session.scalars(select(ChannelAccount))}
    labels = _labels(tx, ids)
    replies = _replies(tx, ids)
    posts = tuple(
        HistoryPost(
            mention_id=row.id,
            conversation_id=row.conversation_id,
            channel_kind=accounts[row.channel_account_id].kind,
            account_name=accounts[row.channel_account_id].name,
            at=row.created_at,
            text=row.text,
            url=row.url,
            language=labels[row.id][0] if row.id in labels else "",
            gone=row.gone_at is not None or row.forgotten_at is not None,
            intent=labels[row.id][1] if row.id in labels else "",
            topic=labels[row.id][2] if row.id in labels else "",
            replies=tuple(replies.get(row.id, ())),
        )
        for row in shown
    )
    return posts, len(found) > limit


def _labels(tx: Transaction, ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    rows = tx.session.execute(
        of_ours(
            select(Classification.mention_id, Classification.language, Classification.intent, Classification.topic)
            .where(Classification.mention_id.in_(ids))
            .order_by(Classification.id)
        )
    )
    return {row.mention_id: (row.language, row.intent, row.topic) for row in rows}


def _replies(tx: Transaction, ids: Sequence[int]) -> dict[int, list[OwnReply]]:
    rows = tx.session.execute(
        of_ours(
            select(Reply, Delivery)
            .join(Delivery, Delivery.reply_id == Reply.id)
            .where(Reply.mention_id.in_(ids), Delivery.state.not_in(DEAD))
            .order_by(Delivery.id)
        )
    )
    found: dict[int, list[OwnReply]] = {}
    for reply, delivery in rows:
        found.setdefault(reply.mention_id, []).append(
            OwnReply(
                text=reply.text,
                at=delivery.sent_at or delivery.approved_at,
                visibility=reply.visibility,
                purpose=reply.purpose,
                state=delivery.state,
            )
        )
    return found
