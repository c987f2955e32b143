"""Links by which administrators of the platform choose their password."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import PLATFORM_ROLE

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "platform_invitations",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_platform_invitations"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_platform_invitations_account_id_accounts", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token_hash", name="uq_platform_invitations_token_hash"),
    )
    # The application's role neither sees nor makes one: a link opens the institution's console.
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON platform_invitations TO {PLATFORM_ROLE}")


def downgrade() -> None:
    op.drop_table("platform_invitations")
