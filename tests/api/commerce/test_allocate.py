"""Paid, but nothing was left: the administrator adds stock and hands out after all."""

import pytest
from tests.common.catalogue import make_shop
from tests.common.till import key, together


def _too_late(till, quantity=2):
    """An order that expired, lost its goods to somebody else, and was paid on the page that was still open."""
    order = till.order(("A", quantity))
    token = till.begin(order)
    till.backdate(order, 200)
    with till.desk() as desk:
        from belgenet.commerce.payments.services import endings

        endings.expire_orders(desk)
    till.sql("UPDATE shop.stock SET free = 0 WHERE ref = 'A'")
    till.psp.pay(token)
    till.come_back(token, status=303)
    assert till.see(order)["status"] == "paid_unallocated"
    return order


def _allocate(till, order, status=200, client=None, **options):
    client = client or till.admin.client
    return client.post(f"/admin/orders/{order['id']}/allocate", status=status, **options)


def test_after_stock_came_in_the_order_is_handed_out(till):
    order = _too_late(till)
    till.sql("UPDATE shop.stock SET free = 3 WHERE ref = 'A'")
    seen = _allocate(till, order).json
    assert (seen["order"]["status"], seen["order"]["lines"][0]["state"]) == ("paid", "fulfilled")
    assert [(review["kind"], review["state"]) for review in seen["reviews"]] == [("unallocated", "resolved")]
    assert till.free() == 1
    assert till.events(order, "order.paid") == 1
    assert till.entries(order) == ["payment", "allocation"]
    assert till.ledger_sum() == 0
    assert "customer_credit" not in till.balances(order)
    logged = till.sql("SELECT before, after, target_id FROM audit_events WHERE action = 'order.allocate'")
    assert logged == [({"status": "paid_unallocated"}, {"status": "paid"}, order["id"])]


def test_without_stock_it_says_so_and_nothing_changes(till):
    order = _too_late(till)
    before = till.admin_view(order)
    problem = _allocate(till, order, status=409).json
    assert problem["code"] == "still_out_of_stock"
    assert till.admin_view(order) == before
    assert till.sql("SELECT count(*) FROM audit_events WHERE action = 'order.allocate'") == [(0,)]
    till.sql("UPDATE shop.stock SET free = 2 WHERE ref = 'A'")
    assert _allocate(till, order).json["order"]["status"] == "paid"


def test_another_fault_is_told_without_its_inner_name(till):
    order = _too_late(till)
    till.sql("UPDATE shop.stock SET free = 2 WHERE ref = 'A'")
    till.tickets.fulfil_error = RuntimeError("broken")
    problem = _allocate(till, order, status=409).json
    assert (problem["code"], problem["title"]) == ("allocation_failed", "The order could not be handed out")
    assert "fault" not in str(problem)
    assert till.free() == 2, "what was held for the try is free again"


def test_an_order_canceled_by_the_buyer_and_paid_all_the_same(till):
    order = till.order()
    token = till.begin(order)
    till.buyer.client.post(f"/orders/{order['id']}/cancel", {}, status=200)
    till.psp.pay(token)
    till.come_back(token, status=303)
    assert till.see(order)["status"] == "paid_unallocated"
    assert _allocate(till, order).json["order"]["status"] == "paid"
    assert till.free() == 9


@pytest.mark.parametrize("made", ["pending", "paid"])
def test_other_orders_have_nothing_to_hand_out(till, made):
    order = till.order() if made == "pending" else till.bought()
    assert _allocate(till, order, status=409).json["code"] == "order_not_allocatable"


def test_money_on_its_way_back_is_not_handed_out_again(till):
    order = _too_late(till)
    till.sql("UPDATE shop.stock SET free = 3 WHERE ref = 'A'")
    till.psp.arm("iyzico.*", "drop_after_commit")
    assert till.refund(order).json["state"] == "unknown"
    assert _allocate(till, order, status=409).json["code"] == "order_not_allocatable"
    assert till.free() == 3


def test_two_administrators_and_a_repeated_request_hand_out_once(till):
    order, headers = _too_late(till), key()
    till.sql("UPDATE shop.stock SET free = 5 WHERE ref = 'A'")
    answers = together(*[lambda: _allocate(till, order, status=None)] * 3)
    assert sorted(answer.status_int for answer in answers) == [200, 409, 409]
    assert till.free() == 3
    assert till.events(order, "order.paid") == 1
    other = _too_late(till)
    till.sql("UPDATE shop.stock SET free = 5 WHERE ref = 'A'")
    first, again = (_allocate(till, other, headers=headers).json for _ in range(2))
    assert first == again
    assert till.free() == 3


def test_who_may_not_refund_may_not_allocate(till):
    order = _too_late(till)
    _allocate(till, order, status=403, client=till.buyer.client)
    body = till.system.client(till.tenant)
    _allocate(till, order, status=401, client=body)


def test_shares_added_to_a_sold_out_campaign_reach_the_donor(till):
    """With the real goods: shares, consent given when ordering, certificate and mail at the end."""
    shop = make_shop(till.system, till.tenant)
    order = till.buyer.client.post("/orders", {"lines": [shop.line(7)]}, status=201).json
    token = till.begin(order)
    till.backdate(order, 200)
    till.sweep()
    rival = till.buyer.client.post("/orders", {"lines": [shop.line(7)]}, status=201).json
    till.psp.pay(token)
    till.come_back(token, status=303)
    assert till.see(order)["status"] == "paid_unallocated"
    assert _allocate(till, order, status=409).json["code"] == "still_out_of_stock"
    path = f"/admin/campaign-options/{shop.cattle}/animals"
    till.admin.client.post(path, {"count": 1}, status=201)
    assert _allocate(till, order).json["order"]["status"] == "paid"
    till.system.drain()
    assert till.see(order)["certificates"][0]["status"] == "READY"
    assert till.see(rival)["status"] == "pending"
