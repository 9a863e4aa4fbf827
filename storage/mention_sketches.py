"""The numbers by which texts that repeat another are found. Only cases that others may stand under have any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, insert, select

from domain.lifecycle import MentionState
from domain.words import IgnoreReason
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.mentions import in_chunks
from storage.models import ChannelAccount, Conversation, Mention, MentionSketch

KEPT: Final = timedelta(days=14)
"""Twice the longest window that the settings allow: posts may come in late."""
PRUNED_AT_ONCE: Final = 20_000
OF_ONE_PERSON: Final = tuple(sorted(reason.value for reason in IgnoreReason if reason != IgnoreReason.SPAM))
"""Reasons to ignore a case that say nothing of the next person with the same words: only spam is nobody's case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SketchedCase:
    """A case with a text of its own, found by ``number``. The text is hostile."""

    number: int
    conversation_id: int
    author_id: int
    text: str
    made_at: datetime
    waiting: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """What goes into a mention's numbers beside its text."""

    mention_id: int
    author_id: int
    brand: str
    made_at: datetime


def find_origins(tx: Transaction, mention_ids: Sequence[int]) -> list[Origin]:
    """Return the origins of mentions."""
    wanted = (
        select(Mention.id, Mention.author_id, ChannelAccount.brand, Mention.created_at)
        .join(ChannelAccount, ChannelAccount.id == Mention.channel_account_id)
        .where(Mention.id.in_(mention_ids))
    )
    return [
        Origin(mention_id=row.id, author_id=row.author_id, brand=row.brand, made_at=min(row.created_at, tx.now))
        for row in tx.session.execute(of_ours(wanted))
    ]


def find_sketched(tx: Transaction, numbers: Sequence[int]) -> list[SketchedCase]:
    """Return the cases whose texts have any of ``numbers`` and still are there, the oldest first.

    Without those ignored for another reason than spam: who repeats them is to reach somebody.
    """
    found: list[SketchedCase] = []
    for chunk in in_chunks(sorted(set(numbers))):
        wanted = (
            select(
                MentionSketch.number,
                Mention.conversation_id,
                Mention.author_id,
                Mention.text,
                MentionSketch.made_at,
                Conversation.waiting,
            )
            .join(Mention, Mention.id == MentionSketch.mention_id)
            .join(Conversation, Conversation.id == Mention.conversation_id)
            .where(MentionSketch.workspace_id == tx.workspace_id, MentionSketch.number.in_(chunk))
            .where(Mention.state != MentionState.GONE.value, Conversation.gathered_under_id.is_(None))
            .where(Conversation.waiting | Conversation.resolved_reason.not_in(OF_ONE_PERSON))
        )
        # Whose sketch is ours is ours: the filter on the joined tables would only mislead SQLite's planner.
        rows = tx.session.execute(of_ours(wanted))
        found += [SketchedCase(**row._mapping) for row in rows]  # noqa: SLF001 - a row's public mapping view
    return sorted(found, key=lambda case: (case.made_at, case.conversation_id))


def keep_sketches(tx: Transaction, sketches: Mapping[int, tuple[datetime, Sequence[int]]]) -> None:
    """Store the numbers of mentions, with the moment of each."""
    rows = [
        {"mention_id": mention_id, "number": number, "made_at": made_at}
        for mention_id, (made_at, numbers) in sorted(sketches.items())
        for number in numbers
    ]
    if rows:
        tx.session.execute(insert(MentionSketch), rows)


def drop_sketches(tx: Transaction, mention_ids: Sequence[int]) -> frozenset[int]:
    """Forget the numbers of mentions; return which had any."""
    had: set[int] = set()
    for chunk in in_chunks(mention_ids):
        gone = delete(MentionSketch).where(MentionSketch.mention_id.in_(chunk)).returning(MentionSketch.mention_id)
        had |= set(tx.session.scalars(of_ours(gone).execution_options(synchronize_session=False)))
    return frozenset(had)


def prune_sketches(tx: Transaction) -> int:
    """Forget numbers older than ``KEPT``; return how many. Looks at the oldest rows only, so that it stays quick."""
    oldest = select(MentionSketch.id, MentionSketch.made_at).order_by(MentionSketch.id).limit(PRUNED_AT_ONCE)
    expired = [row.id for row in tx.session.execute(oldest) if row.made_at < tx.now - KEPT]
    dropped = 0
    for chunk in in_chunks(expired):
        old = delete(MentionSketch).where(MentionSketch.id.in_(chunk))
        dropped += cast(
            "CursorResult[Any]", tx.session.execute(of_ours(old).execution_options(synchronize_session=False))
        ).rowcount
    return dropped
