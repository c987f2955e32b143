"""The vectors iyzico publishes, and what must hold for every signature."""

from base64 import b64decode
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.commerce.payments.providers.iyzico import signatures

RESPONSE_SECRET = "sandbox-qaIiLIxhjMgx3LSKIVvp6j17NunHOFtD"
WEBHOOK_SECRET = "sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs"
HOSTED = {
    "iyziEventType": "CHECKOUT_FORM_AUTH",
    "iyziPaymentId": 22483975,
    "token": "e828c62d-fd12-4b1a-ad5a-380f15fe6596",
    "paymentConversationId": "conversationId",
    "status": "SUCCESS",
}
DIRECT = {
    "iyziEventType": "API_AUTH",
    "paymentId": 22484059,
    "paymentConversationId": "conversationId",
    "status": "SUCCESS",
}


def payment(**changes):
    fields = {
        "paymentId": "22416032",
        "currency": "TRY",
        "basketId": "basketId",
        "conversationId": "conversationId",
        "paidPrice": Decimal("10.50"),
        "price": Decimal("10.5"),
        "signature": "836c3a6c8db86c81043f2ca74edb13518b54a813f454f8dd762f0dd658610173",
    }
    return fields | changes


def test_published_payment_response_vector():
    assert signatures.response_is_authentic(RESPONSE_SECRET, payment(), signatures.PAYMENT_FIELDS)


def test_published_3ds_callback_vector():
    fields = ("conversationData", "conversationId", "mdStatus", "paymentId", "status")
    callback = {"mdStatus": "1", "paymentId": "22484292", "status": "success"}
    expected = "a4f73b80bb32a6ef8358090bbd8609a49a7b53f463048f8ef147496e236d04f0"
    assert signatures.response_signature("jLc7GQHD2pyJoqXDeEcTnGHYtP7Ai5jl", callback, fields) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (HOSTED, "4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878"),
        (DIRECT, "92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae"),
    ],
)
def test_published_webhook_vectors(body, expected):
    assert signatures.webhook_signature(WEBHOOK_SECRET, body) == expected


def test_authorization_has_the_published_shape():
    header = signatures.authorization("sandbox-key", "secret", "123456789", "/payment/auth", b'{"a":1}')
    scheme, encoded = header.split(" ")
    plain = b64decode(encoded).decode()
    signature = signatures.hmac_hex("secret", b'123456789/payment/auth{"a":1}')
    assert scheme == "IYZWSv2"
    assert plain == f"apiKey:sandbox-key&randomKey:123456789&signature:{signature}"


@pytest.mark.parametrize(
    ("amount", "text"),
    [("10.50", "10.5"), ("10.0", "10"), ("100", "100"), ("0.00", "0"), ("1E+2", "100"), ("100.01000", "100.01")],
)
def test_trailing_zeros_are_stripped_but_never_from_whole_numbers(amount, text):
    assert signatures.strip_zeros(amount) == text
    assert signatures.strip_zeros(Decimal(amount)) == text


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_stripping_keeps_the_value_and_is_done_once(amount):
    text = signatures.strip_zeros(amount)
    assert Decimal(text) == amount
    assert signatures.strip_zeros(text) == text
    assert not (("." in text) and text.endswith(("0", ".")))


@pytest.mark.parametrize("name", ["paymentId", "currency", "basketId", "conversationId", "paidPrice", "price"])
def test_every_signed_field_counts(name):
    changed = payment(**{name: Decimal(11) if "rice" in name else "other"})
    assert not signatures.response_is_authentic(RESPONSE_SECRET, changed, signatures.PAYMENT_FIELDS)


@pytest.mark.parametrize("signature", [None, "", 5, "ş" * 64, "0" * 64, "\ud800"])
def test_a_wrong_or_absent_signature_is_no_signature(signature):
    answer = payment(signature=signature)
    assert not signatures.response_is_authentic(RESPONSE_SECRET, answer, signatures.PAYMENT_FIELDS)


def test_an_amount_that_is_no_number_cannot_be_authentic():
    answer = payment(price="ten")
    assert not signatures.response_is_authentic(RESPONSE_SECRET, answer, signatures.PAYMENT_FIELDS)


def test_missing_values_are_signed_as_empty():
    fields = ("paymentId", "currency")
    assert signatures.response_signature("s", {"paymentId": None}, fields) == signatures.hmac_hex("s", b":")


@given(st.text(max_size=40), st.text(max_size=40))
def test_comparison_is_equality(left, right):
    assert signatures.same(left, right) == (left == right)
