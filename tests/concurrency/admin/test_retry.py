"""Several administrators, one dead letter; several consoles, one tenant."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import text
from tests.api.admin.test_dashboard import add_dead

from belgenet.admin.services import work
from belgenet.core.security import Role


def test_one_letter_is_retried_once(system: Any, tenant: Any) -> None:
    letter = add_dead(system, tenant)[0]
    admins = [system.sign_in(tenant, Role.TENANT_ADMIN).client for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: client.post(f"/admin/dead-letters/{letter}/retry"), admins))
    assert {answer.status_int for answer in answers} == {200}
    assert system.sql("SELECT count(*) FROM audit_events WHERE action = 'dead_letter.retry'") == [(1,)]
    assert system.sql("SELECT state, attempts FROM outbox_deliveries") == [("pending", 0)]


def test_many_letters_are_each_retried_once(system: Any, tenant: Any) -> None:
    add_dead(system, tenant, 40)
    admins = [system.sign_in(tenant, Role.TENANT_ADMIN).client for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        ask = {"limit": 15}
        answers = list(pool.map(lambda client: client.post("/admin/dead-letters/retry", ask, status=200).json, admins))
    assert sum(answer["retried"] for answer in answers) == 40
    assert system.sql("SELECT count(*) FROM outbox_deliveries WHERE state = 'pending'") == [(40,)]


def test_one_version_is_changed_once(system: Any, tenant: Any) -> None:
    roots = [system.sign_in(None, Role.SUPER_ADMIN).client for _ in range(4)]

    def rename(numbered: tuple[int, Any]) -> int:
        number, client = numbered
        answer = client.patch(f"/platform/tenants/{tenant.id}", {"name": f"Ad {number}"}, headers={"If-Match": '"v1"'})
        return int(answer.status_int)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(rename, enumerate(roots))) == [200, 412, 412, 412]
    assert system.sql("SELECT version FROM tenants") == [(2,)]
    assert system.sql("SELECT count(*) FROM audit_events") == [(1,)]


def test_one_slug_makes_one_tenant(system: Any) -> None:
    roots = [system.sign_in(None, Role.SUPER_ADMIN).client for _ in range(4)]
    body = {"slug": "koleji", "name": "Deneme Koleji", "kind": "academy"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: client.post("/platform/tenants", body).status_int, roots))
    assert sorted(answers) == [201, 409, 409, 409]
    assert system.sql("SELECT count(*) FROM tenants") == [(1,)]


def test_no_plan_of_the_database_retries_more_than_asked_for(system: Any, tenant: Any) -> None:
    """A choice with ``SKIP LOCKED`` and ``LIMIT`` that runs again for each row finds other rows each time."""
    add_dead(system, tenant, 40)
    with system.session(tenant) as session:
        for kind in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"):
            session.execute(text(f"SET LOCAL enable_{kind} = off"))
        assert len(work.retry_many(session, None, 3)) == 3
    assert system.sql("SELECT count(*) FROM outbox_deliveries WHERE state = 'pending'") == [(3,)]
