"""Notifications: forged, replayed, duplicated, reordered, early, foreign, and plain garbage."""

import json

import pytest

PROVIDERS = ["iyzico", "stripe"]


def test_a_webhook_confirms_through_the_worker(till):
    order = till.order()
    till.psp.pay(till.begin(order))
    answer = till.notify(till.notices()[-1])
    assert answer.json == {"duplicate": False}
    assert till.see(order)["status"] == "pending"
    till.system.drain()
    assert till.see(order)["status"] == "paid"
    assert till.sql("SELECT state FROM webhook_inbox") == [("done",)]


def test_stripe_tells_of_one_payment_in_several_events(till):
    order = till.order()
    till.psp.pay(till.begin(order, "stripe"))
    for notice in till.notices("stripe"):
        till.notify(notice)
    till.system.drain()
    assert till.see(order)["status"] == "paid"
    assert till.events(order, "order.paid") == 1
    assert till.entries(order) == ["payment", "allocation"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_duplicate_is_dropped(till, provider):
    order = till.order()
    till.psp.pay(till.begin(order, provider))
    notice = till.notices(provider)[-1]
    assert [till.notify(notice).json["duplicate"] for _ in range(4)] == [False, True, True, True]
    till.system.drain()
    assert till.notify(notice).json["duplicate"]
    assert till.system.drain() == 0
    assert till.entries(order) == ["payment", "allocation"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_forged_webhook_is_refused_and_forgotten(till, provider):
    order = till.order()
    till.psp.pay(till.begin(order, provider))
    answer = till.notify(till.notices(provider)[-1], secret="not-the-secret", status=401)
    assert answer.json["code"] == "webhook_signature"
    assert till.sql("SELECT count(*) FROM webhook_inbox") == [(0,)]
    till.system.drain()
    assert till.see(order)["status"] == "pending"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_body_changed_on_the_way_is_refused(till, provider):
    order = till.order()
    till.psp.pay(till.begin(order, provider), card=None)
    notice = till.notices(provider)[-1]
    body = notice["body"].replace("SUCCESS", "FAILURE").replace("try", "usd")
    raw = (body if body != notice["body"] else body + " ").encode()
    client = till.system.client(till.tenant)
    signed = till.notify(notice).request.headers
    names = ("X-IYZ-SIGNATURE-V3", "Stripe-Signature", "Content-Type")
    headers = {name: signed[name] for name in names if name in signed}
    assert client.post(f"/webhooks/{provider}", raw=raw, headers=headers).status_int == 401


def test_a_true_webhook_that_lies_about_success_confirms_nothing(till):
    """The signature says who speaks, the query says what is true."""
    order = till.order()
    token = till.begin(order)
    till.psp.arm("iyzico.pay", "decline")
    till.psp.pay(token)
    notice = till.notices()[-1]
    body = {**json.loads(notice["body"]), "status": "SUCCESS"}
    till.notify({**notice, "body": json.dumps(body)})
    till.system.drain()
    assert till.see(order)["status"] == "pending"
    assert till.sql("SELECT state, attempts FROM outbox_deliveries WHERE consumer = 'payments.sync'") == [
        ("pending", 1)
    ]


def test_a_failure_after_a_success_changes_nothing(till):
    order = till.order()
    token = till.begin(order)
    till.psp.arm("iyzico.pay", "decline")
    till.psp.pay(token)
    till.psp.pay(token)
    failure, success = till.notices()
    assert [json.loads(notice["body"])["status"] for notice in (failure, success)] == ["FAILURE", "SUCCESS"]
    till.notify(success)
    till.system.drain()
    till.notify(failure)
    till.system.drain()
    assert till.see(order)["status"] == "paid"
    assert till.attempt(order)[1] == "confirmed"


def test_a_failure_before_a_success_is_not_the_end(till):
    order = till.order()
    token = till.begin(order)
    till.psp.arm("iyzico.pay", "decline", code="10051")
    till.psp.pay(token, "4111111111111129")
    till.notify(till.notices()[0])
    till.system.drain()
    waiting = till.see(order)
    assert (waiting["status"], waiting["payments"][0]["decline"]) == ("pending", "insufficient_funds")
    till.psp.pay(token)
    till.notify(till.notices()[-1])
    till.system.drain()
    assert till.see(order)["payments"][0]["decline"] is None
    assert till.see(order)["status"] == "paid"


def test_a_webhook_before_the_answer_to_begin(till):
    """The attempt is durable before the provider hears of it, so even a webhook that overtakes the answer finds it."""
    order = till.order()
    till.psp.arm("iyzico.initialize", "drop_after_commit")
    till.pay(order, status=503)
    attempt = till.attempt(order)
    token = till.psp.control("GET", "charges")["charges"] and None
    body = {
        "paymentConversationId": str(attempt[0]),
        "merchantId": 1,
        "token": token or "a-token-we-never-saw",
        "status": "SUCCESS",
        "iyziReferenceCode": "early",
        "iyziEventType": "CHECKOUT_FORM_AUTH",
        "iyziEventTime": 1,
        "iyziPaymentId": 99,
    }
    till.notify({"provider": "iyzico", "body": json.dumps(body)})
    till.system.drain()
    assert till.see(order)["status"] == "pending"
    assert till.pay(order).json["redirect_url"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_payment_we_know_nothing_of_is_kept_for_reconciliation(till, provider):
    amount, currency = ("10.00", "TRY") if provider == "iyzico" else ("1000", "try")
    page = "http://vakif.localhost/"
    till.psp.control(
        "POST", "unknown-transaction", {"provider": provider, "amount": amount, "currency": currency, "page": page}
    )
    for notice in till.notices(provider):
        till.notify(notice)
    till.system.drain()
    assert {row[0] for row in till.sql("SELECT state FROM webhook_inbox")} <= {"unmatched", "ignored"}
    with till.system.session(till.tenant) as session:
        from belgenet.commerce.figures import OwnFigures
        from belgenet.core.db import utcnow

        assert OwnFigures().figures(session, utcnow(), utcnow()).unmatched_webhooks >= 1


def test_a_webhook_on_another_tenants_host_touches_nothing(till, other_tenant):
    order = till.order()
    till.psp.pay(till.begin(order))
    notice = till.notices()[-1]
    till.system.client(other_tenant).post(
        "/webhooks/iyzico", raw=notice["body"].encode(), headers=_signed(till, notice), status=200
    )
    till.system.drain()
    assert till.see(order)["status"] == "pending"
    states = till.system.sql("SELECT tenant_id, state FROM webhook_inbox")
    assert states == [(other_tenant.id, "unmatched")]


def _signed(till, notice):
    from belgenet.testing.psp.signing import iyzico_webhook

    return {
        "Content-Type": "application/json",
        "X-IYZ-SIGNATURE-V3": iyzico_webhook(till.psp.merchant.iyzico_secret, json.loads(notice["body"])),
    }


GARBAGE = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\x00\x01",
    b'{"iyziEventType": 5}',
    b'{"a": NaN}',
    b'"x"',
    b"[" * 50_000,
    b"x" * 100_000,
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("raw", GARBAGE, ids=lambda raw: repr(raw[:12]))
def test_garbage_is_refused_with_a_stable_code(till, provider, raw):
    headers = {"Content-Type": "application/json", "Stripe-Signature": "t=1,v1=00", "X-IYZ-SIGNATURE-V3": "00"}
    answer = till.system.client(till.tenant).post(f"/webhooks/{provider}", raw=raw, headers=headers)
    assert answer.status_int in {400, 401}
    assert answer.json["code"] in {"webhook_malformed", "webhook_signature"}
    assert till.sql("SELECT count(*) FROM webhook_inbox") == [(0,)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_body_of_ten_megabytes_is_not_read(till, provider):
    answer = till.system.client(till.tenant).post(f"/webhooks/{provider}", raw=b"x" * 10_000_000)
    assert (answer.status_int, answer.json["code"]) == (413, "body_too_large")


def test_refusals_are_counted(till):
    from belgenet.core.observability.metrics import WEBHOOKS

    counter = WEBHOOKS.labels(provider="stripe", outcome="bad_signature")
    before = counter._value.get()
    till.system.client(till.tenant).post("/webhooks/stripe", raw=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})
    assert counter._value.get() == before + 1


def test_a_provider_that_is_down_when_the_webhook_is_looked_into(till):
    order = till.order()
    till.psp.pay(till.begin(order))
    till.notify(till.notices()[-1])
    till.psp.arm("iyzico.*", "error_before")
    till.system.drain()
    assert till.see(order)["status"] == "pending"
    till.sql("UPDATE outbox_deliveries SET available_at = now()")
    till.system.drain()
    assert till.see(order)["status"] == "paid"


def test_when_webhooks_give_up_the_janitor_does_not(till):
    order = till.order()
    token = till.begin(order)
    till.psp.pay(token)
    till.notify(till.notices()[-1])
    till.psp.arm("iyzico.*", "error_before", times=None)
    for _ in range(till.system.settings.tasks.max_attempts + 1):
        till.sql("UPDATE outbox_deliveries SET available_at = now()")
        till.system.drain()
    assert till.sql("SELECT state FROM webhook_inbox") == [("done",)]
    assert till.sql("SELECT count(*) FROM outbox_deliveries WHERE state = 'dead'") == [(0,)]
    till.psp.control("DELETE", "faults")
    till.backdate(order, 2)
    till.sweep()
    assert till.see(order)["status"] == "paid"
