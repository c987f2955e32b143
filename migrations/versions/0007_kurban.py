"""Campaigns, animals and their shares, participants, vekâlet texts and consents."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import append_only, tenant_table
from sqlalchemy.dialects import postgresql as pg

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)

KEEP_HOLDER = """
CREATE FUNCTION animal_share_keeps_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.order_line_id IS NOT NULL AND NEW.order_line_id IS NOT NULL AND OLD.order_line_id <> NEW.order_line_id THEN
    RAISE EXCEPTION 'share % belongs to another order line', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
"""A share changes hands only by being freed first; no code path can sell it from under its holder."""


def upgrade() -> None:
    _campaigns()
    _options()
    _animals()
    _shares()
    _participants()
    _consent_texts()
    _consents()


def downgrade() -> None:
    tables = (
        "consents",
        "consent_texts",
        "share_participants",
        "animal_shares",
        "animals",
        "campaign_options",
        "campaigns",
    )
    for table in tables:
        op.drop_table(table)
    op.execute("DROP FUNCTION animal_share_keeps_holder()")


def _tenant_columns(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("tenant_id", "id", name=f"uq_{table}_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id_tenants"),
    ]


def _timestamps() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
    ]


def _fk(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_tenant_id_{column}_{parent}"
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=name)


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        *_tenant_columns("campaigns"),
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("title", pg.JSONB, nullable=False),
        sa.Column("summary", pg.JSONB, nullable=False),
        sa.Column("description", pg.JSONB, nullable=False),
        sa.Column("region", pg.JSONB, nullable=False),
        sa.Column("slaughter_date", sa.Date, nullable=False),
        sa.Column("closes_at", TIME, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("image_url", sa.String),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        *_timestamps(),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_campaigns_tenant_id_slug"),
        sa.CheckConstraint("kind IN ('vacip', 'adak', 'akika', 'sukur', 'nafile')", name="ck_campaigns_kind"),
        sa.CheckConstraint("status IN ('draft', 'published', 'closed')", name="ck_campaigns_status"),
    )
    tenant_table("campaigns", "SELECT, INSERT, UPDATE")
    op.create_index("ix_campaigns_tenant_id_status", "campaigns", ["tenant_id", "status", "closes_at", "id"])


def _options() -> None:
    table = "campaign_options"
    op.create_table(
        table,
        *_tenant_columns(table),
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("title", pg.JSONB, nullable=False),
        sa.Column("animal_class", sa.String, nullable=False),
        sa.Column("shares_per_animal", sa.Integer, nullable=False),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        *_timestamps(),
        _fk(table, "campaign_id", "campaigns"),
        sa.CheckConstraint(
            "(animal_class = 'cattle' AND shares_per_animal = 7) OR (animal_class = 'small' AND shares_per_animal = 1)",
            name="ck_campaign_options_shares_per_animal",
        ),
        sa.CheckConstraint("price_minor > 0", name="ck_campaign_options_price_minor"),
    )
    tenant_table(table, "SELECT, INSERT, UPDATE")
    op.create_index("ix_campaign_options_tenant_id_campaign_id", table, ["tenant_id", "campaign_id", "position", "id"])


def _animals() -> None:
    op.create_table(
        "animals",
        *_tenant_columns("animals"),
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("option_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("animal_class", sa.String, nullable=False),
        sa.Column("ear_tag", sa.String),
        sa.Column("state", sa.String, nullable=False),
        *_timestamps(),
        _fk("animals", "campaign_id", "campaigns"),
        _fk("animals", "option_id", "campaign_options"),
        sa.UniqueConstraint("tenant_id", "campaign_id", "number", name="uq_animals_tenant_id_campaign_id_number"),
        sa.UniqueConstraint("tenant_id", "ear_tag", name="uq_animals_tenant_id_ear_tag"),
        sa.CheckConstraint("state IN ('planned', 'purchased', 'ready', 'slaughtered')", name="ck_animals_state"),
    )
    tenant_table("animals")
    op.create_index("ix_animals_tenant_id_option_id", "animals", ["tenant_id", "option_id"])


def _shares() -> None:
    table = "animal_shares"
    op.create_table(
        table,
        *_tenant_columns(table),
        sa.Column("animal_id", sa.Uuid, nullable=False),
        sa.Column("option_id", sa.Uuid, nullable=False),
        sa.Column("share_no", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("order_line_id", sa.Uuid),
        sa.Column("sold_at", TIME),
        _fk(table, "animal_id", "animals"),
        _fk(table, "option_id", "campaign_options"),
        _fk(table, "order_line_id", "order_lines"),
        sa.UniqueConstraint("tenant_id", "animal_id", "share_no", name="uq_animal_shares_tenant_id_animal_id_share_no"),
        sa.CheckConstraint("share_no BETWEEN 1 AND 7", name="ck_animal_shares_share_no"),
        sa.CheckConstraint("state IN ('free', 'held', 'sold', 'refunded', 'withdrawn')", name="ck_animal_shares_state"),
        sa.CheckConstraint(
            "(state IN ('free', 'withdrawn')) = (order_line_id IS NULL)", name="ck_animal_shares_holder"
        ),
        sa.CheckConstraint("(state IN ('sold', 'refunded')) = (sold_at IS NOT NULL)", name="ck_animal_shares_sold_at"),
    )
    tenant_table(table)
    op.create_index(
        "ix_animal_shares_free",
        table,
        ["tenant_id", "option_id", "animal_id"],
        postgresql_where=sa.text("state = 'free'"),
    )
    op.create_index("ix_animal_shares_tenant_id_order_line_id", table, ["tenant_id", "order_line_id"])
    op.execute(KEEP_HOLDER)
    op.execute(
        f"CREATE TRIGGER {table}_keep_holder BEFORE UPDATE OF order_line_id ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION animal_share_keeps_holder()"
    )


def _participants() -> None:
    table = "share_participants"
    op.create_table(
        table,
        *_tenant_columns(table),
        sa.Column("order_line_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("share_id", sa.Uuid),
        sa.Column("full_name", sa.String, nullable=False),
        sa.Column("intention", sa.String, nullable=False),
        sa.Column("relation", sa.String),
        _fk(table, "order_line_id", "order_lines"),
        _fk(table, "share_id", "animal_shares"),
        sa.UniqueConstraint("tenant_id", "share_id", name="uq_share_participants_tenant_id_share_id"),
        sa.UniqueConstraint(
            "tenant_id", "order_line_id", "position", name="uq_share_participants_tenant_id_order_line_id_position"
        ),
        sa.CheckConstraint(
            "intention IN ('vacip', 'adak', 'akika', 'sukur', 'nafile')", name="ck_share_participants_intention"
        ),
    )
    tenant_table(table, "SELECT, INSERT, UPDATE")


def _consent_texts() -> None:
    table = "consent_texts"
    op.create_table(
        table,
        *_tenant_columns(table),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("published_by", sa.Uuid),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("tenant_id", "locale", "version", name="uq_consent_texts_tenant_id_locale_version"),
        sa.CheckConstraint("locale IN ('tr', 'en')", name="ck_consent_texts_locale"),
        sa.CheckConstraint("version > 0", name="ck_consent_texts_version"),
        sa.CheckConstraint("sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')", name="ck_consent_texts_sha256"),
    )
    tenant_table(table, "SELECT, INSERT")
    append_only(table)


def _consents() -> None:
    table = "consents"
    op.create_table(
        table,
        *_tenant_columns(table),
        sa.Column("participant_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("text_id", sa.Uuid, nullable=False),
        sa.Column("text_version", sa.Integer, nullable=False),
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("locale", sa.String, nullable=False),
        sa.Column("giver_account_id", sa.Uuid, nullable=False),
        sa.Column("shareholder_name", sa.String, nullable=False),
        sa.Column("intention", sa.String, nullable=False),
        sa.Column("relation", sa.String),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("address", pg.INET),
        sa.Column("user_agent", sa.String),
        _fk(table, "text_id", "consent_texts"),
        _fk(table, "participant_id", "share_participants"),
        sa.ForeignKeyConstraint(["giver_account_id"], ["accounts.id"], name="fk_consents_giver_account_id_accounts"),
        sa.UniqueConstraint("tenant_id", "participant_id", name="uq_consents_tenant_id_participant_id"),
        sa.CheckConstraint("method IN ('web', 'phone', 'office', 'recorded_call')", name="ck_consents_method"),
    )
    tenant_table(table, "SELECT, INSERT")
    append_only(table)
    op.create_index("ix_consents_tenant_id_order_id", table, ["tenant_id", "order_id"])
    op.create_index("ix_consents_tenant_id_text_id", table, ["tenant_id", "text_id"])
