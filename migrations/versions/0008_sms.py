"""Outgoing SMS, the number a certificate's owner is told by, and when the text of a message was forgotten."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import tenant_table

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("certificates", sa.Column("phone", sa.String))
    op.create_table(
        "sms_messages",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("dedupe_key", sa.String, nullable=False),
        sa.Column("template", sa.String, nullable=False),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("provider_id", sa.String),
        sa.Column("sending_since", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("last_error", sa.String),
        sa.Column("forgotten_at", TIME),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_sms_messages"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_sms_messages_tenant_id_id"),
        sa.UniqueConstraint("tenant_id", "dedupe_key", name="uq_sms_messages_tenant_id_dedupe_key"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_sms_messages_tenant_id_tenants"),
        sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'unknown')", name="ck_sms_messages_state"),
        sa.CheckConstraint("segments > 0", name="ck_sms_messages_segments"),
    )
    op.create_index("ix_sms_messages_tenant_id_created_at_id", "sms_messages", ["tenant_id", "created_at", "id"])
    op.create_index(
        "ix_sms_messages_not_sent",
        "sms_messages",
        ["tenant_id", "updated_at"],
        postgresql_where=sa.text("state IN ('failed', 'unknown') AND forgotten_at IS NULL"),
    )
    op.create_index(
        "ix_sms_messages_sending",
        "sms_messages",
        ["tenant_id", "sending_since"],
        postgresql_where=sa.text("state = 'sending'"),
    )
    tenant_table("sms_messages", "SELECT, INSERT, UPDATE")
    op.add_column("mail_messages", sa.Column("forgotten_at", TIME))
    for table in ("mail_messages", "sms_messages"):
        op.create_index(
            f"ix_{table}_kept", table, ["tenant_id", "created_at"], postgresql_where=sa.text("forgotten_at IS NULL")
        )


def downgrade() -> None:
    op.drop_column("mail_messages", "forgotten_at")
    op.drop_table("sms_messages")
    op.drop_column("certificates", "phone")
