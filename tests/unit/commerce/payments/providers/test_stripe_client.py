"""stripe-python over our own client: what is sent, and what each kind of answer amounts to."""

import json
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
import stripe

from belgenet.commerce.payments.providers.errors import (
    DeclineReason,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnknown,
    ProviderUnreachable,
)
from belgenet.commerce.payments.providers.interfaces import (
    BasketItem,
    PaymentProvider,
    PaymentState,
    RefundState,
)
from belgenet.commerce.payments.providers.stripe.checkout import return_url
from belgenet.commerce.payments.providers.stripe.config import StripeConfig
from belgenet.commerce.payments.providers.stripe.provider import StripeProvider

from .samples import NOW, STRIPE, attempt, ref, refund, stripe_session


class Wire:
    """Answers every request with one response and remembers the requests."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(request) if callable(self.answer) else self.answer


def provider(answer, now=NOW):
    wire = Wire(answer)
    made = StripeProvider(STRIPE, httpx.Client(transport=httpx.MockTransport(wire)), clock=lambda: now)
    made.wire = wire
    return made


def problem(status, **fields):
    return httpx.Response(status, json={"error": {"type": "invalid_request_error", "message": "m"} | fields})


def created(**changes):
    values = {"id": "cs_1", "object": "checkout.session", "url": "https://checkout.stripe.com/c/1", "expires_at": 1}
    return httpx.Response(200, json=values | changes)


def test_it_is_a_payment_provider():
    assert isinstance(provider(None), PaymentProvider)


def test_begin_sends_our_ids_amounts_and_key():
    made = provider(created())
    checkout = made.begin(attempt())
    request = made.wire.requests[0]
    form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    assert request.headers["Idempotency-Key"] == "pi:0192f0c1-attempt"
    assert request.headers["Stripe-Version"] == "2026-10-28.endive"
    assert form["line_items[0][price_data][unit_amount]"] == "10000"
    assert form["line_items[1][price_data][currency]"] == "try"
    assert form["metadata[attempt_id]"] == form["payment_intent_data[metadata][attempt_id]"] == "0192f0c1-attempt"
    assert form["client_reference_id"] == "0192f0c1-attempt"
    assert form["expires_at"] == str(int((NOW + timedelta(minutes=35)).timestamp()))
    assert form["success_url"].endswith("?session_id={CHECKOUT_SESSION_ID}")
    assert (checkout.token, checkout.redirect_url) == ("cs_1", "https://checkout.stripe.com/c/1")


def test_the_same_attempt_sends_the_same_bytes_at_any_time():
    early, late = provider(created()), provider(created(), NOW + timedelta(minutes=3))
    early.begin(attempt())
    late.begin(attempt())
    assert early.wire.requests[0].content == late.wire.requests[0].content


def test_nothing_is_reported_about_this_machine():
    made = provider(created())
    made.begin(attempt())
    about = json.loads(made.wire.requests[0].headers["X-Stripe-Client-User-Agent"])
    assert not {"telemetry_id", "platform"} & set(about)
    assert stripe.enable_telemetry is False


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.b/r", "https://a.b/r?session_id={CHECKOUT_SESSION_ID}"),
        ("https://a.b/r?x=1", "https://a.b/r?x=1&session_id={CHECKOUT_SESSION_ID}"),
    ],
)
def test_the_return_address_keeps_its_query(url, expected):
    assert return_url(url) == expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_minor": 1}, "basket_sum"),
        ({"amount_minor": 0, "items": ()}, "amount_not_positive"),
        (
            {
                "currency": "KWD",
                "amount_minor": 5,
                "items": (BasketItem(line_id="l", name="x", category="y", amount_minor=5),),
            },
            "amount_too_fine",
        ),
    ],
)
def test_what_stripe_would_refuse_is_not_sent(changes, code):
    made = provider(created())
    with pytest.raises(ProviderMisconfigured, match=code):
        made.begin(attempt(**changes))
    assert made.wire.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("hung up"),
        httpx.Response(500, text="oops"),
        httpx.Response(500, json={"error": {"type": "api_error", "message": "m"}}),
        httpx.Response(409, json={"error": {"type": "idempotency_error", "message": "in use"}}),
        problem(400, type="idempotency_error"),
        httpx.Response(302, headers={"location": "http://elsewhere.invalid"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, text="[1]"),
        httpx.Response(200, text=""),
        created(url=None),
        created(expires_at="soon"),
    ],
)
def test_answers_that_prove_nothing_leave_the_outcome_unknown(answer):
    made = provider(answer)
    with pytest.raises(ProviderUnknown) as caught:
        made.begin(attempt())
    assert not isinstance(caught.value, ProviderUnreachable)
    assert len(made.wire.requests) == 1


@pytest.mark.parametrize("answer", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), problem(429)])
def test_calls_that_never_began_are_told_apart_and_not_repeated(answer):
    made = provider(answer)
    with pytest.raises(ProviderUnreachable):
        made.begin(attempt())
    assert len(made.wire.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_wrong_keys_are_ours_to_fix(status):
    with pytest.raises(ProviderMisconfigured):
        provider(problem(status)).begin(attempt())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"code": "card_declined", "decline_code": "insufficient_funds"}, DeclineReason.INSUFFICIENT_FUNDS),
        ({"code": "card_declined", "decline_code": "lost_card"}, DeclineReason.DECLINED),
        ({"code": "card_declined", "decline_code": "stolen_card"}, DeclineReason.DECLINED),
        ({"code": "card_declined", "decline_code": "fraudulent"}, DeclineReason.DECLINED),
        ({"code": "expired_card"}, DeclineReason.EXPIRED_CARD),
        ({"code": "incorrect_cvc"}, DeclineReason.CARD_DETAILS),
        ({"code": "processing_error"}, DeclineReason.TRY_AGAIN),
        ({}, DeclineReason.DECLINED),
    ],
)
def test_card_errors_carry_what_the_payer_may_hear(fields, reason):
    with pytest.raises(ProviderRefused) as caught:
        provider(problem(402, type="card_error", **fields)).begin(attempt())
    assert caught.value.safe_reason is reason


def test_query_expands_down_to_the_fee():
    made = provider(httpx.Response(200, json=stripe_session()))
    assert made.query(ref()).state is PaymentState.CONFIRMED
    url = made.wire.requests[0].url
    assert url.path == "/v1/checkout/sessions/token-1"
    assert "payment_intent.latest_charge.balance_transaction" in url.params.values()


def test_what_stripe_does_not_know_is_not_found():
    missing = problem(404, code="resource_missing")
    assert provider(missing).query(ref()).state is PaymentState.NOT_FOUND
    assert provider(missing).query(ref(token=None, provider_ref="pi_1")).state is PaymentState.NOT_FOUND


def test_an_attempt_nobody_saw_a_page_of_is_not_asked_about():
    made = provider(None, NOW + timedelta(minutes=36))
    seen = made.query(ref(token=None))
    assert (seen.state, seen.final, made.wire.requests) == (PaymentState.NOT_FOUND, True, [])


def test_other_refusals_of_a_query_are_told():
    with pytest.raises(ProviderRefused):
        provider(problem(400)).query(ref())


@pytest.mark.parametrize(
    ("answer", "closed"),
    [
        (httpx.Response(200, json={"id": "cs_1", "object": "checkout.session", "status": "expired"}), True),
        (problem(404, code="resource_missing"), True),
    ],
)
def test_abandon_closes_the_session(answer, closed):
    assert provider(answer).abandon(ref()) is closed


@pytest.mark.parametrize(("status", "closed"), [("expired", True), ("complete", False)])
def test_a_session_that_cannot_be_closed_is_looked_at(status, closed):
    def answer(request):
        if request.method == "POST":
            return problem(400)
        return httpx.Response(200, json=stripe_session(status=status))

    assert provider(answer).abandon(ref()) is closed


def test_abandon_without_a_session_waits_for_its_time():
    assert not provider(None).abandon(ref(token=None))
    assert provider(None, NOW + timedelta(hours=1)).abandon(ref(token=None))


def refunded(**changes):
    values = {"id": "re_1", "object": "refund", "amount": 11000, "currency": "try", "status": "succeeded"}
    values |= {"payment_intent": "22400001", "metadata": {"refund_id": "0192f0c1-refund"}, "created": 1}
    return values | changes


@pytest.mark.parametrize(
    ("status", "state", "done"),
    [
        ("succeeded", RefundState.DONE, 11000),
        ("pending", RefundState.IN_TRANSIT, 0),
        ("requires_action", RefundState.IN_TRANSIT, 0),
        ("failed", RefundState.FAILED, 0),
        ("canceled", RefundState.FAILED, 0),
        ("new_in_2030", RefundState.IN_TRANSIT, 0),
    ],
)
def test_refund_states(status, state, done):
    made = provider(httpx.Response(200, json=refunded(status=status)))
    outcome = made.refund(refund())
    assert (outcome.state, outcome.done_minor, outcome.provider_ref) == (state, done, "re_1")
    assert made.wire.requests[0].headers["Idempotency-Key"] == "rf:0192f0c1-refund"


@pytest.mark.parametrize("changes", [{"amount": 1}, {"currency": "usd"}, {"payment_intent": "pi_2"}, {"amount": None}])
def test_an_answer_about_another_refund_proves_nothing(changes):
    outcome = provider(httpx.Response(200, json=refunded(**changes))).refund(refund())
    assert outcome.state is RefundState.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (problem(400, code="charge_already_refunded"), RefundState.FAILED),
        (httpx.ReadTimeout("slow"), RefundState.UNKNOWN),
        (httpx.Response(500, text="oops"), RefundState.UNKNOWN),
    ],
)
def test_refund_errors_become_outcomes(answer, state):
    assert provider(answer).refund(refund()).state is state


@pytest.mark.parametrize(("reason", "sent"), [("duplicate", True), ("", False), ("whatever", False)])
def test_only_reasons_stripe_knows_are_sent(reason, sent):
    made = provider(httpx.Response(200, json=refunded()))
    made.refund(refund(reason=reason))
    assert (b"reason=" in made.wire.requests[0].content) is sent


def listed(*found):
    return httpx.Response(200, json={"object": "list", "url": "/v1/refunds", "has_more": False, "data": list(found)})


def test_a_lost_refund_is_found_by_our_id():
    made = provider(listed(refunded(id="re_0", metadata={}), refunded()))
    assert made.query_refund(refund()).provider_ref == "re_1"


@pytest.mark.parametrize(("minutes", "retryable"), [(0, False), (6, True)])
def test_a_refund_stripe_never_got_may_be_repeated_after_a_while(minutes, retryable):
    outcome = provider(listed(), NOW + timedelta(minutes=minutes)).query_refund(refund())
    assert (outcome.state, outcome.retryable) == (RefundState.NOT_FOUND, retryable)


def test_a_known_refund_is_fetched_by_its_id():
    made = provider(httpx.Response(200, json=refunded(status="pending")))
    assert made.query_refund(refund(refund_ref="re_1")).state is RefundState.IN_TRANSIT
    assert made.wire.requests[0].url.path == "/v1/refunds/re_1"


def test_refunds_of_a_payment_are_all_listed():
    made = provider(listed(refunded(), refunded(id="re_2", metadata={}, amount=50)))
    records = made.refunds_of(ref(provider_ref="pi_1"))
    assert [(r.provider_ref, r.refund_id, r.amount_minor) for r in records] == [
        ("re_1", "0192f0c1-refund", 11000),
        ("re_2", None, 50),
    ]
    assert made.refunds_of(ref()) == ()


def test_secrets_are_not_printed():
    assert "whsec" not in repr(STRIPE)
    assert "sk_test" not in repr(STRIPE)
    assert StripeConfig(secret_key="rk_live_1").live
