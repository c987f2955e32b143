"""Notifications that match nothing wait for a person; the others are kept for a while and dropped."""

import pytest

PROVIDERS = ["iyzico", "stripe"]


@pytest.fixture
def strange(till):
    """One unmatched notification of a payment that is not ours."""
    body = {"provider": "iyzico", "amount": "10.00", "currency": "TRY", "page": "http://vakif.localhost/"}
    till.psp.control("POST", "unknown-transaction", body)
    till.notify(till.notices()[-1])
    till.system.drain()
    return till.admin.client.get("/admin/webhooks", status=200).json["items"][0]


def _dismiss(till, notice, reason="başka bir sitenin ödemesi", status=200, client=None):
    client = client or till.admin.client
    return client.post(f"/admin/webhooks/{notice['id']}/dismissal", {"reason": reason}, status=status)


def _attention(till):
    items = till.admin.client.get("/admin/dashboard", status=200).json["attention"]
    return {item["kind"]: (item["count"], item["link"]) for item in items}


def test_an_unmatched_notification_is_listed_and_dismissed_with_a_reason(till, strange):
    assert (strange["provider"], strange["state"], strange["signed"]) == ("iyzico", "unmatched", True)
    assert strange["provider_ref"]
    assert _attention(till)["unmatched_webhooks"] == (1, "/admin/webhooks")
    done = _dismiss(till, strange).json
    assert (done["state"], done["reason"]) == ("dismissed", "başka bir sitenin ödemesi")
    assert done["dismissed_at"]
    assert till.admin.client.get("/admin/webhooks").json["items"] == []
    assert [item["id"] for item in till.admin.client.get("/admin/webhooks?state=dismissed").json["items"]] == [
        strange["id"]
    ]
    assert "unmatched_webhooks" not in _attention(till)
    logged = till.sql("SELECT target_id, after FROM audit_events WHERE action = 'payment.webhook.dismiss'")
    assert logged == [(strange["id"], {"reason": "başka bir sitenin ödemesi"})]


def test_a_dismissed_notification_that_is_delivered_again_stays_dismissed(till, strange):
    from uuid import UUID

    from belgenet.commerce.payments.services import inbox

    _dismiss(till, strange)
    with till.desk() as desk:
        inbox.look_into(desk, UUID(strange["id"]), last=False)
    assert till.sql("SELECT state FROM webhook_inbox") == [("dismissed",)]


def test_the_first_reason_stays(till, strange):
    first = _dismiss(till, strange).json
    assert _dismiss(till, strange, "başka bir neden").json == first
    assert len(till.sql("SELECT 1 FROM audit_events WHERE action = 'payment.webhook.dismiss'")) == 1


def test_a_reason_is_needed(till, strange):
    for reason in ("", "   ", None, "x" * 5000):
        assert _dismiss(till, strange, reason, status=400).json["code"] == "invalid_input"


def test_what_matched_something_cannot_be_dismissed(till):
    order = till.order()
    till.psp.pay(till.begin(order))
    till.notify(till.notices()[-1])
    till.system.drain()
    done = till.admin.client.get("/admin/webhooks?state=done", status=200).json["items"]
    assert [item["attempt_id"] for item in done] == [str(till.attempt(order)[0])]
    assert _dismiss(till, done[0], status=409).json["code"] == "conflict"


def test_the_token_of_a_payment_page_stays_inside(till):
    order = till.order()
    token = till.begin(order)
    till.psp.pay(token)
    till.notify(till.notices()[-1])
    assert token not in till.admin.client.get("/admin/webhooks?state=received", status=200).text


def test_buyers_and_other_tenants_see_none_of_it(till, strange, other_tenant):
    assert till.buyer.client.get("/admin/webhooks").status_int in {403, 404}
    assert _dismiss(till, strange, status=None, client=till.buyer.client).status_int in {403, 404}
    from belgenet.core.security import Role

    abroad = till.system.sign_in(other_tenant, Role.TENANT_ADMIN).client
    assert abroad.get("/admin/webhooks", status=200).json["items"] == []
    _dismiss(till, strange, status=404, client=abroad)


def _inbox(till, state, days):
    dismissed = ", reason = 'x', dismissed_at = now()" if state == "dismissed" else ""
    till.sql(
        "INSERT INTO webhook_inbox (id, tenant_id, provider, event_key, event_type, signed, lookup, state, received_at) "
        f"VALUES (gen_random_uuid(), :t, 'stripe', '{state}-{days}', 'x', true, '{{}}', 'received', "
        f"now() - interval '{days} days')",
        t=till.tenant.id,
    )
    till.sql(f"UPDATE webhook_inbox SET state = '{state}'{dismissed} WHERE event_key = '{state}-{days}'")


def test_old_notifications_are_dropped_except_those_that_wait(till):
    states = ["received", "done", "ignored", "unmatched", "dismissed"]
    kept = till.system.settings.payments.webhook_retention_days
    for state in states:
        _inbox(till, state, kept + 1)
        _inbox(till, state, kept - 1)
    from belgenet.commerce.payments.tasks import purge

    with till.system.request(till.tenant) as request:
        purge(request)
    left = {row[0] for row in till.sql("SELECT event_key FROM webhook_inbox")}
    assert left == {f"{state}-{kept - 1}" for state in states} | {f"received-{kept + 1}", f"unmatched-{kept + 1}"}


def test_a_purged_notification_that_comes_again_is_only_asked_about(till):
    order = till.order()
    till.psp.pay(till.begin(order))
    notice = till.notices()[-1]
    till.notify(notice)
    till.system.drain()
    till.sql("DELETE FROM webhook_inbox")
    assert till.notify(notice).json == {"duplicate": False}
    till.system.drain()
    assert till.see(order)["status"] == "paid"
    assert till.events(order, "order.paid") == 1
