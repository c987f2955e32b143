"""Money back: in full, in part, twice, too much, without an answer, and behind our back."""

import pytest
from tests.common.till import key, together

PROVIDERS = ["iyzico", "stripe"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_full_refund_takes_the_goods_back(till, provider):
    order = till.bought(("A", 2), provider=provider)
    assert till.free() == 8
    refund = till.refund(order).json
    assert (refund["state"], refund["amount"]["amount"], refund["done"]["amount"]) == ("done", "250.00", "250.00")
    seen = till.see(order)
    assert (seen["status"], seen["refunded"]["amount"], seen["lines"][0]["state"]) == ("refunded", "250.00", "revoked")
    assert till.free() == 10
    assert till.events(order, "order.refunded") == 1
    assert till.entries(order) == ["payment", "allocation", "refund_request", "refund_done"]
    fees = till.balances(order).get("psp_fees", 0)
    left = {"psp_fees": fees, f"psp_receivable:{provider}": -fees} if fees else {}
    assert till.balances(order) == left
    assert till.refund(order, status=409).json["code"] == "nothing_to_refund"
    assert len(till.psp.control("GET", "refunds")["refunds"]) == 1


def test_partial_refunds_add_up_to_the_kurus(till):
    till.stock("odd", 5, price=3_333)
    order = till.bought(("odd", 3), ("A", 1))
    for amount in ("0.01", "33.33", "100.00", "0.66"):
        till.refund(order, amount)
        assert till.see(order)["status"] == "partially_refunded"
    assert till.refund(order, "91.00", status=409).json["code"] == "refund_too_large"
    assert till.refund(order).json["amount"]["amount"] == "90.99"
    assert till.see(order)["status"] == "refunded"
    balances = till.balances(order)
    fees = balances.pop("psp_fees", 0)
    assert balances == ({"psp_receivable:iyzico": -fees} if fees else {})
    assert till.ledger_sum() == 0


def test_a_partial_refund_leaves_the_goods(till):
    order = till.bought()
    till.refund(order, "25.00")
    seen = till.see(order)
    assert (seen["status"], seen["lines"][0]["state"]) == ("partially_refunded", "fulfilled")
    assert till.events(order, "order.refunded") == 0


@pytest.mark.parametrize("amount", ["0", "0.00", "-1", "1e3", "1.234", "abc", "", "99999999999999"])
def test_amounts_that_are_none(till, amount):
    order = till.bought()
    assert till.refund(order, amount, status=400).json["code"] == "invalid_input"


def test_another_currency_is_refused(till):
    order = till.bought()
    body = {"reason": "x", "amount": {"amount": "1.00", "currency": "USD"}}
    answer = till.admin.client.post(f"/admin/orders/{order['id']}/refunds", body, status=409)
    assert answer.json["code"] == "refund_too_large"


def test_more_than_was_paid_is_refused(till):
    order = till.bought()
    assert till.refund(order, "125.01", status=409).json["code"] == "refund_too_large"
    assert till.psp.control("GET", "refunds")["refunds"] == []


def test_racing_refunds_never_give_more_than_was_paid(till):
    order = till.bought(("A", 4))
    answers = together(*[lambda: till.refund(order, "200.00", status=None) for _ in range(6)])
    states = sorted(answer.status_int for answer in answers)
    assert states == [201, 201, 409, 409, 409, 409]
    assert till.see(order)["refunded"]["amount"] == "400.00"
    assert len(till.psp.control("GET", "refunds")["refunds"]) == 2
    assert till.ledger_sum() == 0


def test_the_same_request_is_one_refund(till):
    order, headers = till.bought(), key()
    first = till.refund(order, "25.00", headers=headers).json
    again = till.refund(order, "25.00", headers=headers).json
    assert first == again
    headers = key()
    answers = together(*[lambda: till.refund(order, "10.00", headers=headers, status=None)] * 4)
    assert {answer.status_int for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(till.psp.control("GET", "refunds")["refunds"]) == 2


def test_a_request_that_died_half_way_is_the_same_refund_again(till):
    """Process killed after the provider was asked: the key's row has no answer, the refund's row says what is known."""
    order, headers = till.bought(), key()
    first = till.refund(order, "25.00", headers=headers).json
    till.sql("UPDATE idempotency_keys SET status = NULL, body = NULL")
    again = till.refund(order, "25.00", headers=headers).json
    assert again == first
    assert len(till.psp.control("GET", "refunds")["refunds"]) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refund_without_answer_is_asked_about_and_not_repeated(till, provider):
    order = till.bought(provider=provider)
    till.psp.arm(f"{provider}.*", "drop_after_commit")
    refund = till.refund(order, "25.00").json
    assert refund["state"] == "unknown"
    assert till.see(order)["refunded"]["amount"] == "0.00"
    assert till.refund(order, "110.00", status=409).json["code"] == "refund_too_large"
    till.sql("UPDATE refunds SET check_after = now()")
    till.sweep()
    assert till.see(order)["refunded"]["amount"] == "25.00"
    assert till.admin_view(order)["refunds"][0]["state"] == "done"
    assert len(till.psp.control("GET", "refunds")["refunds"]) == 1
    till.system.drain()
    assert till.events(order, "payment.refunded") == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refund_that_never_arrived_fails_visibly_and_can_be_asked_for_again(till, provider):
    order = till.bought(provider=provider)
    till.psp.arm(f"{provider}.*", "drop_before")
    assert till.refund(order, "25.00").json["state"] == "unknown"
    till.sql("UPDATE refunds SET check_after = now()")
    till.sweep()
    assert till.admin_view(order)["refunds"][0]["state"] == "unknown"
    till.sql("UPDATE refunds SET check_after = now(), created_at = created_at - interval '1 hour'")
    till.sweep()
    assert till.admin_view(order)["refunds"][0]["state"] == "failed"
    assert till.reviews(order) == ["refund_failed"]
    assert till.balances(order).get("refunds_payable", 0) == 0
    assert till.refund(order, "125.00").json["state"] == "done"
    assert till.see(order)["status"] == "refunded"


def test_a_card_that_takes_nothing_back(till):
    order = till.order()
    token = till.begin(order)
    till.psp.pay(token, "5406670000000009")
    till.come_back(token)
    refund = till.refund(order).json
    assert (refund["state"], refund["done"]["amount"]) == ("failed", "0.00")
    assert till.see(order)["status"] == "paid"
    assert till.reviews(order) == ["refund_failed"]
    assert till.entries(order)[-1] == "refund_returned"
    assert till.balances(order)["course_revenue_deferred"] == -10_417


def test_a_provider_that_is_down_leaves_a_question_that_answers_itself(till):
    order = till.bought()
    till.psp.stop()
    assert till.refund(order).json["state"] == "unknown"
    till.psp.start()
    assert till.refund(order, status=409).json["code"] == "nothing_to_refund"
    till.sql("UPDATE refunds SET check_after = now(), created_at = created_at - interval '1 hour'")
    till.sweep()
    assert till.refund(order).json["state"] == "done"
    assert till.see(order)["status"] == "refunded"


def test_a_refund_our_keys_cannot_make_fails_at_once(till):
    order = till.bought()
    registry = till.system.registry["belgenet.payment_providers"]
    adapter = registry._steady.pop("iyzico")
    refund = till.refund(order).json
    registry._steady["iyzico"] = adapter
    assert (refund["state"], refund["error"]) == ("failed", "provider_not_configured")
    assert till.see(order)["status"] == "paid"


def test_a_refund_made_in_stripes_panel_is_booked_and_shown(till):
    order = till.bought(provider="stripe")
    payment_id = till.admin_view(order)["payments"][0]["provider_ref"]
    till.psp.control("POST", "refund", {"payment_id": payment_id, "amount": "2500"})
    for notice in till.notices("stripe"):
        till.notify(notice)
    till.system.drain()
    seen = till.admin_view(order)
    assert [(r["origin"], r["state"], r["amount"]["amount"]) for r in seen["refunds"]] == [
        ("provider", "done", "25.00")
    ]
    assert seen["order"]["status"] == "partially_refunded"
    assert till.reviews(order) == ["external_refund"]
    assert till.ledger_sum() == 0


def test_a_refund_made_in_iyzicos_panel_is_found_when_asked(till):
    order = till.bought()
    payment = till.admin_view(order)["payments"][0]
    till.psp.control("POST", "refund", {"payment_id": payment["provider_ref"]})
    for _ in range(2):
        seen = till.admin.client.post(f"/admin/payments/{payment['id']}/sync", status=200).json
        assert seen["order"]["status"] == "refunded"
        assert [refund["origin"] for refund in seen["refunds"]] == ["provider"]
    assert till.free() == 10
    assert till.events(order, "order.refunded") == 1


def test_our_own_refunds_are_not_taken_for_the_providers(till):
    for provider in PROVIDERS:
        order = till.bought(provider=provider)
        till.refund(order, "25.00")
        payment = till.admin_view(order)["payments"][0]
        till.admin.client.post(f"/admin/payments/{payment['id']}/sync", status=200)
        assert len(till.admin_view(order)["refunds"]) == 1


def test_what_was_never_paid_cannot_be_given_back(till):
    order = till.order()
    assert till.refund(order, status=409).json["code"] == "nothing_to_refund"
    body = {"reason": "x", "payment_id": order["id"]}
    assert till.admin.client.post(f"/admin/orders/{order['id']}/refunds", body, status=404)


def test_a_refund_is_recorded_and_mailed_once(till):
    order = till.bought()
    till.refund(order, "25.00")
    till.system.drain()
    acts = till.sql("SELECT action, actor_id, after->>'amount_minor' FROM audit_events WHERE action = 'order.refund'")
    assert acts == [("order.refund", till.admin.account_id, "2500")]
    mails = till.sql("SELECT dedupe_key FROM outbox WHERE dedupe_key LIKE 'order_%' ORDER BY id")
    assert len([mail for mail in mails if mail[0].startswith("order_refunded:")]) <= 1
