"""The first tables: who works here, what came in, what was understood and answered, what was told."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failure"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_in_failure_login", "sign_in_failure", ["login"])

    op.create_table(
        "workspace",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sending_paused", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspace"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alert",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("acknowledged_by", ROW_ID, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_alert_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alert_workspace_id", "alert", ["workspace_id"])
    op.create_index(
        "uq_alert_open",
        "alert",
        ["workspace_id", "dedupe_key"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    op.create_table(
        "audit_event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_audit_event_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_event_conversation", "audit_event", ["conversation_id", "id"])
    op.create_index("ix_audit_event_workspace_id", "audit_event", ["workspace_id"])

    op.create_table(
        "channel_account",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("own_external_id", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("next_poll_at", MOMENT, nullable=True),
        sa.Column("polled_at", MOMENT, nullable=True),
        sa.Column("last_success_at", MOMENT, nullable=True),
        sa.Column("complete_from", MOMENT, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("budget_day", sa.String(length=10), nullable=False),
        sa.Column("budget_spent_usd", sa.Double(), nullable=False),
        sa.Column("claim_token", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_channel_account_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_channel_account"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_channel_account_workspace_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_channel_account_workspace_id", "channel_account", ["workspace_id"])

    op.create_table(
        "digest",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("window_from", MOMENT, nullable=False),
        sa.Column("window_to", MOMENT, nullable=False),
        sa.Column("reader_address", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=400), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("mention_ids", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("composed_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("claim_token", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_digest_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_digest"),
        sa.UniqueConstraint("workspace_id", "dedupe_key", name="uq_digest_workspace_id_dedupe_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_digest_workspace_id", "digest", ["workspace_id"])

    op.create_table(
        "live_event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=True),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_live_event_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_live_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_live_event_workspace_id", "live_event", ["workspace_id"])

    op.create_table(
        "user_account",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("single_keys", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_user_account_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("login", name="uq_user_account_login"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_user_account_workspace_id", "user_account", ["workspace_id"])

    op.create_table(
        "author",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("channel_account_id", ROW_ID, nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_account_id"], ["channel_account.id"], name="fk_author_channel_account_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_author_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_author"),
        sa.UniqueConstraint("channel_account_id", "external_id", name="uq_author_channel_account_id_external_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_author_workspace_id", "author", ["workspace_id"])

    op.create_table(
        "poll_record",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("channel_account_id", ROW_ID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("cursor_before", sa.Text(), nullable=True),
        sa.Column("cursor_after", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("seen_count", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Double(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("gap", sa.Text(), nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_account_id"], ["channel_account.id"], name="fk_poll_record_channel_account_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_poll_record_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_poll_record"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_poll_record_account_started", "poll_record", ["channel_account_id", "started_at"])
    op.create_index("ix_poll_record_workspace_id", "poll_record", ["workspace_id"])

    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_sign_in_link_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_sign_in_link_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in_link"),
    )
    op.create_index("ix_sign_in_link_user_id", "sign_in_link", ["user_id"])
    op.create_index("ix_sign_in_link_workspace_id", "sign_in_link", ["workspace_id"])

    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_user_session_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_user_session_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_user_session"),
    )
    op.create_index("ix_user_session_user_id", "user_session", ["user_id"])
    op.create_index("ix_user_session_workspace_id", "user_session", ["workspace_id"])

    op.create_table(
        "conversation",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("channel_account_id", ROW_ID, nullable=False),
        sa.Column("thread_external_id", sa.String(length=512), nullable=False),
        sa.Column("author_id", ROW_ID, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("waiting_since", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("urgency_rank", sa.Integer(), nullable=False),
        sa.Column("lead_mention_id", ROW_ID, nullable=True),
        sa.Column("intent", sa.String(length=12), nullable=True),
        sa.Column("sentiment", sa.String(length=12), nullable=True),
        sa.Column("topic", sa.String(length=12), nullable=True),
        sa.Column("constructive", sa.Boolean(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("band", sa.String(length=8), nullable=True),
        sa.Column("assignee_id", ROW_ID, nullable=True),
        sa.Column("snoozed_until", MOMENT, nullable=True),
        sa.Column("first_reply_at", MOMENT, nullable=True),
        sa.Column("resolved_reason", sa.String(length=24), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_conversation_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["channel_account_id"],
            ["channel_account.id"],
            name="fk_conversation_channel_account_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_conversation_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_conversation"),
        sa.UniqueConstraint(
            "channel_account_id", "thread_external_id", name="uq_conversation_channel_account_id_thread_external_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_conversation_assignee",
        "conversation",
        ["workspace_id", "waiting", "assignee_id", "urgency_rank", "due_at", "waiting_since", "id"],
    )
    op.create_index("ix_conversation_author_id", "conversation", ["author_id"])
    op.create_index(
        "ix_conversation_constructive",
        "conversation",
        ["workspace_id", "waiting", "constructive", "urgency_rank", "due_at", "waiting_since", "id"],
    )
    op.create_index(
        "ix_conversation_intent",
        "conversation",
        ["workspace_id", "waiting", "intent", "urgency_rank", "due_at", "waiting_since", "id"],
    )
    op.create_index(
        "ix_conversation_queue",
        "conversation",
        ["workspace_id", "waiting", "urgency_rank", "due_at", "waiting_since", "id"],
    )
    op.create_index("ix_conversation_workspace_id", "conversation", ["workspace_id"])

    op.create_table(
        "mention",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("channel_account_id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("author_id", ROW_ID, nullable=False),
        sa.Column("external_id", sa.String(length=512), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("engagement", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_original", sa.Text(), nullable=False),
        sa.Column("language_hint", sa.String(length=16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("collected_at", MOMENT, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("parent_external_id", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("platform_data", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("gone_at", MOMENT, nullable=True),
        sa.Column("claim_token", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_mention_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["channel_account_id"], ["channel_account.id"], name="fk_mention_channel_account_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_mention_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_mention_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mention"),
        sa.UniqueConstraint("channel_account_id", "external_id", name="uq_mention_channel_account_id_external_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mention_author_id", "mention", ["author_id"])
    op.create_index("ix_mention_conversation", "mention", ["conversation_id", "created_at"])
    op.create_index("ix_mention_created", "mention", ["workspace_id", "created_at"])
    op.create_index("ix_mention_state", "mention", ["workspace_id", "state", "id"])
    op.create_index("ix_mention_workspace_id", "mention", ["workspace_id"])

    op.create_table(
        "classification",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=True),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sentiment", sa.String(length=12), nullable=False),
        sa.Column("intent", sa.String(length=12), nullable=False),
        sa.Column("constructive", sa.Boolean(), nullable=True),
        sa.Column("suggestion", sa.Boolean(), nullable=False),
        sa.Column("abuse", sa.Boolean(), nullable=False),
        sa.Column("topic", sa.String(length=12), nullable=False),
        sa.Column("urgency", sa.String(length=12), nullable=False),
        sa.Column("risks", sa.JSON(), nullable=False),
        sa.Column("needs_reply", sa.Boolean(), nullable=False),
        sa.Column("needs_dm", sa.Boolean(), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("trainable", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name="fk_classification_mention_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_classification_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_classification"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_classification_mention", "classification", ["mention_id", "id"])
    op.create_index("ix_classification_workspace_id", "classification", ["workspace_id"])

    op.create_table(
        "draft",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("drafter_id", sa.String(length=80), nullable=False),
        sa.Column("route", sa.String(length=12), nullable=False),
        sa.Column("rule_id", sa.String(length=80), nullable=False),
        sa.Column("reason_code", sa.String(length=80), nullable=False),
        sa.Column("rule_date", sa.String(length=10), nullable=False),
        sa.Column("citations", sa.JSON(), nullable=False),
        sa.Column("facts_used", sa.JSON(), nullable=False),
        sa.Column("open_questions", sa.JSON(), nullable=False),
        sa.Column("wordings", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_draft_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name="fk_draft_mention_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_draft_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draft_conversation_id", "draft", ["conversation_id"])
    op.create_index("ix_draft_mention", "draft", ["mention_id", "position"])
    op.create_index("ix_draft_workspace_id", "draft", ["workspace_id"])

    op.create_table(
        "mention_revision",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_original", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name="fk_mention_revision_mention_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_mention_revision_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mention_revision"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mention_revision_mention_id", "mention_revision", ["mention_id"])
    op.create_index("ix_mention_revision_workspace_id", "mention_revision", ["workspace_id"])

    op.create_table(
        "draft_revision",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("draft_id", ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=True),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_draft_revision_draft_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_draft_revision_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_draft_revision"),
        sa.UniqueConstraint("draft_id", "number", name="uq_draft_revision_draft_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draft_revision_workspace_id", "draft_revision", ["workspace_id"])

    op.create_table(
        "reply",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("review_id", ROW_ID, nullable=False),
        sa.Column("draft_id", ROW_ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_reply_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_reply_draft_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name="fk_reply_mention_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_reply_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_reply"),
        sa.UniqueConstraint("review_id", name="uq_reply_review_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reply_conversation_id", "reply", ["conversation_id"])
    op.create_index("ix_reply_draft_id", "reply", ["draft_id"])
    op.create_index("ix_reply_mention_id", "reply", ["mention_id"])
    op.create_index("ix_reply_workspace_id", "reply", ["workspace_id"])

    op.create_table(
        "review",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("draft_id", ROW_ID, nullable=True),
        sa.Column("draft_revision", sa.Integer(), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("edit_distance", sa.Integer(), nullable=False),
        sa.Column("warnings_accepted", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_review_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_review_draft_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name="fk_review_mention_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_review_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_review_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_conversation_id", "review", ["conversation_id"])
    op.create_index("ix_review_draft_id", "review", ["draft_id"])
    op.create_index("ix_review_mention_id", "review", ["mention_id"])
    op.create_index("ix_review_user_id", "review", ["user_id"])
    op.create_index("ix_review_workspace_id", "review", ["workspace_id"])

    op.create_table(
        "delivery",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("reply_id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("channel_account_id", ROW_ID, nullable=False),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("route", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("approved_by", ROW_ID, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.Column("hold_until", MOMENT, nullable=False),
        sa.Column("waiting_since_before", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("problem_detail", sa.Text(), nullable=False),
        sa.Column("absent_since", MOMENT, nullable=True),
        sa.Column("asked_count", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("claim_token", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name="fk_delivery_approved_by", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["channel_account_id"], ["channel_account.id"], name="fk_delivery_channel_account_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_delivery_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name="fk_delivery_mention_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name="fk_delivery_reply_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_delivery_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("idempotency_key", name="uq_delivery_idempotency_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_approved_by", "delivery", ["approved_by"])
    op.create_index("ix_delivery_channel_account_id", "delivery", ["channel_account_id"])
    op.create_index("ix_delivery_conversation_id", "delivery", ["conversation_id"])
    op.create_index("ix_delivery_due", "delivery", ["workspace_id", "state", "hold_until"])
    op.create_index("ix_delivery_reply_id", "delivery", ["reply_id"])
    op.create_index("ix_delivery_sent", "delivery", ["workspace_id", "sent_at"])
    op.create_index("ix_delivery_workspace_id", "delivery", ["workspace_id"])
    op.create_index(
        "uq_delivery_live",
        "delivery",
        ["mention_id", "visibility"],
        unique=True,
        sqlite_where=sa.text("state IN ('held', 'queued', 'sending', 'sent', 'uncertain', 'handed_off')"),
        postgresql_where=sa.text("state IN ('held', 'queued', 'sending', 'sent', 'uncertain', 'handed_off')"),
    )
