"""What came in: channel accounts, polls, authors, conversations, mentions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Claimable, RowId, WorkspaceScoped, reference, row_id

ANSWERS = text("parent_external_id != ''")
QUOTES = text("quoted_external_id != ''")
TO_BE_WRITTEN = text("follow_up_at IS NOT NULL")
STILL_HAS_TEXT = text("gone_at IS NULL AND forgotten_at IS NULL")
NOT_FORGOTTEN = text("forgotten_at IS NULL")
QUEUE_ORDER = ("urgency_rank", "due_at", "waiting_since", "id")
"""Who is answered first, everywhere."""


class ChannelAccount(Claimable, WorkspaceScoped, Base):
    """One connected account and where its polling stands. The claim columns are the poll's."""

    __tablename__ = "channel_account"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: Mapped[int] = row_id()
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    brand: Mapped[str] = mapped_column(String(40))
    own_external_id: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    """False when the settings no longer name it; history stays."""
    cursor: Mapped[str | None]
    next_poll_at: Mapped[datetime | None]
    polled_at: Mapped[datetime | None]
    """When the last poll began; in the future only when the clock was set back since."""
    last_success_at: Mapped[datetime | None]
    complete_from: Mapped[datetime | None]
    """Since when nothing was missed; moved forward by a gap."""
    complete_to: Mapped[datetime | None]
    """When the last poll began that ended well with nothing left: what came later may not have been read yet."""
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    budget_day: Mapped[str] = mapped_column(String(10), default="")
    budget_spent_usd: Mapped[float] = mapped_column(default=0.0)
    quiet_polls: Mapped[int] = mapped_column(default=0, server_default="0")
    """Polls in a row that brought nothing new: the more, the later the next (``quiet_poll_seconds``)."""
    deletion_ticket: Mapped[str] = mapped_column(default="", server_default="")
    """Of a question about many posts that the platform still works on (``DeletionReporter``)."""
    deletion_asked_at: Mapped[datetime | None]
    """When that question was put."""
    deletion_asked_upto: Mapped[datetime | None]
    """The question was about every post last seen before this."""
    next_deletion_check_at: Mapped[datetime | None]
    """Nobody is to be asked what is deleted before this: the platform said so, or somebody asks right now."""
    deletion_failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """Questions in a row that the platform did not answer: the more, the later the next."""
    last_outcome: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """How the last poll ended, as in ``PollRecord``."""
    last_code: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """Code of the error it ended with; empty when it ended well."""
    access_expires_at: Mapped[datetime | None]
    """When our way in ends, where the platform tells (``ExpiringAccess``)."""
    access_asked_at: Mapped[datetime | None]
    """When it was last asked about that."""


class PollRecord(WorkspaceScoped, Base):
    """One poll: its window, pages, what was new, what it cost, how it ended."""

    __tablename__ = "poll_record"
    __table_args__ = (
        Index("ix_poll_record_account_started", "channel_account_id", "started_at"),
        # Gaps are few among very many polls. The workspace stands first so that SQLite, which keeps no statistics, prefers it.
        Index(
            "ix_poll_record_gap",
            "workspace_id",
            "channel_account_id",
            "started_at",
            sqlite_where=text("(gap <> '' OR filled <> '')"),
            postgresql_where=text("(gap <> '' OR filled <> '')"),
        ),
    )
    id: Mapped[int] = row_id()
    channel_account_id: Mapped[int] = reference("channel_account.id", index=False)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    cursor_before: Mapped[str | None]
    cursor_after: Mapped[str | None]
    pages: Mapped[int] = mapped_column(default=0)
    new_count: Mapped[int] = mapped_column(default=0)
    seen_count: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    cost_usd: Mapped[float] = mapped_column(default=0.0)
    outcome: Mapped[str] = mapped_column(String(16), default="running")
    """running, done, retryable, permanent, budget, or failed (a fault of our own)."""
    error: Mapped[str] = mapped_column(default="")
    gap: Mapped[str] = mapped_column(default="")
    """Why posts may be missing for good; ``complete_from`` moved."""
    filled: Mapped[str] = mapped_column(default="", server_default="")
    """A hole that was met and then read another way: nothing of it is missing unless ``gap`` says so."""
    unread: Mapped[str] = mapped_column(default="", server_default="")
    """What this poll left for a later one (a limit, trouble, pages left): nothing is complete up to it."""
    gap_from: Mapped[datetime | None]
    """Up to when nothing was missing before the gap; None: nothing had been read to its end before."""


class AccountHour(WorkspaceScoped, Base):
    """What one hour (UTC) brought one account and what it cost; none for an hour of neither. Polls are too many to be counted anew."""

    __tablename__ = "account_hour"
    __table_args__ = (UniqueConstraint("channel_account_id", "hour"),)
    id: Mapped[int] = row_id()
    channel_account_id: Mapped[int] = reference("channel_account.id", index=False)
    hour: Mapped[datetime]
    """Its beginning."""
    new_count: Mapped[int] = mapped_column(default=0)
    cost_usd: Mapped[float] = mapped_column(default=0.0)


class WebhookParcel(WorkspaceScoped, Base):
    """One event that a platform sent, kept before anybody looks inside. Its text goes once a poll has taken it."""

    __tablename__ = "webhook_parcel"
    __table_args__ = (
        UniqueConstraint("channel_account_id", "key"),
        Index("ix_webhook_parcel_received_at", "received_at"),
    )
    id: Mapped[int] = row_id()
    channel_account_id: Mapped[int] = reference("channel_account.id", index=False)
    key: Mapped[str] = mapped_column(String(120))
    text: Mapped[str]
    """Empty once it was read: the key stays a while, so that a repeat is known."""
    received_at: Mapped[datetime]


class EarlyDeletion(WorkspaceScoped, Base):
    """A deletion told before its post came: events arrive in any order. Such a post is not taken in when it does come."""

    __tablename__ = "early_deletion"
    __table_args__ = (UniqueConstraint("channel_account_id", "external_id"),)
    id: Mapped[int] = row_id()
    channel_account_id: Mapped[int] = reference("channel_account.id", index=False)
    external_id: Mapped[str] = mapped_column(String(512))
    told_at: Mapped[datetime]


class Author(WorkspaceScoped, Base):
    """A public profile on one channel account."""

    __tablename__ = "author"
    __table_args__ = (
        UniqueConstraint("channel_account_id", "external_id"),
        # By what profiles of one person may have in common.
        Index("ix_author_handle", "workspace_id", "handle"),
        Index("ix_author_display_name", "workspace_id", "display_name"),
        Index("ix_author_url", "workspace_id", "url"),
    )
    id: Mapped[int] = row_id()
    channel_account_id: Mapped[int] = reference("channel_account.id", index=False)
    external_id: Mapped[str] = mapped_column(String(255))
    handle: Mapped[str]
    display_name: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    first_seen_at: Mapped[datetime]
    customer_id: Mapped[int | None] = mapped_column(RowId, index=True)
    """The person behind this profile, as a person at the desk linked it. No foreign key: SQLite cannot add one to a table there is."""


class Conversation(WorkspaceScoped, Base):
    """A thread. Carries what the queue sorts and filters by, so that the inbox reads one index."""

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("channel_account_id", "thread_external_id"),
        Index("ix_conversation_queue", "workspace_id", "waiting", *QUEUE_ORDER),
        # One index per split of the inbox, each in the queue's order, so that no split ever sorts or scans the rest.
        Index("ix_conversation_intent", "workspace_id", "waiting", "intent", *QUEUE_ORDER),
        Index("ix_conversation_constructive", "workspace_id", "waiting", "constructive", *QUEUE_ORDER),
        Index("ix_conversation_assignee", "workspace_id", "waiting", "assignee_id", *QUEUE_ORDER),
        Index(
            "ix_conversation_follow_up",
            "workspace_id",
            "follow_up_at",
            "id",
            sqlite_where=TO_BE_WRITTEN,
            postgresql_where=TO_BE_WRITTEN,
        ),
    )
    id: Mapped[int] = row_id()
    channel_account_id: Mapped[int] = reference("channel_account.id", index=False)
    thread_external_id: Mapped[str] = mapped_column(String(512))
    author_id: Mapped[int] = reference("author.id")
    """Who began it, for us."""
    state: Mapped[str] = mapped_column(String(12), default="open")
    waiting: Mapped[bool] = mapped_column(default=True)
    """True while somebody waits for an answer of ours: the queue."""
    waiting_since: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """When a first reply is due; set with the classification."""
    urgency_rank: Mapped[int] = mapped_column(default=4)
    lead_mention_id: Mapped[int | None] = mapped_column(RowId)
    """The mention being answered (newest from outside). No foreign key: the two tables would need each other."""
    intent: Mapped[str | None] = mapped_column(String(12))
    sentiment: Mapped[str | None] = mapped_column(String(12))
    topic: Mapped[str | None] = mapped_column(String(12))
    constructive: Mapped[bool | None]
    language: Mapped[str | None] = mapped_column(String(8))
    band: Mapped[str | None] = mapped_column(String(8))
    assignee_id: Mapped[int | None] = mapped_column(RowId)
    snoozed_until: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    resolved_reason: Mapped[str] = mapped_column(String(24), default="")
    gathered_under_id: Mapped[int | None] = mapped_column(RowId, index=True)
    """The case whose words this one repeats: it stands there as one more, not in the queue. No foreign key, as above."""
    follow_up_at: Mapped[datetime | None]
    """When something drafted of our own accord was meant to be written: it waits for a person, no customer does."""
    gathered_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """Cases gathered under this one."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Mention(Claimable, WorkspaceScoped, Base):
    """One post, comment, review or message from outside."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("channel_account_id", "external_id"),
        Index("ix_mention_state", "workspace_id", "state", "id"),
        Index("ix_mention_conversation", "conversation_id", "created_at"),
        Index("ix_mention_created", "workspace_id", "created_at"),
        Index("ix_mention_author", "author_id", "created_at", "id"),
        # What is asked about next, and what is forgotten next: neither ever walks over what is done with.
        Index(
            "ix_mention_to_check",
            "channel_account_id",
            "checked_at",
            "collected_at",
            sqlite_where=STILL_HAS_TEXT,
            postgresql_where=STILL_HAS_TEXT,
        ),
        Index(
            "ix_mention_parent",
            "channel_account_id",
            "parent_external_id",
            sqlite_where=ANSWERS,
            postgresql_where=ANSWERS,
        ),
        Index(
            "ix_mention_quoted",
            "channel_account_id",
            "quoted_external_id",
            sqlite_where=QUOTES,
            postgresql_where=QUOTES,
        ),
        Index(
            "ix_mention_to_forget",
            "channel_account_id",
            "created_at",
            "id",
            sqlite_where=NOT_FORGOTTEN,
            postgresql_where=NOT_FORGOTTEN,
        ),
    )
    id: Mapped[int] = row_id()
    channel_account_id: Mapped[int] = reference("channel_account.id", index=False)
    conversation_id: Mapped[int] = reference("conversation.id", index=False)
    author_id: Mapped[int] = reference("author.id", index=False)
    external_id: Mapped[str] = mapped_column(String(512))
    kind: Mapped[str] = mapped_column(String(12))
    engagement: Mapped[str] = mapped_column(String(12))
    text: Mapped[str]
    """NFKC, cleaned; what every stage reads."""
    text_original: Mapped[str]
    """As received (null bytes and lone surrogates replaced: no database takes them)."""
    language_hint: Mapped[str] = mapped_column(String(16), default="")
    created_at: Mapped[datetime]
    collected_at: Mapped[datetime]
    url: Mapped[str] = mapped_column(default="")
    parent_external_id: Mapped[str] = mapped_column(default="")
    quoted_external_id: Mapped[str] = mapped_column(default="", server_default="")
    """The post that this one quotes, where it is not ours."""
    rating: Mapped[int | None]
    platform_data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(12), default="collected")
    problem: Mapped[str] = mapped_column(default="")
    """Why it was handed over or not drafted: a code of ``config/locale/drafting.toml``."""
    checked_at: Mapped[datetime | None]
    """When we last asked whether it still exists upstream."""
    missing_since: Mapped[datetime | None]
    """When the platform told it gone together with all it was asked about: believed once it says so again."""
    gone_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    """When its text was blanked because the channel's ``retention_days`` were over."""


class MentionSketch(WorkspaceScoped, Base):
    """One of the few numbers by which a text that repeats another is found. See ``listener/sketches.py``."""

    __tablename__ = "mention_sketch"
    __table_args__ = (Index("ix_mention_sketch_number", "workspace_id", "number", "made_at"),)
    id: Mapped[int] = row_id()
    mention_id: Mapped[int] = reference("mention.id")
    number: Mapped[int] = mapped_column(RowId)
    made_at: Mapped[datetime]


class MentionRevision(WorkspaceScoped, Base):
    """An earlier text of an edited mention."""

    __tablename__ = "mention_revision"
    id: Mapped[int] = row_id()
    mention_id: Mapped[int] = reference("mention.id")
    text: Mapped[str]
    text_original: Mapped[str]
    seen_at: Mapped[datetime]
