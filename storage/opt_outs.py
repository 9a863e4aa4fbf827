"""Who is not to be written to (S8). Kept by profile; it holds for every profile that is linked with it.

The texts of what they wrote are not copied: a row names the post in which they said so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from storage.database import Transaction
from storage.models import Author, Mention, OptOut, User

ASKED: Final = "asked"
"""They said so, and so clearly that no person was needed."""
BY_PERSON: Final = "person"
"""Somebody at the desk decided."""
LIFTED: Final = "lifted"
"""Somebody let them be written to again: what they wrote until then counts no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownOptOut:
    """One opt-out, for people."""

    author_id: int
    reason: str
    since: datetime
    by: str
    """Who set it; empty: the program, by their words."""
    conversation_id: int | None
    """Where they said so, as far as it is known."""


def is_opted_out(tx: Transaction, author_id: int) -> bool:
    """Return True when this profile, or one linked with it, is not to be written to. Two index look-ups."""
    return find_opt_out(tx, author_id) is not None


def find_opt_out(tx: Transaction, author_id: int) -> KnownOptOut | None:
    """Return the opt-out that holds for a profile, or None."""
    linked = aliased(Author)
    same_person = select(linked.id).where(
        linked.customer_id == select(Author.customer_id).where(Author.id == author_id).scalar_subquery()
    )
    wanted = (
        select(OptOut, User.display_name, Mention.conversation_id)
        .outerjoin(User, User.id == OptOut.user_id)
        .outerjoin(Mention, Mention.id == OptOut.mention_id)
        .where(or_(OptOut.author_id == author_id, OptOut.author_id.in_(same_person)), OptOut.reason != LIFTED)
        .order_by(OptOut.id)
        .limit(1)
    )
    found = tx.session.execute(wanted).first()
    if found is None:
        return None
    row, by, conversation_id = found
    return KnownOptOut(
        author_id=row.author_id,
        reason=row.reason,
        since=row.created_at,
        by=by or "",
        conversation_id=conversation_id,
    )
