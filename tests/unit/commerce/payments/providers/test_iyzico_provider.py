"""Which calls a query makes and what it concludes; answers are signed as iyzico signs them."""

import json
from datetime import timedelta

import httpx
import pytest

from belgenet.commerce.payments.providers.errors import DeclineReason, ProviderRefused, ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import PaymentProvider, PaymentState
from belgenet.commerce.payments.providers.iyzico import signatures
from belgenet.commerce.payments.providers.iyzico.provider import (
    DETAIL_PATH,
    INITIALIZE_PATH,
    RETRIEVE_PATH,
    IyzicoProvider,
)

from .samples import IYZICO, NOW, attempt, iyzico_success, ref

FIELDS = {
    INITIALIZE_PATH: signatures.INITIALIZE_FIELDS,
    RETRIEVE_PATH: signatures.RETRIEVE_FIELDS,
    DETAIL_PATH: signatures.PAYMENT_FIELDS,
}
NOT_FOUND = {"status": "failure", "errorCode": "5087"}


def provider(answers, now=NOW):
    calls = []

    def handler(request):
        calls.append(request.url.path)
        answer = dict(answers[request.url.path])
        if answer.get("status") == "success" and "signature" not in answer:
            answer["signature"] = signatures.response_signature(IYZICO.secret_key, answer, FIELDS[request.url.path])
        return httpx.Response(200, content=json.dumps(answer, default=str))

    client = httpx.Client(transport=httpx.MockTransport(handler))
    made = IyzicoProvider(IYZICO, client, clock=lambda: now)
    made.calls = calls
    return made


def opened(**changes):
    values = {
        "status": "success",
        "conversationId": "0192f0c1-attempt",
        "token": "token-1",
        "paymentPageUrl": "https://sandbox-cpp.iyzipay.com?token=token-1",
        "tokenExpireTime": 900,
    }
    return {INITIALIZE_PATH: values | changes}


def test_it_is_a_payment_provider():
    assert isinstance(provider({}), PaymentProvider)


def test_begin_returns_the_hosted_page():
    checkout = provider(opened()).begin(attempt())
    assert checkout.token == "token-1"
    assert checkout.redirect_url.startswith("https://sandbox-cpp")
    assert checkout.expires_at == NOW + timedelta(seconds=900)
    assert "buyer" not in checkout.raw_redacted["request"]


@pytest.mark.parametrize("seconds", [None, 0, "900"])
def test_a_token_without_a_life_lives_half_an_hour(seconds):
    assert provider(opened(tokenExpireTime=seconds)).begin(attempt()).expires_at == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    "changes", [{"token": None}, {"paymentPageUrl": "javascript:alert(1)"}, {"conversationId": "another"}]
)
def test_a_page_that_is_not_ours_is_not_opened(changes):
    with pytest.raises(ProviderUnknown):
        provider(opened(**changes)).begin(attempt())


def test_a_paid_form_is_confirmed_by_its_token():
    made = provider({RETRIEVE_PATH: iyzico_success()})
    assert made.query(ref()).state is PaymentState.CONFIRMED
    assert made.calls == [RETRIEVE_PATH]


def test_without_a_token_the_conversation_is_asked_for():
    made = provider({DETAIL_PATH: iyzico_success()})
    assert made.query(ref(token=None)).state is PaymentState.CONFIRMED
    assert made.calls == [DETAIL_PATH]


def test_a_token_iyzico_does_not_speak_about_is_asked_for_by_conversation():
    made = provider({RETRIEVE_PATH: {"status": "failure", "errorCode": "11"}, DETAIL_PATH: iyzico_success()})
    assert made.query(ref()).state is PaymentState.CONFIRMED
    assert made.calls == [RETRIEVE_PATH, DETAIL_PATH]


def test_a_detail_without_payment_status_is_a_charge_only_with_transactions():
    charged = iyzico_success()
    del charged["paymentStatus"]
    assert provider({DETAIL_PATH: charged}).query(ref(token=None)).state is PaymentState.CONFIRMED
    charged["itemTransactions"] = []
    assert provider({DETAIL_PATH: charged}).query(ref(token=None)).state is PaymentState.PENDING


@pytest.mark.parametrize(
    ("minutes", "token", "state", "final"),
    [
        (0, "token-1", PaymentState.PENDING, False),
        (34, "token-1", PaymentState.PENDING, False),
        (35, "token-1", PaymentState.NOT_FOUND, True),
        (0, None, PaymentState.NOT_FOUND, False),
        (35, None, PaymentState.NOT_FOUND, True),
    ],
)
def test_nothing_charged_is_final_only_after_the_token_and_its_grace(minutes, token, state, final):
    answers = {RETRIEVE_PATH: NOT_FOUND, DETAIL_PATH: NOT_FOUND}
    observation = provider(answers, NOW + timedelta(minutes=minutes)).query(ref(token=token))
    assert (observation.state, observation.final) == (state, final)


def test_without_an_expiry_nothing_is_ever_final():
    answers = {RETRIEVE_PATH: NOT_FOUND, DETAIL_PATH: NOT_FOUND}
    assert not provider(answers, NOW + timedelta(days=9)).query(ref(expires_at=None)).final


@pytest.mark.parametrize(("minutes", "state"), [(0, PaymentState.PENDING), (36, PaymentState.FAILED)])
@pytest.mark.parametrize("token", ["token-1", None])
def test_a_decline_told_as_a_failure_is_still_a_decline(minutes, state, token):
    decline = {"status": "failure", "errorCode": "10051", "errorGroup": "NOT_SUFFICIENT_FUNDS"}
    answers = {RETRIEVE_PATH: decline, DETAIL_PATH: decline}
    observation = provider(answers, NOW + timedelta(minutes=minutes)).query(ref(token=token))
    assert observation.state is state
    assert observation.decline is DeclineReason.INSUFFICIENT_FUNDS


def test_other_refusals_of_a_query_are_told():
    with pytest.raises(ProviderRefused, match="11"):
        provider({DETAIL_PATH: {"status": "failure", "errorCode": "11"}}).query(ref(token=None))


@pytest.mark.parametrize("path", [RETRIEVE_PATH, DETAIL_PATH])
def test_a_forged_answer_confirms_nothing(path):
    forged = iyzico_success(signature="0" * 64)
    with pytest.raises(ProviderUnknown, match="bad_signature"):
        provider({path: forged}).query(ref(token="token-1" if path == RETRIEVE_PATH else None))


def test_a_form_closes_only_by_itself():
    assert not provider({}).abandon(ref())
    assert provider({}, NOW + timedelta(hours=1)).abandon(ref())


def test_refunds_of_an_attempt_without_payment_are_none():
    assert provider({}).refunds_of(ref()) == ()
