"""What each kind of answer, or none, amounts to. The wire is httpx's own mock transport; the real one is in contract tests."""

import json

import httpx
import pytest

from belgenet.commerce.payments.providers.errors import (
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnknown,
    ProviderUnreachable,
)
from belgenet.commerce.payments.providers.http import http_client
from belgenet.commerce.payments.providers.iyzico.signatures import INITIALIZE_FIELDS, authorization, response_signature
from belgenet.commerce.payments.providers.iyzico.transport import IyzicoTransport

from .samples import IYZICO


def transport(answer):
    handler = answer if callable(answer) else lambda request: answer
    return IyzicoTransport(IYZICO, httpx.Client(transport=httpx.MockTransport(handler)))


def post(answer):
    return transport(answer).post("/x", {"conversationId": "ş"}, INITIALIZE_FIELDS)


def raising(error):
    def handler(request):
        raise error

    return handler


def signed(**fields):
    body = {"status": "success", "conversationId": "c", "token": "t"} | fields
    return body | {"signature": response_signature(IYZICO.secret_key, body, INITIALIZE_FIELDS)}


def test_the_signature_covers_the_bytes_that_are_sent():
    sent = []

    def handler(request):
        sent.append(request)
        return httpx.Response(200, json=signed())

    post(handler)
    request = sent[0]
    expected = authorization(IYZICO.api_key, IYZICO.secret_key, request.headers["x-iyzi-rnd"], "/x", request.content)
    assert request.headers["Authorization"] == expected
    assert request.content == '{"conversationId":"ş"}'.encode()


def test_the_query_is_not_part_of_the_signed_path():
    sent = []

    def handler(request):
        sent.append(request)
        return httpx.Response(200, json={"status": "success"})

    transport(handler).get("/report", {"paymentId": "1"})
    expected = authorization(IYZICO.api_key, IYZICO.secret_key, sent[0].headers["x-iyzi-rnd"], "/report", b"")
    assert sent[0].headers["Authorization"] == expected
    assert sent[0].url.query == b"paymentId=1"


def test_no_two_calls_share_a_random_key():
    keys = set()

    def handler(request):
        keys.add(request.headers["x-iyzi-rnd"])
        return httpx.Response(200, json=signed())

    for _ in range(20):
        post(handler)
    assert len(keys) == 20


def test_exact_numbers_come_out():
    answer = post(httpx.Response(200, content=json.dumps(signed())[:-1] + ',"price":100.50}'))
    assert str(answer["price"]) == "100.50"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, text="oops"),
        httpx.Response(502, json={"status": "failure", "errorCode": "10051"}),
        httpx.Response(302, headers={"location": "http://elsewhere.invalid"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, text=""),
        httpx.Response(200, json=[1]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"status": "maybe"}),
        httpx.Response(200, text='{"status":"success","price":NaN}'),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, text="[" * 100_000),
        httpx.Response(200, json={"status": "failure"}),
        httpx.Response(200, json={"status": "failure", "errorCode": "10219"}),
        httpx.Response(200, json={"status": "success", "conversationId": "c", "token": "t"}),
        httpx.Response(200, json=signed() | {"token": "other"}),
        raising(httpx.ReadTimeout("slow")),
        raising(httpx.RemoteProtocolError("hung up")),
        raising(httpx.WriteError("broken pipe")),
        raising(httpx.DecodingError("bad gzip")),
    ],
)
def test_answers_that_prove_nothing_leave_the_outcome_unknown(answer):
    with pytest.raises(ProviderUnknown) as caught:
        post(answer)
    assert not isinstance(caught.value, ProviderUnreachable)


@pytest.mark.parametrize(
    "answer",
    [
        raising(httpx.ConnectError("refused")),
        raising(httpx.ConnectTimeout("slow")),
        raising(httpx.PoolTimeout("busy")),
        httpx.Response(429, text="slow down"),
    ],
)
def test_calls_that_never_began_are_told_apart(answer):
    with pytest.raises(ProviderUnreachable):
        post(answer)


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(404, text="nothing here"), httpx.Response(200, json={"status": "failure", "errorCode": "1001"})],
)
def test_wrong_address_or_keys_are_ours_to_fix(answer):
    with pytest.raises(ProviderMisconfigured):
        post(answer)


@pytest.mark.parametrize("status", [200, 400, 422])
def test_a_failure_envelope_is_a_refusal_whatever_the_http_status(status):
    with pytest.raises(ProviderRefused) as caught:
        post(httpx.Response(status, json={"status": "failure", "errorCode": "5062", "errorGroup": "BASKET"}))
    assert (caught.value.code, caught.value.group) == ("5062", "BASKET")


def test_the_client_has_time_limits_and_follows_no_redirect():
    client = http_client(3, 7)
    assert (client.timeout.connect, client.timeout.read, client.timeout.write) == (3, 7, 7)
    assert not client.follow_redirects
    client.close()


def test_secrets_are_not_printed():
    assert IYZICO.secret_key not in repr(IYZICO)
