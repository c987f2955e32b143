"""The providers' books against ours, at night; and payments that the payer's bank disputes."""

from datetime import timedelta

import pytest
from tests.common.till import Till

from belgenet.core.db import utcnow
from belgenet.core.security import Role

PROVIDERS = ["iyzico", "stripe"]


@pytest.fixture
def night(till: Till, monkeypatch):
    """Run the comparison as if two hours had gone by: what is young is left alone."""
    from belgenet.commerce.payments import tasks

    monkeypatch.setattr(tasks, "utcnow", lambda: utcnow() + timedelta(hours=2))

    def run():
        with till.system.request(None) as request:
            tasks.reconcile_books(request)

    return run


def _findings(till, order):
    return [(review["kind"], review["details"]) for review in till.admin_view(order)["reviews"]]


def _strange(till):
    return till.admin.client.get("/admin/webhooks", status=200).json["items"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_books_that_agree_give_no_finding(till, night, provider):
    order = till.bought(("A", 2), provider=provider)
    till.stock("B", 3, price=3_333)
    several = till.bought(("A", 1), ("B", 2), provider=provider)
    till.refund(order, "25.00")
    night()
    assert _findings(till, order) == _findings(till, several) == []
    assert _strange(till) == []
    assert len(till.admin_view(order)["refunds"]) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_payment_we_never_heard_of_again_is_booked(till, night, provider):
    """Webhook lost, browser closed, and the janitor had given the attempt up."""
    order = till.order()
    till.psp.pay(till.begin(order, provider))
    till.sql("UPDATE payment_attempts SET state = 'failed'; UPDATE payments SET state = 'failed'")
    night()
    assert till.see(order)["status"] == "paid"
    assert _findings(till, order) == []
    kinds = [(event["kind"], event["actor"]) for event in till.admin_view(order)["events"]]
    assert ("payment.confirmed", "reconcile") in kinds


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_payment_the_provider_does_not_know_is_a_finding_once(till, night, provider):
    order = till.bought(provider=provider)
    till.psp.control("POST", "reset")
    night()
    night()
    ref = till.admin_view(order)["payments"][0]["provider_ref"]
    assert _findings(till, order) == [("missing_theirs", {"provider_ref": ref, "ours_minor": 12_500})]
    assert till.see(order)["status"] == "paid", "nothing is undone by itself"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_another_amount_is_a_finding(till, night, provider):
    order = till.bought(provider=provider)
    # What a row changed by hand would look like; the ledger is left as it was.
    till.sql("UPDATE payments SET amount_minor = amount_minor + 1")
    night()
    kind, details = _findings(till, order)[0]
    assert (kind, details["ours_minor"], details["theirs_minor"]) == ("amount_differs", 12_501, 12_500)
    assert details["theirs_currency"] == "TRY"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refund_made_in_the_providers_panel_is_booked_and_shown(till, night, provider):
    order = till.bought(provider=provider)
    ref = till.admin_view(order)["payments"][0]["provider_ref"]
    till.psp.control("POST", "refund", {"payment_id": ref, "amount": "25.00" if provider == "iyzico" else "2500"})
    night()
    night()
    seen = till.admin_view(order)
    assert (seen["order"]["status"], seen["order"]["refunded"]["amount"]) == ("partially_refunded", "25.00")
    assert [refund["origin"] for refund in seen["refunds"]] == ["provider"]
    assert [review["kind"] for review in seen["reviews"]] == ["external_refund"]
    assert till.ledger_sum() == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_payment_that_is_nobodys_waits_among_the_notices(till, night, provider):
    till.bought(provider=provider)
    amount, currency = ("10.00", "TRY") if provider == "iyzico" else ("1000", "try")
    body = {"provider": provider, "amount": amount, "currency": currency, "page": "http://vakif.localhost/"}
    ref = till.psp.control("POST", "unknown-transaction", body)["payment_id"]
    night()
    night()
    seen = [(item["provider_ref"], item["event_type"], item["signed"]) for item in _strange(till)]
    assert seen == [(ref, "reconcile.payment", False)], "found, not told: nobody signed it"
    path = f"/admin/webhooks/{_strange(till)[0]['id']}/dismissal"
    till.admin.client.post(path, {"reason": "başka bir site"}, status=200)
    night()
    assert _strange(till) == [], "dismissed is dismissed"


def test_a_payment_of_another_tenant_is_not_strange(till, night, other_tenant):
    order = till.bought()
    neighbour = till.system.sign_in(other_tenant, Role.DONOR).client
    lines = [{"kind": "ticket", "ref": "A", "quantity": 1}]
    theirs = neighbour.post("/orders", {"lines": lines}, status=201).json
    neighbour.post(f"/orders/{theirs['id']}/payments", {"provider": "iyzico"}, status=200)
    night()
    assert till.system.sql("SELECT tenant_id, provider FROM webhook_inbox") == []
    assert _findings(till, order) == []


def test_one_tenants_trouble_keeps_nobody_else_from_it(till, night, other_tenant, monkeypatch):
    from belgenet.commerce.payments.services import reconcile

    order, compare = till.order(), reconcile.compare
    till.psp.pay(till.begin(order))
    till.sql("UPDATE payment_attempts SET state = 'failed'; UPDATE payments SET state = 'failed'")
    body = {"provider": "iyzico", "amount": "10.00", "currency": "TRY", "page": "http://vakif.localhost/"}
    till.psp.control("POST", "unknown-transaction", body)

    def troubled(desk, *rest):
        if desk.session.info["tenant_id"] == other_tenant.id:
            raise LookupError("a row that cannot be settled")
        return compare(desk, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(reconcile, "compare", troubled)
        night()
    assert till.see(order)["status"] == "paid"
    assert _strange(till) == [], "it may be the other tenant's"
    night()
    assert len(_strange(till)) == 1


def test_what_is_young_is_left_alone(till):
    from belgenet.commerce.payments.tasks import reconcile_books

    order = till.bought()
    till.psp.control("POST", "reset")
    with till.system.request(None) as request:
        reconcile_books(request)
    assert _findings(till, order) == []


def test_a_provider_that_does_not_answer_is_asked_the_next_night(till, night):
    order = till.bought()
    till.psp.arm("iyzico.*", "error_before", times=None)
    night()
    assert _findings(till, order) == []
    till.psp.control("DELETE", "faults")


def test_more_payments_than_fit_a_page(till, night):
    order = till.bought(provider="stripe")
    for _ in range(110):
        body = {"provider": "stripe", "amount": "100", "currency": "try", "page": "http://vakif.localhost/"}
        till.psp.control("POST", "unknown-transaction", body)
    night()
    assert _findings(till, order) == [], "found on the second page"
    assert till.sql("SELECT count(*) FROM webhook_inbox WHERE state = 'unmatched'") == [(110,)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refund_that_failed_for_us_but_went_through_is_booked_and_shown(till, night, provider):
    order = till.bought(provider=provider)
    till.psp.arm(f"{provider}.refund*", "drop_after_commit")
    assert till.refund(order, "50.00").json["state"] == "unknown"
    till.sql("UPDATE refunds SET state = 'failed', finished_at = now()")
    night()
    night()
    seen = till.admin_view(order)
    assert [(refund["origin"], refund["state"]) for refund in seen["refunds"]] == [
        ("ours", "failed"),
        ("provider", "done"),
    ]
    assert seen["order"]["refunded"]["amount"] == "50.00"
    assert till.refund(order, "75.01", status=409).json["code"] == "refund_too_large", "it cannot go out twice"
    (found,) = _findings(till, order)
    assert (found[0], found[1]["refund_id"]) == ("external_refund", seen["refunds"][0]["id"])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refund_of_which_the_provider_tells_another_sum(till, night, provider):
    till.stock("B", 3, price=3_333)
    order = till.bought(("A", 1), ("B", 2), provider=provider)
    refund = till.refund(order, "150.00").json
    night()
    assert _findings(till, order) == [], "two lines of the report, one refund"
    till.sql("UPDATE refunds SET done_minor = 14999")
    night()
    night()
    details = {"refund_id": refund["id"], "ours_minor": 14_999, "theirs_minor": 15_000}
    assert _findings(till, order) == [("refund_differs", details)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refund_the_provider_does_not_know(till, night, provider, monkeypatch):
    from belgenet.commerce.payments.providers.interfaces import RefundOutcome, RefundState

    order = till.bought(provider=provider)
    adapter = till.system.registry["belgenet.payment_providers"].get(provider)
    with monkeypatch.context() as patch:
        outcome = RefundOutcome(state=RefundState.DONE, provider_ref="nowhere", done_minor=2_500)
        patch.setattr(adapter, "refund", lambda _request: outcome)
        refund = till.refund(order, "25.00").json
    night()
    night()
    details = {"refund_id": refund["id"], "ours_minor": 2_500, "theirs_minor": 0}
    assert _findings(till, order) == [("refund_differs", details)]


def test_more_than_we_gave_is_seen_when_the_provider_is_asked(till):
    order = till.bought(provider="stripe")
    refund = till.refund(order, "25.00").json
    till.sql("UPDATE refunds SET done_minor = 2400")
    payment = till.admin_view(order)["payments"][0]["id"]
    till.admin.client.post(f"/admin/payments/{payment}/sync", status=200)
    details = {"refund_id": refund["id"], "ours_minor": 2_400, "theirs_minor": 2_500}
    assert _findings(till, order) == [("refund_differs", details)]


def test_a_charge_before_the_window_that_was_confirmed_within_it_is_not_missing(till, night):
    order = till.bought()
    till.psp.control("POST", "reset")
    till.sql("UPDATE payment_attempts SET created_at = created_at - interval '4 days'")
    night()
    assert _findings(till, order) == []


@pytest.mark.parametrize("fault", ["fraud_review", "fraud_reject"])
def test_a_payment_iyzico_did_not_let_through_is_none(till, night, fault):
    order = till.order()
    till.psp.arm("iyzico.pay", fault)
    token = till.begin(order)
    till.psp.pay(token)
    till.come_back(token)
    night()
    assert "missing_ours" not in till.reviews(order)
    assert till.see(order)["paid"]["amount"] == "0.00"


def test_one_adapters_fault_keeps_no_other_provider_from_it(till, night, monkeypatch):
    from belgenet.commerce.payments.services import reconcile

    order, fetch = till.order(), reconcile.fetch
    till.psp.pay(till.begin(order, "stripe"))
    till.sql("UPDATE payment_attempts SET state = 'failed'; UPDATE payments SET state = 'failed'")

    def broken(desk, provider, *rest):
        if provider == "iyzico":
            raise ValueError("a fault in the adapter")
        return fetch(desk, provider, *rest)

    monkeypatch.setattr(reconcile, "fetch", broken)
    night()
    assert till.see(order)["status"] == "paid"


def test_what_is_left_when_the_time_is_up_waits_for_the_next_night(till, night, monkeypatch):
    from belgenet.commerce.payments import tasks

    order = till.order()
    till.psp.pay(till.begin(order))
    till.sql("UPDATE payment_attempts SET state = 'failed'; UPDATE payments SET state = 'failed'")
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "RECONCILE_BUDGET_SECONDS", -1)
        night()
    assert till.see(order)["status"] != "paid"
    night()
    assert till.see(order)["status"] == "paid"


def test_the_comparison_has_a_time_limit_of_its_own(till):
    from belgenet.commerce.payments.tasks import RECONCILE_BUDGET_SECONDS
    from belgenet.core.tasks.app import make_celery

    app = make_celery(till.system.registry)
    options = app.conf.beat_schedule["payments.reconcile"]["options"]
    assert RECONCILE_BUDGET_SECONDS < options["soft_time_limit"] < options["time_limit"]
    assert options["time_limit"] < app.conf.broker_transport_options["visibility_timeout"], "else it is sent again"
    assert "soft_time_limit" not in app.conf.beat_schedule["payments.sweep"]["options"]


def _disputed(till, order, status, **more):
    ref = till.admin_view(order)["payments"][0]["provider_ref"]
    till.psp.control("POST", "dispute", {"payment_id": ref, "status": status, **more})
    for notice in till.notices("stripe"):
        if ".dispute." in notice["body"]:
            till.notify(notice)
    till.system.drain()
    events = [event for event in till.admin_view(order)["events"] if event["kind"] == "payment.dispute"]
    return [event["details"]["status"] for event in events]


def test_a_dispute_is_in_the_history_and_asks_for_a_decision(till):
    order = till.bought(provider="stripe")
    assert _disputed(till, order, "needs_response") == ["needs_response"]
    review = till.admin_view(order)["reviews"][0]
    assert (review["kind"], review["state"], review["details"]["event"]) == (
        "dispute",
        "open",
        "charge.dispute.created",
    )
    assert till.see(order)["status"] == "paid"
    assert not till.sql("SELECT 1 FROM mail_messages WHERE template = 'order_review'"), "not the buyer's business"


def test_a_second_dispute_about_the_same_payment_reaches_a_person(till):
    order = till.bought(provider="stripe")
    _disputed(till, order, "needs_response", id="dp_1")
    _disputed(till, order, "won", id="dp_1")
    _disputed(till, order, "needs_response", id="dp_2")
    _disputed(till, order, "under_review", id="dp_2")
    assert [kind for kind, _ in _findings(till, order)] == ["dispute", "dispute"]


@pytest.mark.parametrize("end", ["won", "warning_closed"])
def test_a_dispute_that_ends_well_asks_for_nothing(till, end):
    order = till.bought(provider="stripe")
    assert _disputed(till, order, end) == [end]
    assert _findings(till, order) == []


@pytest.mark.parametrize(("end", "open_questions"), [("won", 1), ("warning_closed", 1), ("lost", 2)])
def test_the_end_of_a_dispute(till, end, open_questions):
    order = till.bought(provider="stripe")
    _disputed(till, order, "needs_response")
    assert _disputed(till, order, end) == ["needs_response", end]
    assert [kind for kind, _ in _findings(till, order)] == ["dispute"] * open_questions
    assert till.ledger_sum() == 0
