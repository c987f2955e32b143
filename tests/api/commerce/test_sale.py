"""The plain sale, with both providers: order, page, payment, return, paid."""

import pytest
from prometheus_client import REGISTRY

PROVIDERS = ["iyzico", "stripe"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_order_is_placed_paid_and_handed_out(till, provider):
    order = till.order(("A", 2))
    assert (order["status"], order["total"]) == ("pending", {"amount": "250.00", "currency": "TRY"})
    assert order["hold_expires_at"]
    assert till.free() == 8
    begun = till.pay(order, provider).json
    assert begun["redirect_url"].startswith(till.psp.url)
    assert begun["expires_at"]
    token = till.token(order, provider)
    till.psp.pay(token)
    answer = till.come_back(token, provider, status=303)
    assert answer.headers["Location"] == f"https://vakif.localhost/orders/{order['id']}"
    paid = till.see(order)
    assert (paid["status"], paid["paid"]["amount"], paid["refunded"]["amount"]) == ("paid", "250.00", "0.00")
    assert [(p["provider"], p["state"]) for p in paid["payments"]] == [(provider, "confirmed")]
    assert [line["state"] for line in paid["lines"]] == ["fulfilled"]
    assert paid["hold_expires_at"] is None
    assert till.events(order, "order.paid") == 1


def test_an_operator_sees_which_states_orders_come_into(till):
    def count(status):
        return REGISTRY.get_sample_value("belgenet_orders_total", {"status": status})

    before = {status: count(status) for status in ("pending", "paid", "refunded")}
    till.bought(("A", 1))
    till.order(("A", 1))
    assert {status: count(status) - before[status] for status in before} == {"pending": 2, "paid": 1, "refunded": 0}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_books_tell_what_was_earned_owed_and_charged(till, provider):
    order = till.bought(("A", 2), provider=provider)
    assert till.entries(order) == ["payment", "allocation"]
    balances = till.balances(order)
    assert balances.pop("course_revenue_deferred") == -20833
    assert balances.pop("kdv_payable") == -4167
    fees = balances.pop("psp_fees", 0)
    assert balances == {f"psp_receivable:{provider}": 25000 - fees}
    assert till.ledger_sum() == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_return_page_is_harmless_when_opened_again(till, provider):
    order = till.bought(provider=provider)
    token = till.token(order, provider)
    with till.system.count_queries() as seen:
        till.come_back(token, provider, status=303)
    assert not [statement for statement in seen if statement.startswith(("INSERT", "UPDATE"))]
    till.system.drain()
    till.come_back(token, provider, status=303)
    assert till.see(order) == {**order}
    assert till.entries(order) == ["payment", "allocation"]
    assert till.events(order, "order.paid") == 1


def test_coming_back_without_having_paid_changes_nothing(till):
    order = till.order()
    token = till.begin(order)
    till.come_back(token, status=303)
    assert till.see(order)["status"] == "pending"


@pytest.mark.parametrize("token", ["", "unknown", "%00", "ş", "a" * 5000, "<script>"])
def test_a_return_with_a_strange_token_leads_to_the_list(till, token):
    answer = till.come_back(token)
    assert answer.status_int in {303, 400}
    if answer.status_int == 303:
        assert answer.headers["Location"] == "https://vakif.localhost/me/orders"


def test_a_return_with_garbage_instead_of_a_form(till):
    anonymous = till.system.client(till.tenant)
    for raw, kind in [(b"\xff\xfe", "application/x-www-form-urlencoded"), (b"--x", "multipart/form-data; boundary=x")]:
        answer = anonymous.post("/payments/iyzico/return", raw=raw, headers={"Content-Type": kind})
        assert answer.status_int in {303, 400}


def test_what_costs_nothing_is_handed_out_at_once(till):
    till.stock("free", 3, price=0)
    order = till.order(("free", 1))
    assert (order["status"], order["lines"][0]["state"]) == ("paid", "fulfilled")
    assert till.events(order, "order.paid") == 1
    assert till.entries(order) == []
    assert till.pay(order, status=None).json["code"] == "order_not_payable"


def test_prices_come_from_the_catalogue_and_stay_as_they_were(till):
    order = till.order()
    till.tickets.prices["A"] = (99, "TRY", till.tickets.prices["A"][2])
    till.psp.pay(till.begin(order))
    till.come_back(till.token(order))
    assert till.see(order)["paid"]["amount"] == "125.00"


def test_lines_keep_a_snapshot(till):
    body = {"lines": [{"kind": "ticket", "ref": "A", "quantity": 1, "details": {"name": "Ayşe Iğdır"}}], "locale": "en"}
    line = till.buyer.client.post("/orders", body, status=201).json["lines"][0]
    assert line["title"] == "Bilet A"
    assert line["details"] == {"given": {"name": "Ayşe Iğdır"}}
    assert (line["tax"]["amount"], line["tax_rate_percent"]) == ("20.83", "20")


def test_an_order_number_can_be_read_aloud(till):
    number = till.order()["number"]
    assert number.startswith("VA-")
    assert len(number) == 12
    assert not set("ILOU") & set(number[3:])


def test_a_second_order_request_with_the_same_key_is_the_same_order(till):
    headers = {"Idempotency-Key": "a-key-of-the-client"}
    body = {"lines": [{"kind": "ticket", "ref": "A", "quantity": 1}]}
    first = till.buyer.client.post("/orders", body, headers=headers, status=201)
    again = till.buyer.client.post("/orders", body, headers=headers, status=201)
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert till.free() == 9
    assert first.headers["Location"] == f"https://vakif.localhost/api/v1/orders/{first.json['id']}"
    other = {"lines": [{"kind": "ticket", "ref": "A", "quantity": 2}]}
    assert (
        till.buyer.client.post("/orders", other, headers=headers, status=422).json["code"] == "idempotency_key_reused"
    )


def test_an_order_needs_a_key(till):
    answer = till.buyer.client.post("/orders", {"lines": []}, headers={"Idempotency-Key": ""})
    assert answer.json["code"] in {"idempotency_key_required", "invalid_input"}


def test_the_version_is_the_etag(till):
    order = till.order()
    answer = till.buyer.client.get(f"/orders/{order['id']}")
    assert answer.headers["ETag"] == f'"v{answer.json["version"]}"'
    till.psp.pay(till.begin(order))
    till.come_back(till.token(order))
    assert till.see(order)["version"] > order["version"]
