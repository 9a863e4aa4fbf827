"""What platforms send by webhook is kept before anybody looks inside."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook_parcel",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("channel_account_id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_account_id"],
            ["channel_account.id"],
            name="fk_webhook_parcel_channel_account_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_webhook_parcel_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_parcel"),
        sa.UniqueConstraint("channel_account_id", "key", name="uq_webhook_parcel_channel_account_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_parcel_received_at", "webhook_parcel", ["received_at"])
    op.create_index("ix_webhook_parcel_workspace_id", "webhook_parcel", ["workspace_id"])
