import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.commerce.payments.providers.errors import BadSignature, MalformedWebhook
from belgenet.commerce.payments.providers.iyzico.signatures import webhook_signature
from belgenet.commerce.payments.providers.iyzico.webhook import parse

from .samples import IYZICO

UNSIGNED = replace(IYZICO, allow_unsigned_webhooks=True)


def body(**changes):
    values = {
        "paymentConversationId": "0192f0c1-attempt",
        "merchantId": 1,
        "token": "token-1",
        "status": "SUCCESS",
        "iyziReferenceCode": "ref-1",
        "iyziEventType": "CHECKOUT_FORM_AUTH",
        "iyziEventTime": 1795262400000,
        "iyziPaymentId": 22400001,
    }
    return {name: value for name, value in (values | changes).items() if value is not ...}


def call(fields, config=IYZICO, signature=None, header="X-IYZ-SIGNATURE-V3"):
    signature = webhook_signature(config.secret_key, fields) if signature is None else signature
    return parse(config, {header: signature} if signature else {}, json.dumps(fields).encode())


def test_a_signed_notification_is_a_hint_to_query():
    hint = call(body())
    assert hint.signed
    assert hint.event_key == "ref-1:CHECKOUT_FORM_AUTH:SUCCESS"
    assert (hint.lookup.attempt_id, hint.lookup.token) == ("0192f0c1-attempt", "token-1")
    assert hint.lookup.provider_ref == "22400001"
    assert hint.occurred_at == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_direct_payments_are_signed_over_other_fields():
    assert call(body(token=..., paymentId=22400001, iyziEventType="API_AUTH")).lookup.token is None


def test_header_names_have_no_case():
    assert call(body(), header="x-Iyz-sIGNATURE-v3").signed


def test_failure_and_success_of_one_token_are_two_events():
    assert call(body(status="FAILURE")).event_key != call(body()).event_key


@pytest.mark.parametrize("name", ["token", "status", "iyziEventType", "iyziPaymentId", "paymentConversationId"])
def test_a_changed_field_breaks_the_signature(name):
    signature = webhook_signature(IYZICO.secret_key, body())
    with pytest.raises(BadSignature):
        call(body(**{name: "999"}), signature=signature)


@pytest.mark.parametrize("signature", ["0" * 64, "ş", "zz"])
@pytest.mark.parametrize("config", [IYZICO, UNSIGNED])
def test_a_wrong_signature_is_refused_even_where_none_is_needed(config, signature):
    with pytest.raises(BadSignature):
        call(body(), config, signature=signature)


def test_an_absent_signature_needs_permission():
    with pytest.raises(BadSignature, match="absent"):
        call(body(), signature="")
    assert not call(body(), UNSIGNED, signature="").signed


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"{",
        b"[" * 70_000,
        b'{"a":"' + b"x" * 70_000 + b'"}',
        json.dumps(body(token="a\x00b")).encode(),
        json.dumps(body(token="x" * 201)).encode(),
        json.dumps(body(status=["SUCCESS"])).encode(),
        json.dumps(body(iyziPaymentId=1.5)).encode(),
        json.dumps(body(iyziEventType=...)).encode(),
        json.dumps({"iyziEventType": "X"}).encode(),
        json.dumps(body(token="\u202etoken")).encode(),
    ],
)
def test_what_cannot_be_a_notification_is_malformed(raw):
    with pytest.raises(MalformedWebhook):
        parse(UNSIGNED, {}, raw)


def test_without_a_reference_code_the_bytes_are_the_key():
    one, two = body(iyziReferenceCode=...), body(iyziReferenceCode=..., merchantId=2)
    assert call(one).event_key == call(one).event_key != call(two).event_key


@pytest.mark.parametrize("time", [None, "soon", True, 10**30, -(10**30)])
def test_an_odd_time_is_no_time(time):
    assert call(body(iyziEventTime=time)).occurred_at is None


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_parser(raw):
    with pytest.raises((MalformedWebhook, BadSignature)):
        parse(IYZICO, {}, raw)
