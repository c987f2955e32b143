"""Files: names for bytes in the object store."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import tenant_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("subject_kind", sa.String),
        sa.Column("subject_id", sa.Uuid),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("content_type", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.CHAR(64)),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("visibility", sa.String, nullable=False),
        sa.Column("scan", sa.String, nullable=False),
        sa.Column("upload_expires_at", TIME),
        sa.Column("deleted_at", TIME),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_files_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_files_tenant_id_tenants"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["memberships.tenant_id", "memberships.account_id"],
            name="fk_files_tenant_id_owner_id_memberships",
        ),
        sa.CheckConstraint("state IN ('pending', 'ready', 'rejected')", name="ck_files_state"),
        sa.CheckConstraint("visibility IN ('public', 'private')", name="ck_files_visibility"),
        sa.CheckConstraint("scan IN ('unscanned', 'clean', 'infected')", name="ck_files_scan"),
        sa.CheckConstraint("size >= 0", name="ck_files_size"),
        sa.CheckConstraint("state <> 'ready' OR sha256 IS NOT NULL", name="ck_files_ready_has_digest"),
        sa.CheckConstraint("num_nonnulls(subject_kind, subject_id) <> 1", name="ck_files_subject_is_whole"),
    )
    op.create_index("ix_files_tenant_id_owner_id", "files", ["tenant_id", "owner_id"])
    op.create_index("ix_files_tenant_id_sha256", "files", ["tenant_id", "sha256"])
    op.create_index(
        "ix_files_subject",
        "files",
        ["tenant_id", "subject_kind", "subject_id"],
        postgresql_where=sa.text("subject_id IS NOT NULL"),
    )
    op.create_index(
        "ix_files_unfinished",
        "files",
        ["tenant_id", "created_at"],
        postgresql_where=sa.text("state <> 'ready' OR deleted_at IS NOT NULL OR upload_expires_at IS NOT NULL"),
    )
    tenant_table("files")


def downgrade() -> None:
    op.drop_table("files")
