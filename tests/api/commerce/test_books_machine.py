"""Any sequence of what can happen to money, on the real database: sums, books, goods and status always agree.

The provider here is scripted, in the test's own words: it holds the truth about charges and refunds, and answers, lies
dormant or says nothing as the machine decides. The real protocols are driven by the other tests of this folder.
"""

import itertools
import uuid
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from belgenet.commerce.ledger import services as ledger
from belgenet.commerce.orders.interfaces import OrderOwner
from belgenet.commerce.orders.services.place import WantedLine, place
from belgenet.commerce.orders.services.status import derive
from belgenet.commerce.payments.providers.errors import ProviderUnknown, ProviderUnreachable
from belgenet.commerce.payments.providers.interfaces import (
    Checkout,
    Observation,
    PaymentState,
    RefundOutcome,
    RefundRecord,
    RefundState,
)
from belgenet.commerce.payments.services import again, endings, janitor, refund_results, refunds, sync
from belgenet.commerce.payments.services.begin import begin_payment
from belgenet.commerce.payments.services.providers import Providers
from belgenet.core.db import utcnow
from belgenet.core.web.errors import Problem

NUMBERS = itertools.count()
QUANTITIES = st.lists(st.integers(1, 3), min_size=1, max_size=2)


class Scripted:
    """A provider whose truth is two dictionaries."""

    name = "iyzico"

    def __init__(self):
        self.forget()

    def forget(self):
        self.charged = {}
        self.refunded = {}
        self.closed = set()
        self.mute = False
        self.refund_fate = RefundState.DONE

    def begin(self, request):
        if self.mute:
            raise ProviderUnknown(self.name, "no_answer")
        token = f"t{next(NUMBERS)}"
        return Checkout(redirect_url=f"http://psp/{token}", token=token, expires_at=utcnow() + timedelta(minutes=30))

    def query(self, ref):
        if self.mute:
            raise ProviderUnreachable(self.name, "unreachable")
        if ref.token in self.charged:
            return Observation(
                state=PaymentState.CONFIRMED,
                final=True,
                attempt_id=ref.attempt_id,
                provider_ref=f"p-{ref.token}",
                amount_minor=ref.amount_minor,
                paid_minor=ref.amount_minor,
                currency=ref.currency,
                fees_minor=ref.amount_minor // 50,
            )
        state = PaymentState.FAILED if ref.token in self.closed else PaymentState.PENDING
        state = state if ref.token else PaymentState.NOT_FOUND
        return Observation(state=state, final=ref.token in self.closed, attempt_id=ref.attempt_id)

    def abandon(self, ref):
        return False

    def refund(self, request):
        fate = self.refund_fate
        done = {RefundState.DONE: request.amount_minor, RefundState.PARTIAL: request.amount_minor // 2}.get(fate, 0)
        self.refunded[request.refund_id] = (fate, done)
        return RefundOutcome(state=fate, provider_ref=f"r-{request.refund_id}", done_minor=done)

    def query_refund(self, request):
        fate, done = self.refunded.get(request.refund_id, (RefundState.NOT_FOUND, 0))
        if fate in {RefundState.UNKNOWN, RefundState.IN_TRANSIT}:
            fate, done = RefundState.DONE, request.amount_minor
            self.refunded[request.refund_id] = (fate, done)
        return RefundOutcome(state=fate, done_minor=done, retryable=True)

    def refunds_of(self, ref):
        return tuple(
            RefundRecord(provider_ref=key, refund_id=None, amount_minor=done, currency=ref.currency, state=fate)
            for key, (fate, done) in self.refunded.items()
            if key.startswith(f"panel-{ref.token}-")
        )


def make_machine(till, provider):  # noqa: C901 - a machine is its rules
    """A machine over this test's counter."""

    class Books(RuleBasedStateMachine):
        orders = Bundle("orders")
        pages = Bundle("pages")

        def __init__(self):
            super().__init__()
            till.sql(EMPTY)
            provider.forget()
            till.tickets.fulfil_error = None

        @rule(target=orders, quantities=QUANTITIES)
        def place(self, quantities):
            owner = OrderOwner(account_id=till.buyer.account_id, email="a@b.c", full_name="Ayşe Işık", at=utcnow())
            try:
                with till.desk() as desk:
                    wanted = [WantedLine("ticket", "A", quantity, {}) for quantity in quantities]
                    hold = timedelta(minutes=35)
                    return place(desk.session, desk.sellables, slug="vakif", owner=owner, wanted=wanted, hold=hold).id
            except Problem:
                return multiple()

        @rule(target=orders, quantities=QUANTITIES, broken=st.booleans(), canceled=st.booleans())
        def buy(self, quantities, broken, canceled):
            """The usual way in one step, so that what comes after it is tried often."""
            order = self.place(quantities)
            if not isinstance(order, uuid.UUID):
                return order
            page = self.begin(order)
            if canceled:
                self.cancel(order)
            if isinstance(page, str):
                self.pay(page)
                self.break_goods(broken)
                self.sync(page)
                self.break_goods(broken=False)
            return order

        @rule(target=pages, order=orders)
        def begin(self, order):
            try:
                with till.desk() as desk:
                    begun = begin_payment(desk, order, "iyzico", None)
            except Problem:
                return multiple()
            return begun.redirect_url.rpartition("/")[2]

        @rule(page=pages)
        def pay(self, page):
            if page not in provider.closed:
                provider.charged[page] = True

        @rule(page=pages)
        def close(self, page):
            if page not in provider.charged:
                provider.closed.add(page)

        @rule(page=pages)
        def sync(self, page):
            with till.desk() as desk:
                from belgenet.commerce.payments.providers.interfaces import Lookup

                attempt_id = sync.find_attempt(desk, "iyzico", Lookup(token=page)).id
                sync.sync_payment(desk, attempt_id, "return")
                refund_results.sync_refunds(desk, attempt_id, "admin")

        @rule(mute=st.booleans())
        def fall_silent(self, mute):
            provider.mute = mute

        @rule(broken=st.booleans())
        def break_goods(self, broken):
            till.tickets.fulfil_error = RuntimeError("broken") if broken else None

        @rule(order=orders)
        def cancel(self, order):
            try:
                with till.desk() as desk:
                    endings.cancel(desk, order, "buyer")
            except Problem:
                pass

        @rule(order=orders)
        def let_time_pass(self, order):
            till.backdate({"id": order}, 200)
            with till.desk() as desk:
                endings.expire_orders(desk)

        @rule(order=orders)
        def hand_out_again(self, order):
            try:
                with till.desk() as desk:
                    again.allocate(desk, order, till.admin.account_id)
            except Problem:
                pass

        @rule(
            order=orders,
            amount=st.none() | st.integers(1, 30_000),
            fate=st.sampled_from(list(RefundState)),
            positions=st.sets(st.integers(0, 1)),
        )
        def refund(self, order, amount, fate, positions):
            provider.refund_fate = fate
            lines = till.sql("SELECT id FROM order_lines WHERE order_id = :o ORDER BY position", o=order)
            wanted = refunds.WantedRefund(
                payment_id=None,
                amount_minor=None if positions else amount,
                currency=None,
                reason="x",
                request_key=str(uuid.uuid4()),
                requested_by=till.admin.account_id,
                line_ids=tuple(lines[at][0] for at in positions if at < len(lines)),
            )
            try:
                with till.desk() as desk:
                    refunds.refund(desk, order, wanted)
            except Problem:
                pass

        @rule(page=pages, amount=st.integers(1, 20_000))
        def refund_in_the_panel(self, page, amount):
            if page in provider.charged:
                provider.refunded[f"panel-{page}-{next(NUMBERS)}"] = (RefundState.DONE, amount)

        @rule()
        def sweep(self):
            till.sql(DUE)
            with till.desk() as desk:
                janitor.sweep(desk)
                endings.expire_orders(desk)

        @invariant()
        def books_balance(self):
            assert till.sql(UNBALANCED) == []

        @invariant()
        def nothing_is_sold_twice(self):
            assert till.sql(STOCK) == [(6,)]

        @invariant()
        def every_order_agrees_with_itself(self):
            for row in till.sql(ORDERS):
                _check(*row)

        def teardown(self):
            provider.mute = False

    return Books


EMPTY = "TRUNCATE orders CASCADE; TRUNCATE outbox CASCADE; TRUNCATE shop.tickets; UPDATE shop.stock SET free = 6 WHERE ref = 'A'"
"""Every example begins with an empty shop: what the last one left would be asked about, and checked, at every step of this one."""
DUE = """
WITH attempts AS (UPDATE payment_attempts SET check_after = now()) UPDATE refunds SET check_after = now()
"""
UNBALANCED = "SELECT entry_id FROM ledger_lines GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0"
STOCK = """
SELECT free + (SELECT coalesce(sum(quantity), 0) FROM shop.tickets WHERE state IN ('held', 'sold'))
FROM shop.stock WHERE ref = 'A'
"""
ORDERS = """
SELECT o.total_minor, o.paid_minor, o.refunded_minor, o.status,
  o.allocated_at IS NOT NULL, o.canceled_at IS NOT NULL, o.expired_at IS NOT NULL,
  (SELECT array_agg(amount_minor) FROM payments p WHERE p.order_id = o.id AND state = 'confirmed'),
  (SELECT count(*) FROM payment_attempts a WHERE a.order_id = o.id AND state = 'confirmed'),
  (SELECT coalesce(sum(done_minor), 0) FROM refunds r WHERE r.order_id = o.id AND state = 'done'),
  (SELECT coalesce(sum(amount_minor), 0) FROM refunds r WHERE r.order_id = o.id AND state NOT IN ('done', 'failed')),
  (SELECT array_agg(l.state || ' ' || coalesce(t.state, '-')) FROM order_lines l LEFT JOIN shop.tickets t ON t.line = l.id
    WHERE l.order_id = o.id),
  (SELECT coalesce(jsonb_object_agg(account, balance), '{}') FROM (
    SELECT l.account, sum(l.amount_minor) AS balance FROM ledger_lines l JOIN ledger_entries e ON e.id = l.entry_id
    WHERE e.order_id = o.id GROUP BY l.account) AS books)
FROM orders o
"""
"""All there is to check about all orders, in one question."""
GOODS = {"held held", "released released", "fulfilled sold", "revoked revoked"}


def _check(
    total, paid, refunded, status, allocated, canceled, expired, payments, attempts, given, waiting, goods, balances
):
    assert paid == sum(payments or ())
    assert attempts == len(payments or ())
    assert refunded == given
    assert 0 <= refunded + waiting <= paid
    facts = {"allocated": allocated, "canceled": canceled, "expired": expired}
    assert status == derive(total=total, paid=paid, refunded=refunded, **facts)
    assert set(goods) <= GOODS, "an order's lines and the goods tell different stories"
    fees = balances.get("psp_fees", 0)
    assert balances.get("psp_receivable:iyzico", 0) == paid - refunded - fees
    assert balances.get(ledger.REFUNDS_PAYABLE, 0) == -waiting
    ours = [balances.get(name, 0) for name in (ledger.CUSTOMER_CREDIT, "course_revenue_deferred", ledger.KDV_PAYABLE)]
    assert sum(ours) == -(paid - refunded - waiting)
    assert max(ours) <= 0, "an account gave more than it had"


def test_money_adds_up_whatever_happens(till):
    provider = Scripted()
    kept = till.system.registry["belgenet.payment_providers"]
    till.system.registry["belgenet.payment_providers"] = Providers({"iyzico": provider})
    try:
        run_state_machine_as_test(
            make_machine(till, provider),
            settings=settings(
                max_examples=24,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.reuse, Phase.generate),  # making a finding shorter takes minutes on a database
            ),
        )
    finally:
        till.system.registry["belgenet.payment_providers"] = kept
