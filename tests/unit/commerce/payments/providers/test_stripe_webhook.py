import json
from dataclasses import replace
from datetime import timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from belgenet.commerce.payments.providers.errors import BadSignature, MalformedWebhook
from belgenet.commerce.payments.providers.interfaces import Lookup
from belgenet.commerce.payments.providers.stripe.webhook import parse

from .samples import NOW, STRIPE


def event(source=None, **changes):
    source = {"object": "payment_intent", "id": "pi_1", "status": "succeeded"} if source is None else source
    values = {"id": "evt_1", "object": "event", "type": "x.y", "created": int(NOW.timestamp())}
    return values | {"data": {"object": source}} | changes


def header(raw, secret="whsec_1", moment=NOW):
    return stripe.WebhookSignature.generate_signature_header(raw.decode(), secret, int(moment.timestamp()))


def call(body, signature=None, name="Stripe-Signature", config=STRIPE, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(config, {name: header(raw, **options) if signature is None else signature}, raw, NOW)


@pytest.mark.parametrize(
    ("source", "lookup"),
    [
        (
            {"object": "checkout.session", "id": "cs_1", "payment_intent": "pi_1", "metadata": {"attempt_id": "a"}},
            Lookup(attempt_id="a", token="cs_1", provider_ref="pi_1"),
        ),
        ({"object": "payment_intent", "id": "pi_1"}, Lookup(provider_ref="pi_1")),
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}, Lookup(provider_ref="pi_1")),
        ({"object": "refund", "id": "re_1", "payment_intent": "pi_1"}, Lookup(provider_ref="pi_1")),
        (
            {"object": "dispute", "id": "dp_1", "payment_intent": "pi_1"},
            Lookup(provider_ref="pi_1", dispute_ref="dp_1"),
        ),
        ({"object": "customer", "id": "cus_1"}, Lookup()),
        ({"object": "payment_intent", "id": "pi\x00", "metadata": {"attempt_id": ["a"]}}, Lookup()),
        ({"object": "payment_intent", "id": "x" * 300, "metadata": []}, Lookup()),
        ([], Lookup()),
    ],
)
def test_events_are_reduced_to_what_to_query(source, lookup):
    hint = call(event(source))
    assert hint.lookup == lookup
    assert (hint.event_key, hint.event_type, hint.occurred_at) == ("evt_1", "x.y", NOW)


def test_a_secret_that_is_being_rotated_out_still_counts():
    assert call(event(), secret="whsec_0").signed


@pytest.mark.parametrize("age", [-60, 0, 299, 300])
def test_the_clock_may_differ_a_little(age):
    assert call(event(), moment=NOW - timedelta(seconds=age)).signed


@pytest.mark.parametrize("age", [-3600, -61, 301, 86400])
def test_old_and_future_events_are_refused(age):
    with pytest.raises(BadSignature, match="signature_time"):
        call(event(), moment=NOW - timedelta(seconds=age))


@pytest.mark.parametrize("signature", ["", "v1=1", "t=1", "t=x,v1=1", "t=1,v1=ş", ",,,", "t=1,v0=abc", "t=9e99,v1=1"])
def test_headers_that_are_no_signature(signature):
    with pytest.raises(BadSignature):
        call(event(), signature=signature)


def test_another_secret_or_another_body_is_refused():
    with pytest.raises(BadSignature):
        call(event(), secret="whsec_other")
    with pytest.raises(BadSignature):
        call(event(), signature=header(json.dumps(event(id="evt_2")).encode()))
    with pytest.raises(BadSignature):
        call(event(), config=replace(STRIPE, webhook_secrets=()))


def test_json_written_anew_is_another_body():
    raw = json.dumps(event()).encode()
    with pytest.raises(BadSignature):
        call(json.dumps(json.loads(raw), indent=1).encode(), signature=header(raw))


def test_header_names_have_no_case():
    assert call(event(), name="sTRIPE-sIGNATURE").signed


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[1]",
        b"{}",
        b"[" * 100_000,
        json.dumps(event(id=5)).encode(),
        json.dumps(event(type="a\nb")).encode(),
        json.dumps(event(id="x" * 256)).encode(),
        b'{"a":"' + b"x" * 600_000 + b'"}',
    ],
)
def test_signed_nonsense_is_malformed(raw):
    with pytest.raises(MalformedWebhook):
        call(raw)


def test_bytes_that_are_no_text_are_malformed():
    with pytest.raises(MalformedWebhook, match="not_utf8"):
        parse(STRIPE, {"Stripe-Signature": "t=1,v1=00"}, b"\xff", NOW)


@pytest.mark.parametrize("created", [None, "x", True, 10**30])
def test_an_odd_time_is_no_time(created):
    assert call(event(created=created)).occurred_at is None


@given(st.binary(max_size=200), st.text(max_size=80))
def test_nothing_crashes_the_parser(raw, signature):
    with pytest.raises((MalformedWebhook, BadSignature)):
        parse(STRIPE, {"Stripe-Signature": signature}, raw, NOW)
