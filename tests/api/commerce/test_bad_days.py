"""Providers that are down, slow, refuse, lie, or die after they charged; and two tabs paying one order."""

import pytest
from tests.common.till import DECLINED, key

PROVIDERS = ["iyzico", "stripe"]
BEGIN = {"iyzico": "iyzico.*", "stripe": "stripe.*"}
LOST = ["drop_before", "drop_after_commit", "error_before", "error_after_commit", "garbage"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_second_click_is_sent_to_the_open_page(till, provider):
    order = till.order()
    first = till.pay(order, provider).json
    again = till.pay(order, provider).json
    assert again == first
    assert till.sql("SELECT count(*) FROM payment_attempts") == [(1,)]


def test_a_repeated_request_is_answered_alike(till):
    order, headers = till.order(), key()
    first = till.pay(order, headers=headers)
    again = till.pay(order, headers=headers)
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", LOST)
def test_no_answer_to_begin_is_unknown_and_then_tried_anew(till, provider, fault):
    order = till.order()
    till.psp.arm(BEGIN[provider], fault)
    answer = till.pay(order, provider, status=503)
    assert answer.json["code"] == "provider_unavailable"
    assert answer.headers["Retry-After"]
    assert till.attempt(order, provider)[1] == "unknown"
    token = till.begin(order, provider)
    states = till.sql("SELECT state FROM payment_attempts ORDER BY id")
    assert states == [("failed",), ("pending",)]
    till.psp.pay(token)
    till.come_back(token, provider)
    assert till.see(order)["status"] == "paid"


def test_while_nobody_knows_no_second_attempt_is_made(till):
    order = till.order()
    till.psp.arm("iyzico.*", "error_before", times=None)
    till.pay(order, status=503)
    answer = till.pay(order, status=409)
    assert answer.json["code"] == "payment_in_progress"
    assert till.attempt(order)[1] == "unknown"
    assert till.sql("SELECT count(*) FROM payment_attempts") == [(1,)]


def test_a_provider_that_is_down_is_no_ones_fault(till):
    order = till.order()
    till.psp.stop()
    assert till.pay(order, status=503).json["code"] == "provider_unavailable"
    assert till.attempt(order)[1:3] == ("failed", "unreachable")
    till.psp.start()
    till.psp.pay(till.begin(order))
    till.come_back(till.token(order))
    assert till.see(order)["status"] == "paid"


def test_a_slow_provider_does_not_hold_the_order_locked(till):
    """While the provider thinks, the order can be read and another request can lock it."""
    from tests.common.till import together

    order = till.order()
    till.psp.arm("iyzico.*", "delay", seconds=1.5)
    slow, quick = together(
        lambda: till.pay(order, status=None), lambda: till.buyer.client.get(f"/orders/{order['id']}")
    )
    assert (slow.status_int, quick.status_int) == (200, 200)


def test_a_refusal_at_once_is_told_safely(till):
    order = till.order()
    till.tickets.prices["A"] = (12_500, "TRY", till.tickets.prices["A"][2])
    registry = till.system.registry["belgenet.payment_providers"]
    stolen = registry.get("iyzico")

    class Refusing:
        name = "iyzico"

        def begin(self, request):
            from belgenet.commerce.payments.providers.errors import ProviderRefused

            raise ProviderRefused("iyzico", "10041", group="LOST_CARD")

        def __getattr__(self, name):
            return getattr(stolen, name)

    registry._steady["iyzico"] = Refusing()
    answer = till.pay(order, status=402)
    registry._steady["iyzico"] = stolen
    assert answer.json["code"] == "payment_refused"
    assert "10041" not in answer.text
    assert "LOST" not in answer.text
    assert till.attempt(order)[1:4] == ("failed", "10041", "declined")
    assert till.begin(order)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_declined_card_leaves_the_page_open(till, provider):
    order = till.order()
    token = till.begin(order, provider)
    till.psp.pay(token, DECLINED[provider])
    till.come_back(token, provider)
    seen = till.see(order)
    assert (seen["status"], seen["payments"][0]["state"]) == ("pending", "pending")
    assert seen["payments"][0]["decline"] == "insufficient_funds"
    assert till.pay(order, provider).json["redirect_url"]
    till.psp.pay(token)
    till.come_back(token, provider)
    assert till.see(order)["status"] == "paid"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", ["drop_after_commit", "garbage", "error_before"])
def test_a_query_without_answer_proves_nothing(till, provider, fault):
    order = till.order()
    token = till.begin(order, provider)
    till.psp.pay(token)
    till.psp.arm(BEGIN[provider], fault, times=2)
    assert till.come_back(token, provider).status_int == 303
    assert till.see(order)["status"] == "pending"
    till.psp.control("DELETE", "faults")
    synced = till.buyer.client.post(f"/orders/{order['id']}/sync", status=200).json
    assert synced["status"] == "paid"


def test_an_answer_with_a_wrong_signature_is_not_believed(till):
    order = till.order()
    token = till.begin(order)
    till.psp.pay(token)
    till.psp.arm("iyzico.*", "bad_signature", times=2)
    till.come_back(token)
    assert till.see(order)["status"] == "pending"
    till.psp.control("DELETE", "faults")
    till.come_back(token)
    assert till.see(order)["status"] == "paid"


@pytest.mark.parametrize(
    ("provider", "fault"), [("iyzico", "wrong_amount"), ("iyzico", "wrong_currency"), ("stripe", "wrong_amount")]
)
def test_other_money_than_asked_for_never_confirms_and_is_shown(till, provider, fault):
    order = till.order()
    token = till.begin(order, provider)
    till.psp.arm(f"{provider}.pay", fault, factor=0.5)
    till.psp.pay(token)
    till.come_back(token, provider)
    seen = till.see(order)
    assert (seen["status"], seen["payments"][0]["state"], seen["paid"]["amount"]) == ("pending", "mismatch", "0.00")
    assert till.reviews(order) == ["mismatch"]
    assert till.entries(order) == []
    assert till.pay(order, provider, status=409).json["code"] == "payment_in_progress"
    assert till.events(order, "order.problem") == 1
    till.sweep()
    assert till.reviews(order) == ["mismatch"]


def test_a_fraud_review_waits_for_its_end(till):
    order = till.order()
    token = till.begin(order)
    till.psp.arm("iyzico.pay", "fraud_review")
    till.psp.pay(token)
    till.come_back(token)
    assert till.see(order)["status"] == "pending"
    assert till.reviews(order) == ["fraud_review"]
    payment_id = till.psp.control("GET", "charges")["charges"][0]["payment_id"]
    till.psp.control("POST", "fraud", {"payment_id": payment_id, "status": 1})
    till.notify(till.notices()[-1])
    till.system.drain()
    assert till.see(order)["status"] == "paid"


def test_a_fraud_rejection_is_an_end(till):
    order = till.order()
    token = till.begin(order)
    till.psp.arm("iyzico.pay", "fraud_reject")
    till.psp.pay(token)
    till.come_back(token)
    assert till.see(order)["payments"][0]["state"] == "failed"
    assert till.see(order)["status"] == "pending"


def test_two_pages_paid_are_two_payments_and_a_decision(till):
    """iyzico's page cannot be closed; who pays there and at Stripe too has paid twice, and gets one of them back."""
    order = till.order()
    iyzico, stripe = till.begin(order), till.begin(order, "stripe")
    till.psp.pay(iyzico)
    till.psp.pay(stripe)
    till.come_back(iyzico)
    till.come_back(stripe, "stripe")
    seen = till.see(order)
    assert (seen["status"], seen["paid"]["amount"], seen["total"]["amount"]) == ("paid", "250.00", "125.00")
    assert till.reviews(order) == ["overpaid"]
    assert till.events(order, "order.paid") == 1
    assert till.balances(order)["customer_credit"] == -12_500
    assert till.refund(order).json["state"] == "done"
    after = till.see(order)
    assert (after["status"], after["refunded"]["amount"]) == ("paid", "125.00")
    assert after["lines"][0]["state"] == "fulfilled"
    assert "customer_credit" not in till.balances(order)


def test_paying_closes_the_other_page(till):
    order = till.order()
    iyzico, stripe = till.begin(order), till.begin(order, "stripe")
    till.psp.pay(iyzico)
    till.come_back(iyzico)
    till.system.drain()
    assert till.attempt(order, "stripe")[1] == "failed"
    assert till.psp.pay(stripe)["status"] == "EXPIRED"


def test_goods_that_cannot_be_handed_out_leave_the_money_where_it_is(till):
    order = till.order()
    token = till.begin(order)
    till.tickets.fulfil_error = RuntimeError("a fault of ours")
    till.psp.pay(token)
    till.come_back(token)
    seen = till.see(order)
    assert (seen["status"], seen["paid"]["amount"]) == ("paid_unallocated", "125.00")
    assert till.reviews(order) == ["unallocated"]
    assert till.balances(order)["customer_credit"] == -12_500
    assert till.events(order, "order.paid") == 0
    assert till.pay(order, status=409).json["code"] == "order_not_payable"
    till.tickets.fulfil_error = None
    till.refund(order)
    assert till.see(order)["status"] == "refunded"
    assert till.free() == 10


def test_a_database_that_cannot_answer_is_tried_again_not_blamed_on_the_goods(till):
    from psycopg.errors import DeadlockDetected
    from sqlalchemy.exc import OperationalError

    order = till.order()
    token = till.begin(order)
    till.psp.pay(token)
    till.tickets.fulfil_error = OperationalError("x", {}, DeadlockDetected())
    answer = till.come_back(token)
    assert answer.status_int == 503
    assert len(till.tickets.calls) == 3
    assert till.entries(order) == []
    till.tickets.fulfil_error = None
    till.come_back(token)
    assert till.see(order)["status"] == "paid"


@pytest.mark.parametrize("provider", ["paypal", "", None, 5])
def test_a_provider_we_do_not_know(till, provider):
    assert till.pay(till.order(), provider, status=400).json["code"] == "invalid_input"


def test_a_provider_the_tenant_switched_off(till):
    till.sql('UPDATE tenants SET overrides = \'{"providers": ["stripe"]}\'')
    till.system.directory.forget()
    assert till.pay(till.order(), status=409).json["code"] == "provider_not_offered"


def test_a_worker_that_died_between_commit_and_call(till):
    """The row says ``created`` and nobody works on it: once it is stale, asking finds nothing and a new page is opened."""
    order = till.order()
    till.pay(order)
    till.sql("UPDATE payment_attempts SET state = 'created', token = NULL, redirect_url = NULL, expires_at = NULL")
    till.sql("UPDATE payments SET state = 'created'")
    till.backdate(order, 2)
    assert till.pay(order).json["redirect_url"]
    assert till.sql("SELECT state FROM payment_attempts ORDER BY id") == [("failed",), ("pending",)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_killed_after_it_charged(till, provider):
    order = till.order()
    token = till.begin(order, provider)
    till.psp.pay(token)
    till.psp.kill()
    assert till.come_back(token, provider).status_int == 303
    assert till.see(order)["status"] == "pending"
    till.psp.start()
    till.sql("UPDATE payment_attempts SET check_after = now()")
    till.sweep()
    assert till.see(order)["status"] == "paid"


def test_a_buyer_gets_one_receipt_and_none_when_a_certificate_follows(till):
    def mails():
        till.system.drain()
        found = till.sql("SELECT template FROM mail_messages WHERE recipient = :r ORDER BY id", r=till.buyer.email)
        return [row[0] for row in found]

    order = till.bought()
    for notice in till.notices():
        till.notify(notice)
    assert mails() == ["order_paid"]
    till.tickets.certificate_follows = True
    till.bought()
    assert mails() == ["order_paid"]
    till.refund(order, "1.00")
    assert mails() == ["order_paid", "order_refunded"]
    late = till.order()
    till.begin(late)
    till.sql("UPDATE payment_attempts SET state = 'failed' WHERE state = 'pending'")
    till.sql("UPDATE payments SET state = 'failed' WHERE state = 'pending'")
    till.backdate(late, 60)
    till.sweep()
    assert mails()[2:] == ["payment_problem"]
    broken = till.order()
    token = till.begin(broken)
    till.tickets.fulfil_error = RuntimeError("x")
    till.psp.pay(token)
    till.come_back(token)
    assert mails()[3:] == ["order_review"]
