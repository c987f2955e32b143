"""A second opinion on the Stripe adapter from a program none of us wrote.

localstripe has no Checkout Sessions, ignores idempotency keys and accepts refunds that are too large, so only what
both speak is asked here: reading a PaymentIntent, refunding it, finding the refund again, and its webhooks.
"""

from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
import stripe
from tests.common.waiting import wait_until
from tests.contract.payment_providers import localstripe
from tests.contract.payment_providers.rails import refund_of

from belgenet.commerce.payments.providers.errors import BadSignature, DeclineReason, ProviderRefused, ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import AttemptRef, Observation, PaymentState, RefundState
from belgenet.commerce.payments.providers.stripe.config import StripeConfig
from belgenet.commerce.payments.providers.stripe.provider import StripeProvider

KEY, SECRET = "sk_test_12345", "whsec_localstripe"


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with localstripe.running(tmp_path_factory.mktemp("localstripe")) as address:
        yield address


@pytest.fixture
def provider(url):
    config = StripeConfig(secret_key=KEY, webhook_secrets=(SECRET,), api_base=url)
    made = StripeProvider(config)
    yield made
    made.close()


def post(url, path, **form):
    response = httpx.post(f"{url}{path}", data=form, auth=(KEY, ""), trust_env=False)
    return response.json()


def paid(url, number="4242424242424242", amount=11750):
    """Pay as a browser would, with plain HTTP, so that only the adapter under test uses stripe-python."""
    card = {"card[number]": number, "card[exp_month]": 12, "card[exp_year]": 2030, "card[cvc]": "123"}
    method = post(url, "/v1/payment_methods", type="card", **card)
    customer = post(url, "/v1/customers", email="a@b.co")
    post(url, f"/v1/payment_methods/{method['id']}/attach", customer=customer["id"])
    ref = {"attempt_id": str(uuid4()), "order_number": "KC-1"}
    metadata = {f"metadata[{name}]": value for name, value in ref.items()}
    fields = {"amount": amount, "currency": "try", "customer": customer["id"], "payment_method": method["id"]}
    intent = post(url, "/v1/payment_intents", **fields, **metadata)
    post(url, f"/v1/payment_intents/{intent['id']}/confirm")
    return AttemptRef(**ref, amount_minor=amount, currency="TRY", provider_ref=intent["id"])


def test_a_success_without_amount_received_is_not_believed(url, provider):
    """localstripe answers as Stripe's API of 2017 did, without the field we book by."""
    ref = paid(url)
    intent = httpx.get(f"{url}/v1/payment_intents/{ref.provider_ref}", auth=(KEY, ""), trust_env=False).json()
    assert intent["status"] == "succeeded"
    assert "amount_received" not in intent
    with pytest.raises(ProviderUnknown, match="not an amount"):
        provider.query(ref)


def test_a_refused_card_is_pending_with_its_reason(url, provider):
    seen = provider.query(paid(url, "4000000000000341"))
    assert (seen.state, seen.decline) == (PaymentState.PENDING, DeclineReason.DECLINED)


def test_a_404_that_names_no_missing_resource_is_not_taken_for_one(provider):
    """Stripe answers 404 for a wrong address too; only its own code says that the object does not exist."""
    ref = AttemptRef(attempt_id="a", order_number="b", amount_minor=1, currency="TRY", provider_ref="pi_none")
    with pytest.raises(ProviderRefused, match="invalid_request"):
        provider.query(ref)


def test_a_refund_is_done_and_found_again(url, provider):
    ref = paid(url)
    paid_intent = Observation(
        state=PaymentState.CONFIRMED, final=True, attempt_id=ref.attempt_id, provider_ref=ref.provider_ref
    )
    request = refund_of(ref, paid_intent, 5000, reason="")
    outcome = provider.refund(request)
    assert (outcome.state, outcome.done_minor) == (RefundState.DONE, 5000), outcome
    found = provider.query_refund(request)
    assert (found.state, found.provider_ref) == (RefundState.DONE, outcome.provider_ref)


def test_its_webhooks_are_signed_as_ours_must_be(url, provider, receiver):
    target = f"http://127.0.0.1:{receiver.port}/api/v1/webhooks/stripe"
    httpx.post(f"{url}/_config/webhooks/belgenet", data={"url": target, "secret": SECRET}, trust_env=False)
    ref = paid(url)

    def about():
        wanted = (b'"payment_intent.succeeded"', ref.provider_ref.encode())
        return [item for item in receiver.of("stripe") if all(part in item.body for part in wanted)]

    assert wait_until(about, 10)
    item, moment = about()[0], datetime.now(UTC)
    hint = provider.parse_webhook(item.headers, item.body, moment)
    assert (hint.event_type, hint.lookup.provider_ref) == ("payment_intent.succeeded", ref.provider_ref)
    assert hint.lookup.attempt_id == ref.attempt_id
    with pytest.raises(BadSignature):
        provider.parse_webhook(item.headers, item.body + b" ", moment)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(item.body, item.headers["Stripe-Signature"], "whsec_other")
