"""Cases that repeat another's words stand under it; deletions are told early, asked in bulk; texts are forgotten in time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("channel_account", sa.Column("quiet_polls", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("channel_account", sa.Column("deletion_ticket", sa.Text(), nullable=False, server_default=""))
    op.add_column("channel_account", sa.Column("deletion_asked_at", sa.DateTime(timezone=True)))
    op.add_column("conversation", sa.Column("gathered_under_id", ROW_ID))
    op.add_column("conversation", sa.Column("gathered_count", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_conversation_gathered_under_id", "conversation", ["gathered_under_id"])
    op.add_column("mention", sa.Column("quoted_external_id", sa.Text(), nullable=False, server_default=""))
    op.add_column("mention", sa.Column("forgotten_at", sa.DateTime(timezone=True)))
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


def _belongs(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=f"fk_{table}_{to}_id", ondelete="CASCADE")
