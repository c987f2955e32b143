"""Both adapters against a provider that is slow, dying, lying or gone: unknown, refused and confirmed are told apart."""

import httpx
import pytest
from tests.common.waiting import wait_until
from tests.contract.payment_providers.rails import ref_of, refund_of

from belgenet.commerce.payments.providers.errors import ProviderUnknown, ProviderUnreachable
from belgenet.commerce.payments.providers.interfaces import PaymentState, RefundState

LOST = ["drop_before", "drop_after_commit", "error_before", "error_after_commit", "garbage"]
HAPPENED = {"drop_after_commit", "error_after_commit", "garbage"}


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_begin_is_unknown_and_charges_nobody(rail, fault):
    rail.psp.arm(rail.begin_operation, fault)
    request = rail.attempt()
    with pytest.raises(ProviderUnknown) as caught:
        rail.provider().begin(request)
    assert not isinstance(caught.value, ProviderUnreachable)
    assert rail.provider().query(ref_of(request, None, None)).state is PaymentState.NOT_FOUND
    assert rail.charges() == []


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_query_is_unknown_until_asked_again(rail, fault):
    ref = rail.opened()
    rail.psp.pay(ref.token)
    rail.psp.arm(rail.query_operation, fault)
    with pytest.raises(ProviderUnknown):
        rail.provider().query(ref)
    assert rail.provider().query(ref).state is PaymentState.CONFIRMED


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_refund_is_unknown_until_asked_about(rail, fault):
    ref, seen = rail.paid()
    rail.psp.arm(rail.refund_operation, fault)
    request = refund_of(ref, seen, 5000)
    assert rail.provider().refund(request).state is RefundState.UNKNOWN
    found = rail.provider().query_refund(request)
    expected = RefundState.DONE if fault in HAPPENED else RefundState.NOT_FOUND
    assert (found.state, found.retryable) == (expected, False)
    assert len(rail.refunds()) == (1 if fault in HAPPENED else 0)


@pytest.mark.parametrize("fault", LOST)
def test_a_report_that_does_not_come_proves_nothing(rail, fault):
    ref, seen = rail.paid()
    rail.psp.arm(rail.report_operation, fault)
    with pytest.raises(ProviderUnknown):
        rail.provider().query_refund(refund_of(ref, seen, 100))


@pytest.mark.parametrize("fault", ["drop_after_commit", "garbage"])
def test_a_refund_repeated_under_its_own_key_is_given_once(stripe_rail, fault):
    ref, seen = stripe_rail.paid()
    stripe_rail.psp.arm(stripe_rail.refund_operation, fault)
    request = refund_of(ref, seen, 5000)
    assert stripe_rail.provider().refund(request).state is RefundState.UNKNOWN
    assert stripe_rail.provider().refund(request).state is RefundState.DONE
    assert len(stripe_rail.refunds()) == 1


def test_a_provider_that_is_too_slow_is_unknown(rail):
    rail.psp.arm(rail.begin_operation, "delay", seconds=1.5)
    with pytest.raises(ProviderUnknown, match="ReadTimeout"):
        rail.provider(read_timeout=0.3).begin(rail.attempt())


def test_a_key_of_another_attempt_is_unknown(stripe_rail):
    provider, request = stripe_rail.provider(), stripe_rail.attempt()
    provider.begin(request)
    with pytest.raises(ProviderUnknown, match="idempotency_error"):
        provider.begin(stripe_rail.attempt(attempt_id=request.attempt_id))


@pytest.mark.parametrize("step", ["begin", "query", "refund"])
def test_an_answer_signed_by_somebody_else_proves_nothing(iyzico, step):
    ref, seen = iyzico.paid()
    provider = iyzico.provider()
    iyzico.psp.arm(getattr(iyzico, f"{step}_operation"), "bad_signature")
    if step == "refund":
        assert provider.refund(refund_of(ref, seen, 100)).reason == "bad_signature"
        return
    with pytest.raises(ProviderUnknown, match="bad_signature"):
        provider.begin(iyzico.attempt()) if step == "begin" else provider.query(ref)


@pytest.mark.parametrize(("fault", "field"), [("wrong_amount", "amount"), ("wrong_currency", "currency")])
def test_another_amount_or_currency_is_never_confirmed(rail, fault, field):
    ref = rail.opened()
    rail.psp.arm(f"{rail.name}.pay", fault)
    rail.psp.pay(ref.token)
    seen = rail.provider().query(ref)
    assert seen.state is PaymentState.MISMATCH
    names = {mismatch.name for mismatch in seen.mismatches}
    assert names & ({"price", "amount_received"} if field == "amount" else {"currency"})


def test_a_fraud_review_waits_for_its_end(iyzico):
    ref = iyzico.opened()
    iyzico.psp.arm("iyzico.pay", "fraud_review")
    iyzico.psp.pay(ref.token)
    waiting = iyzico.provider().query(ref)
    assert (waiting.state, waiting.fraud_review, waiting.final) == (PaymentState.PENDING, True, False)
    iyzico.psp.control("POST", "fraud", {"payment_id": waiting.provider_ref, "status": 1})
    assert iyzico.provider().query(ref).state is PaymentState.CONFIRMED


def test_a_fraud_rejection_fails(iyzico):
    ref = iyzico.opened()
    iyzico.psp.arm("iyzico.pay", "fraud_reject")
    iyzico.psp.pay(ref.token)
    assert iyzico.provider().query(ref).state is PaymentState.FAILED


def test_failure_then_success_on_one_token(rail):
    ref = rail.opened()
    rail.psp.arm(f"{rail.name}.pay", "decline", code="10051" if rail.name == "iyzico" else "insufficient_funds")
    assert [rail.psp.pay(ref.token)["status"] for _ in range(2)] == ["FAILURE", "SUCCESS"]
    assert rail.provider().query(ref).state is PaymentState.CONFIRMED


@pytest.mark.chaos
def test_a_provider_killed_after_charging_remembers(rail):
    ref, provider = rail.opened(), rail.provider(connect_timeout=1)
    rail.psp.pay(ref.token)
    rail.psp.kill()
    try:
        with pytest.raises(ProviderUnreachable):
            provider.query(ref)
    finally:
        rail.psp.start()
    seen = provider.query(ref)
    assert seen.state is PaymentState.CONFIRMED
    assert [row["payment_id"] for row in rail.charges()] == [seen.provider_ref]


@pytest.mark.chaos
def test_webhooks_pending_when_it_was_killed_are_delivered_later(rail, receiver):
    rail.psp.arm(f"webhook.{rail.name}", "delay", times=None, seconds=1)
    rail.psp.pay(rail.opened().token)
    rail.psp.kill()
    assert receiver.of(rail.name) == []
    rail.psp.start()
    assert wait_until(lambda: receiver.of(rail.name), 10)


def test_an_unknown_fault_is_refused_so_no_test_passes_by_a_typing_error(psp):
    with pytest.raises(httpx.HTTPStatusError):
        psp.arm("iyzico.retrieve", "dorp_after_commit")
