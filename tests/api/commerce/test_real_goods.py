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


def _refund_lines(till, order, *positions, status=201, **more):
    lines = [order["lines"][at]["id"] for at in positions]
    body = {"reason": "bir kalem iptal", "line_ids": lines, **more}
    return till.admin.client.post(f"/admin/orders/{order['id']}/refunds", body, status=status)


def _certificates(till):
    return till.sql("SELECT state, revocation_reason, current, code FROM certificates ORDER BY id")


def test_a_refunded_line_leaves_a_certificate_for_the_rest(till):
    shop = make_shop(till.system, till.tenant)
    order = _buy(till, shop.line(2), shop.line(1, shop.small))
    till.system.drain()
    refund = _refund_lines(till, order, 1).json
    assert refund["done"] == order["lines"][1]["total"]
    seen = till.see(order)
    assert (seen["status"], [line["state"] for line in seen["lines"]]) == (
        "partially_refunded",
        ["fulfilled", "revoked"],
    )
    till.system.drain()
    old, new = _certificates(till)
    assert (old[:3], new[:3]) == (("REVOKED", "replaced", False), ("READY", None, True))
    anybody = till.system.client(till.tenant)
    assert anybody.get(f"/certificates/verify/{old[3]}", status=200).json["status"] == "replaced"
    valid = anybody.get(f"/certificates/verify/{new[3]}", status=200).json
    assert valid["status"] == "valid"
    printed = till.sql("SELECT facts FROM certificates WHERE code = :c", c=new[3])[0][0]
    assert len(printed["lines"]) == 2, "the two shares that are left"
    assert [item["code"] for item in till.see(order)["certificates"]] == [new[3]]
    states = dict(till.sql("SELECT state, count(*) FROM animal_shares GROUP BY state"))
    assert states["sold"] == 2
    assert till.balances(order)[f"donations_restricted:{shop.campaign_id}"] == -sum(
        int(line["total"]["amount"].replace(".", "")) for line in order["lines"][:1]
    )


def test_several_lines_at_once_make_one_new_certificate(till):
    shop = make_shop(till.system, till.tenant)
    order = _buy(till, shop.line(1), shop.line(1, shop.small), shop.line(1))
    till.system.drain()
    _refund_lines(till, order, 0, 1)
    till.system.drain()
    assert [row[0] for row in _certificates(till)] == ["REVOKED", "READY"]


def test_when_no_line_is_left_the_certificate_is_revoked(till):
    shop = make_shop(till.system, till.tenant)
    order = _buy(till, shop.line(1), shop.line(1, shop.small))
    till.system.drain()
    _refund_lines(till, order, 0)
    till.system.drain()
    _refund_lines(till, order, 1)
    till.system.drain()
    assert till.see(order)["status"] == "refunded"
    assert [row[:2] for row in _certificates(till)] == [("REVOKED", "replaced"), ("REVOKED", "refunded")]


def test_what_was_given_back_before_does_not_keep_the_last_line(till):
    shop = make_shop(till.system, till.tenant)
    order = _buy(till, shop.line(1))
    till.system.drain()
    till.refund(till.see(order), "1.00")
    _refund_lines(till, order, 0)
    till.system.drain()
    assert till.see(order)["status"] == "refunded"
    assert [row[:2] for row in _certificates(till)] == [("REVOKED", "refunded")]
    assert {row[0] for row in till.sql("SELECT state FROM animal_shares")} == {"free"}


def test_a_certificate_not_made_yet_is_made_of_what_is_left(till):
    shop = make_shop(till.system, till.tenant)
    order = _buy(till, shop.line(1), shop.line(1, shop.small))
    _refund_lines(till, order, 0)
    till.system.drain()
    rows = till.sql("SELECT state, facts FROM certificates")
    assert [row[0] for row in rows] == ["READY"]
    assert len(rows[0][1]["lines"]) == 1


def test_a_refunded_share_beside_a_course_leaves_the_course(till):
    shop, course = make_shop(till.system, till.tenant), make_course(till.system, till.tenant)
    order = _buy(till, shop.line(1), course_line(course))
    till.system.drain()
    _refund_lines(till, order, 0)
    till.system.drain()
    assert [row[:2] for row in _certificates(till)] == [("REVOKED", "refunded")]
    assert len(till.buyer.client.get("/me/enrollments", status=200).json["items"]) == 1
    assert till.balances(order)["kdv_payable"] == -12_500, "the course's tax stays, the donation is given back"
    assert f"donations_restricted:{shop.campaign_id}" not in till.balances(order)


def test_a_line_is_refunded_once_and_only_its_own_orders(till):
    shop = make_shop(till.system, till.tenant)
    order, other = _buy(till, shop.line(1), shop.line(1)), _buy(till, shop.line(1))
    _refund_lines(till, order, 0)
    assert _refund_lines(till, order, 0, status=409).json["code"] == "line_not_refundable"
    foreign = {"lines": other["lines"], "id": order["id"]}
    assert _refund_lines(till, foreign, 0, status=409).json["code"] == "line_not_refundable"
    logged = till.sql("SELECT after FROM audit_events WHERE action = 'order.refund'")
    assert [row[0]["line_ids"] for row in logged] == [[order["lines"][0]["id"]]]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_goods_are_taken_back_when_the_refund_has_gone_through_not_before(till, provider):
    shop = make_shop(till.system, till.tenant)
    order = _buy(till, shop.line(1), shop.line(1), provider=provider)
    till.psp.arm(f"{provider}.*", "drop_after_commit")
    assert _refund_lines(till, order, 0).json["state"] == "unknown"
    assert [line["state"] for line in till.see(order)["lines"]] == ["fulfilled", "fulfilled"]
    assert _refund_lines(till, order, 0, status=409).json["code"] == "line_not_refundable"
    till.sql("UPDATE refunds SET check_after = now()")
    till.sweep()
    assert [line["state"] for line in till.see(order)["lines"]] == ["revoked", "fulfilled"]
