"""Lists: order, cursors, search, and a cost that does not grow."""

import uuid
from urllib.parse import quote

import pytest

MANY = """
INSERT INTO orders (id, tenant_id, number, account_id, status, currency, total_minor, paid_minor, refunded_minor, locale,
                    contact_name, contact_email)
SELECT (lpad(to_hex(1600000000000 + n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid, :tenant,
       'VA-' || lpad(n::text, 8, '0'), :account, CASE n % 50 WHEN 0 THEN 'paid' ELSE 'expired' END, 'TRY', 100, 0, 0, 'tr',
       'Ayşe ' || n, 'buyer' || n || '@example.org'
FROM generate_series(1, :n) n
"""


def _fill(till, count):
    till.sql(MANY, tenant=till.tenant.id, account=till.buyer.account_id, n=count)


def test_own_orders_are_newest_first_and_page_to_the_end(till):
    placed = [till.order()["number"] for _ in range(5)]
    seen, cursor = [], ""
    while True:
        page = till.buyer.client.get(f"/me/orders?limit=2{cursor}", status=200).json
        seen += [order["number"] for order in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == placed[::-1]


def test_the_number_of_queries_does_not_depend_on_the_number_of_orders(till):
    def cost(path, client):
        client.get(path, status=200)
        with till.system.count_queries() as seen:
            client.get(path, status=200)
        return len(seen)

    order = till.bought()
    paths = [
        ("/me/orders?limit=50", till.buyer),
        ("/admin/orders?limit=50", till.admin),
        (f"/orders/{order['id']}", till.buyer),
    ]
    paths.append((f"/admin/orders/{order['id']}", till.admin))
    before = [cost(path, person.client) for path, person in paths]
    for _ in range(4):
        till.order(("A", 1))
    till.refund(order, "1.00")
    till.refund(order, "1.00")
    assert [cost(path, person.client) for path, person in paths] == before


def test_a_hundred_thousand_orders_page_in_constant_time(till):
    """Buffers the server touched, not seconds: the same at the beginning and at the end of the list, filtered or not."""
    _fill(till, 100_000)
    till.sql("ANALYZE orders")
    deep = uuid.UUID("01748765-eb50-7000-8000-00000000c350")
    tenant = f"SELECT set_config('app.tenant_id', '{till.tenant.id}', false)"
    for condition in ("", "status = 'paid'", f"account_id = '{till.buyer.account_id}'"):
        costs = []
        for cursor in ("", f"id < '{deep}'"):
            where = " AND ".join(part for part in (condition, cursor) if part) or "true"
            statement = (
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM orders WHERE {where} ORDER BY id DESC LIMIT 51"
            )
            costs.append(_buffers(till, tenant, statement))
        assert max(costs) < 150, (condition, costs)


def _buffers(till, tenant, statement):
    from sqlalchemy import text

    with till.system.registry["belgenet.engine"].connect() as connection:
        connection.execute(text(tenant))
        plan = connection.execute(text(statement)).scalar()[0]["Plan"]
        connection.execute(text("SELECT set_config('app.tenant_id', '', false)"))
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def test_every_page_of_many_orders_over_http(till):
    _fill(till, 1_050)
    seen, cursor = set(), ""
    while cursor is not None:
        page = till.admin.client.get(f"/admin/orders?limit=200{cursor}", status=200).json
        seen |= {row["id"] for row in page["items"]}
        cursor = f"&cursor={page['next']}" if page["next"] else None
    assert len(seen) == 1_050


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("VA-00000007", 1),
        ("va-00000007", 1),
        ("VA-0000000", 9),
        ("buyer7@example.org", 1),
        ("BUYER7@EXAMPLE.ORG", 1),
    ],
)
def test_search(till, words, count):
    _fill(till, 60)
    assert len(till.admin.client.get("/admin/orders", status=200).json["items"]) == 50
    found = till.admin.client.get(f"/admin/orders?q={quote(words)}", status=200).json["items"]
    assert len(found) == count


def test_search_by_name_and_by_state(till):
    _fill(till, 60)
    till.order()
    till.sql("UPDATE accounts SET full_name = 'İrem Çığlık' WHERE id = :a", a=till.buyer.account_id)
    for name in ("irem", "IREM", "çığlık irem", "İREM ÇIĞLIK"):
        found = till.admin.client.get(f"/admin/orders?q={quote(name)}&limit=200", status=200).json["items"]
        assert len(found) == 61, name
    assert till.admin.client.get("/admin/orders?q=Mehmet", status=200).json["items"] == []
    assert len(till.admin.client.get("/admin/orders?status=paid", status=200).json["items"]) == 1
    assert len(till.admin.client.get("/admin/orders?status=pending", status=200).json["items"]) == 1
    assert till.admin.client.get("/admin/orders?q=%25", status=200).json["items"] == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=zzz", "status=nice", "nonsense=1", "q=" + "x" * 101]
)
def test_queries_nobody_should_send(till, query):
    answer = till.admin.client.get(f"/admin/orders?{query}", status=400).json
    assert answer["code"] in {"invalid_input", "invalid_cursor"}


def test_figures_for_the_panel(till):
    from datetime import timedelta

    from belgenet.commerce.figures import OwnFigures
    from belgenet.core.db import utcnow

    till.bought(("A", 2))
    till.refund(till.bought(), "25.00")
    till.begin(till.order())
    now = utcnow()
    with till.system.session(till.tenant) as session:
        figures = OwnFigures().figures(session, now - timedelta(days=1), now + timedelta(days=1))
        days = OwnFigures().days(session, now - timedelta(days=1), now + timedelta(days=1), "Europe/Istanbul")
    assert (figures.orders_placed, figures.orders_paid, figures.orders_pending) == (3, 2, 1)
    assert (figures.received_minor, figures.refunded_minor) == ({"TRY": 37_500}, {"TRY": 2_500})
    assert (figures.open_attempts, figures.open_reviews, figures.unallocated_orders) == (1, 0, 0)
    assert sum(day.orders for day in days) == 2
    assert sum(day.revenue_minor["TRY"] for day in days) == 35_000
