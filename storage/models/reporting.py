"""Alerts, digests, audit trail, live events and leases."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Claimable, RowId, WorkspaceScoped, row_id


class Alert(WorkspaceScoped, Base):
    """Something a person must know of. One open row per ``dedupe_key``; repeats raise ``count``."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "uq_alert_open",
            "workspace_id",
            "dedupe_key",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: Mapped[int] = row_id()
    kind: Mapped[str] = mapped_column(String(40))
    """Key into ``config/locale/alerts.toml``: title and remedy."""
    dedupe_key: Mapped[str] = mapped_column(String(120))
    severity: Mapped[str] = mapped_column(String(10))
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(12), default="open")
    conversation_id: Mapped[int | None] = mapped_column(RowId)
    count: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    acknowledged_by: Mapped[int | None] = mapped_column(RowId)
    acknowledged_at: Mapped[datetime | None]


class Digest(Claimable, WorkspaceScoped, Base):
    """One composed mail for one reader; sent from this row, never composed again."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("workspace_id", "dedupe_key"),)
    id: Mapped[int] = row_id()
    period: Mapped[str] = mapped_column(String(12))
    window_from: Mapped[datetime]
    window_to: Mapped[datetime]
    reader_address: Mapped[str]
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str]
    html: Mapped[str]
    text: Mapped[str]
    dedupe_key: Mapped[str] = mapped_column(String(400))
    """Period, end of the window and address: a repeat composes nothing."""
    message_id: Mapped[str] = mapped_column(String(200))
    mention_ids: Mapped[list[Any]] = mapped_column(default=list)
    """Whose words it quotes: when such a post is deleted upstream, the stored mail is blanked."""
    state: Mapped[str] = mapped_column(String(12), default="composed")
    problem: Mapped[str] = mapped_column(default="")
    composed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class AuditEvent(WorkspaceScoped, Base):
    """Who did what. Append-only."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_conversation", "conversation_id", "id"),)
    id: Mapped[int] = row_id()
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(RowId)
    actor: Mapped[str]
    """Display name of the person, or the stage (``dispatch``)."""
    verb: Mapped[str] = mapped_column(String(40))
    """Key into ``config/locale/audit.toml``."""
    conversation_id: Mapped[int | None] = mapped_column(RowId)
    subject: Mapped[str] = mapped_column(default="")
    """``delivery:12`` and the like."""
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class LiveEvent(WorkspaceScoped, Base):
    """A hint for open desks that something changed; pruned after an hour. Written in the tx of what it tells."""

    __tablename__ = "live_event"
    id: Mapped[int] = row_id()
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[int | None] = mapped_column(RowId)


class Lease(Base):
    """Who holds a process-wide duty (the clock) until when."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]
