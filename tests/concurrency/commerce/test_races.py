"""Many hands on one order, in real threads over real connections: one confirmation, one event, one entry in the books."""

import httpx
import pytest
from tests.common.till import key, served, together, wait_for

PROVIDERS = ["iyzico", "stripe"]
ONCE = ["payment", "allocation"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_webhook_return_buyer_and_janitor_at_once(till, provider):
    for _ in range(6):
        order = till.order()
        token = till.begin(order, provider)
        till.psp.pay(token)
        for notice in till.notices(provider)[-3:]:
            till.notify(notice)
        till.sql("UPDATE payment_attempts SET check_after = now()")
        outcomes = together(
            lambda token=token: till.come_back(token, provider).status_int,
            lambda: till.system.drain() and None,
            lambda token=token: till.come_back(token, provider).status_int,
            till.sweep,
            lambda order=order: till.buyer.client.post(f"/orders/{order['id']}/sync").status_int,
            till.sweep,
        )
        assert set(outcomes) <= {None, 200, 303}, outcomes
        till.system.drain()
        seen = till.see(order)
        assert (seen["status"], seen["paid"]["amount"]) == ("paid", "125.00")
        assert till.entries(order) == ONCE
        assert till.events(order, "order.paid") == 1
        kinds = [event["kind"] for event in till.admin_view(order)["events"]]
        assert (kinds.count("payment.confirmed"), kinds.count("order.paid")) == (1, 1)
    assert till.tickets.calls.count("fulfil") == 6
    assert till.ledger_sum() == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_two_tabs_pay_one_order(till, provider):
    order = till.order()
    till.psp.arm(f"{provider}.*", "delay", seconds=0.4)
    answers = together(*[lambda: till.pay(order, provider, status=None)] * 4)
    assert {answer.status_int for answer in answers} == {200}, [answer.text for answer in answers]
    assert len({answer.json["redirect_url"] for answer in answers}) == 1
    assert till.sql("SELECT count(*) FROM payment_attempts") == [(1,)]


def test_eight_buyers_for_seven(till):
    till.stock("seven", 7)
    answers = together(*[lambda: till.order(("seven", 1), status=None)] * 8)
    assert sorted("number" in answer for answer in answers) == [False] + [True] * 7
    assert till.free("seven") == 0


def test_orders_for_the_same_things_in_another_order_do_not_deadlock(till):
    till.stock("B", 200)
    till.sql("UPDATE shop.stock SET free = 200")
    wanted = [(("A", 1), ("B", 1)), (("B", 1), ("A", 1))] * 4
    answers = together(*[lambda lines=lines: till.order(*lines, status=None) for lines in wanted])
    assert all("number" in answer for answer in answers), answers


def test_expiry_against_late_success(till):
    """Whoever comes first, the buyer has either the goods or a decision about the money, and the stock adds up."""
    for _ in range(6):
        order = till.order()
        token = till.begin(order)
        till.psp.pay(token)
        till.backdate(order, 400)
        together(till.sweep, lambda token=token: till.come_back(token), till.sweep)
        till.sweep()
        till.come_back(token)
        assert till.see(order)["status"] == "paid"
        assert till.entries(order) == ONCE
    assert till.free() == 4
    assert till.ledger_sum() == 0


def test_canceling_against_paying(till):
    for _ in range(6):
        order = till.order()
        token = till.begin(order)
        till.psp.pay(token)
        cancel = f"/orders/{order['id']}/cancel"
        together(lambda path=cancel: till.buyer.client.post(path), lambda token=token: till.come_back(token))
        till.come_back(token)
        seen = till.see(order)
        assert seen["status"] in {"paid", "paid_unallocated"}
        assert seen["paid"]["amount"] == "125.00"
    assert till.ledger_sum() == 0


def test_two_pages_confirmed_at_the_same_moment(till):
    for _ in range(4):
        order = till.order()
        iyzico, stripe = till.begin(order), till.begin(order, "stripe")
        till.psp.pay(iyzico)
        till.psp.pay(stripe)
        answers = together(lambda a=iyzico: till.come_back(a), lambda b=stripe: till.come_back(b, "stripe"))
        assert [answer.status_int for answer in answers] == [303, 303], answers
        seen = till.see(order)
        assert (seen["status"], seen["paid"]["amount"]) == ("paid", "250.00")
        assert till.reviews(order) == ["overpaid"]
        assert sorted(till.entries(order)) == ["allocation", "payment", "payment"]
        assert till.events(order, "order.paid") == 1


def test_a_refund_against_the_janitor(till):
    order = till.bought(("A", 2))
    till.psp.arm("iyzico.*", "drop_after_commit")
    till.refund(order, "50.00")
    till.sql("UPDATE refunds SET check_after = now()")
    payment = till.admin_view(order)["payments"][0]
    sync = f"/admin/payments/{payment['id']}/sync"
    together(till.sweep, lambda: till.admin.client.post(sync), till.sweep, lambda: till.admin.client.post(sync))
    seen = till.admin_view(order)
    assert [(refund["origin"], refund["state"]) for refund in seen["refunds"]] == [("ours", "done")]
    assert seen["order"]["refunded"]["amount"] == "50.00"
    assert till.entries(order).count("refund_done") == 1


def _begin_over_http(till, port, order, provider):
    headers = {"Host": f"vakif.localhost:{port}", "Authorization": f"Bearer {till.buyer.client.token}", **key()}
    url = f"http://127.0.0.1:{port}/api/v1/orders/{order['id']}/payments"
    assert httpx.post(url, json={"provider": provider}, headers=headers, trust_env=False).status_code == 200
    return till.token(order, provider)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_webhooks_as_they_come_over_the_wire(till, psp_process, provider):
    """A real server, real deliveries: doubled, out of order, forged ones among them, and before the payer has an answer."""
    with served(till.system) as port:
        psp_process.control("DELETE", "faults")
        psp_process.arm(f"{provider}.pay", "webhook_first", times=None)
        for fault in ("duplicate", "forge", "hold", "duplicate"):
            psp_process.arm(f"webhook.{provider}", fault)
        orders = [till.order() for _ in range(8)]
        tokens = [_begin_over_http(till, port, order, provider) for order in orders]
        together(*[lambda token=token: psp_process.pay(token) for token in tokens])

        def most_paid():
            till.system.drain()
            till.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")
            return sum(till.see(order)["status"] == "paid" for order in orders) >= 6

        wait_for(most_paid, 40)
        # The forged one never gets through, and one is held back for ever: what webhooks cannot do, the janitor does.
        till.sql("UPDATE payment_attempts SET check_after = now()")
        till.sweep()
        till.system.drain()
        assert {till.see(order)["status"] for order in orders} == {"paid"}
    assert len(psp_process.control("GET", "charges")["charges"]) == 8
    for order in orders:
        assert till.entries(order) == ONCE
        assert till.events(order, "order.paid") == 1
    assert till.ledger_sum() == 0
