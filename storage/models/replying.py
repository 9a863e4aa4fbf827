"""Understanding and answering: classifications, drafts, reviews, replies, deliveries. All but state are append-only."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Claimable, RowId, WorkspaceScoped, reference, row_id

LIVE_DELIVERY = text("state IN ('held', 'queued', 'sending', 'sent', 'uncertain', 'handed_off')")


class Classification(WorkspaceScoped, Base):
    """What a model or a person says of a mention. The newest row counts."""

    __tablename__ = "classification"
    __table_args__ = (Index("ix_classification_mention", "mention_id", "id"),)
    id: Mapped[int] = row_id()
    mention_id: Mapped[int] = reference("mention.id", index=False)
    source: Mapped[str] = mapped_column(String(8))
    user_id: Mapped[int | None] = mapped_column(RowId)
    model_id: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    sentiment: Mapped[str] = mapped_column(String(12))
    intent: Mapped[str] = mapped_column(String(12))
    constructive: Mapped[bool | None]
    suggestion: Mapped[bool]
    abuse: Mapped[bool]
    topic: Mapped[str] = mapped_column(String(12))
    urgency: Mapped[str] = mapped_column(String(12))
    risks: Mapped[list[Any]] = mapped_column(default=list)
    needs_reply: Mapped[bool]
    needs_dm: Mapped[bool]
    band: Mapped[str] = mapped_column(String(8))
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    trainable: Mapped[bool] = mapped_column(default=False)
    """True only for a human label on text whose channel allows training."""
    created_at: Mapped[datetime]


class Draft(WorkspaceScoped, Base):
    """One option for one mention. Its texts are ``DraftRevision`` rows."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_mention", "mention_id", "position"),)
    id: Mapped[int] = row_id()
    mention_id: Mapped[int] = reference("mention.id", index=False)
    conversation_id: Mapped[int] = reference("conversation.id")
    kind: Mapped[str] = mapped_column(String(12))
    position: Mapped[int]
    """0 is offered first."""
    visibility: Mapped[str] = mapped_column(String(8))
    purpose: Mapped[str] = mapped_column(String(12), default="answer", server_default="answer")
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12), default="proposed")
    revision: Mapped[int] = mapped_column(default=1)
    """Number of the newest revision: what a form must carry."""
    drafter_id: Mapped[str] = mapped_column(String(80))
    route: Mapped[str] = mapped_column(String(12))
    rule_id: Mapped[str] = mapped_column(String(80))
    reason_code: Mapped[str] = mapped_column(String(80))
    rule_date: Mapped[str] = mapped_column(String(10), default="")
    citations: Mapped[list[Any]] = mapped_column(default=list)
    facts_used: Mapped[list[Any]] = mapped_column(default=list)
    open_questions: Mapped[list[Any]] = mapped_column(default=list)
    wordings: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class DraftRevision(WorkspaceScoped, Base):
    """A text of a draft; number 1 is the drafter's, later ones are people's."""

    __tablename__ = "draft_revision"
    __table_args__ = (UniqueConstraint("draft_id", "number"),)
    id: Mapped[int] = row_id()
    draft_id: Mapped[int] = reference("draft.id", index=False)
    number: Mapped[int]
    text: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(RowId)
    checks: Mapped[list[Any]] = mapped_column(default=list)
    """Findings as ``{"code", "level", "values"}``."""
    created_at: Mapped[datetime]


class Review(WorkspaceScoped, Base):
    """One decision by one person, bound to the exact text by its hash."""

    __tablename__ = "review"
    id: Mapped[int] = row_id()
    conversation_id: Mapped[int] = reference("conversation.id")
    mention_id: Mapped[int] = reference("mention.id")
    draft_id: Mapped[int | None] = reference("draft.id")
    draft_revision: Mapped[int] = mapped_column(default=0)
    user_id: Mapped[int] = reference("user_account.id")
    verdict: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(default="")
    text_hash: Mapped[str] = mapped_column(String(64), default="")
    edit_distance: Mapped[int] = mapped_column(default=0)
    """Characters changed against the drafter's own text."""
    warnings_accepted: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class Reply(WorkspaceScoped, Base):
    """The frozen text of an approval."""

    __tablename__ = "reply"
    id: Mapped[int] = row_id()
    conversation_id: Mapped[int] = reference("conversation.id")
    mention_id: Mapped[int] = reference("mention.id")
    review_id: Mapped[int] = mapped_column(RowId, unique=True)
    draft_id: Mapped[int | None] = reference("draft.id")
    text: Mapped[str]
    text_hash: Mapped[str] = mapped_column(String(64))
    visibility: Mapped[str] = mapped_column(String(8))
    purpose: Mapped[str] = mapped_column(String(12), default="answer", server_default="answer")
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]


class Delivery(Claimable, WorkspaceScoped, Base):
    """The outbox row of one reply. At most one live delivery per mention, visibility and purpose."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "uq_delivery_live",
            "mention_id",
            "visibility",
            "purpose",
            unique=True,
            sqlite_where=LIVE_DELIVERY,
            postgresql_where=LIVE_DELIVERY,
        ),
        Index("ix_delivery_due", "workspace_id", "state", "hold_until"),
        Index("ix_delivery_sent", "workspace_id", "sent_at"),
        Index("ix_delivery_external", "channel_account_id", "external_id"),
    )
    id: Mapped[int] = row_id()
    reply_id: Mapped[int] = reference("reply.id")
    conversation_id: Mapped[int] = reference("conversation.id")
    mention_id: Mapped[int] = reference("mention.id", index=False)
    channel_account_id: Mapped[int] = reference("channel_account.id")
    visibility: Mapped[str] = mapped_column(String(8))
    purpose: Mapped[str] = mapped_column(String(12), default="answer", server_default="answer")
    route: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="held")
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)
    approved_by: Mapped[int] = reference("user_account.id")
    approved_at: Mapped[datetime]
    hold_until: Mapped[datetime]
    waiting_since_before: Mapped[datetime | None]
    """The conversation's clock before approval: put back when the delivery is taken back or refused."""
    sent_at: Mapped[datetime | None]
    external_id: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")
    """Code of the last refusal or doubt (``config/locale/delivery.toml``)."""
    problem_detail: Mapped[str] = mapped_column(default="")
    absent_since: Mapped[datetime | None]
    """While uncertain: when the platform first said that the reply is surely not there."""
    asked_count: Mapped[int] = mapped_column(default=0)
    """While uncertain: how often the platform was asked."""
    created_at: Mapped[datetime]
