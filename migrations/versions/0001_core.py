"""Tenants, outbox, idempotency keys, audit chain, heartbeats."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import (
    APP_ROLE,
    CURRENT_TENANT,
    PLATFORM_ROLE,
    RELAY_ROLE,
    append_only,
    enable_rls,
    grant_app,
)
from sqlalchemy.dialects import postgresql as pg

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)
OWN_SETTINGS = ("name", "locale", "time_zone", "branding", "overrides", "version", "updated_at")
"""What a tenant's administrator changes; address, kind, currency and suspension are the institution's."""
RUN = ("state", "attempts", "available_at", "started_at", "finished_at", "last_error")
"""What a worker writes of a delivery; where it came from and who gets it is the relay's."""


def tenant_columns(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("tenant_id", "id", name=f"uq_{table}_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id_tenants"),
    ]


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    _tenants()
    _outbox()
    _idempotency()
    _audit()
    _processes()
    op.execute(f"GRANT SELECT ON alembic_version TO {APP_ROLE}, {PLATFORM_ROLE}")


def _tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("domain", sa.String),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("time_zone", sa.String, nullable=False),
        sa.Column("branding", pg.JSONB, nullable=False),
        sa.Column("overrides", pg.JSONB, nullable=False),
        sa.Column("suspended_at", TIME),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
        sa.UniqueConstraint("slug", name="uq_tenants_slug"),
        sa.UniqueConstraint("domain", name="uq_tenants_domain"),
        sa.CheckConstraint("kind IN ('academy', 'charity')", name="ck_tenants_kind"),
    )
    op.execute("ALTER TABLE tenants ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY tenants_read ON tenants FOR SELECT USING (true)")
    op.execute(
        f"CREATE POLICY tenants_own ON tenants FOR UPDATE USING (id = {CURRENT_TENANT}) WITH CHECK (id = {CURRENT_TENANT})"
    )
    op.execute(f"GRANT SELECT, UPDATE ({', '.join(OWN_SETTINGS)}) ON tenants TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON tenants TO {PLATFORM_ROLE}")


def _outbox() -> None:
    op.create_table(
        "outbox",
        *tenant_columns("outbox"),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("dedupe_key", sa.String, nullable=False),
        sa.Column("payload", pg.JSONB, nullable=False),
        sa.Column("request_id", sa.String),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("dispatched_at", TIME),
        sa.UniqueConstraint("tenant_id", "topic", "dedupe_key", name="uq_outbox_tenant_id_topic_dedupe_key"),
    )
    op.create_index("ix_outbox_waiting", "outbox", ["id"], postgresql_where=sa.text("dispatched_at IS NULL"))
    op.create_table(
        "outbox_deliveries",
        *tenant_columns("outbox_deliveries"),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("consumer", sa.String, nullable=False),
        sa.Column("queue", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("available_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("last_error", sa.String),
        sa.ForeignKeyConstraint(
            ["tenant_id", "event_id"],
            ["outbox.tenant_id", "outbox.id"],
            name="fk_outbox_deliveries_tenant_id_event_id_outbox",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("event_id", "consumer", name="uq_outbox_deliveries_event_id_consumer"),
        sa.CheckConstraint("state IN ('pending', 'done', 'dead')", name="ck_outbox_deliveries_state"),
    )
    op.create_index(
        "ix_outbox_deliveries_due", "outbox_deliveries", ["available_at"], postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index("ix_outbox_deliveries_tenant_id_state", "outbox_deliveries", ["tenant_id", "state", "id"])
    for table in ("outbox", "outbox_deliveries"):
        enable_rls(table)
        op.execute(f"CREATE POLICY relay ON {table} TO {RELAY_ROLE} USING (true) WITH CHECK (true)")
    grant_app("outbox", "SELECT, INSERT, DELETE", platform="INSERT")
    grant_app("outbox_deliveries", f"SELECT, UPDATE ({', '.join(RUN)}), DELETE")
    op.execute(f"GRANT SELECT, UPDATE (dispatched_at) ON outbox TO {RELAY_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (available_at) ON outbox_deliveries TO {RELAY_ROLE}")


def _idempotency() -> None:
    op.create_table(
        "idempotency_keys",
        *tenant_columns("idempotency_keys"),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("request_hash", sa.CHAR(64), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("headers", pg.JSONB),
        sa.Column("body", sa.LargeBinary),
        sa.Column("account_id", sa.Uuid),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("tenant_id", "scope", "key", name="uq_idempotency_keys_tenant_id_scope_key"),
    )
    enable_rls("idempotency_keys")
    grant_app("idempotency_keys")


def _audit() -> None:
    op.create_table(
        "audit_events",
        *tenant_columns("audit_events"),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("actor_id", sa.Uuid),
        sa.Column("actor_address", sa.String),
        sa.Column("target_type", sa.String, nullable=False),
        sa.Column("target_id", sa.String, nullable=False),
        sa.Column("before", pg.JSONB),
        sa.Column("after", pg.JSONB),
        sa.Column("request_id", sa.String),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_audit_events_tenant_id_target", "audit_events", ["tenant_id", "target_type", "target_id"])
    op.create_table(
        "audit_seals",
        *tenant_columns("audit_seals"),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.CHAR(64), nullable=False),
        sa.UniqueConstraint("tenant_id", "event_id", name="uq_audit_seals_tenant_id_event_id"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_audit_seals_tenant_id_number"),
    )
    op.create_table(
        "audit_unsealed",
        *tenant_columns("audit_unsealed"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["audit_events.tenant_id", "audit_events.id"],
            name="fk_audit_unsealed_tenant_id_id_audit_events",
        ),
    )
    op.execute(
        "CREATE FUNCTION note_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO audit_unsealed (id, tenant_id) VALUES (NEW.id, NEW.tenant_id); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_events_note_unsealed AFTER INSERT ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION note_unsealed()"
    )
    enable_rls("audit_unsealed")
    grant_app("audit_unsealed", "SELECT, INSERT, DELETE", platform="INSERT")
    for table in ("audit_events", "audit_seals"):
        enable_rls(table)
        append_only(table)
    grant_app("audit_events", "SELECT, INSERT", platform="INSERT")
    grant_app("audit_seals", "SELECT, INSERT")


def _processes() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("process", sa.String, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("kind", "process", name="pk_heartbeats"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON heartbeats TO {APP_ROLE}, {RELAY_ROLE}")
    op.execute(f"GRANT SELECT ON heartbeats TO {PLATFORM_ROLE}")
    op.create_table(
        "periodic_runs",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_periodic_runs"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON periodic_runs TO {APP_ROLE}")
    op.execute(f"GRANT SELECT ON periodic_runs TO {PLATFORM_ROLE}")


def downgrade() -> None:
    for table in (
        "periodic_runs",
        "heartbeats",
        "audit_seals",
        "audit_unsealed",
        "audit_events",
        "idempotency_keys",
        "outbox_deliveries",
        "outbox",
        "tenants",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION note_unsealed()")
    op.execute("DROP FUNCTION refuse_change()")
