"""Orders, payments, refunds, webhook inbox, reviews and the ledger."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import append_only, tenant_table
from sqlalchemy.dialects import postgresql as pg

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('created', 'pending', 'unknown')")
STATES = "state IN ('created', 'pending', 'unknown', 'confirmed', 'failed', 'mismatch')"


def keys(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("tenant_id", "id", name=f"uq_{table}_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id_tenants"),
    ]


def stamps() -> list[sa.Column]:
    return [
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
    ]


def parent(table: str, target: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=f"fk_{table}_tenant_id_{column}_{target}",
    )


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=f"ck_{table}_{name}")


def minor(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String, nullable=nullable)


def upgrade() -> None:
    _orders()
    _order_lines()
    _payments()
    _attempts()
    _refunds()
    _events()
    _webhooks()
    _ledger()
    for table in ("orders", "order_lines", "payments", "payment_attempts", "payment_item_refs", "refunds"):
        tenant_table(table, "SELECT, INSERT, UPDATE")
    tenant_table("payment_reviews", "SELECT, INSERT, UPDATE")
    tenant_table("webhook_inbox", "SELECT, INSERT, UPDATE, DELETE")
    for table in ("payment_events", "ledger_entries", "ledger_lines"):
        tenant_table(table, "SELECT, INSERT")
        append_only(table)


def _orders() -> None:
    t = "orders"
    op.create_table(
        t,
        *keys(t),
        text("number"),
        sa.Column("account_id", sa.Uuid, nullable=False),
        text("status"),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        minor("total_minor"),
        minor("paid_minor"),
        minor("refunded_minor"),
        text("locale"),
        text("contact_name"),
        text("contact_email"),
        text("contact_phone", nullable=True),
        text("client_address", nullable=True),
        sa.Column("hold_expires_at", TIME),
        sa.Column("paid_at", TIME),
        sa.Column("allocated_at", TIME),
        sa.Column("expired_at", TIME),
        sa.Column("canceled_at", TIME),
        text("cancel_reason", nullable=True),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        *stamps(),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_orders_account_id_accounts"),
        unique(t, "tenant_id", "number"),
        check(t, "amounts", "total_minor >= 0 AND paid_minor >= 0 AND refunded_minor >= 0"),
        check(t, "refunded", "refunded_minor <= paid_minor"),
    )
    op.create_index("ix_orders_tenant_id_account_id_id", t, ["tenant_id", "account_id", "id"])
    op.create_index("ix_orders_tenant_id_status_id", t, ["tenant_id", "status", "id"])
    op.create_index("ix_orders_tenant_id_contact_email_id", t, ["tenant_id", "contact_email", "id"])
    paid = sa.text("paid_at IS NOT NULL")
    op.create_index("ix_orders_tenant_id_paid_at", t, ["tenant_id", "paid_at"], postgresql_where=paid)
    unpaid = sa.text("status = 'pending'")
    op.create_index("ix_orders_tenant_id_hold_expires_at", t, ["tenant_id", "hold_expires_at"], postgresql_where=unpaid)


def _order_lines() -> None:
    t = "order_lines"
    op.create_table(
        t,
        *keys(t),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        text("kind"),
        text("ref"),
        text("title"),
        text("category"),
        sa.Column("quantity", sa.Integer, nullable=False),
        minor("unit_price_minor"),
        minor("total_minor"),
        sa.Column("tax_rate_percent", sa.Numeric(5, 2), nullable=False),
        minor("net_minor"),
        minor("tax_minor"),
        text("revenue_account"),
        sa.Column("certificate_follows", sa.Boolean, nullable=False),
        text("state"),
        sa.Column("details", pg.JSONB, nullable=False),
        parent(t, "orders", "order_id"),
        unique(t, "tenant_id", "order_id", "position"),
        check(t, "quantity", "quantity > 0 AND unit_price_minor >= 0"),
        check(t, "total", "total_minor = quantity * unit_price_minor"),
        check(t, "tax", "net_minor + tax_minor = total_minor"),
        check(t, "state", "state IN ('held', 'released', 'fulfilled', 'revoked')"),
    )
    op.create_index("ix_order_lines_tenant_id_kind_ref", t, ["tenant_id", "kind", "ref"])


def _payments() -> None:
    t = "payments"
    op.create_table(
        t,
        *keys(t),
        sa.Column("order_id", sa.Uuid, nullable=False),
        text("provider"),
        minor("amount_minor"),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        text("state"),
        text("provider_ref", nullable=True),
        minor("charged_minor", nullable=True),
        minor("fees_minor", nullable=True),
        sa.Column("installment", sa.Integer),
        text("card_brand", nullable=True),
        text("card_last4", nullable=True),
        text("decline", nullable=True),
        sa.Column("confirmed_at", TIME),
        *stamps(),
        parent(t, "orders", "order_id"),
        check(t, "amount", "amount_minor > 0"),
        check(t, "state", STATES),
    )
    op.create_index("ix_payments_tenant_id_order_id_id", t, ["tenant_id", "order_id", "id"])
    op.create_index("uq_payments_open", t, ["tenant_id", "order_id", "provider"], unique=True, postgresql_where=OPEN)
    t = "payment_item_refs"
    op.create_table(
        t,
        *keys(t),
        sa.Column("payment_id", sa.Uuid, nullable=False),
        text("line_id"),
        text("item_ref"),
        minor("amount_minor"),
        parent(t, "payments", "payment_id"),
        unique(t, "tenant_id", "payment_id", "item_ref"),
    )


def _attempts() -> None:
    t = "payment_attempts"
    op.create_table(
        t,
        *keys(t),
        sa.Column("payment_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        text("provider"),
        minor("amount_minor"),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        text("state"),
        text("token", nullable=True),
        text("redirect_url", nullable=True),
        sa.Column("expires_at", TIME),
        text("provider_ref", nullable=True),
        text("decline", nullable=True),
        text("error", nullable=True),
        text("client_address", nullable=True),
        sa.Column("request", pg.JSONB),
        sa.Column("response", pg.JSONB),
        sa.Column("checks", sa.Integer, nullable=False),
        sa.Column("checked_at", TIME),
        sa.Column("check_after", TIME, nullable=False),
        *stamps(),
        parent(t, "payments", "payment_id"),
        parent(t, "orders", "order_id"),
        check(t, "amount", "amount_minor > 0"),
        check(t, "state", STATES),
        unique(t, "tenant_id", "provider", "token"),
        unique(t, "tenant_id", "provider", "provider_ref"),
    )
    op.create_index("uq_payment_attempts_open", t, ["tenant_id", "payment_id"], unique=True, postgresql_where=OPEN)
    op.create_index("ix_payment_attempts_due", t, ["tenant_id", "check_after"], postgresql_where=OPEN)
    op.create_index("ix_payment_attempts_tenant_id_order_id_id", t, ["tenant_id", "order_id", "id"])


def _refunds() -> None:
    t = "refunds"
    op.create_table(
        t,
        *keys(t),
        sa.Column("payment_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        minor("amount_minor"),
        minor("done_minor"),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        text("state"),
        text("origin"),
        text("reason"),
        text("request_key"),
        sa.Column("requested_by", sa.Uuid),
        sa.Column("line_ids", pg.ARRAY(sa.Uuid), nullable=False),
        text("provider_ref", nullable=True),
        text("error", nullable=True),
        sa.Column("response", pg.JSONB),
        sa.Column("checks", sa.Integer, nullable=False),
        sa.Column("check_after", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        *stamps(),
        parent(t, "payments", "payment_id"),
        parent(t, "orders", "order_id"),
        check(t, "amount", "amount_minor > 0 AND done_minor >= 0 AND done_minor <= amount_minor"),
        check(t, "state", "state IN ('created', 'in_transit', 'unknown', 'done', 'failed')"),
        check(t, "origin", "origin IN ('ours', 'provider')"),
        unique(t, "tenant_id", "request_key"),
        unique(t, "tenant_id", "payment_id", "provider_ref"),
    )
    op.create_index("ix_refunds_tenant_id_order_id_id", t, ["tenant_id", "order_id", "id"])
    op.create_index(
        "ix_refunds_due",
        t,
        ["tenant_id", "check_after"],
        postgresql_where=sa.text("state IN ('created', 'in_transit', 'unknown')"),
    )


def _events() -> None:
    t = "payment_events"
    op.create_table(
        t,
        *keys(t),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("attempt_id", sa.Uuid),
        text("kind"),
        text("source"),
        sa.Column("data", pg.JSONB, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        parent(t, "orders", "order_id"),
    )
    op.create_index("ix_payment_events_tenant_id_order_id_id", t, ["tenant_id", "order_id", "id"])
    t = "payment_reviews"
    op.create_table(
        t,
        *keys(t),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("payment_id", sa.Uuid),
        text("kind"),
        text("dedupe_key"),
        sa.Column("details", pg.JSONB, nullable=False),
        text("state"),
        text("note", nullable=True),
        sa.Column("resolved_by", sa.Uuid),
        sa.Column("resolved_at", TIME),
        *stamps(),
        parent(t, "orders", "order_id"),
        unique(t, "tenant_id", "dedupe_key"),
        check(t, "state", "state IN ('open', 'resolved')"),
    )
    op.create_index("ix_payment_reviews_tenant_id_state_id", t, ["tenant_id", "state", "id"])
    op.create_index("ix_payment_reviews_tenant_id_order_id", t, ["tenant_id", "order_id"])


def _webhooks() -> None:
    t = "webhook_inbox"
    op.create_table(
        t,
        *keys(t),
        text("provider"),
        text("event_key"),
        text("event_type"),
        text("status_hint", nullable=True),
        sa.Column("signed", sa.Boolean, nullable=False),
        sa.Column("lookup", pg.JSONB, nullable=False),
        text("state"),
        sa.Column("attempt_id", sa.Uuid),
        sa.Column("occurred_at", TIME),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("processed_at", TIME),
        text("reason", nullable=True),
        sa.Column("dismissed_by", sa.Uuid),
        sa.Column("dismissed_at", TIME),
        unique(t, "tenant_id", "provider", "event_key"),
        check(t, "state", "state IN ('received', 'done', 'ignored', 'unmatched', 'dismissed')"),
        check(t, "dismissed", "(state = 'dismissed') = (dismissed_at IS NOT NULL AND reason IS NOT NULL)"),
    )
    finished = sa.text("state IN ('done', 'ignored', 'dismissed')")
    op.create_index("ix_webhook_inbox_finished", t, ["tenant_id", "received_at"], postgresql_where=finished)
    op.create_index("ix_webhook_inbox_tenant_id_state_id", t, ["tenant_id", "state", "id"])


def _ledger() -> None:
    t = "ledger_entries"
    op.create_table(
        t,
        *keys(t),
        text("kind"),
        sa.Column("source_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        parent(t, "orders", "order_id"),
        unique(t, "tenant_id", "kind", "source_id"),
    )
    op.create_index("ix_ledger_entries_tenant_id_order_id_id", t, ["tenant_id", "order_id", "id"])
    t = "ledger_lines"
    op.create_table(
        t,
        *keys(t),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        text("account"),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        minor("amount_minor"),
        parent(t, "ledger_entries", "entry_id"),
        check(t, "amount", "amount_minor <> 0"),
    )
    op.create_index("ix_ledger_lines_tenant_id_entry_id", t, ["tenant_id", "entry_id"])
    op.create_index("ix_ledger_lines_tenant_id_account", t, ["tenant_id", "account", "currency"])
    op.execute(
        """
        CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE entry uuid := CASE TG_TABLE_NAME WHEN 'ledger_entries' THEN NEW.id ELSE (to_jsonb(NEW)->>'entry_id')::uuid END;
        BEGIN
          IF NOT EXISTS (SELECT FROM ledger_lines l WHERE l.tenant_id = NEW.tenant_id AND l.entry_id = entry) OR EXISTS (
            SELECT FROM ledger_lines l WHERE l.tenant_id = NEW.tenant_id AND l.entry_id = entry
            GROUP BY l.currency HAVING sum(l.amount_minor) <> 0
          ) THEN
            RAISE EXCEPTION 'ledger entry % does not balance', entry USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NULL;
        END $$
        """
    )
    for table in ("ledger_entries", "ledger_lines"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balanced()"
        )


def downgrade() -> None:
    for table in (
        "ledger_lines",
        "ledger_entries",
        "webhook_inbox",
        "payment_reviews",
        "payment_events",
        "refunds",
        "payment_attempts",
        "payment_item_refs",
        "payments",
        "order_lines",
        "orders",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION ledger_balanced()")
