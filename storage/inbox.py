"""The queue as the inbox shows it: splits, pages of rows, counts, what comes next, what is new.

Every read walks one index that already is in the queue's order (see ``storage/models/listening.py``), from a known place,
for at most a page: the cost does not depend on how much is stored or waiting.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true

from domain.ids import ConversationId, UserId
from domain.lifecycle import DraftState
from domain.words import DraftKind, Intent, Purpose, UrgencyRank
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Author, ChannelAccount, Conversation, Draft, Mention, User

PAGE_SIZE = 50
COUNT_CEILING = 999
"""Counting stops here; the desk then says "999+"."""
EXCERPT_LENGTH = 200

ORDER: tuple[Any, ...] = (
    Conversation.urgency_rank,
    Conversation.due_at,
    Conversation.waiting_since,
    Conversation.id,
)
FOLLOW_UP_ORDER: tuple[Any, ...] = (Conversation.follow_up_at, Conversation.id)
NULLABLE = (Conversation.due_at, Conversation.waiting_since)
"""Dates that may be missing in ``ORDER``."""


class Split(StrEnum):
    """A part of the queue."""

    REVIEW = "review"
    """Everything that waits for us."""
    URGENT = "urgent"
    QUESTIONS = "questions"
    PRAISE = "praise"
    CONSTRUCTIVE = "constructive"
    MINE = "mine"
    FOLLOW_UP = "follow_up"
    """What is drafted of our own accord: nobody waits for it, so that it is no part of the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueKey:
    """A place in the queue."""

    urgency_rank: int
    due_at: datetime | None
    """In the split of follow-ups the day that was planned for."""
    waiting_since: datetime | None
    conversation_id: int

    def values(self, split: Split) -> tuple[Any, ...]:
        """Return the key in the order of the split."""
        if split is Split.FOLLOW_UP:
            return (self.due_at, self.conversation_id)
        return (self.urgency_rank, self.due_at, self.waiting_since, self.conversation_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueRow:
    """One waiting conversation in the list. ``text`` is the lead mention's beginning: hostile, escape it."""

    key: QueueKey
    channel_kind: str
    author_name: str
    author_handle: str
    text: str
    text_language: str
    posted_at: datetime | None
    intent: str
    sentiment: str
    constructive: bool | None
    topic: str
    band: str
    assignee_name: str = ""
    drafts: int = 0
    to_write: str = ""
    """Purpose of what is drafted of our own accord; empty: nothing."""
    gathered_count: int = 0
    """Further cases that say the same."""

    @property
    def conversation_id(self) -> int:
        """The row's identity."""
        return self.key.conversation_id


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuePage:
    """A page of the queue; ``more`` says whether another follows."""

    rows: tuple[QueueRow, ...]
    more: bool
    newest_mention_id: int
    """For ``count_arrivals`` later."""


def list_queue(
    tx: Transaction, *, split: Split, user_id: UserId, after: QueueKey | None = None, limit: int = PAGE_SIZE
) -> QueuePage:
    """Return the page of ``split`` that follows ``after`` (None: the first)."""
    found = _walk(tx, split, user_id, after, limit + 1)
    rows = _rows(tx, found[:limit], split)
    newest = tx.session.scalar(select(func.max(Mention.id))) or 0
    return QueuePage(rows=rows, more=len(found) > limit, newest_mention_id=newest)


def find_next(tx: Transaction, *, split: Split, user_id: UserId, after: QueueKey) -> ConversationId | None:
    """Return who is next after ``after``, else who is first of the rest; None when nobody else waits."""
    for place in (after, None):
        for conversation in _walk(tx, split, user_id, place, 2):
            if conversation.id != after.conversation_id:
                return ConversationId(conversation.id)
    return None


def find_key(tx: Transaction, conversation_id: int, split: Split = Split.REVIEW) -> QueueKey | None:
    """Return the place of a conversation in a split, waiting or not; None when it is not ours."""
    conversation = tx.session.get(Conversation, conversation_id)
    if conversation is None or conversation.workspace_id != tx.workspace_id:
        return None
    return _key(conversation, split)


def count_splits(tx: Transaction, *, user_id: UserId) -> dict[Split, int]:
    """Count every split, each up to one more than ``COUNT_CEILING``."""
    return {split: _count(tx, _condition(split, user_id)) for split in Split}


def count_arrivals(tx: Transaction, *, split: Split, user_id: UserId, newest_mention_id: int) -> int:
    """Count the conversations of ``split`` with a mention that came after ``newest_mention_id``. Reads only the new ones."""
    new = (
        select(Mention.conversation_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .where(Mention.id > newest_mention_id, *_condition(split, user_id))
        .order_by(Mention.id)
        .limit(COUNT_CEILING + 1)
    )
    return len(set(tx.session.scalars(new)))


def _condition(split: Split, user_id: UserId) -> list[ColumnElement[bool]]:
    if split is Split.FOLLOW_UP:
        return [Conversation.follow_up_at.is_not(None)]
    waiting = Conversation.waiting == true()
    further: dict[Split, ColumnElement[bool]] = {
        Split.URGENT: Conversation.urgency_rank <= UrgencyRank.HIGH,
        Split.QUESTIONS: Conversation.intent == Intent.QUESTION,
        Split.PRAISE: Conversation.intent == Intent.PRAISE,
        Split.CONSTRUCTIVE: Conversation.constructive == true(),
        Split.MINE: Conversation.assignee_id == user_id,
    }
    return [waiting, further[split]] if split in further else [waiting]


def _count(tx: Transaction, condition: Sequence[ColumnElement[bool]]) -> int:
    some = select(Conversation.id).where(*condition).limit(COUNT_CEILING + 1)
    return len(tx.session.scalars(some).all())


def _walk(tx: Transaction, split: Split, user_id: UserId, after: QueueKey | None, limit: int) -> list[Conversation]:
    """Collect up to ``limit`` conversations after a place, one exact index range after the other."""
    order = FOLLOW_UP_ORDER if split is Split.FOLLOW_UP else ORDER
    base = select(Conversation).where(*_condition(split, user_id)).order_by(*order)
    if after is None:
        return list(tx.session.scalars(base.limit(limit)))
    found: list[Conversation] = []
    for stretch in _stretches(order, after.values(split), nulls_last=tx.is_postgresql):
        found += tx.session.scalars(base.where(stretch).limit(limit - len(found)))
        if len(found) >= limit:
            break
    return found


def _stretches(order: Sequence[Any], values: Sequence[Any], *, nulls_last: bool) -> Iterator[ColumnElement[bool]]:
    """Cut "everything after this key" into ranges that one index answers, nearest first.

    An OR of them in one statement would make SQLite read from the rank's beginning. A missing date sorts before all
    others on SQLite and after them on PostgreSQL; both orders are what their index gives for free.
    """
    for depth in reversed(range(len(order))):
        same = [_equals(order[i], values[i]) for i in range(depth)]
        column, value = order[depth], values[depth]
        if value is not None:
            yield and_(*same, column > value)
            if nulls_last and any(column is one for one in NULLABLE):
                yield and_(*same, column.is_(None))
        elif not nulls_last:
            yield and_(*same, column.is_not(None))


def _equals(column: Any, value: object) -> ColumnElement[bool]:  # noqa: ANN401 - columns of several types
    equal: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return equal


def _key(conversation: Conversation, split: Split) -> QueueKey:
    return QueueKey(
        urgency_rank=conversation.urgency_rank,
        due_at=conversation.follow_up_at if split is Split.FOLLOW_UP else conversation.due_at,
        waiting_since=conversation.waiting_since,
        conversation_id=conversation.id,
    )


def _rows(tx: Transaction, conversations: Sequence[Conversation], split: Split) -> tuple[QueueRow, ...]:
    leads = [c.lead_mention_id for c in conversations if c.lead_mention_id is not None]
    described = {
        row.conversation_id: row
        for row in tx.session.execute(
            select(
                Mention.conversation_id,
                func.substr(Mention.text, 1, EXCERPT_LENGTH).label("text"),
                Mention.created_at,
                Mention.language_hint,
                Author.display_name,
                Author.handle,
            )
            .join(Author, Author.id == Mention.author_id)
            .where(Mention.id.in_(leads))
        )
    }
    kinds = {row.id: row.kind for row in tx.session.execute(select(ChannelAccount.id, ChannelAccount.kind))}
    drafts = _count_drafts(tx, leads)
    purposes = _find_purposes(tx, [c.lead_mention_id for c in conversations if c.follow_up_at and c.lead_mention_id])
    names = _names(tx, {c.assignee_id for c in conversations if c.assignee_id is not None})
    rows = []
    for conversation in conversations:
        kind = kinds.get(conversation.channel_account_id, "")
        row = _row(_key(conversation, split), conversation, described.get(conversation.id), kind)
        rows.append(
            replace(
                row,
                drafts=drafts.get(conversation.lead_mention_id or 0, 0),
                to_write=purposes.get(conversation.lead_mention_id or 0, ""),
                assignee_name=names.get(conversation.assignee_id or 0, ""),
            )
        )
    return tuple(rows)


def _row(key: QueueKey, conversation: Conversation, lead: Any, kind: str) -> QueueRow:  # noqa: ANN401 - a row of the select above
    return QueueRow(
        key=key,
        channel_kind=kind,
        author_name=(lead.display_name or lead.handle) if lead else "",
        author_handle=lead.handle if lead else "",
        text=lead.text if lead else "",
        text_language=conversation.language or (lead.language_hint if lead else ""),
        posted_at=lead.created_at if lead else None,
        intent=conversation.intent or "",
        sentiment=conversation.sentiment or "",
        constructive=conversation.constructive,
        topic=conversation.topic or "",
        band=conversation.band or "",
        gathered_count=conversation.gathered_count,
    )


def _count_drafts(tx: Transaction, mention_ids: Sequence[int]) -> dict[int, int]:
    counted = (
        select(Draft.mention_id, func.count())
        .where(Draft.mention_id.in_(mention_ids), Draft.state == DraftState.PROPOSED, Draft.kind != DraftKind.BLANK)
        .group_by(Draft.mention_id)
    )
    return {mention_id: count for mention_id, count in tx.session.execute(of_ours(counted))}  # noqa: C416 - typed rows


def _find_purposes(tx: Transaction, mention_ids: Sequence[int]) -> dict[int, str]:
    """Return the purpose of what is drafted of our own accord for each mention."""
    if not mention_ids:
        return {}
    open_ones = (Draft.state == DraftState.PROPOSED, Draft.purpose != Purpose.ANSWER)
    said = select(Draft.mention_id, Draft.purpose).where(Draft.mention_id.in_(mention_ids), *open_ones)
    return {mention_id: purpose for mention_id, purpose in tx.session.execute(of_ours(said))}  # noqa: C416 - typed rows


def _names(tx: Transaction, user_ids: set[int]) -> dict[int, str]:
    if not user_ids:
        return {}
    return {
        row.id: row.display_name
        for row in tx.session.execute(select(User.id, User.display_name).where(User.id.in_(user_ids)))
    }
