"""What comes after an answer: follow-ups, surveys, consent to be quoted; and questions that nothing we wrote could answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Claimable, RowId, WorkspaceScoped, reference, row_id


class FollowUp(Claimable, WorkspaceScoped, Base):
    """Something we mean to write later about a case: drafted when its time has come, approved like any reply."""

    __tablename__ = "follow_up"
    __table_args__ = (
        Index("ix_follow_up_due", "workspace_id", "state", "due_at"),
        Index("ix_follow_up_conversation", "conversation_id", "purpose"),
    )
    id: Mapped[int] = row_id()
    conversation_id: Mapped[int] = reference("conversation.id", index=False)
    mention_id: Mapped[int] = reference("mention.id")
    """The post it answers to."""
    purpose: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="planned")
    due_at: Mapped[datetime]
    visibility: Mapped[str] = mapped_column(String(8))
    cause: Mapped[str] = mapped_column(String(24))
    """Why there is one: ``answered``, ``delivered``, ``resolved``, ``fixed``, ``praise``, ``person``."""
    subject: Mapped[str] = mapped_column(String(80), default="")
    """What it is about where that has an id: a known issue, a purchase."""
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the draft may name: the item, the day."""
    planned_by: Mapped[int | None] = mapped_column(RowId)
    """None: by rule."""
    problem: Mapped[str] = mapped_column(String(40), default="")
    """Why it was dropped or could not be drafted: a code of ``config/locale/follow_up.toml``."""
    created_at: Mapped[datetime]


class Survey(WorkspaceScoped, Base):
    """One question to one customer about one case, and the answer."""

    __tablename__ = "survey"
    __table_args__ = (
        UniqueConstraint("conversation_id", "kind"),
        Index("ix_survey_answered", "workspace_id", "answered_at"),
    )
    id: Mapped[int] = row_id()
    conversation_id: Mapped[int] = reference("conversation.id", index=False)
    follow_up_id: Mapped[int | None] = mapped_column(RowId)
    kind: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    score: Mapped[int | None]
    """1-5 or 0-10; None: no answer yet. The last answer counts."""
    comment: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(8), default="")
    """``link``, ``reply`` or ``person``, who corrected what was read from a reply."""
    answer_mention_id: Mapped[int | None] = mapped_column(RowId)
    """The post whose words were read as the answer."""
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]


class Testimonial(WorkspaceScoped, Base):
    """Praise that we asked to quote, and what its author said to that."""

    __tablename__ = "testimonial"
    __table_args__ = (UniqueConstraint("mention_id"),)
    id: Mapped[int] = row_id()
    mention_id: Mapped[int] = reference("mention.id", index=False)
    author_id: Mapped[int] = reference("author.id")
    state: Mapped[str] = mapped_column(String(12), default="asked")
    """``asked``, ``agreed``, ``declined``, ``withdrawn``."""
    answer_mention_id: Mapped[int | None] = mapped_column(RowId)
    """The post in which they said so: the evidence of consent."""
    recorded_by: Mapped[int | None] = mapped_column(RowId)
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class FaqGap(WorkspaceScoped, Base):
    """A question that nothing the brand wrote could answer. Its words are read from the mention, so that they go with it."""

    __tablename__ = "faq_gap"
    __table_args__ = (UniqueConstraint("mention_id"), Index("ix_faq_gap_open", "workspace_id", "brand", "state", "id"))
    id: Mapped[int] = row_id()
    mention_id: Mapped[int] = reference("mention.id", index=False)
    brand: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    topic: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="open")
    """``open``, ``answered`` (an entry was written), ``dismissed``."""
    nearest: Mapped[str] = mapped_column(String(80), default="")
    """Entry that came closest; empty: none."""
    score: Mapped[float] = mapped_column(default=0.0)
    closed_by: Mapped[int | None] = mapped_column(RowId)
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
