"""FAQ gaps: questions that nothing the brand wrote could answer. Their words are read from the mention, and go with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError

from storage.database import Transaction
from storage.models import FaqGap, Mention

OPEN: Final = "open"
Closed = Literal["answered", "dismissed"]
"""An entry was written, or there will never be one."""
MOST_READ: Final = 500
"""Open gaps beyond the newest so many are shown once those are closed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GapToStore:
    """A question that found nothing to cite."""

    brand: str
    language: str
    topic: str
    nearest: str
    """Id of the entry that came closest; empty: none."""
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenGap:
    """One open question with its words."""

    id: int
    conversation_id: int
    brand: str
    language: str
    topic: str
    text: str
    """Untrusted."""
    nearest: str
    score: float
    asked_at: datetime


def record_gap(tx: Transaction, mention_id: int, gap: GapToStore | None) -> None:
    """Keep that a question found nothing, once per mention; None: it found something, and what was open about it is dropped.

    Called in the transaction that records the drafts. What people closed stays closed.
    """
    if gap is None:
        tx.session.execute(
            delete(FaqGap).where(FaqGap.mention_id == mention_id, FaqGap.state == OPEN).execution_options(**_PLAIN)
        )
        return
    values = {
        "language": gap.language,
        "topic": gap.topic,
        "nearest": gap.nearest,
        "score": gap.score,
        "brand": gap.brand,
    }
    if _update(tx, (FaqGap.mention_id == mention_id,), values):
        return
    row = FaqGap(workspace_id=tx.workspace_id, mention_id=mention_id, created_at=tx.now, **values)
    try:
        with tx.session.begin_nested():
            tx.session.add(row)
    except IntegrityError:
        return  # another worker noted it between the two statements


def read_open_gaps(tx: Transaction) -> list[OpenGap]:
    """Return the newest open gaps whose post still has words, newest first; at most ``MOST_READ``."""
    columns = (FaqGap.id, FaqGap.brand, FaqGap.language, FaqGap.topic, FaqGap.nearest, FaqGap.score)
    wanted = (
        select(*columns, Mention.text, Mention.conversation_id, Mention.created_at.label("asked_at"))
        .join(Mention, Mention.id == FaqGap.mention_id)
        .where(FaqGap.workspace_id == tx.workspace_id, FaqGap.state == OPEN, Mention.text != "")
        .order_by(FaqGap.id.desc())
        .limit(MOST_READ)
    )
    return [OpenGap(**row._mapping) for row in tx.session.execute(wanted)]  # noqa: SLF001 - a row's public mapping view


def close_gaps(tx: Transaction, ids: Sequence[int], *, state: Closed, user_id: int, actor: str) -> int:
    """Close open gaps; returns how many were still open. Unknown ids, and those of others, are passed over."""
    values = {"state": state, "closed_by": user_id, "closed_at": tx.now}
    closed = _update(tx, (FaqGap.id.in_(ids), FaqGap.state == OPEN), values)
    if closed:
        tx.audit(
            f"gap_{state}", actor=actor, user_id=user_id, subject=f"faq_gap:{min(ids)}", detail={"count": str(closed)}
        )
    return closed


def drop_gaps(tx: Transaction, mention_ids: Sequence[int]) -> None:
    """Forget what was kept about posts that were deleted, edited or forgotten."""
    tx.session.execute(delete(FaqGap).where(FaqGap.mention_id.in_(mention_ids)).execution_options(**_PLAIN))


_PLAIN: Final = {"synchronize_session": False}


def _update(tx: Transaction, where: Sequence[Any], values: dict[str, Any]) -> int:
    changed = tx.session.execute(update(FaqGap).where(*where).values(values).execution_options(**_PLAIN))
    return cast("CursorResult[Any]", changed).rowcount
