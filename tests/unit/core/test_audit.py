"""The audit chain notices what was changed behind its back."""

from typing import Any

from belgenet.core import audit
from belgenet.core.audit import chain


def fill(system: Any, tenant: Any, count: int) -> None:
    with system.request(tenant) as request:
        for number in range(count):
            audit.record(request, "test.act", "thing", number, before={"n": number}, after={"n": number + 1})
    backdate(system)
    with system.request(tenant) as request:
        chain.seal(request)


def backdate(system: Any) -> None:
    owner_sql(
        system,
        "UPDATE audit_events SET created_at = created_at - interval '1 minute' WHERE created_at > now() - interval '20 seconds'",
    )


def owner_sql(system: Any, statement: str) -> None:
    from sqlalchemy import text

    with system._owner.begin() as connection:
        connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY"))
        connection.execute(text(statement))
        connection.execute(text("ALTER TABLE audit_events FORCE ROW LEVEL SECURITY"))
        connection.execute(text("ALTER TABLE audit_events ENABLE TRIGGER USER"))


def findings(system: Any, tenant: Any) -> list[str]:
    with system.session(tenant) as session:
        return list(chain.verify(session))


def test_chain_grows_and_verifies(system: Any, tenant: Any) -> None:
    fill(system, tenant, 3)
    fill(system, tenant, 2)
    with system.session(tenant) as session:
        assert chain.sealed_count(session) == 5
    assert findings(system, tenant) == []


def test_changed_event_is_found(system: Any, tenant: Any) -> None:
    fill(system, tenant, 3)
    owner_sql(system, "UPDATE audit_events SET after = '{\"n\": 99}' WHERE target_id = '1'")
    assert "was changed" in findings(system, tenant)[0]


def test_deleted_event_is_found(system: Any, tenant: Any) -> None:
    fill(system, tenant, 3)
    owner_sql(system, "DELETE FROM audit_events WHERE target_id = '0'")
    assert "is missing" in findings(system, tenant)[0]


def test_chains_of_two_tenants_are_apart(system: Any, tenant: Any, other_tenant: Any) -> None:
    fill(system, tenant, 2)
    fill(system, other_tenant, 1)
    assert findings(system, tenant) == findings(system, other_tenant) == []
