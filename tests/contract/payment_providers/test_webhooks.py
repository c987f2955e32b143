"""Webhooks as they really arrive, read by the adapters."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.common.waiting import wait_until

from belgenet.commerce.payments.providers.errors import BadSignature
from belgenet.commerce.payments.providers.interfaces import PaymentState

LAST = {"iyzico": "CHECKOUT_FORM_AUTH", "stripe": "checkout.session.completed"}
EVENTS = {"iyzico": 1, "stripe": 3}


def now():
    return datetime.now(UTC)


def hints(rail, receiver, count):
    assert wait_until(lambda: len(receiver.of(rail.name)) >= count, 10), receiver.received
    provider = rail.provider()
    return [provider.parse_webhook(item.headers, item.body, now()) for item in receiver.of(rail.name)]


def test_a_payment_is_notified_to_the_tenant_it_belongs_to(rail, receiver):
    ref, seen = rail.paid()
    hint = next(h for h in hints(rail, receiver, EVENTS[rail.name]) if h.event_type == LAST[rail.name])
    assert hint.signed
    assert hint.lookup.token == ref.token
    assert hint.lookup.provider_ref == seen.provider_ref
    if rail.name == "iyzico":
        assert hint.lookup.attempt_id == ref.attempt_id
    assert receiver.received[0].host == rail.host
    assert rail.provider().query(ref).state is PaymentState.CONFIRMED


def test_a_duplicate_has_the_same_key(rail, receiver):
    rail.psp.arm(f"webhook.{rail.name}", "duplicate", times=None, count=3)
    rail.paid()
    found = hints(rail, receiver, 3 * EVENTS[rail.name])
    assert len({hint.event_key for hint in found}) == EVENTS[rail.name]


def test_a_forged_one_is_refused(rail, receiver):
    rail.psp.arm(f"webhook.{rail.name}", "forge", times=None)
    rail.paid()
    with pytest.raises(BadSignature):
        hints(rail, receiver, 1)


def test_an_unsigned_one_needs_permission(iyzico, receiver):
    iyzico.psp.arm("webhook.iyzico", "unsigned")
    ref, _ = iyzico.paid()
    with pytest.raises(BadSignature):
        hints(iyzico, receiver, 1)
    item = receiver.of("iyzico")[0]
    hint = iyzico.provider(allow_unsigned_webhooks=True).parse_webhook(item.headers, item.body, now())
    assert (hint.signed, hint.lookup.token) == (False, ref.token)


def test_a_replay_is_byte_for_byte_the_same_event(rail, receiver):
    rail.paid()
    first = hints(rail, receiver, EVENTS[rail.name])
    assert wait_until(lambda: all(w["state"] == "delivered" for w in rail.psp.control("GET", "webhooks")["webhooks"]))
    old = rail.psp.control("GET", "webhooks")["webhooks"][0]
    assert rail.psp.control("POST", "webhooks/replay", {"id": old["id"]}) == {"status": 200}
    again = hints(rail, receiver, EVENTS[rail.name] + 1)[-1]
    assert again.event_key in {hint.event_key for hint in first}
    late = now() + timedelta(seconds=301)
    item = receiver.of(rail.name)[-1]
    if rail.name == "stripe":
        with pytest.raises(BadSignature, match="signature_time"):
            rail.provider().parse_webhook(item.headers, item.body, late)
    else:  # iyzico signs no time: an old notification is only ever good for another query
        assert rail.provider().parse_webhook(item.headers, item.body, late).signed


def test_a_refusal_may_arrive_after_the_success_that_followed_it(iyzico, receiver):
    iyzico.psp.arm("webhook.iyzico", "hold")
    ref = iyzico.opened()
    iyzico.psp.pay(ref.token, iyzico.refused_card)
    iyzico.psp.pay(ref.token)
    assert [hint.status_hint for hint in hints(iyzico, receiver, 2)] == ["SUCCESS", "FAILURE"]
    assert iyzico.provider().query(ref).state is PaymentState.CONFIRMED


def test_events_may_overtake_each_other(stripe_rail, receiver):
    stripe_rail.psp.arm("webhook.stripe", "hold")
    stripe_rail.paid()
    kinds = [hint.event_type for hint in hints(stripe_rail, receiver, 3)]
    assert kinds[0] != "payment_intent.succeeded"
    assert set(kinds) == {"payment_intent.succeeded", "charge.succeeded", "checkout.session.completed"}


def test_a_webhook_may_arrive_before_the_payers_answer(rail, receiver):
    ref = rail.opened()
    rail.psp.arm(f"{rail.name}.pay", "webhook_first")
    rail.psp.pay(ref.token)
    answered = time.monotonic()
    arrived = [item for item in receiver.of(rail.name) if ref.token.encode() in item.body]
    assert arrived
    assert arrived[0].at < answered


def test_what_is_not_accepted_is_sent_again(rail, receiver):
    receiver.statuses = [500, 503]
    rail.paid()
    found = hints(rail, receiver, EVENTS[rail.name] + 2)
    assert len({hint.event_key for hint in found}) == EVENTS[rail.name]


def test_after_three_tries_it_gives_up(iyzico, receiver):
    receiver.statuses = [500] * 9
    iyzico.paid()
    assert wait_until(
        lambda: [w["state"] for w in iyzico.psp.control("GET", "webhooks")["webhooks"]] == ["given_up"], 10
    )
    assert len(receiver.of("iyzico")) == 3


def test_a_lost_one_never_comes_and_the_query_still_knows(rail, receiver):
    rail.psp.arm(f"webhook.{rail.name}", "lose", times=None)
    _, seen = rail.paid()
    assert seen.state is PaymentState.CONFIRMED
    threading.Event().wait(0.3)
    assert receiver.received == []


def test_a_payment_nobody_asked_for_is_a_hint_like_any_other(rail, receiver):
    page = f"http://{rail.host}/"
    amount = "10.00" if rail.name == "iyzico" else "1000"
    body = {"provider": rail.name, "amount": amount, "currency": "TRY", "page": page}
    key = rail.psp.control("POST", "unknown-transaction", body)["payment_id"]
    assert hints(rail, receiver, 1)[0].lookup.provider_ref == key


def test_a_host_elsewhere_is_never_notified(rail):
    ref = rail.opened(return_url="https://example.org/api/v1/payments/return")
    rail.psp.pay(ref.token)
    assert {w["state"] for w in rail.psp.control("GET", "webhooks")["webhooks"]} == {"lost"}
