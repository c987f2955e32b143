"""The provider's own formulas against the published vectors, and against ours, which share no code with them."""

from base64 import b64encode

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from belgenet.commerce.payments.providers.iyzico import signatures
from belgenet.testing.psp import signing
from belgenet.testing.psp.wire import Number, load, raw_json

WEBHOOK_SECRET = "sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs"


def test_published_vectors():
    values = ["22416032", "TRY", "basketId", "conversationId", signing.bare("10.50"), signing.bare("10.5")]
    answer = signing.iyzico_answer("sandbox-qaIiLIxhjMgx3LSKIVvp6j17NunHOFtD", values)
    assert answer == "836c3a6c8db86c81043f2ca74edb13518b54a813f454f8dd762f0dd658610173"
    hosted = {"iyziEventType": "CHECKOUT_FORM_AUTH", "iyziPaymentId": 22483975, "status": "SUCCESS"}
    hosted |= {"token": "e828c62d-fd12-4b1a-ad5a-380f15fe6596", "paymentConversationId": "conversationId"}
    expected = "4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878"
    assert signing.iyzico_webhook(WEBHOOK_SECRET, hosted) == expected


@given(st.text(max_size=30), st.binary(max_size=200), st.sampled_from(["/payment/detail", "/v2/x"]))
def test_both_sides_agree_on_any_request(random_key, raw, path):
    random_key = random_key.replace("&", "").replace("\n", "").encode("utf-8", "ignore").decode()
    header = signatures.authorization("key", "secret", random_key, path, raw)
    assert signing.iyzico_refusal(header, "key", "secret", path, raw) is None
    assert signing.iyzico_refusal(header, "key", "secret", path, raw + b" ") == "1000"
    assert signing.iyzico_refusal(header, "key", "other", path, raw) == "1000"
    assert signing.iyzico_refusal(header, "other", "secret", path, raw) == "1001"


@pytest.mark.parametrize(
    "header",
    ["", "IYZWSv2", "IYZWSv2 ###", "IYZWSv2 " + b64encode(b"apiKey:key").decode(), "Basic eA==", "IYZWSv2 /w=="],
)
def test_headers_that_are_no_signature(header):
    assert signing.iyzico_refusal(header, "key", "secret", "/", b"") == "1000"


@given(st.decimals(min_value=0, max_value=10**9, places=8))
def test_both_sides_strip_the_same_zeros(amount):
    assert signing.bare(format(amount, "f")) == signatures.strip_zeros(amount)


@given(st.text(max_size=100))
def test_stripes_own_library_accepts_our_events(body):
    raw = body.encode("utf-8", "ignore")
    header = signing.stripe_webhook("whsec_x", raw, 1795262400)
    assert stripe.WebhookSignature.verify_header(raw, header, "whsec_x", tolerance=None)


@pytest.mark.parametrize("text", ["100.50", "100.00", "1.00000000", "7"])
def test_amounts_keep_their_zeros_on_the_wire(text):
    raw = raw_json({"price": Number(text), "name": "Ayşe"})
    assert raw == f'{{"price":{text},"name":"Ayşe"}}'.encode()
    assert format(load(raw)["price"], "f" if "." in text else "d") == text


def test_only_amounts_may_be_odd():
    with pytest.raises(TypeError):
        raw_json({"x": object()})
