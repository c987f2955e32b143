"""Reading, proving and exporting the audit log."""

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest

from belgenet.core import audit
from belgenet.core.audit.chain import seal
from belgenet.core.db import utcnow
from belgenet.core.security import Role


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN)


def record(system: Any, tenant: Any, action: str, target: object = "1", kind: str = "thing", **change: Any) -> None:
    with system.request(tenant) as request:
        audit.record(request, action, kind, target, **change)


def actions(client: Any, query: str = "") -> list[str]:
    return [item["action"] for item in client.get(f"/admin/audit{query}", status=200).json["items"]]


def test_newest_first_with_names(system: Any, tenant: Any, admin: Any) -> None:
    admin.client.get("/admin/audit/export", status=200)
    record(system, tenant, "user.update", before={"roles": ["DONOR"]}, after={"roles": ["OPERATOR"]})
    found = admin.client.get("/admin/audit", status=200).json["items"]
    assert [item["action"] for item in found] == ["user.update", "audit.export"]
    assert found[0]["actor_name"] is None
    assert found[0]["after"] == {"roles": ["OPERATOR"]}
    assert found[1]["actor_id"] == str(admin.account_id)
    assert found[1]["actor_name"]
    assert found[1]["actor_address"] == "127.0.0.9"


def test_filters(system: Any, tenant: Any, admin: Any) -> None:
    record(system, tenant, "user.update", "a", "account")
    record(system, tenant, "user.create", "b", "account")
    record(system, tenant, "userx.create", "b", "thing")
    client = admin.client
    assert actions(client, "?action=user") == ["user.create", "user.update"]
    assert actions(client, "?action=user.update") == ["user.update"]
    assert actions(client, "?action=us%25") == []
    assert actions(client, "?target=account") == ["user.create", "user.update"]
    assert actions(client, "?target=account:b") == ["user.create"]
    assert actions(client, f"?actor={uuid.uuid4()}") == []
    earlier = (utcnow() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = (utcnow() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(actions(client, f"?from={earlier}&to={later}")) == 3
    assert actions(client, f"?to={earlier}") == []
    assert actions(client, f"?from={later}") == []


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "from=2026-01-01T00:00:00",
        "actor=me",
        "cursor=x",
        "limit=0",
        "nobody=1",
        "to=99999-01-01T00:00:00Z",
    ],
)
def test_wrong_filters(admin: Any, query: str) -> None:
    assert admin.client.get(f"/admin/audit?{query}").status_int == 400


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"])
def test_far_times(admin: Any, when: str) -> None:
    assert admin.client.get(f"/admin/audit?from={when}").status_int == 200
    assert admin.client.get(f"/admin/audit?to={when}").status_int == 200


def test_pages_are_stable_while_events_arrive(system: Any, tenant: Any, admin: Any) -> None:
    for number in range(5):
        record(system, tenant, f"test.{number}")
    first = admin.client.get("/admin/audit?limit=2").json
    record(system, tenant, "test.late")
    second = admin.client.get(f"/admin/audit?limit=2&cursor={first['next']}").json
    assert [item["action"] for item in first["items"] + second["items"]] == ["test.4", "test.3", "test.2", "test.1"]


def test_the_chain_is_whole_until_somebody_changes_it(system: Any, tenant: Any, admin: Any) -> None:
    for number in range(3):
        record(system, tenant, f"test.{number}")
    with system.request(tenant) as request:
        seal(request)
    assert admin.client.get("/admin/audit/verify", status=200).json == {"whole": True, "sealed": 3, "finding": None}
    _as_owner(system, "UPDATE audit_events SET after = '{}' WHERE action = 'test.1'")
    verdict = admin.client.get("/admin/audit/verify", status=200).json
    assert verdict["whole"] is False
    assert "changed" in verdict["finding"]


def test_export_is_text_to_a_spreadsheet(system: Any, tenant: Any, admin: Any) -> None:
    for target in ("=1+1", "+SUM(A1)", "-2", "@cmd", " =x", "\t=x", 'ordinary, "quoted"\nline', "Çağrı 🐑"):
        record(system, tenant, "test.act", target, after={"name": "=HYPERLINK(1)"})
    answer = admin.client.get("/admin/audit/export?action=test", status=200)
    assert answer.content_type == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))
    assert len(rows) == 8
    cells = [cell for row in rows for cell in row.values()]
    assert not any(cell.strip(" ").startswith(("=", "+", "-", "@", "\t")) for cell in cells)
    assert rows[0]["target_id"] == "Çağrı 🐑"
    assert rows[1]["target_id"] == 'ordinary, "quoted"\nline'
    assert actions(admin.client, "?action=audit.export") == ["audit.export"]


def test_of_another_tenant_nothing_is_seen(system: Any, tenant: Any, other_tenant: Any, admin: Any) -> None:
    record(system, other_tenant, "test.secret")
    assert actions(admin.client) == []
    assert "secret" not in admin.client.get("/admin/audit/export").text


def test_only_administrators(system: Any, tenant: Any, app: Any) -> None:
    for path in ("/admin/audit", "/admin/audit/verify", "/admin/audit/export"):
        assert system.sign_in(tenant, Role.OPERATOR).client.get(path).status_int == 403
        assert app.get(path).status_int == 401


def test_number_of_queries_does_not_grow(system: Any, tenant: Any, admin: Any) -> None:
    counts = []
    for number in (1, 10, 40):
        for _ in range(number):
            record(system, tenant, "test.act")
        with system.count_queries() as seen:
            admin.client.get("/admin/audit", status=200)
        counts.append(len(seen))
    assert len(set(counts)) == 1


def _as_owner(system: Any, statement: str) -> None:
    """What only somebody with the keys of the database could do."""
    from sqlalchemy import text

    with system._owner.begin() as connection:
        connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY"))
        connection.execute(text(statement))
        connection.execute(text("ALTER TABLE audit_events FORCE ROW LEVEL SECURITY"))
        connection.execute(text("ALTER TABLE audit_events ENABLE TRIGGER USER"))
