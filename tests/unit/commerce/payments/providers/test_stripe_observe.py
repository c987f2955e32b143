"""Nothing is confirmed unless session, intent and our own attempt agree."""

import pytest

from belgenet.commerce.payments.providers.errors import DeclineReason, ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import PaymentState
from belgenet.commerce.payments.providers.stripe.observe import observe_intent, observe_session

from .samples import ref, stripe_intent, stripe_session


def session(*, expired=False, live=False, reference=None, **changes):
    return observe_session(stripe_session(**changes), reference or ref(), live=live, expired=expired)


def intent(*, expired=False, live=False, **changes):
    return observe_intent(stripe_intent(**changes), ref(provider_ref="pi_1"), live=live, expired=expired)


def test_a_paid_session_is_confirmed_with_all_we_book():
    seen = session()
    assert (seen.state, seen.final) == (PaymentState.CONFIRMED, True)
    assert (seen.provider_ref, seen.amount_minor, seen.currency) == ("pi_1", 12550, "TRY")
    assert (seen.card_brand, seen.card_last4, seen.fees_minor, seen.refunded_minor) == ("visa", "4242", 394, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "cs_2"}, "session"),
        ({"client_reference_id": "another"}, "client_reference_id"),
        ({"amount_total": 12551}, "amount_total"),
        ({"amount_total": "12550"}, "amount_total"),
        ({"currency": "usd"}, "session.currency"),
        ({"payment_intent": stripe_intent(amount_received=1)}, "amount_received"),
        ({"payment_intent": stripe_intent(currency="usd")}, "currency"),
        ({"payment_intent": stripe_intent(metadata={})}, "metadata.attempt_id"),
        ({"payment_intent": stripe_intent(metadata={"attempt_id": "0192f0c1-attempt"})}, "metadata.order_number"),
        ({"payment_intent": stripe_intent(status="processing")}, "status"),
        ({"payment_intent": stripe_intent(livemode=True)}, "livemode"),
        ({"payment_intent": stripe_intent(id=None)}, "payment_intent"),
    ],
)
def test_whatever_differs_is_shown_to_a_person_and_never_booked(changes, field):
    seen = session(**changes)
    assert seen.state is PaymentState.MISMATCH
    assert field in {mismatch.name for mismatch in seen.mismatches}


def test_a_test_payment_cannot_confirm_a_live_order():
    assert session(live=True).state is PaymentState.MISMATCH


def test_a_paid_session_without_its_intent_proves_nothing():
    with pytest.raises(ProviderUnknown):
        session(payment_intent="pi_1")


@pytest.mark.parametrize("amount", [None, "12550", 1.0])
def test_an_unreadable_amount_proves_nothing(amount):
    with pytest.raises(ProviderUnknown, match="garbage"):
        session(payment_intent=stripe_intent(amount_received=amount))


@pytest.mark.parametrize(
    ("changes", "expired", "state", "final"),
    [
        ({"status": "open"}, False, PaymentState.PENDING, False),
        ({"status": "open"}, True, PaymentState.FAILED, True),
        ({"status": "expired"}, False, PaymentState.FAILED, True),
        ({"status": "complete", "payment_status": "unpaid"}, True, PaymentState.PENDING, False),
        ({"status": None}, True, PaymentState.PENDING, False),
    ],
)
def test_a_session_that_is_not_paid(changes, expired, state, final):
    fields = {"payment_status": "unpaid", "payment_intent": None} | changes
    seen = session(**fields, expired=expired)
    assert (seen.state, seen.final) == (state, final)


def test_the_last_refusal_of_an_open_session_is_told():
    refused = stripe_intent(
        status="requires_payment_method",
        last_payment_error={"code": "card_declined", "decline_code": "insufficient_funds"},
    )
    seen = session(status="open", payment_status="unpaid", payment_intent=refused)
    assert (seen.state, seen.decline) == (PaymentState.PENDING, DeclineReason.INSUFFICIENT_FUNDS)


@pytest.mark.parametrize(
    ("changes", "expired", "state", "final"),
    [
        ({}, False, PaymentState.CONFIRMED, True),
        ({"status": "canceled"}, False, PaymentState.FAILED, True),
        ({"status": "requires_payment_method"}, False, PaymentState.PENDING, False),
        ({"status": "requires_payment_method"}, True, PaymentState.FAILED, True),
        ({"status": "processing"}, True, PaymentState.PENDING, False),
        ({"status": "requires_action"}, True, PaymentState.PENDING, False),
    ],
)
def test_an_intent_by_itself(changes, expired, state, final):
    seen = intent(**changes, expired=expired)
    assert (seen.state, seen.final, seen.provider_ref) == (state, final, "pi_1")


def test_a_review_is_flagged():
    charge = stripe_intent()["latest_charge"] | {"outcome": {"type": "manual_review"}}
    assert intent(latest_charge=charge).fraud_review


@pytest.mark.parametrize("charge", [None, "ch_1", {}, {"balance_transaction": "txn_1"}])
def test_details_that_are_not_there_yet_are_none(charge):
    seen = intent(latest_charge=charge)
    assert seen.state is PaymentState.CONFIRMED
    assert (seen.card_last4, seen.fees_minor) == (None, None)


def test_fees_in_the_settlement_currency_are_not_ours_to_book():
    charge = stripe_intent()["latest_charge"] | {"balance_transaction": {"fee": 100, "currency": "eur"}}
    assert intent(latest_charge=charge).fees_minor is None


def test_what_is_kept_is_a_short_list():
    raw = session(customer_details={"email": "a@b.co"}).raw_redacted
    assert raw["session"] == {
        "id": "token-1",
        "object": "checkout.session",
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 12550,
        "currency": "try",
    }
    assert "metadata" not in raw["payment_intent"]
