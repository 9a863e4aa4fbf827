"""Cases that repeat another's words stand under it; deletions are told early, asked in bulk; texts are forgotten in time; labels are
append-only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


LABEL_COLUMNS = (
    "id",
    "mention_id",
    "source",
    "user_id",
    "model_id",
    "language",
    "sentiment",
    "intent",
    "constructive",
    "suggestion",
    "abuse",
    "topic",
    "urgency",
    "risks",
    "needs_reply",
    "needs_dm",
    "band",
    "scores",
    "trainable",
    "created_at",
    "workspace_id",
)
"""All of ``classification`` but ``reasons``."""

LABELS_SQLITE = """
CREATE TRIGGER tr_classification_append_only BEFORE UPDATE ON classification
WHEN NEW.reasons IS NOT '[]' OR {changed}
BEGIN SELECT RAISE(ABORT, 'classification is append-only'); END
"""

LABELS_POSTGRESQL = """
CREATE TRIGGER tr_classification_append_only BEFORE UPDATE ON classification FOR EACH ROW
WHEN (NEW.reasons::text IS DISTINCT FROM '[]' OR to_jsonb(NEW) - 'reasons' IS DISTINCT FROM to_jsonb(OLD) - 'reasons')
EXECUTE FUNCTION refuse_update()
"""


def upgrade() -> None:
    op.create_index("ix_delivery_external", "delivery", ["channel_account_id", "external_id"])
    op.add_column("channel_account", sa.Column("quiet_polls", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("channel_account", sa.Column("deletion_ticket", sa.Text(), nullable=False, server_default=""))
    op.add_column("channel_account", sa.Column("deletion_asked_at", sa.DateTime(timezone=True)))
    op.add_column("channel_account", sa.Column("deletion_asked_upto", sa.DateTime(timezone=True)))
    op.add_column("channel_account", sa.Column("next_deletion_check_at", sa.DateTime(timezone=True)))
    op.add_column("channel_account", sa.Column("deletion_failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("poll_record", sa.Column("filled", sa.Text(), nullable=False, server_default=""))
    op.add_column("poll_record", sa.Column("unread", sa.Text(), nullable=False, server_default=""))
    _add_standing()
    op.add_column("conversation", sa.Column("gathered_under_id", ROW_ID))
    op.add_column("conversation", sa.Column("gathered_count", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_conversation_gathered_under_id", "conversation", ["gathered_under_id"])
    op.add_column("mention", sa.Column("quoted_external_id", sa.Text(), nullable=False, server_default=""))
    op.add_column("mention", sa.Column("forgotten_at", sa.DateTime(timezone=True)))
    op.add_column("mention", sa.Column("missing_since", sa.DateTime(timezone=True)))
    _index_mentions("ix_mention_parent", ["parent_external_id"], "parent_external_id != ''")
    _index_mentions("ix_mention_quoted", ["quoted_external_id"], "quoted_external_id != ''")
    _index_mentions("ix_mention_to_check", ["checked_at", "collected_at"], "gone_at IS NULL AND forgotten_at IS NULL")
    _index_mentions("ix_mention_to_forget", ["created_at", "id"], "forgotten_at IS NULL")
    op.create_table(
        "mention_sketch",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("number", ROW_ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        _belongs("mention_sketch", "mention"),
        _belongs("mention_sketch", "workspace"),
        sa.PrimaryKeyConstraint("id", name="pk_mention_sketch"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mention_sketch_mention_id", "mention_sketch", ["mention_id"])
    op.create_index("ix_mention_sketch_number", "mention_sketch", ["workspace_id", "number", "made_at"])
    op.create_index("ix_mention_sketch_workspace_id", "mention_sketch", ["workspace_id"])
    op.create_table(
        "early_deletion",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("channel_account_id", ROW_ID, nullable=False),
        sa.Column("external_id", sa.String(length=512), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        _belongs("early_deletion", "channel_account"),
        _belongs("early_deletion", "workspace"),
        sa.PrimaryKeyConstraint("id", name="pk_early_deletion"),
        sa.UniqueConstraint(
            "channel_account_id", "external_id", name="uq_early_deletion_channel_account_id_external_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_early_deletion_workspace_id", "early_deletion", ["workspace_id"])
    _guard_labels()


def _add_standing() -> None:
    """How far an account was read, how its last poll ended, and what each hour brought: from the polls there are."""
    op.add_column("channel_account", sa.Column("complete_to", sa.DateTime(timezone=True)))
    op.add_column("channel_account", sa.Column("last_outcome", sa.String(16), nullable=False, server_default=""))
    op.add_column("channel_account", sa.Column("last_code", sa.String(40), nullable=False, server_default=""))
    op.add_column("channel_account", sa.Column("access_expires_at", sa.DateTime(timezone=True)))
    op.add_column("channel_account", sa.Column("access_asked_at", sa.DateTime(timezone=True)))
    op.add_column("poll_record", sa.Column("gap_from", sa.DateTime(timezone=True)))
    has_gap = sa.text("(gap <> '' OR filled <> '')")
    op.create_index(
        "ix_poll_record_gap",
        "poll_record",
        ["workspace_id", "channel_account_id", "started_at"],
        sqlite_where=has_gap,
        postgresql_where=has_gap,
    )
    op.create_table(
        "account_hour",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("channel_account_id", ROW_ID, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Double(), nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        _belongs("account_hour", "channel_account"),
        _belongs("account_hour", "workspace"),
        sa.PrimaryKeyConstraint("id", name="pk_account_hour"),
        sa.UniqueConstraint("channel_account_id", "hour", name="uq_account_hour_channel_account_id_hour"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_hour_workspace_id", "account_hour", ["workspace_id"])
    op.execute(
        "UPDATE channel_account SET complete_to = (SELECT max(started_at) FROM poll_record"
        " WHERE poll_record.channel_account_id = channel_account.id AND outcome = 'done')"
    )
    hour = "strftime('%Y-%m-%d %H:00:00.000000', started_at)"
    if op.get_bind().dialect.name == "postgresql":
        hour = "date_trunc('hour', started_at, 'UTC')"
    op.execute(
        "INSERT INTO account_hour (workspace_id, channel_account_id, hour, new_count, cost_usd)"  # noqa: S608 - no value from outside
        f" SELECT workspace_id, channel_account_id, {hour}, sum(new_count), sum(cost_usd) FROM poll_record"
        f" WHERE new_count > 0 OR cost_usd > 0 GROUP BY workspace_id, channel_account_id, {hour}"
    )


def _guard_labels() -> None:
    """What was said of a post cannot be rewritten; the reasons, which quote it, can be taken away."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(LABELS_POSTGRESQL)
        return
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in LABEL_COLUMNS)
    connection.exec_driver_sql(LABELS_SQLITE.format(changed=changed))


def _index_mentions(name: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, "mention", ["channel_account_id", *columns], sqlite_where=only, postgresql_where=only)


def _belongs(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=f"fk_{table}_{to}_id", ondelete="CASCADE")
