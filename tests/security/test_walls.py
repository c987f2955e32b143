"""Wall two: every tenant table is behind row level security, for the role the application really uses."""

import uuid
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from belgenet.core.outbox import publish
from belgenet.core.security import Role

UNPROTECTED = text("""
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity
           OR NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid
                          AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.tenant_id%'
                          AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%app.tenant_id%'))
""")
GLOBAL_TABLES = {
    "tenants",
    "accounts",
    "one_time_tokens",
    "registration_attempts",
    "platform_sessions",
    "platform_invitations",
    "sign_in_failures",
    "heartbeats",
    "periodic_runs",
    "alembic_version",
}
"""Tables of the whole installation; a new name here needs a reason in its model's docstring."""
PLAIN_FOREIGN_KEYS = text("""
    SELECT con.conname FROM pg_constraint con
    JOIN pg_class child ON child.oid = con.conrelid JOIN pg_class parent ON parent.oid = con.confrelid
    WHERE con.contype = 'f' AND cardinality(con.conkey) = 1
      AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = child.oid AND a.attname = 'tenant_id')
      AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = parent.oid AND a.attname = 'tenant_id')
""")
OPEN_UNIQUES = text("""
    SELECT c.relname || '.' || i.relname FROM pg_index x
    JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indisunique AND NOT x.indisprimary AND c.relnamespace = 'public'::regnamespace
      AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
      AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attname = 'tenant_id')
""")
INSTALLATION_WIDE_UNIQUES: set[str] = {
    "outbox_deliveries.uq_outbox_deliveries_event_id_consumer",
}
"""Keys that are unguessable or made by us, so that being unique across tenants tells nobody anything."""


def scalars(system: Any, statement: Any) -> set[str]:
    with system.superuser.connect() as connection:
        return set(connection.execute(statement).scalars())


def test_every_tenant_table_has_forced_row_level_security(system: Any) -> None:
    assert scalars(system, UNPROTECTED) == set()


def test_every_other_table_is_known_to_be_global(system: Any) -> None:
    without = text("""
        SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
    """)
    assert scalars(system, without) <= GLOBAL_TABLES


def test_foreign_keys_between_tenant_tables_carry_the_tenant(system: Any) -> None:
    assert scalars(system, PLAIN_FOREIGN_KEYS) == set()


def test_unique_keys_lead_with_the_tenant_or_are_known(system: Any) -> None:
    assert scalars(system, OPEN_UNIQUES) <= INSTALLATION_WIDE_UNIQUES


def test_the_application_role_owns_nothing_and_cannot_bypass(system: Any, tenant: Any) -> None:
    with system.session(tenant) as session:
        role = session.execute(
            text(
                "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            )
        ).one()
        owned = session.scalar(text("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"))
    assert tuple(role) == ("belgenet_app", False, False, False)
    assert owned == 0


def test_rows_of_another_tenant_do_not_exist(system: Any, tenant: Any, other_tenant: Any) -> None:
    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "one")
    system.sign_in(tenant)
    with system.session(other_tenant) as session:
        assert session.scalar(text("SELECT count(*) FROM outbox")) == 0
        assert session.execute(text("UPDATE memberships SET full_name = 'stolen'")).rowcount == 0
        assert session.execute(text("DELETE FROM outbox")).rowcount == 0
    assert system.sql("SELECT topic FROM outbox") == [("test.topic",)]
    assert system.sql("SELECT full_name FROM memberships") == [(None,)]


def test_without_a_tenant_nothing_is_visible(system: Any, tenant: Any) -> None:
    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "one")
    with system.registry["belgenet.engine"].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outbox")) == 0


def test_a_row_for_another_tenant_is_refused(system: Any, tenant: Any, other_tenant: Any) -> None:
    insert = text(
        "INSERT INTO audit_events (id, tenant_id, action, target_type, target_id, created_at)"
        " VALUES (:id, :tenant, 'x', 'x', 'x', now())"
    )
    with pytest.raises(DBAPIError, match="row-level security"), system.session(tenant) as session:
        session.execute(insert, {"id": uuid.uuid4(), "tenant": other_tenant.id})


def test_a_tenant_may_change_itself_only(system: Any, tenant: Any, other_tenant: Any) -> None:
    with system.session(tenant) as session:
        assert session.execute(text("UPDATE tenants SET name = 'x' || name")).rowcount == 1
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text("DELETE FROM tenants"))
        session.rollback()


@pytest.mark.parametrize("column", ["slug", "domain", "suspended_at", "currency"])
def test_a_tenants_address_and_standing_are_the_platforms(system: Any, tenant: Any, column: str) -> None:
    with system.session(tenant) as session:
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(f"UPDATE tenants SET {column} = DEFAULT"))
        session.rollback()


def test_evidence_cannot_be_changed_even_by_the_platform(system: Any, tenant: Any) -> None:
    with system.request(tenant) as request:
        from belgenet.core import audit

        audit.record(request, "test.act", "thing", "1")
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        system.sql("UPDATE audit_events SET action = 'nothing happened'")


def refused(system: Any, statement: str, why: str = "permission denied", **parameters: Any) -> None:
    """The application's role may not; each statement would succeed as the superuser."""
    with system.registry["belgenet.engine"].connect() as connection, pytest.raises(DBAPIError, match=why):
        connection.execute(text(statement), parameters)


def test_the_application_cannot_make_anybody_an_administrator_of_the_platform(system: Any, tenant: Any) -> None:
    person = system.sign_in(tenant)
    refused(system, "UPDATE accounts SET platform_roles = '{SUPER_ADMIN}' WHERE id = :id", id=person.account_id)
    insert = (
        "INSERT INTO accounts (id, email, full_name, locale, is_guest, platform_roles, sessions_since)"
        " VALUES (gen_random_uuid(), 'x@example.org', 'X', 'tr', false, '{SUPER_ADMIN}', now())"
    )
    refused(system, insert, "row-level security")
    raised = insert + (" ON CONFLICT (email) WHERE NOT is_guest DO UPDATE SET platform_roles = excluded.platform_roles")
    refused(system, raised)
    assert system.sql("SELECT platform_roles FROM accounts") == [([],)]


def test_the_application_cannot_remove_an_administrator_of_the_platform(system: Any) -> None:
    system.sign_in(None, Role.SUPER_ADMIN)
    with system.registry["belgenet.engine"].begin() as connection:
        connection.execute(text("DELETE FROM platform_sessions"))
        assert connection.execute(text("DELETE FROM accounts")).rowcount == 0


@pytest.mark.parametrize(
    "change",
    [
        "password_hash = 'x'",
        "email = 'mine@example.org'",
        "email_verified_at = NULL",
        "disabled_at = now()",
        "is_guest = true",
        "merged_into_id = id",
    ],
)
def test_the_application_gives_no_administrator_of_the_platform_another_key(system: Any, change: str) -> None:
    system.sign_in(None, Role.SUPER_ADMIN)
    refused(system, f"UPDATE accounts SET {change}", "platform administrator")


def test_the_application_opens_no_session_at_the_platforms_door(system: Any) -> None:
    system.sign_in(None, Role.SUPER_ADMIN)
    columns = "account_id, client, token_hash, device, created_at, authenticated_at, rotated_at, expires_at"
    copied = f"SELECT gen_random_uuid(), 'mine', {columns} FROM platform_sessions"
    refused(system, f"INSERT INTO platform_sessions (id, family_hash, {columns}) {copied}")
    for change in ("family_hash = 'mine'", "account_id = gen_random_uuid()", "id = gen_random_uuid()"):
        refused(system, f"UPDATE platform_sessions SET {change}")


def test_the_application_locks_an_administrator_and_ends_their_sessions(system: Any) -> None:
    system.sign_in(None, Role.SUPER_ADMIN)
    with system.registry["belgenet.engine"].begin() as connection:
        assert connection.execute(text("SELECT id FROM accounts FOR UPDATE")).rowcount == 1
        changed = text(
            "UPDATE accounts SET sessions_since = now(), full_name = 'Yeni Ad', password_hash = password_hash"
        )
        assert connection.execute(changed).rowcount == 1


def test_the_application_still_serves_accounts(system: Any, tenant: Any) -> None:
    person = system.sign_in(tenant)
    with system.session(tenant) as session:
        changed = text("UPDATE accounts SET full_name = 'Ayşe', password_hash = 'x' WHERE id = :id")
        assert session.execute(changed, {"id": person.account_id}).rowcount == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts SET id = gen_random_uuid()",
        "UPDATE outbox SET payload = '{}'",
        "UPDATE outbox_deliveries SET consumer = 'other'",
        "UPDATE outbox_deliveries SET tenant_id = gen_random_uuid()",
        "INSERT INTO outbox_deliveries DEFAULT VALUES",
        "DELETE FROM memberships",
        "DELETE FROM mail_messages",
        "DELETE FROM sms_messages",
        "DELETE FROM audit_seals",
        "INSERT INTO tenants DEFAULT VALUES",
    ],
)
def test_the_application_writes_no_more_than_it_must(system: Any, statement: str) -> None:
    refused(system, statement)


PLATFORM_WRITES = text("""
    SELECT DISTINCT table_name::text || ' ' || privilege_type FROM (
        SELECT table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = 'belgenet_platform'
        UNION ALL
        SELECT table_name, privilege_type FROM information_schema.column_privileges WHERE grantee = 'belgenet_platform'
    ) AS granted WHERE privilege_type <> 'SELECT'
""")


def test_the_platform_role_writes_only_what_the_console_and_the_command_line_write(system: Any) -> None:
    """It passes row level security, so each write here reaches every tenant."""
    assert scalars(system, PLATFORM_WRITES) == {
        "tenants INSERT",
        "tenants UPDATE",
        "accounts INSERT",
        "accounts UPDATE",
        "memberships INSERT",
        "platform_sessions INSERT",
        "platform_invitations INSERT",
        "platform_invitations UPDATE",
        "platform_invitations DELETE",
        "sign_in_failures DELETE",
        "registration_attempts DELETE",
        "outbox INSERT",
        "audit_events INSERT",
        "audit_unsealed INSERT",
    }


def test_the_relay_moves_the_outbox_and_rewrites_nothing(system: Any, tenant: Any) -> None:
    engine = create_engine(system.settings.database.relay_url.get_secret_value())
    for statement in ("UPDATE outbox SET payload = '{}'", "UPDATE outbox_deliveries SET state = 'done'"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(statement))
    engine.dispose()
