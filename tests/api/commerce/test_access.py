"""Whose orders are whose, and input nobody should send."""

import uuid

import pytest

from belgenet.core.security import Role

BAD_LINES = [
    [],
    [{}],
    "x",
    None,
    [{"kind": "ticket", "ref": "A", "quantity": 0}],
    [{"kind": "ticket", "ref": "A", "quantity": -1}],
    [{"kind": "ticket", "ref": "A", "quantity": 1.5}],
    [{"kind": "ticket", "ref": "A", "quantity": "1"}],
    [{"kind": "ticket", "ref": "A", "quantity": 10**9}],
    [{"kind": "ticket", "ref": "A", "price": 1}],
    [{"kind": "ticket\u0000", "ref": "A"}],
    [{"kind": "ticket", "ref": "<script>"}],
    [{"kind": "ticket", "ref": "A", "details": []}],
    [{"kind": "ticket", "ref": "A"}] * 21,
]


@pytest.mark.parametrize("lines", BAD_LINES, ids=range(len(BAD_LINES)))
def test_orders_nobody_should_send(till, lines):
    answer = till.buyer.client.post("/orders", {"lines": lines}, status=400).json
    assert answer["code"] == "invalid_input"
    assert till.sql("SELECT count(*) FROM orders") == [(0,)]


def test_kinds_and_things_that_do_not_exist(till):
    assert (
        till.buyer.client.post("/orders", {"lines": [{"kind": "moon", "ref": "A"}]}, status=404).json["code"]
        == "sellable_not_found"
    )
    assert till.order(("nothing", 1), status=404)["code"] == "sellable_not_found"


def test_two_currencies_in_one_order(till):
    till.stock("euro", 5, currency="EUR")
    assert till.order(("A", 1), ("euro", 1), status=409)["code"] == "order_mixed_currencies"
    assert till.free() == 10


def test_a_total_beyond_reason(till):
    till.stock("dear", 200, price=10**11)
    assert till.order(("dear", 100), status=400)["code"] == "invalid_input"


def test_another_buyers_order_does_not_exist(till):
    order, stranger = till.order(), till.system.sign_in(till.tenant, Role.DONOR).client
    for method, path, body in [
        ("GET", "", None),
        ("POST", "/payments", {"provider": "iyzico"}),
        ("POST", "/cancel", {}),
        ("POST", "/sync", {}),
    ]:
        assert stranger.request(method, f"/orders/{order['id']}{path}", body).status_int == 404
    assert stranger.get(f"/admin/orders/{order['id']}").status_int == 404
    assert stranger.get("/me/orders").json == {"items": [], "next": None}
    assert stranger.get("/admin/orders").status_int == 403
    anonymous = till.system.client(till.tenant)
    assert anonymous.get(f"/orders/{order['id']}").status_int == 401
    assert anonymous.post("/orders", {"lines": []}).status_int == 401
    assert till.buyer.client.get(f"/orders/{uuid.uuid4()}").status_int == 404


def test_an_owner_is_no_administrator(till):
    order = till.order()
    assert till.buyer.client.get(f"/admin/orders/{order['id']}").status_int == 403
    assert till.buyer.client.post(f"/admin/orders/{order['id']}/refunds", {"reason": "x"}).status_int == 403


def test_orders_of_another_tenant_do_not_exist(till, other_tenant):
    order = till.order()
    boss = till.system.sign_in(other_tenant, Role.TENANT_ADMIN).client
    assert boss.get(f"/admin/orders/{order['id']}").status_int == 404
    assert boss.get("/admin/orders").json["items"] == []


def test_an_operator_reads_but_does_not_refund(till):
    order, operator = till.bought(), till.system.sign_in(till.tenant, Role.OPERATOR).client
    assert operator.get(f"/orders/{order['id']}").status_int == 200
    assert operator.post(f"/admin/orders/{order['id']}/refunds", {"reason": "x"}).status_int == 403


def test_a_guests_orders_move_to_the_registered_account(till):
    from belgenet.commerce.orders.services.merging import take_over_orders

    order = till.order()
    registered = till.system.sign_in(till.tenant, Role.DONOR)
    with till.system.session(till.tenant) as session:
        take_over_orders(session, from_account=till.buyer.account_id, to_account=registered.account_id)
    assert registered.client.get(f"/orders/{order['id']}").status_int == 200
    assert till.buyer.client.get(f"/orders/{order['id']}").status_int == 404


def test_a_review_is_listed_and_resolved_once(till):
    order = till.order()
    token = till.begin(order)
    till.tickets.fulfil_error = RuntimeError("x")
    till.psp.pay(token)
    till.come_back(token)
    review = till.admin.client.get("/admin/payment-reviews").json["items"][0]
    assert (review["kind"], review["order_id"]) == ("unallocated", order["id"])
    path = f"/admin/payment-reviews/{review['id']}/resolution"
    assert till.buyer.client.post(path, {"note": "x"}).status_int == 404
    resolved = till.admin.client.post(path, {"note": "iade edildi"}, status=200).json
    assert (resolved["state"], resolved["note"]) == ("resolved", "iade edildi")
    assert till.admin.client.post(path, {"note": "other"}, status=200).json["note"] == "iade edildi"
    assert till.admin.client.get("/admin/payment-reviews").json["items"] == []
    assert len(till.admin.client.get("/admin/payment-reviews?state=resolved").json["items"]) == 1


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "'; DROP TABLE orders; --", "A" * 200, "عمر الفاروق", "Ünlü Çığ", "x\u202ey"]
)
def test_strange_names_reach_the_provider_and_come_back(till, name):
    till.sql("UPDATE accounts SET full_name = :n WHERE id = :a", n=name, a=till.buyer.account_id)
    order = till.bought()
    assert order["status"] == "paid"
    assert till.admin_view(order)["customer"]["full_name"] == name


def test_the_administrators_view_tells_the_whole_story(till):
    order = till.bought()
    seen = till.admin_view(order)
    assert [event["kind"] for event in seen["events"]] == [
        "attempt.created",
        "attempt.begun",
        "payment.confirmed",
        "order.paid",
    ]
    assert seen["payments"][0]["attempts"][0]["state"] == "confirmed"
    assert seen["payments"][0]["refundable"]["amount"] == "125.00"
    assert {line["account"] for line in seen["ledger"]} >= {"customer_credit", "kdv_payable", "course_revenue_deferred"}
    assert seen["customer"]["email"] == till.buyer.email
