"""The audit chain notices what was changed behind its back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from belgenet.core import audit
from belgenet.core.audit import AuditEvent, chain
from belgenet.core.db import utcnow


def act(system: Any, tenant: Any, count: int) -> None:
    with system.request(tenant) as request:
        for number in range(count):
            audit.record(request, "test.act", "thing", number, before={"n": number}, after={"n": number + 1})


def seal(system: Any, tenant: Any) -> None:
    with system.request(tenant) as request:
        chain.seal(request)


def fill(system: Any, tenant: Any, count: int) -> None:
    act(system, tenant, count)
    seal(system, tenant)


def owner_sql(system: Any, statement: str) -> None:
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


def test_what_commits_late_is_sealed_late_and_nothing_is_left_out(system: Any, tenant: Any) -> None:
    """Its id is smaller than those of events that were sealed before it became visible."""
    with system.session(tenant) as slow:
        slow.add(AuditEvent(action="test.slow", target_type="thing", target_id="slow"))
        slow.flush()
        fill(system, tenant, 2)
    seal(system, tenant)
    sealed = system.sql(
        "SELECT e.target_id FROM audit_seals s JOIN audit_events e ON e.id = s.event_id ORDER BY number"
    )
    assert [target for (target,) in sealed] == ["0", "1", "slow"]
    assert findings(system, tenant) == []
    assert system.sql("SELECT count(*) FROM audit_unsealed") == [(0,)]


def test_sealing_goes_on_batch_by_batch(system: Any, tenant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 2)
    act(system, tenant, 5)
    for _ in range(3):
        seal(system, tenant)
    with system.session(tenant) as session:
        assert chain.sealed_count(session) == 5
    assert findings(system, tenant) == []
    owner_sql(system, "UPDATE audit_events SET after = '{}' WHERE target_id = '4'")
    assert "number 5) was changed" in findings(system, tenant)[0]


def test_a_walk_asks_once_per_batch(system: Any, tenant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(system, tenant, 6)
    monkeypatch.setattr(chain, "BATCH", 3)
    with system.count_queries() as seen:
        assert findings(system, tenant) == []
    assert len([statement for statement in seen if "LEFT OUTER JOIN" in statement]) == 3


def test_an_event_kept_out_of_the_chain_is_found(system: Any, tenant: Any) -> None:
    fill(system, tenant, 1)
    act(system, tenant, 1)
    assert findings(system, tenant) == [], "one that waits is fine"
    system.sql("DELETE FROM audit_unsealed")
    assert "was kept out" in findings(system, tenant)[0]


def test_only_what_happened_can_wait_for_a_seal(system: Any, tenant: Any) -> None:
    """Made-up rows with early ids would fill every batch, and nothing real would be sealed any more."""
    with pytest.raises(IntegrityError, match="audit_events"), system.session(tenant) as session:
        session.execute(
            text("INSERT INTO audit_unsealed (id, tenant_id) VALUES (gen_random_uuid(), :tenant)"),
            {"tenant": tenant.id},
        )


def test_an_event_put_up_twice_does_not_stop_the_sealing(system: Any, tenant: Any) -> None:
    fill(system, tenant, 2)
    with system.session(tenant) as session:
        session.execute(text("INSERT INTO audit_unsealed (id, tenant_id) SELECT id, tenant_id FROM audit_events"))
    fill(system, tenant, 1)
    assert findings(system, tenant) == []
    assert system.sql("SELECT count(*) FROM audit_seals") == [(3,)]
    assert system.sql("SELECT count(*) FROM audit_unsealed") == [(0,)]


def test_what_waits_too_long_for_its_seal_is_found(system: Any, tenant: Any) -> None:
    fill(system, tenant, 1)
    for minutes in (9, 11):
        with system.session(tenant) as session:
            then = utcnow() - timedelta(minutes=minutes)
            session.add(AuditEvent(action="test.act", target_type="thing", target_id=str(minutes), created_at=then))
        if minutes == 9:
            assert findings(system, tenant) == []
    assert "more than 10 minutes" in findings(system, tenant)[0]
    seal(system, tenant)
    assert findings(system, tenant) == []


def test_a_long_log_is_neither_searched_for_new_events_nor_read_for_a_step_of_the_walk(
    system: Any, tenant: Any
) -> None:
    system.sql(
        "INSERT INTO audit_events (id, tenant_id, action, target_type, target_id, created_at)"
        " SELECT gen_random_uuid(), :tenant, 'x', 'x', n, now() FROM generate_series(1, 20000) AS n",
        tenant=tenant.id,
    )
    system.sql(
        "INSERT INTO audit_seals (id, tenant_id, event_id, number, digest)"
        " SELECT gen_random_uuid(), tenant_id, id, row_number() OVER (ORDER BY id), repeat('0', 64) FROM audit_events"
    )
    system.sql("DELETE FROM audit_unsealed")
    act(system, tenant, 3)
    with system._owner.begin() as connection:
        for table in ("audit_events", "audit_seals", "audit_unsealed"):
            connection.execute(text(f"ANALYZE {table}"))
    for statement in (chain.unsealed(), chain.links(19_980)):
        plan = explained(system, tenant, statement)
        assert "Seq Scan on audit_events" not in plan, plan
        assert "Seq Scan on audit_seals" not in plan, plan


def explained(system: Any, tenant: Any, statement: Any) -> str:
    with system.session(tenant) as session:
        dialect = session.get_bind().dialect
        sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        return "\n".join(session.execute(text(f"EXPLAIN {sql}")).scalars())
