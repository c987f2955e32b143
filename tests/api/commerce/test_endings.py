"""Orders that are canceled or expire, and money that comes too late."""

import pytest

PROVIDERS = ["iyzico", "stripe"]


def test_canceling_gives_the_goods_back(till):
    order = till.order(("A", 3))
    seen = till.buyer.client.post(f"/orders/{order['id']}/cancel", status=200).json
    assert (seen["status"], seen["lines"][0]["state"], seen["hold_expires_at"]) == ("canceled", "released", None)
    assert till.free() == 10
    assert till.events(order, "order.canceled") == 1
    again = till.buyer.client.post(f"/orders/{order['id']}/cancel", status=409).json
    assert again["code"] == "order_not_cancelable"
    assert till.pay(order, status=409).json["code"] == "order_not_payable"
    acts = till.sql("SELECT actor_id FROM audit_events WHERE action = 'order.cancel'")
    assert acts == [(till.buyer.account_id,)]


def test_what_is_paid_cannot_be_canceled(till):
    order = till.bought()
    assert till.buyer.client.post(f"/orders/{order['id']}/cancel", status=409).json["code"] == "order_not_cancelable"


def test_canceling_notices_money_that_is_there_already(till):
    order = till.order()
    till.psp.pay(till.begin(order))
    assert till.buyer.client.post(f"/orders/{order['id']}/cancel", status=409).json["code"] == "order_not_cancelable"
    assert till.see(order)["status"] == "paid"


def test_a_second_click_notices_money_that_is_there_already(till):
    order = till.order()
    till.psp.pay(till.begin(order))
    till.sql("UPDATE payment_attempts SET expires_at = now()")
    assert till.pay(order, status=409).json["code"] == "order_not_payable"
    assert till.see(order)["status"] == "paid"


def test_canceling_closes_a_page_that_can_be_closed(till):
    order = till.order()
    token = till.begin(order, "stripe")
    till.buyer.client.post(f"/orders/{order['id']}/cancel", status=200)
    assert till.psp.pay(token)["status"] == "EXPIRED"
    assert till.attempt(order, "stripe")[1] == "failed"


def test_money_for_a_canceled_order_is_kept_for_a_decision(till):
    order = till.order()
    token = till.begin(order)
    till.buyer.client.post(f"/orders/{order['id']}/cancel", status=200)
    till.psp.pay(token)
    till.come_back(token)
    seen = till.see(order)
    assert (seen["status"], seen["lines"][0]["state"]) == ("paid_unallocated", "released")
    assert till.reviews(order) == ["unallocated"]
    assert till.free() == 10
    till.refund(order)
    assert till.see(order)["status"] == "refunded"


def test_an_unpaid_order_expires_and_frees_what_it_held(till):
    order = till.order(("A", 2))
    till.sweep()
    assert till.see(order)["status"] == "pending"
    till.backdate(order, 40)
    till.sweep()
    till.sweep()
    seen = till.see(order)
    assert (seen["status"], seen["lines"][0]["state"]) == ("expired", "released")
    assert till.free() == 10
    assert till.events(order, "order.expired") == 1
    assert till.pay(order, status=409).json["code"] == "order_expired"


def test_an_order_that_cannot_expire_does_not_keep_the_others_from_it(till):
    broken, order = till.order(("A", 1)), till.order(("A", 2))
    till.backdate(broken, 60)
    till.backdate(order, 40)
    till.sql("UPDATE order_lines SET kind = 'of_a_removed_domain' WHERE order_id = :id", id=broken["id"])
    till.sweep()
    assert (till.see(broken)["status"], till.see(order)["status"]) == ("pending", "expired")


def test_an_order_whose_hold_is_over_takes_no_new_payment_even_before_the_sweep(till):
    order = till.order()
    till.backdate(order, 40)
    assert till.pay(order, status=409).json["code"] == "order_expired"


def test_beginning_a_payment_keeps_the_goods_for_as_long_as_the_page_is_open(till):
    order = till.order()
    till.backdate(order, 30)
    until = till.see(order)["hold_expires_at"]
    till.begin(order)
    assert till.see(order)["hold_expires_at"] > until


def test_nobody_can_hold_for_ever(till):
    order = till.order()
    till.sql("UPDATE orders SET created_at = created_at - interval '3 hours'")
    assert till.pay(order, status=409).json["code"] == "order_expired"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_abandoned_page_fails_and_the_order_expires(till, provider):
    order = till.order()
    token = till.begin(order, provider)
    till.psp.control("POST", "expire", {"token": token})
    till.backdate(order, 45)
    till.sweep()
    assert till.attempt(order, provider)[1] == "failed"
    assert till.see(order)["status"] == "expired"
    assert till.free() == 10


def test_an_order_does_not_expire_while_its_provider_owes_an_answer(till):
    order = till.order()
    token = till.begin(order)
    till.psp.pay(token)
    till.backdate(order, 45)
    till.psp.arm("iyzico.*", "error_before", times=None)
    till.sweep()
    assert till.see(order)["status"] == "pending"
    till.psp.control("DELETE", "faults")
    till.sql("UPDATE payment_attempts SET check_after = now()")
    till.sweep()
    assert till.see(order)["status"] == "paid"


def test_money_after_expiry_gets_the_goods_if_there_are_any(till):
    order = till.order()
    token = till.begin(order)
    till.psp.pay(token)
    till.backdate(order, 300)
    till.psp.arm("iyzico.*", "error_before", times=None)
    till.sweep()
    assert till.see(order)["status"] == "expired"
    till.psp.control("DELETE", "faults")
    till.come_back(token)
    seen = till.see(order)
    assert (seen["status"], seen["lines"][0]["state"]) == ("paid", "fulfilled")
    assert till.free() == 9


def test_money_after_expiry_when_all_is_sold_is_kept(till):
    till.stock("last", 1)
    late = till.order(("last", 1))
    token = till.begin(late)
    till.sql("UPDATE payment_attempts SET state = 'failed'")
    till.sql("UPDATE payments SET state = 'failed'")
    till.backdate(late, 300)
    till.sweep()
    quick = till.bought(("last", 1))
    assert quick["status"] == "paid"
    till.psp.pay(token)
    till.come_back(token)
    seen = till.see(late)
    assert (seen["status"], seen["paid"]["amount"]) == ("paid_unallocated", "125.00")
    assert till.admin_view(late)["reviews"][0]["details"] == {"reason": "out_of_stock"}
    assert till.free("last") == 0
    till.system.drain()
    assert till.balances(late)["customer_credit"] == -12_500


def test_a_late_success_undoes_a_failure_but_not_the_other_way_round(till):
    order = till.order()
    token = till.begin(order)
    till.psp.pay(token)
    till.sql("UPDATE payment_attempts SET state = 'failed'")
    till.sql("UPDATE payments SET state = 'failed'")
    till.come_back(token)
    assert till.see(order)["status"] == "paid"


def test_stock_is_never_oversold(till):
    till.stock("seven", 7)
    assert till.order(("seven", 8), status=409)["code"] == "out_of_stock"
    till.order(("seven", 7))
    assert till.order(("seven", 1), status=409)["code"] == "out_of_stock"
    assert till.sql("SELECT count(*) FROM orders") == [(1,)]
