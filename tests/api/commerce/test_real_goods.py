"""The same till sells what the product really sells: qurban shares and courses, paid through the provider's page."""

import pytest
from tests.common.catalogue import course_line, make_course, make_shop

PROVIDERS = ["iyzico", "stripe"]


def _buy(till, *lines, provider="iyzico"):
    order = till.buyer.client.post("/orders", {"lines": list(lines)}, status=201).json
    token = till.begin(order, provider)
    till.psp.pay(token)
    till.come_back(token, provider)
    return order


@pytest.mark.parametrize("provider", PROVIDERS)
def test_shares_are_sold_and_a_certificate_is_on_its_way(till, provider):
    shop = make_shop(till.system, till.tenant)
    order = _buy(till, shop.line(3), shop.line(1, shop.small), provider=provider)
    seen = till.see(order)
    assert (seen["status"], seen["total"]["amount"]) == ("paid", "37500.00")
    assert len(seen["certificates"]) == 1
    states = till.sql("SELECT state, count(*) FROM animal_shares GROUP BY state ORDER BY state")
    assert dict(states)["sold"] == 4
    assert till.balances(order)[f"donations_restricted:{shop.campaign_id}"] == -3_750_000
    assert "kdv_payable" not in till.balances(order)
    till.system.drain()
    assert till.see(order)["certificates"][0]["status"] == "READY"
    templates = till.sql("SELECT template FROM mail_messages WHERE recipient = :r", r=till.buyer.email)
    assert templates == [("certificate_ready",)]


def test_a_refunded_share_is_free_again_and_its_certificate_revoked(till):
    shop = make_shop(till.system, till.tenant)
    order = _buy(till, shop.line(2))
    till.system.drain()
    till.refund(order)
    till.system.drain()
    seen = till.see(order)
    assert seen["status"] == "refunded"
    assert {row[0] for row in till.sql("SELECT state FROM animal_shares")} == {"free"}
    states = till.sql("SELECT state FROM certificates")
    assert states == [("REVOKED",)]


def test_an_expired_order_frees_its_shares(till):
    shop = make_shop(till.system, till.tenant)
    order = till.buyer.client.post("/orders", {"lines": [shop.line(7)]}, status=201).json
    again = {"lines": [shop.line(1)]}
    assert till.buyer.client.post("/orders", again, status=409).json["code"] == "out_of_stock"
    till.backdate(order, 60)
    till.sweep()
    assert till.buyer.client.post("/orders", again, status=201)


def test_a_course_is_entered_in_the_moment_it_is_paid(till):
    course = make_course(till.system, till.tenant)
    order = _buy(till, course_line(course))
    assert till.see(order)["status"] == "paid"
    assert len(till.buyer.client.get("/me/enrollments", status=200).json["items"]) == 1
    assert till.balances(order)["kdv_payable"] == -12_500


def test_a_course_paid_in_two_orders_is_given_once_and_the_other_money_kept(till):
    line = course_line(make_course(till.system, till.tenant))
    orders = [till.buyer.client.post("/orders", {"lines": [line]}, status=201).json for _ in range(2)]
    for order in orders:
        token = till.begin(order)
        till.psp.pay(token)
        till.come_back(token)
    assert [till.see(order)["status"] for order in orders] == ["paid", "paid_unallocated"]
    assert till.admin_view(orders[1])["reviews"][0]["details"] == {"reason": "already_owned"}
    till.refund(orders[1])
    assert [till.see(order)["status"] for order in orders] == ["paid", "refunded"]
    assert len(till.buyer.client.get("/me/enrollments", status=200).json["items"]) == 1


def test_shares_and_a_course_in_one_order_keep_their_money_apart(till):
    shop, course = make_shop(till.system, till.tenant), make_course(till.system, till.tenant)
    order = _buy(till, shop.line(1), course_line(course))
    balances = till.balances(order)
    assert balances[f"donations_restricted:{shop.campaign_id}"] == -850_000
    assert (balances["course_revenue_deferred"], balances["kdv_payable"]) == (-62_500, -12_500)
