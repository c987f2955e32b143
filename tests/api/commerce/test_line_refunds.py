"""Lines taken back: for their price, after a refund that came through only in part, and of an order that was paid twice."""

import pytest

from belgenet.commerce.payments.providers.interfaces import RefundOutcome, RefundState


def _refund(till, order, *positions, amount=None, status=201):
    body = {"reason": "kalem iptali", "line_ids": [order["lines"][at]["id"] for at in positions]}
    if amount is not None:
        body["amount"] = {"amount": amount, "currency": "TRY"}
    return till.admin.client.post(f"/admin/orders/{order['id']}/refunds", body, status=status).json


def _offered(till, order):
    positions = {line["id"]: at for at, line in enumerate(order["lines"])}
    found = till.admin_view(order)["refundable_lines"]
    return {positions[line["line_id"]]: line["amount"]["amount"] for line in found}


def _states(till, order):
    return [line["state"] for line in till.see(order)["lines"]]


@pytest.fixture
def partly(till, monkeypatch):
    """Let the provider give back only so much of the next refund."""
    adapter = till.system.registry["belgenet.payment_providers"].get("iyzico")

    def arm(minor):
        def refund(_request):
            monkeypatch.undo()
            return RefundOutcome(state=RefundState.PARTIAL, provider_ref="half", done_minor=minor)

        monkeypatch.setattr(adapter, "refund", refund)

    return arm


@pytest.fixture
def two_lines(till):
    """Ticket A for 125.00 and ticket B for 50.00."""
    till.stock("B", 5, price=5_000)
    return till.bought(("A", 1), ("B", 1))


def test_a_line_of_which_only_a_part_came_back_can_be_taken_back_for_the_rest(till, two_lines, partly):
    partly(4_000)
    first = _refund(till, two_lines, 0)
    assert (first["state"], first["done"]["amount"]) == ("done", "40.00")
    assert _states(till, two_lines) == ["fulfilled", "fulfilled"]
    assert _offered(till, two_lines) == {0: "85.00", 1: "50.00"}
    assert _refund(till, two_lines, 0)["done"]["amount"] == "85.00"
    assert _states(till, two_lines) == ["revoked", "fulfilled"]
    assert till.free("A") == 10
    assert _refund(till, two_lines, 0, status=409)["code"] == "line_not_refundable"
    assert till.ledger_sum() == 0


def test_what_came_back_of_several_lines_is_shared_among_them(till, two_lines, partly):
    partly(7_000)
    _refund(till, two_lines, 0, 1)
    assert _offered(till, two_lines) == {0: "75.00", 1: "30.00"}
    _refund(till, two_lines, 1)
    _refund(till, two_lines, 0)
    assert till.see(two_lines)["status"] == "refunded"
    assert till.see(two_lines)["refunded"] == till.see(two_lines)["paid"]


@pytest.mark.parametrize("amount", ["0.01", "124.99", "125.01", "175.00"])
def test_a_line_goes_back_for_its_price_only(till, two_lines, amount):
    problem = _refund(till, two_lines, 0, amount=amount, status=409)
    assert (problem["code"], problem["errors"][0]["field"]) == ("refund_not_the_price", "amount.amount")
    assert problem["errors"][0]["message"] == "Must equal the price of the chosen lines."
    assert till.admin_view(two_lines)["refunds"] == []
    assert _refund(till, two_lines, 0, amount="125.00")["done"]["amount"] == "125.00"


def test_money_given_back_before_without_naming_a_line_counts_towards_the_last(till, two_lines):
    till.refund(two_lines, "60.00")
    _refund(till, two_lines, 1)
    assert _refund(till, two_lines, 0, amount="125.00", status=409)["code"] == "refund_too_large"
    assert _refund(till, two_lines, 0)["done"]["amount"] == "65.00"
    assert till.see(two_lines)["status"] == "refunded"


def test_of_an_order_paid_twice_the_surplus_goes_back_first(till):
    till.stock("B", 5, price=5_000)
    order = till.order(("A", 1), ("B", 1))
    tokens = [till.begin(order, provider) for provider in ("iyzico", "stripe")]
    for token, provider in zip(tokens, ("iyzico", "stripe"), strict=True):
        till.psp.pay(token)
        till.come_back(token, provider, status=303)
    order = till.see(order)
    assert (order["status"], order["paid"]["amount"]) == ("paid", "350.00")
    assert _offered(till, order) == {}
    problem = _refund(till, order, 0, status=409)
    assert (problem["code"], problem["title"]) == ("surplus_first", "The surplus must be refunded first")
    assert _states(till, order) == ["fulfilled", "fulfilled"]
    till.refund(order, "175.00")
    assert _offered(till, order) == {0: "125.00", 1: "50.00"}
    _refund(till, order, 0)
    assert (till.see(order)["status"], _states(till, order)) == ("partially_refunded", ["revoked", "fulfilled"])


def test_a_line_on_its_way_back_is_not_offered(till, two_lines):
    till.psp.arm("iyzico.refund_v2", "drop_after_commit")
    assert _refund(till, two_lines, 0)["state"] == "unknown"
    assert _offered(till, two_lines) == {1: "50.00"}
    assert _refund(till, two_lines, 0, status=409)["code"] == "line_not_refundable"
