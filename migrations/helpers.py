"""Building blocks of migrations."""

from alembic import op

APP_ROLE = "belgenet_app"
PLATFORM_ROLE = "belgenet_platform"
RELAY_ROLE = "belgenet_relay"

CURRENT_TENANT = "NULLIF(current_setting('app.tenant_id', true), '')::uuid"


def enable_rls(table: str) -> None:
    """Wall two: forced row level security by ``tenant_id``. A pooled connection's setting is '' after use, hence NULLIF."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant_isolation ON {table} "
        f"USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT})"
    )


def grant_app(table: str, privileges: str = "SELECT, INSERT, UPDATE, DELETE", *, platform: str | None = None) -> None:
    """Give the application role what it needs on the table and no more. The platform role passes row level security, so it reads
    all and writes only what ``platform`` names: what the institution's console and ``belgenet tenant|user`` write.
    """
    op.execute(f"GRANT {privileges} ON {table} TO {APP_ROLE}")
    op.execute(f"GRANT SELECT{f', {platform}' if platform else ''} ON {table} TO {PLATFORM_ROLE}")


def append_only(table: str) -> None:
    """Refuse UPDATE and DELETE for everyone, the owner included: the rows are evidence."""
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def tenant_table(
    table: str, privileges: str = "SELECT, INSERT, UPDATE, DELETE", *, platform: str | None = None
) -> None:
    """What every tenant table ends with: row level security and grants, see :func:`grant_app`."""
    enable_rls(table)
    grant_app(table, privileges, platform=platform)
