"""What people said of mentions, read back to learn from: each label with its text, its origin and what it corrected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from domain.words import ClassificationSource
from storage.database import Transaction
from storage.models import Author, ChannelAccount, Classification, Conversation, Mention, MentionRevision
from storage.training_origin import origin_allows

TEACHABLE: Final = ("intent", "sentiment", "constructive", "topic", "urgency", "risks")
"""Heads that the desk's form asks for."""
ROWS_AT_ONCE: Final = 500


class LeftOut(StrEnum):
    """Why a person's label does not teach."""

    ORIGIN = "origin"
    """The platform forbids it, or did when the label was given."""
    GONE = "gone"
    """Its author took the post away; the text is no longer here."""
    FORGOTTEN = "forgotten"
    """The channel's ``retention_days`` are over; the text is no longer here."""
    EDITED = "edited"
    """Its author changed the post after the label: it was said of another text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HumanLabel:
    """The newest thing a person said of one mention."""

    classification_id: int
    mention_id: int
    conversation_id: int
    user_id: int | None
    said_at: datetime
    text: str
    """Empty when ``left_out`` is given: what may not teach is not handed on."""
    language: str
    channel: str
    """Platform of the channel."""
    labels: Mapping[str, object]
    """Each of ``TEACHABLE``."""
    before: Mapping[str, object] | None
    """What the model had said; None when none had."""
    corrected_model: str
    """Id of that model; empty when none had said anything."""
    left_out: LeftOut | None


def list_human_labels(tx: Transaction) -> list[HumanLabel]:
    """Return the newest label by a person of every mention that has one, the oldest first.

    Origin is judged anew here, whatever the row says of itself: see ``domain.training_rights``.
    """
    return list(_each(tx))


def _each(tx: Transaction) -> Iterator[HumanLabel]:
    last = 0
    while ids := _newest_by_people(tx, after=last):
        wanted = (
            select(Classification, Mention, ChannelAccount, Author.url, Conversation.thread_external_id)
            .join(Mention, Mention.id == Classification.mention_id)
            .join(ChannelAccount, ChannelAccount.id == Mention.channel_account_id)
            .join(Author, Author.id == Mention.author_id)
            .join(Conversation, Conversation.id == Mention.conversation_id)
            .where(Classification.id.in_(ids))
            .order_by(Classification.id)
        )
        rows = tx.session.execute(wanted).all()
        corrected = _corrected_rows(tx, ids)
        edited = _last_edits(tx, [mention.id for _, mention, *_ in rows])
        for said, mention, account, author_url, thread in rows:
            allowed = said.trainable and origin_allows(mention, account=account, author_url=author_url, thread=thread)
            left_out = _why_left_out(said, mention, allowed=allowed, edited_at=edited.get(mention.id))
            yield _as_label(said, mention, account.kind, before=corrected.get(said.id), left_out=left_out)
        last = ids[-1]


def _newest_by_people(tx: Transaction, *, after: int) -> list[int]:
    newest = (
        select(func.max(Classification.id).label("id"))
        .where(Classification.source == ClassificationSource.HUMAN.value)
        .group_by(Classification.mention_id)
        .subquery()
    )
    wanted = select(newest.c.id).where(newest.c.id > after).order_by(newest.c.id).limit(ROWS_AT_ONCE)
    return list(tx.session.scalars(wanted))


def _corrected_rows(tx: Transaction, ids: Sequence[int]) -> dict[int, Classification]:
    """Return for each label by a person the newest row by a model that stood before it."""
    human, model = aliased(Classification), aliased(Classification)
    last = (
        select(human.id.label("human_id"), func.max(model.id).label("model_id"))
        .join(model, (model.mention_id == human.mention_id) & (model.id < human.id))
        .where(human.id.in_(ids), model.source == ClassificationSource.MODEL.value)
        .group_by(human.id)
    )
    pairs = {row.human_id: row.model_id for row in tx.session.execute(last)}
    rows = tx.session.scalars(select(Classification).where(Classification.id.in_(pairs.values())))
    found = {row.id: row for row in rows}
    return {human_id: found[model_id] for human_id, model_id in pairs.items()}


def _last_edits(tx: Transaction, mention_ids: Sequence[int]) -> dict[int, datetime]:
    wanted = (
        select(MentionRevision.mention_id, func.max(MentionRevision.seen_at).label("at"))
        .where(MentionRevision.mention_id.in_(mention_ids))
        .group_by(MentionRevision.mention_id)
    )
    return {row.mention_id: row.at for row in tx.session.execute(wanted)}


def _why_left_out(
    said: Classification, mention: Mention, *, allowed: bool, edited_at: datetime | None
) -> LeftOut | None:
    if not allowed:
        return LeftOut.ORIGIN
    if mention.forgotten_at is not None:
        return LeftOut.FORGOTTEN
    if mention.gone_at is not None or not mention.text.strip():
        return LeftOut.GONE
    return LeftOut.EDITED if edited_at is not None and edited_at >= said.created_at else None


def _as_label(
    said: Classification, mention: Mention, kind: str, *, before: Classification | None, left_out: LeftOut | None
) -> HumanLabel:
    return HumanLabel(
        classification_id=said.id,
        mention_id=mention.id,
        conversation_id=mention.conversation_id,
        user_id=said.user_id,
        said_at=said.created_at,
        text="" if left_out else mention.text,
        language=said.language,
        channel=kind,
        labels=_labels(said),
        before=_labels(before) if before is not None else None,
        corrected_model=before.model_id if before is not None else "",
        left_out=left_out,
    )


def _labels(row: Classification) -> dict[str, object]:
    return {head: getattr(row, head) for head in TEACHABLE}
