"""The people behind the profiles, what comes after an answer, and why each reply was written."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

LINKS_APPEND_ONLY = {
    "sqlite": """
CREATE TRIGGER tr_customer_link_append_only BEFORE UPDATE ON customer_link
BEGIN SELECT RAISE(ABORT, 'customer_link is append-only'); END
""",
    "postgresql": """
CREATE TRIGGER tr_customer_link_append_only BEFORE UPDATE ON customer_link
FOR EACH ROW EXECUTE FUNCTION refuse_update()
""",
}


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("persona", sa.String(length=40), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("purchases_consent", sa.String(length=8), nullable=False),
        sa.Column("purchases_consented_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_customer_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_customer_workspace_id", "customer", ["workspace_id"])

    op.create_table(
        "purchase",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=True),
        sa.Column("buyer_key", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("total", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("ordered_at", MOMENT, nullable=False),
        sa.Column("shipped_at", MOMENT, nullable=True),
        sa.Column("expected_at", MOMENT, nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("consented", sa.Boolean(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_purchase_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_purchase"),
        sa.UniqueConstraint(
            "workspace_id", "source", "external_id", name="uq_purchase_workspace_id_source_external_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_purchase_buyer_key", "purchase", ["buyer_key"])
    op.create_index("ix_purchase_customer_ordered", "purchase", ["customer_id", "ordered_at"])
    op.create_index("ix_purchase_number", "purchase", ["workspace_id", "number"])
    op.create_index("ix_purchase_workspace_id", "purchase", ["workspace_id"])

    op.create_table(
        "shop_account",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("next_poll_at", MOMENT, nullable=False),
        sa.Column("polled_at", MOMENT, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_shop_account_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_shop_account"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_shop_account_workspace_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_account_workspace_id", "shop_account", ["workspace_id"])

    op.create_table(
        "customer_note",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_customer_note_customer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_customer_note_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_customer_note_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer_note"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_customer_note_customer_id", "customer_note", ["customer_id"])
    op.create_index("ix_customer_note_user_id", "customer_note", ["user_id"])
    op.create_index("ix_customer_note_workspace_id", "customer_note", ["workspace_id"])

    op.create_table(
        "customer_link",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("author_id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_customer_link_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_customer_link_customer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_customer_link_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer_link"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_customer_link_author_id", "customer_link", ["author_id"])
    op.create_index("ix_customer_link_customer_id", "customer_link", ["customer_id"])
    op.create_index("ix_customer_link_workspace_id", "customer_link", ["workspace_id"])
    connection = op.get_bind()
    connection.exec_driver_sql(LINKS_APPEND_ONLY[connection.dialect.name])

    op.create_table(
        "opt_out",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("author_id", ROW_ID, nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=True),
        sa.Column("user_id", ROW_ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_opt_out_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_opt_out_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_opt_out"),
        sa.UniqueConstraint("author_id", name="uq_opt_out_author_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_opt_out_workspace_id", "opt_out", ["workspace_id"])

    op.create_table(
        "survey",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("follow_up_id", ROW_ID, nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.String(length=8), nullable=False),
        sa.Column("answer_mention_id", ROW_ID, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_survey_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_survey_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
        sa.UniqueConstraint("conversation_id", "kind", name="uq_survey_conversation_id_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_survey_answered", "survey", ["workspace_id", "answered_at"])
    op.create_index("ix_survey_workspace_id", "survey", ["workspace_id"])

    op.create_table(
        "faq_gap",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("topic", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("nearest", sa.String(length=80), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("closed_by", ROW_ID, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name="fk_faq_gap_mention_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_faq_gap_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_faq_gap"),
        sa.UniqueConstraint("mention_id", name="uq_faq_gap_mention_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_faq_gap_open", "faq_gap", ["workspace_id", "brand", "state", "id"])
    op.create_index("ix_faq_gap_workspace_id", "faq_gap", ["workspace_id"])

    op.create_table(
        "follow_up",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("planned_by", ROW_ID, nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("claim_token", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_follow_up_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name="fk_follow_up_mention_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_follow_up_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_follow_up_conversation", "follow_up", ["conversation_id", "purpose"])
    op.create_index("ix_follow_up_due", "follow_up", ["workspace_id", "state", "due_at"])
    op.create_index("ix_follow_up_mention_id", "follow_up", ["mention_id"])
    op.create_index("ix_follow_up_workspace_id", "follow_up", ["workspace_id"])

    op.create_table(
        "testimonial",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mention_id", ROW_ID, nullable=False),
        sa.Column("author_id", ROW_ID, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer_mention_id", ROW_ID, nullable=True),
        sa.Column("recorded_by", ROW_ID, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_testimonial_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name="fk_testimonial_mention_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_testimonial_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_testimonial"),
        sa.UniqueConstraint("mention_id", name="uq_testimonial_mention_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_testimonial_author_id", "testimonial", ["author_id"])
    op.create_index("ix_testimonial_workspace_id", "testimonial", ["workspace_id"])

    op.add_column("author", sa.Column("customer_id", ROW_ID, nullable=True))
    op.create_index("ix_author_customer_id", "author", ["customer_id"])
    op.create_index("ix_author_handle", "author", ["workspace_id", "handle"])
    op.create_index("ix_author_display_name", "author", ["workspace_id", "display_name"])
    op.create_index("ix_author_url", "author", ["workspace_id", "url"])

    op.create_index("ix_mention_author", "mention", ["author_id", "created_at", "id"])
    op.drop_index("ix_mention_author_id", table_name="mention")

    op.add_column("conversation", sa.Column("follow_up_at", MOMENT, nullable=True))
    op.create_index(
        "ix_conversation_follow_up",
        "conversation",
        ["workspace_id", "follow_up_at", "id"],
        sqlite_where=sa.text("follow_up_at IS NOT NULL"),
        postgresql_where=sa.text("follow_up_at IS NOT NULL"),
    )

    op.add_column("delivery", sa.Column("purpose", sa.String(length=12), server_default="answer", nullable=False))
    op.drop_index(
        "uq_delivery_live",
        table_name="delivery",
        sqlite_where=sa.text("state IN ('held', 'queued', 'sending', 'sent', 'uncertain', 'handed_off')"),
    )
    op.create_index(
        "uq_delivery_live",
        "delivery",
        ["mention_id", "visibility", "purpose"],
        unique=True,
        sqlite_where=sa.text("state IN ('held', 'queued', 'sending', 'sent', 'uncertain', 'handed_off')"),
        postgresql_where=sa.text("state IN ('held', 'queued', 'sending', 'sent', 'uncertain', 'handed_off')"),
    )

    op.add_column("draft", sa.Column("purpose", sa.String(length=12), server_default="answer", nullable=False))

    op.add_column("reply", sa.Column("purpose", sa.String(length=12), server_default="answer", nullable=False))
