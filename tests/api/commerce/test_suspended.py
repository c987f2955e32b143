"""A tenant is suspended while a payer is on the provider's page: what was begun is brought to its end, nothing new begins."""

from dataclasses import replace

import pytest
from tests.common.catalogue import make_shop

PROVIDERS = ["iyzico", "stripe"]


@pytest.fixture
def suspend(till):
    def close(*, suspended=True):
        value = "now()" if suspended else "NULL"
        till.system.sql(f"UPDATE tenants SET suspended_at = {value} WHERE id = :t", t=till.tenant.id)
        till.system.directory.forget()

    yield close
    close(suspended=False)


def _status(till, order):
    return till.sql("SELECT status FROM orders WHERE id = :o", o=order["id"])[0][0]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_payer_who_comes_back_is_confirmed_and_told_that_the_site_is_closed(till, suspend, provider):
    order = till.order()
    token = till.begin(order, provider)
    suspend()
    till.psp.pay(token)
    answer = till.come_back(token, provider, status=303)
    assert answer.headers["Location"].endswith(f"/orders/{order['id']}")
    assert _status(till, order) == "paid"
    site = till.system.client(till.tenant).get("/site", headers={"Accept-Language": "tr"}, status=404).json
    assert site["code"] == "tenant_suspended"
    assert "e-posta" in site["detail"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_webhook_is_taken_in_and_looked_into(till, suspend, provider):
    order = till.order()
    token = till.begin(order, provider)
    suspend()
    till.psp.pay(token)
    for notice in till.notices(provider):
        till.notify(notice)
    till.system.drain()
    assert _status(till, order) == "paid"


def test_certificate_and_mail_are_still_delivered(till, suspend):
    shop = make_shop(till.system, till.tenant)
    order = till.buyer.client.post("/orders", {"lines": [shop.line(2)]}, status=201).json
    token = till.begin(order)
    suspend()
    till.psp.pay(token)
    till.come_back(token, status=303)
    till.system.drain()
    assert till.sql("SELECT state FROM certificates") == [("READY",)]
    templates = till.sql("SELECT template, state FROM mail_messages WHERE recipient = :r", r=till.buyer.email)
    assert templates == [("certificate_ready", "sent")]


def test_nothing_else_is_open(till, suspend):
    order = till.order()
    token = till.begin(order)
    suspend()
    buyer, admin = till.buyer.client, till.admin.client
    lines = {"lines": [{"kind": "ticket", "ref": "A", "quantity": 1}]}
    refused = [
        buyer.post("/orders", lines),
        buyer.get(f"/orders/{order['id']}"),
        buyer.post(f"/orders/{order['id']}/payments", {"provider": "iyzico"}),
        buyer.post(f"/orders/{order['id']}/sync"),
        admin.get(f"/admin/orders/{order['id']}"),
        till.refund(order, status=None),
    ]
    assert {(answer.status_int, answer.json["code"]) for answer in refused} == {(404, "tenant_suspended")}
    assert till.attempt(order)[1] == "pending", token


def test_a_forged_webhook_is_refused_as_ever(till, suspend):
    order = till.order()
    till.psp.pay(till.begin(order))
    suspend()
    assert till.notify(till.notices()[-1], secret="not-the-secret", status=401).json["code"] == "webhook_signature"
    assert till.sql("SELECT count(*) FROM webhook_inbox") == [(0,)]


class Bells:
    """Celery's place: what would be sent."""

    def __init__(self):
        self.sent = []

    def send_task(self, name, args, **options):
        self.sent.append((name, *args, options["queue"]))


def _rung(system, item):
    """Tenants the periodic task is started for."""
    from belgenet.core.tasks.app import start_periodic

    bells = Bells()
    start_periodic(bells, system.registry, item, None)
    return {args[2] for args in bells.sent}


def test_the_sweep_goes_round_suspended_tenants_too(till, suspend, other_tenant):
    suspend()
    everybody = {str(till.tenant.id), str(other_tenant.id)}
    sweep = till.system.registry["belgenet.periodic"]["payments.sweep"]
    assert _rung(till.system, sweep) == everybody
    plain = replace(sweep, suspended="refuse")
    assert _rung(till.system, plain) == {str(other_tenant.id)}, "left out unless it says otherwise"


def test_the_sweep_confirms_and_expires_for_a_suspended_tenant(till, suspend):
    paid, given_up = till.order(), till.order()
    till.psp.pay(till.begin(paid))
    suspend()
    till.backdate(paid, 2)
    till.backdate(given_up, 60)
    till.sweep()
    assert (_status(till, paid), _status(till, given_up)) == ("paid", "expired")
    assert till.free() == 9
