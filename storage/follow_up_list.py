"""What is planned, drafted, approved and let be, for the desk's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from domain.lifecycle import FollowUpState
from storage.database import Transaction
from storage.models import Author, ChannelAccount, Conversation, FollowUp, Mention, User

EXCERPT_LENGTH = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanLine:
    """One plan with the case it is about. Text and name are hostile."""

    follow_up_id: int
    conversation_id: int
    purpose: str
    state: str
    cause: str
    due_at: datetime
    problem: str
    planned_by: str
    author_name: str
    channel_kind: str
    text: str
    language: str


def list_plans(tx: Transaction, states: Sequence[FollowUpState], *, newest_first: bool, limit: int) -> list[PlanLine]:
    """Return plans in ``states``, by the day they are meant for."""
    order = (FollowUp.due_at.desc(), FollowUp.id.desc()) if newest_first else (FollowUp.due_at, FollowUp.id)
    wanted = (
        select(
            FollowUp,
            Conversation.language,
            Author.display_name,
            Author.handle,
            ChannelAccount.kind,
            User.display_name,
            func.substr(Mention.text, 1, EXCERPT_LENGTH),
        )
        .join(Conversation, Conversation.id == FollowUp.conversation_id)
        .join(Author, Author.id == Conversation.author_id)
        .join(ChannelAccount, ChannelAccount.id == Conversation.channel_account_id)
        .join(Mention, Mention.id == FollowUp.mention_id)
        .outerjoin(User, User.id == FollowUp.planned_by)
        .where(FollowUp.state.in_([state.value for state in states]))
        .order_by(*order)
        .limit(limit)
    )
    return [
        PlanLine(
            follow_up_id=row.id,
            conversation_id=row.conversation_id,
            purpose=row.purpose,
            state=row.state,
            cause=row.cause,
            due_at=row.due_at,
            problem=row.problem,
            planned_by=planner or "",
            author_name=name or handle,
            channel_kind=kind,
            text=text,
            language=language or "",
        )
        for row, language, name, handle, kind, planner, text in tx.session.execute(wanted)
    ]
