"""Accounts, memberships, sessions, one-time tokens, failed sign-ins; outgoing mail."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import APP_ROLE, grant_app, tenant_table
from sqlalchemy.dialects import postgresql as pg

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)
OF_THE_PERSON = (
    "email",
    "full_name",
    "phone",
    "locale",
    "password_hash",
    "is_guest",
    "email_verified_at",
    "disabled_at",
    "sessions_since",
    "merged_into_id",
    "updated_at",
)
"""What the application changes of an account: all but its roles on the platform."""
BY_THE_PLATFORM = (
    "INSERT, UPDATE (full_name, locale, password_hash, platform_roles, email_verified_at, sessions_since, updated_at)"
)
KEYS_OF_AN_ADMINISTRATOR = ("email", "password_hash", "is_guest", "email_verified_at", "disabled_at", "merged_into_id")
"""What opens or shuts an account. An administrator's of the platform change as the platform role only."""
CONTINUED = (
    "token_hash",
    "previous_hash",
    "salt",
    "device",
    "address",
    "authenticated_at",
    "rotated_at",
    "expires_at",
    "revoked_at",
    "revoked_for",
)
"""What continues or ends a session at the platform's door; whose it is, and the family its tokens must be of, stay as they are."""


def upgrade() -> None:
    _accounts()
    _memberships()
    _sessions()
    _registration_attempts()
    _one_time_tokens()
    _sign_in_failures()
    _mail_messages()
    _account_rights()
    grant_app("one_time_tokens")
    grant_app("sign_in_failures", platform="DELETE")
    grant_app("platform_sessions", f"SELECT, UPDATE ({', '.join(CONTINUED)}), DELETE", platform="INSERT")
    grant_app("registration_attempts", platform="DELETE")
    tenant_table("memberships", "SELECT, INSERT, UPDATE", platform="INSERT")
    tenant_table("refresh_sessions")
    tenant_table("mail_messages", "SELECT, INSERT, UPDATE")


def _account_rights() -> None:
    """The application serves every account, but makes nobody an administrator of the platform, removes none, and neither gives one
    another key nor opens a session at the platform's door: that takes the platform role, so that SQL smuggled through the
    application's role does not open the institution's console. It may lock their row, end their sessions, and change how they
    are called, for they sign in and look after their profile through the application too.
    """
    grant_app("accounts", f"SELECT, INSERT, UPDATE ({', '.join(OF_THE_PERSON)}), DELETE", platform=BY_THE_PLATFORM)
    op.execute("ALTER TABLE accounts ENABLE ROW LEVEL SECURITY")
    nobody_special = "platform_roles = '{}'"
    for verb, condition in (
        ("SELECT", "USING (true)"),
        ("INSERT", f"WITH CHECK ({nobody_special})"),
        ("UPDATE", "USING (true)"),
        ("DELETE", f"USING ({nobody_special})"),
    ):
        op.execute(f"CREATE POLICY app_{verb.lower()} ON accounts FOR {verb} TO {APP_ROLE} {condition}")
    op.execute(
        "CREATE FUNCTION keep_platform_keys() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF current_user = '{APP_ROLE}' THEN RAISE EXCEPTION 'the keys of a platform administrator are the platform role''s' "
        "USING ERRCODE = 'insufficient_privilege'; END IF; RETURN NEW; END $$"
    )
    old, new = (", ".join(f"{row}.{column}" for column in KEYS_OF_AN_ADMINISTRATOR) for row in ("OLD", "NEW"))
    op.execute(
        "CREATE TRIGGER accounts_keep_platform_keys BEFORE UPDATE ON accounts FOR EACH ROW "
        f"WHEN (NOT OLD.{nobody_special} AND ({new}) IS DISTINCT FROM ({old})) EXECUTE FUNCTION keep_platform_keys()"
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("full_name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("password_hash", sa.String),
        sa.Column("is_guest", sa.Boolean, nullable=False),
        sa.Column("platform_roles", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("email_verified_at", TIME),
        sa.Column("disabled_at", TIME),
        sa.Column("sessions_since", TIME, nullable=False),
        sa.Column("merged_into_id", sa.Uuid),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.ForeignKeyConstraint(["merged_into_id"], ["accounts.id"], name="fk_accounts_merged_into_id_accounts"),
        sa.CheckConstraint("NOT is_guest OR password_hash IS NULL", name="ck_accounts_guest_has_no_password"),
    )
    op.create_index("uq_accounts_email", "accounts", ["email"], unique=True, postgresql_where=sa.text("NOT is_guest"))
    op.create_index("ix_accounts_guest_email", "accounts", ["email"], postgresql_where=sa.text("is_guest"))


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("full_name", sa.String),
        sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("disabled_at", TIME),
        sa.Column("last_sign_in_at", TIME),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_memberships_tenant_id_id"),
        sa.UniqueConstraint("tenant_id", "account_id", name="uq_memberships_tenant_id_account_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_memberships_tenant_id_tenants"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_memberships_account_id_accounts"),
        sa.CheckConstraint("cardinality(roles) > 0", name="ck_memberships_has_a_role"),
    )
    op.create_index("ix_memberships_tenant_id_created_at_id", "memberships", ["tenant_id", "created_at", "id"])


def _session_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("family_hash", sa.LargeBinary, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("address", sa.String),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("authenticated_at", TIME, nullable=False),
        sa.Column("rotated_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.Column("revoked_for", sa.String),
    ]


def _sessions() -> None:
    op.create_table(
        "refresh_sessions",
        *_session_columns(),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_sessions"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_refresh_sessions_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_refresh_sessions_tenant_id_tenants"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["memberships.tenant_id", "memberships.account_id"],
            name="fk_refresh_sessions_tenant_id_account_id_memberships",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_refresh_sessions_tenant_id_account_id", "refresh_sessions", ["tenant_id", "account_id"])
    op.create_table(
        "platform_sessions",
        *_session_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_platform_sessions"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_platform_sessions_account_id_accounts", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_platform_sessions_account_id", "platform_sessions", ["account_id"])


def _registration_attempts() -> None:
    op.create_table(
        "registration_attempts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("full_name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("token_hash", sa.LargeBinary),
        sa.Column("expires_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_registration_attempts"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_registration_attempts_account_id_accounts", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token_hash", name="uq_registration_attempts_token_hash"),
    )
    op.create_index("ix_registration_attempts_account_id_id", "registration_attempts", ["account_id", "id"])
    op.create_index("ix_registration_attempts_created_at", "registration_attempts", ["created_at"])


def _one_time_tokens() -> None:
    op.create_table(
        "one_time_tokens",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_tokens"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_one_time_tokens_account_id_accounts", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("account_id", "purpose", name="uq_one_time_tokens_account_id_purpose"),
        sa.UniqueConstraint("token_hash", name="uq_one_time_tokens_token_hash"),
    )


def _sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("email_digest", sa.LargeBinary, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("email_digest", "address", name="pk_sign_in_failures"),
    )


def _mail_messages() -> None:
    op.create_table(
        "mail_messages",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("dedupe_key", sa.String, nullable=False),
        sa.Column("template", sa.String, nullable=False),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("recipient_name", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("html", sa.String, nullable=False),
        sa.Column("attachments", pg.JSONB, nullable=False),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("sending_since", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("last_error", sa.String),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_mail_messages"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_mail_messages_tenant_id_id"),
        sa.UniqueConstraint("tenant_id", "dedupe_key", name="uq_mail_messages_tenant_id_dedupe_key"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_mail_messages_tenant_id_tenants"),
        sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="ck_mail_messages_state"),
    )
    op.create_index("ix_mail_messages_tenant_id_created_at_id", "mail_messages", ["tenant_id", "created_at", "id"])


def downgrade() -> None:
    for table in (
        "mail_messages",
        "sign_in_failures",
        "one_time_tokens",
        "registration_attempts",
        "platform_sessions",
        "refresh_sessions",
        "memberships",
        "accounts",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_platform_keys()")
