"""Rows that come in: conversations and mentions of one account, written a page at a time. Their authors: ``storage/authors.py``.

Everything here is set-based: a page of posts costs a fixed number of statements, whatever its size.
Rows go in sorted by key, so that two writers that meet wait for each other instead of locking each other out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, update

from domain.ids import ChannelAccountId
from domain.lifecycle import ConversationState, MentionState
from domain.words import UrgencyRank
from storage.database import Transaction
from storage.isolation import EVERY_WORKSPACE
from storage.models import Author, Conversation, Mention
from storage.upserts import insert_or_skip

OURS_ALREADY = {EVERY_WORKSPACE: True, "synchronize_session": False}
"""For updates of conversations whose ids were read in this workspace: their mentions are ours, too. With the filter SQLite,
which keeps no statistics, would walk an index of the whole workspace for each of them."""

HISTORY = "history"
"""Why a case is closed, or nothing drafted for a post: it was old when a file brought it in. Worded in ``drafting.toml``."""

GATHERED = "gathered"
"""Why a case is closed, or nothing drafted for a post: it repeats another's words and stands under it (``storage/gatherings.py``).
Worded in ``drafting.toml``."""

CHUNK = 5_000
"""Values in one IN list; SQLite takes 32,766 parameters, PostgreSQL 65,535."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MentionToStore:
    """One cleaned post; its thread is known."""

    external_id: str
    author_external_id: str
    thread: str
    kind: str
    engagement: str
    text: str
    text_original: str
    language_hint: str
    created_at: datetime
    url: str
    parent_external_id: str
    quoted_external_id: str
    rating: int | None
    platform_data: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class BegunCase:
    """A conversation that one stored post began and that nobody has added to."""

    conversation_id: int
    mention_id: int
    external_id: str
    author_id: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredPage:
    """What storing a page of new posts came to."""

    touched: tuple[int, ...] = ()
    """Every conversation with a new post."""
    continued: tuple[int, ...] = ()
    """Those of them that were there before and wait (again)."""
    begun: tuple[BegunCase, ...] = ()
    """Those that wait with one post, the oldest first. History is none of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownMention:
    """A post that is stored already."""

    id: int
    external_id: str
    text_original: str
    state: str
    conversation_id: int
    author: str
    """External id."""
    rating: int | None
    is_blank: bool
    """Its text was taken away for good: deleted upstream, or forgotten in time."""


def find_known(tx: Transaction, account_id: ChannelAccountId, external_ids: Sequence[str]) -> dict[str, KnownMention]:
    """Return which of ``external_ids`` are stored, by external id."""
    found: dict[str, KnownMention] = {}
    for chunk in in_chunks(external_ids):
        columns = (
            Mention.id,
            Mention.external_id,
            Mention.text_original,
            Mention.state,
            Mention.conversation_id,
            Mention.rating,
            or_(Mention.gone_at.is_not(None), Mention.forgotten_at.is_not(None)).label("is_blank"),
        )
        wanted = (
            select(*columns, Author.external_id.label("author"))
            .join(Author, Author.id == Mention.author_id)
            .where(Mention.channel_account_id == account_id, Mention.external_id.in_(chunk))
        )
        for row in tx.session.execute(wanted):
            found[row.external_id] = KnownMention(**row._mapping)  # noqa: SLF001 - a row's public mapping view
    return found


def store_new_mentions(
    tx: Transaction,
    account_id: ChannelAccountId,
    mentions: Sequence[MentionToStore],
    authors: Mapping[str, int],
    *,
    history_before: datetime | None = None,
) -> StoredPage:
    """Insert posts and the conversations they begin; those they continue wait again.

    A post that another process stored meanwhile is left out. One from before ``history_before`` makes nobody wait: what it begins
    is closed as ``HISTORY``, what it continues stays as it is.
    """
    if not mentions:
        return StoredPage()
    waiting = [mention for mention in mentions if history_before is None or mention.created_at >= history_before]
    begun = _begin_conversations(tx, account_id, waiting, authors)
    old = (
        _begin_conversations(tx, account_id, mentions, authors, history=True) if len(waiting) < len(mentions) else set()
    )
    conversations = _conversation_ids(tx, account_id, list({mention.thread for mention in mentions}))
    rows = [
        {
            "channel_account_id": account_id,
            "conversation_id": conversations[mention.thread],
            "author_id": authors[mention.author_external_id],
            "external_id": mention.external_id,
            "kind": mention.kind,
            "engagement": mention.engagement,
            "text": mention.text,
            "text_original": mention.text_original,
            "language_hint": mention.language_hint,
            "created_at": mention.created_at,
            "collected_at": tx.now,
            "url": mention.url,
            "parent_external_id": mention.parent_external_id,
            "quoted_external_id": mention.quoted_external_id,
            "rating": mention.rating,
            "platform_data": dict(mention.platform_data),
            "state": MentionState.COLLECTED.value,
        }
        for mention in sorted(mentions, key=lambda mention: (mention.created_at, mention.external_id))
    ]
    insert = insert_or_skip(tx, Mention, "channel_account_id", "external_id")
    told = (Mention.id, Mention.conversation_id, Mention.external_id, Mention.author_id, Mention.created_at)
    stored = tx.session.execute(insert.returning(*told), rows).all()
    if not stored:
        return StoredPage()
    posts = Counter(row.conversation_id for row in stored)
    called = {conversations[mention.thread] for mention in waiting}
    continued = sorted((posts.keys() & called) - begun - old)
    _wait_again(tx, continued, first_id=min(row.id for row in stored), history_before=history_before)
    choose_leads(tx, sorted(posts))
    return StoredPage(
        touched=tuple(sorted(posts)),
        continued=tuple(continued),
        begun=tuple(
            BegunCase(
                conversation_id=row.conversation_id,
                mention_id=row.id,
                external_id=row.external_id,
                author_id=row.author_id,
                created_at=row.created_at,
            )
            for row in sorted(stored, key=lambda row: (row.created_at, row.id))
            if row.conversation_id in begun and posts[row.conversation_id] == 1
        ),
    )


def _begin_conversations(
    tx: Transaction,
    account_id: ChannelAccountId,
    mentions: Sequence[MentionToStore],
    authors: Mapping[str, int],
    *,
    history: bool = False,
) -> set[int]:
    first: dict[str, MentionToStore] = {}
    for mention in sorted(mentions, key=lambda mention: mention.created_at):
        first.setdefault(mention.thread, mention)
    rows = [
        {
            "channel_account_id": account_id,
            "thread_external_id": thread,
            "author_id": authors[mention.author_external_id],
            "state": (ConversationState.RESOLVED if history else ConversationState.OPEN).value,
            "resolved_reason": HISTORY if history else "",
            "waiting": not history,
            "waiting_since": None if history else min(mention.created_at, tx.now),
            "urgency_rank": int(UrgencyRank.UNKNOWN),
            "created_at": mention.created_at,
            "updated_at": tx.now,
        }
        for thread, mention in sorted(first.items())
    ]
    if not rows:
        return set()
    insert = insert_or_skip(tx, Conversation, "channel_account_id", "thread_external_id")
    return set(tx.session.scalars(insert.returning(Conversation.id), rows))


def _conversation_ids(tx: Transaction, account_id: ChannelAccountId, threads: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for chunk in in_chunks(threads):
        wanted = select(Conversation.thread_external_id, Conversation.id).where(
            Conversation.channel_account_id == account_id, Conversation.thread_external_id.in_(chunk)
        )
        ids.update((thread, row_id) for thread, row_id in tx.session.execute(wanted))
    return ids


def _wait_again(
    tx: Transaction, conversation_ids: Sequence[int], *, first_id: int, history_before: datetime | None
) -> None:
    """Bring known conversations back to the queue for their mentions from ``first_id`` on. One that still waits keeps its clock.

    Decided by the row as it is at the update, so that a decision made meanwhile at the desk is seen. So does one that is gathered
    under another: nobody has dealt with it.
    """
    arrived = [Mention.conversation_id == Conversation.id, Mention.id >= first_id]
    if history_before is not None:
        arrived.append(Mention.created_at >= history_before)
    oldest = select(func.min(Mention.created_at)).where(*arrived).scalar_subquery()
    since = case((oldest > tx.now, tx.now), else_=oldest)
    waits = or_(Conversation.waiting, Conversation.gathered_under_id.is_not(None))
    values = {
        "waiting": True,
        "waiting_since": case((waits, func.coalesce(Conversation.waiting_since, since)), else_=since),
        "due_at": case((waits, Conversation.due_at), else_=None),
        "urgency_rank": case((waits, Conversation.urgency_rank), else_=int(UrgencyRank.UNKNOWN)),
        "state": ConversationState.OPEN.value,
        "resolved_reason": "",
        "snoozed_until": None,
        "updated_at": tx.now,
    }
    for chunk in in_chunks(conversation_ids):
        tx.session.execute(
            update(Conversation).where(Conversation.id.in_(chunk)).values(values).execution_options(**OURS_ALREADY)
        )


def choose_leads(tx: Transaction, conversation_ids: Sequence[int]) -> None:
    """Point conversations at the mention to answer: the newest that is still there, None when all are gone."""
    newest = (
        select(Mention.id)
        .where(Mention.conversation_id == Conversation.id, Mention.state != MentionState.GONE.value)
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    for chunk in in_chunks(conversation_ids):
        tx.session.execute(
            update(Conversation)
            .where(Conversation.id.in_(chunk))
            .values(lead_mention_id=newest)
            .execution_options(**OURS_ALREADY)
        )


def in_chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield ``values`` in lists short enough for one statement."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
