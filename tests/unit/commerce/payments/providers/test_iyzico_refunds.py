from datetime import timedelta
from decimal import Decimal

import pytest

from belgenet.commerce.payments.providers.errors import (
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnknown,
    ProviderUnreachable,
)
from belgenet.commerce.payments.providers.interfaces import RefundRecord, RefundState
from belgenet.commerce.payments.providers.iyzico import refunds
from belgenet.commerce.payments.providers.iyzico.refunds import outcome_of

from .samples import NOW, refund


class Wire:
    """Answers posts in order; an exception in the list is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []

    def post(self, path, body, signed):
        self.sent.append((path, body, signed))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {
            "paymentId": "22400001",
            "price": Decimal(body["price"]),
            "currency": body["currency"],
            "conversationId": body["conversationId"],
            "refundHostReference": f"host-{len(self.sent)}",
        } | answer


def test_a_refund_is_one_call_for_the_payment():
    wire = Wire({})
    outcome = refunds.refund(wire, refund())
    assert outcome.state is RefundState.DONE
    assert (outcome.done_minor, outcome.provider_ref) == (11000, "host-1")
    path, body, _ = wire.sent[0]
    assert path == "/v2/payment/refund"
    assert (body["paymentId"], body["price"], body["conversationId"]) == ("22400001", "110.00", "0192f0c1-refund")
    assert body["reason"] == "BUYER_REQUEST"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ProviderRefused("iyzico", "5093", retryable=True), RefundState.FAILED),
        (ProviderUnknown("iyzico", "no_answer"), RefundState.UNKNOWN),
        (ProviderUnreachable("iyzico", "unreachable"), RefundState.UNKNOWN),
    ],
)
def test_errors_become_outcomes(error, state):
    outcome = refunds.refund(Wire(error), refund())
    assert (outcome.state, outcome.done_minor, outcome.reason) == (state, 0, error.code)
    assert outcome.retryable is getattr(error, "retryable", False)


@pytest.mark.parametrize(
    "answer",
    [{"paymentId": "1"}, {"price": Decimal(1)}, {"currency": "USD"}, {"conversationId": "x"}, {"price": None}],
)
def test_an_answer_about_another_refund_proves_nothing(answer):
    assert refunds.refund(Wire(answer), refund()).state is RefundState.UNKNOWN


def test_wrong_keys_are_not_an_outcome():
    with pytest.raises(ProviderMisconfigured):
        refunds.refund(Wire(ProviderMisconfigured("iyzico", "1001")), refund())


def record(minor, state=RefundState.DONE, refund_id="0192f0c1-refund"):
    return RefundRecord(provider_ref="r", refund_id=refund_id, amount_minor=minor, currency="TRY", state=state)


@pytest.mark.parametrize(
    ("known", "state", "done"),
    [
        ([record(10000), record(1000)], RefundState.DONE, 11000),
        ([record(10000)], RefundState.PARTIAL, 10000),
        ([record(11000, RefundState.IN_TRANSIT)], RefundState.IN_TRANSIT, 0),
        ([record(11000, RefundState.FAILED)], RefundState.FAILED, 0),
        ([record(11000, refund_id="another")], RefundState.NOT_FOUND, 0),
        ([record(11000, refund_id=None)], RefundState.NOT_FOUND, 0),
        ([], RefundState.NOT_FOUND, 0),
    ],
)
def test_a_report_is_reduced_to_our_refund(known, state, done):
    outcome = outcome_of(refund(), known, settled=True)
    assert (outcome.state, outcome.done_minor) == (state, done)


@pytest.mark.parametrize("settled", [True, False])
def test_not_found_may_be_repeated_only_when_the_report_has_settled(settled):
    assert outcome_of(refund(requested_at=NOW - timedelta(hours=1)), [], settled=settled).retryable is settled


class Report:
    """A report instead of the wire."""

    def __init__(self, answer):
        self.answer = answer

    def get(self, path, query):
        assert query == {"paymentId": "22400001"}
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def entry(**changes):
    values = {
        "refundTxId": 31000001,
        "refundConversationId": "0192f0c1-refund",
        "refundPrice": Decimal("10.00"),
        "refundStatus": 1,
        "currencyCode": "TRY",
        "createdDate": "2026-11-21T12:00:00+00:00",
    }
    return values | changes


def test_report_entries_become_records():
    cancel = {"refundId": "9", "refundPrice": "125.5", "refundStatus": -1, "currencyCode": "TRY"}
    payment = {"paymentId": 22400001, "itemTransactions": [{"refunds": [entry()]}, {}], "cancels": [cancel]}
    found = refunds.records(Report({"payments": [payment, {"paymentId": "1"}]}), "22400001")
    assert [(r.provider_ref, r.refund_id, r.amount_minor, r.state, r.created_at) for r in found] == [
        ("31000001", "0192f0c1-refund", 1000, RefundState.DONE, NOW),
        ("9", None, 12550, RefundState.FAILED, None),
    ]


def test_a_payment_the_report_does_not_know_has_no_refunds():
    assert refunds.records(Report(ProviderRefused("iyzico", "5087")), "22400001") == ()


def test_other_refusals_of_the_report_are_told():
    with pytest.raises(ProviderRefused):
        refunds.records(Report(ProviderRefused("iyzico", "11")), "22400001")


@pytest.mark.parametrize("changes", [{"refundPrice": "x"}, {"refundPrice": 1.5}, {"createdDate": "yesterday"}])
def test_an_unreadable_report_proves_nothing(changes):
    payment = {"paymentId": "22400001", "itemTransactions": [{"refunds": [entry(**changes)]}]}
    with pytest.raises(ProviderUnknown, match="garbage"):
        refunds.records(Report({"payments": [payment]}), "22400001")
