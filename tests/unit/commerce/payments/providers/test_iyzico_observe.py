"""Nothing is confirmed unless every field agrees with what we asked for."""

from decimal import Decimal

import pytest

from belgenet.commerce.payments.providers.errors import DeclineReason, ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import PaymentState
from belgenet.commerce.payments.providers.iyzico.observe import observe

from .samples import iyzico_success, ref


def seen(*, expired=False, reference=None, **changes):
    return observe(iyzico_success(**changes), reference or ref(), expired=expired)


def test_a_paid_form_is_confirmed_with_all_we_book():
    observation = seen()
    assert observation.state is PaymentState.CONFIRMED
    assert observation.final
    assert observation.provider_ref == "22400001"
    assert (observation.amount_minor, observation.paid_minor, observation.currency) == (12550, 12550, "TRY")
    assert observation.fees_minor == 364 + 25
    assert [(item.line_id, item.item_ref, item.amount_minor) for item in observation.item_refs] == [
        ("line-1", "24000001", 10000),
        ("line-2", "24000002", 2550),
    ]
    assert (observation.card_brand, observation.card_last4) == ("MASTER_CARD", "0008")


def test_an_instalment_surcharge_is_the_cards_not_the_orders():
    observation = seen(paidPrice=Decimal("130.00"), installment=3)
    assert observation.state is PaymentState.CONFIRMED
    assert (observation.amount_minor, observation.paid_minor, observation.installment) == (12550, 13000, 3)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"basketId": "KC-2026-000002"}, "basketId"),
        ({"currency": "USD"}, "currency"),
        ({"price": Decimal("125.49")}, "price"),
        ({"price": Decimal("251.00"), "paidPrice": Decimal(251)}, "price"),
        ({"token": "token-2"}, "token"),
        ({"conversationId": "another"}, "conversationId"),
        ({"paymentId": None}, "paymentId"),
        ({"paidPrice": Decimal("125.49")}, "paidPrice"),
        ({"fraudStatus": None}, "fraudStatus"),
        ({"fraudStatus": 7}, "fraudStatus"),
        ({"itemTransactions": []}, "itemTransactions"),
    ],
)
def test_whatever_differs_is_shown_to_a_person_and_never_booked(changes, field):
    observation = seen(**changes)
    assert observation.state is PaymentState.MISMATCH
    assert field in {mismatch.name for mismatch in observation.mismatches}


def test_another_payment_id_than_the_one_known_is_a_mismatch():
    observation = seen(reference=ref(provider_ref="99"))
    assert [(m.name, m.expected, m.seen) for m in observation.mismatches] == [("paymentId", "99", "22400001")]


def test_a_fraud_review_waits():
    observation = seen(fraudStatus=0)
    assert observation.state is PaymentState.PENDING
    assert observation.fraud_review
    assert not observation.final
    assert observation.provider_ref == "22400001"


def test_a_fraud_rejection_fails_without_saying_why():
    observation = seen(fraudStatus=-1)
    assert observation.state is PaymentState.FAILED
    assert observation.decline is DeclineReason.DECLINED


@pytest.mark.parametrize(
    ("expired", "state", "final"), [(False, PaymentState.PENDING, False), (True, PaymentState.FAILED, True)]
)
def test_a_refused_card_is_final_only_when_the_form_is_closed(expired, state, final):
    observation = seen(paymentStatus="FAILURE", errorCode="10051", expired=expired)
    assert (observation.state, observation.final) == (state, final)
    assert observation.decline is DeclineReason.INSUFFICIENT_FUNDS


@pytest.mark.parametrize("status", ["INIT_THREEDS", "CALLBACK_THREEDS", "INIT_BANK_TRANSFER", "", None])
def test_a_payment_under_way_is_pending(status):
    observation = seen(paymentStatus=status, expired=True)
    assert (observation.state, observation.final) == (PaymentState.PENDING, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"price": "ten"},
        {"price": 1.5},
        {"paidPrice": None},
        {"itemTransactions": [{"price": None}]},
        {"itemTransactions": "x"},
        {"installment": "many"},
    ],
)
def test_unreadable_amounts_leave_the_outcome_unknown(changes):
    with pytest.raises(ProviderUnknown, match="garbage"):
        seen(**changes)


def test_what_is_kept_names_no_person_and_is_plain_json():
    raw = seen(buyer={"identityNumber": "1"}, cardToken="secret", email="a@b.co").raw_redacted
    assert raw["price"] == "125.50"
    assert not {"buyer", "cardToken", "email", "token"} & set(raw)
