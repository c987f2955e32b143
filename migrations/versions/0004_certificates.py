"""Certificates, their templates, numbers and the tenants' signing keys."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import tenant_table
from sqlalchemy.dialects import postgresql as pg

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)


def _tenant_columns(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("tenant_id", "id", name=f"uq_{table}_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id_tenants"),
    ]


def upgrade() -> None:
    _templates()
    _certificates()
    _words()
    _keys()
    _counters()


def _templates() -> None:
    op.create_table(
        "certificate_templates",
        *_tenant_columns("certificate_templates"),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("html", sa.String, nullable=False),
        sa.Column("css", sa.String, nullable=False),
        sa.Column("packaged", sa.Boolean, nullable=False),
        sa.Column("author_id", sa.Uuid),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint(
            "tenant_id", "kind", "locale", "number", name="uq_certificate_templates_tenant_id_kind_locale_number"
        ),
    )
    # Versions stay as they were: certificates refer to them.
    tenant_table("certificate_templates", "SELECT, INSERT")


def _certificates() -> None:
    op.create_table(
        "certificates",
        *_tenant_columns("certificates"),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("code", sa.CHAR(16), nullable=False),
        sa.Column("number", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("facts", pg.JSONB),
        sa.Column("template_id", sa.Uuid),
        sa.Column("object_key", sa.String),
        sa.Column("sha256", sa.CHAR(64)),
        sa.Column("size", sa.Integer),
        sa.Column("pages", sa.Integer),
        sa.Column("issued_on", sa.Date),
        sa.Column("generation", sa.Uuid),
        sa.Column("generating_since", TIME),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.String),
        sa.Column("ready_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.Column("revocation_reason", sa.String),
        sa.Column("revocation_note", sa.String),
        sa.Column("replaced_by", sa.Uuid),
        sa.Column("replaces", sa.Uuid),
        sa.Column("issue_note", sa.String),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.UniqueConstraint("tenant_id", "code", name="uq_certificates_tenant_id_code"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_certificates_tenant_id_number"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replaced_by"],
            ["certificates.tenant_id", "certificates.id"],
            name="fk_certificates_tenant_id_replaced_by_certificates",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replaces"],
            ["certificates.tenant_id", "certificates.id"],
            name="fk_certificates_tenant_id_replaces_certificates",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "template_id"],
            ["certificate_templates.tenant_id", "certificate_templates.id"],
            name="fk_certificates_tenant_id_template_id_certificate_templates",
        ),
        sa.CheckConstraint(
            "state IN ('PENDING', 'GENERATING', 'READY', 'FAILED', 'REVOKED')", name="ck_certificates_state"
        ),
        sa.CheckConstraint(
            "state <> 'READY' OR (object_key IS NOT NULL AND sha256 IS NOT NULL)",
            name="ck_certificates_ready_is_stored",
        ),
        sa.CheckConstraint(
            "replaces IS NULL OR NOT current AND state <> 'REVOKED'", name="ck_certificates_successor_is_not_current"
        ),
        sa.CheckConstraint("(state = 'REVOKED') = (revoked_at IS NOT NULL)", name="ck_certificates_revoked_has_time"),
    )
    tenant_table("certificates", "SELECT, INSERT, UPDATE")
    current = ["tenant_id", "kind", "subject_id"]
    where = sa.text("current")
    op.create_index("uq_certificates_current_subject", "certificates", current, unique=True, postgresql_where=where)
    where = sa.text("replaces IS NOT NULL")
    successor = ["tenant_id", "replaces"]
    op.create_index("uq_certificates_successor", "certificates", successor, unique=True, postgresql_where=where)
    for name, columns in (
        ("owner_id", ["tenant_id", "owner_id", "id"]),
        ("order_id", ["tenant_id", "order_id"]),
        ("state", ["tenant_id", "state", "id"]),
    ):
        op.create_index(f"ix_certificates_tenant_id_{name}", "certificates", columns)
    revoked = sa.text("revoked_at IS NOT NULL")
    op.create_index("ix_certificates_revoked", "certificates", ["tenant_id", "revoked_at"], postgresql_where=revoked)


WRITE_WORDS = r"""
CREATE FUNCTION write_certificate_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM certificate_words WHERE tenant_id = NEW.tenant_id AND certificate_id = NEW.id;
  INSERT INTO certificate_words (tenant_id, word, certificate_id)
  SELECT NEW.tenant_id, word, NEW.id
  FROM regexp_split_to_table(
    lower(translate(concat_ws(' ', NEW.recipient, NEW.email, NEW.number, ltrim(right(NEW.number, 6), '0')),
                    E'İIıÇçĞğÖöŞşÜüÂâÎîÛû\u0307', 'iiiccggoossuuaaiiuu')),
    '[ \t\n\r\f\v!-/:-@\[-`{-~]+') AS word
  WHERE word <> ''
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$
"""
"""As ``belgenet.core.db.folding`` does it in queries."""


def _words() -> None:
    op.create_table(
        "certificate_words",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.Column("certificate_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "word", "certificate_id", name="pk_certificate_words"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "certificate_id"],
            ["certificates.tenant_id", "certificates.id"],
            name="fk_certificate_words_tenant_id_certificate_id_certificates",
            ondelete="CASCADE",
        ),
    )
    tenant_table("certificate_words", "SELECT, INSERT, DELETE")
    columns = ["tenant_id", "certificate_id"]
    op.create_index("ix_certificate_words_tenant_id_certificate_id", "certificate_words", columns)
    op.execute(WRITE_WORDS)
    op.execute("""
        CREATE TRIGGER write_words AFTER INSERT OR UPDATE OF recipient, email, number ON certificates
        FOR EACH ROW EXECUTE FUNCTION write_certificate_words()
    """)


def _keys() -> None:
    op.create_table(
        "signing_keys",
        *_tenant_columns("signing_keys"),
        sa.Column("kid", sa.String, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("public", sa.String, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("not_before", TIME, nullable=False),
        sa.Column("not_after", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("retired_at", TIME),
        sa.UniqueConstraint("tenant_id", "kid", name="uq_signing_keys_tenant_id_kid"),
        sa.CheckConstraint("purpose IN ('root', 'pdf', 'qr')", name="ck_signing_keys_purpose"),
        sa.CheckConstraint("state IN ('ACTIVE', 'RETIRED', 'WITHDRAWN')", name="ck_signing_keys_state"),
    )
    # A key that signed anything stays published: no DELETE.
    tenant_table("signing_keys", "SELECT, INSERT, UPDATE")
    active = sa.text("state = 'ACTIVE'")
    op.create_index(
        "uq_signing_keys_active_purpose", "signing_keys", ["tenant_id", "purpose"], unique=True, postgresql_where=active
    )


def _counters() -> None:
    op.create_table(
        "certificate_counters",
        *_tenant_columns("certificate_counters"),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.UniqueConstraint("tenant_id", "year", name="uq_certificate_counters_tenant_id_year"),
    )
    tenant_table("certificate_counters", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    tables = ("certificate_counters", "signing_keys", "certificate_words", "certificates", "certificate_templates")
    for table in tables:
        op.drop_table(table)
    op.execute("DROP FUNCTION write_certificate_words()")
