"""The administrator's view of one order's money: a constant number of queries."""

import uuid
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.commerce.ledger.models import LedgerEntry, LedgerLine
from belgenet.commerce.orders.models import Order
from belgenet.commerce.orders.schemas import OrderOut
from belgenet.commerce.payments.models import (
    Payment,
    PaymentAttempt,
    PaymentEvent,
    PaymentReview,
    Refund,
    RefundStatus,
    State,
)
from belgenet.commerce.payments.schemas import (
    AdminOrderOut,
    AdminPaymentOut,
    AttemptOut,
    CustomerOut,
    LedgerLineOut,
    OrderEventOut,
    RefundableLineOut,
    RefundOut,
    ReviewOut,
    ReviewQuery,
)
from belgenet.commerce.payments.services import line_refunds
from belgenet.core.money import MoneyOut
from belgenet.core.web.pagination import Page, keyset, page


def current_order(session: Session, order_id: uuid.UUID) -> Order:
    """The order as it is now; a row loaded earlier went with the transaction that was committed on the way."""
    found = select(Order).where(Order.id == order_id).execution_options(populate_existing=True)
    return session.scalars(found).one()


def admin_order(session: Session, order: Order, shown: OrderOut) -> AdminOrderOut:
    """Order, payments with attempts, refunds, history, books and open questions."""
    refunds = list(session.scalars(select(Refund).where(Refund.order_id == order.id).order_by(Refund.id)))
    events = select(PaymentEvent).where(PaymentEvent.order_id == order.id).order_by(PaymentEvent.id)
    reviews = select(PaymentReview).where(PaymentReview.order_id == order.id).order_by(PaymentReview.id)
    return AdminOrderOut(
        order=shown,
        customer=CustomerOut(
            id=order.account_id,
            email=order.contact_email,
            full_name=order.contact_name,
            phone=order.contact_phone,
            locale=order.locale,
        ),
        payments=_payments(session, order, refunds),
        refunds=[refund_out(row) for row in refunds],
        refundable_lines=[
            RefundableLineOut(line_id=line_id, amount=MoneyOut.of(minor, order.currency))
            for line_id, minor in line_refunds.refundable(session, order).items()
        ],
        events=[_event_out(row) for row in session.scalars(events)],
        ledger=_ledger(session, order),
        reviews=[review_out(row) for row in session.scalars(reviews)],
    )


def reviews_page(session: Session, query: ReviewQuery) -> Page[ReviewOut]:
    """What waits for a person, newest first."""
    wanted = select(PaymentReview).where(PaymentReview.state == query.state)
    return page(keyset(session, wanted, query, (PaymentReview.id,)), review_out)


def review_out(row: PaymentReview) -> ReviewOut:
    """One decision."""
    return ReviewOut.model_validate(row)


def refund_out(row: Refund) -> RefundOut:
    """One refund."""
    return RefundOut(
        id=row.id,
        payment_id=row.payment_id,
        state=row.state,
        origin=row.origin,
        amount=MoneyOut.of(row.amount_minor, row.currency),
        done=MoneyOut.of(row.done_minor, row.currency),
        reason=row.reason,
        line_ids=row.line_ids,
        error=row.error,
        created_at=row.created_at,
    )


def _payments(session: Session, order: Order, refunds: list[Refund]) -> list[AdminPaymentOut]:
    attempts: dict[uuid.UUID, list[PaymentAttempt]] = defaultdict(list)
    found = select(PaymentAttempt).where(PaymentAttempt.order_id == order.id).order_by(PaymentAttempt.id)
    for attempt in session.scalars(found):
        attempts[attempt.payment_id].append(attempt)
    payments = select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)
    return [_payment_out(row, attempts[row.id], refunds) for row in session.scalars(payments)]


def _payment_out(row: Payment, attempts: list[PaymentAttempt], refunds: list[Refund]) -> AdminPaymentOut:
    own = [refund for refund in refunds if refund.payment_id == row.id]
    done = sum(refund.done_minor for refund in own)
    waiting = sum(refund.amount_minor for refund in own if refund.state not in {RefundStatus.DONE, RefundStatus.FAILED})
    left = row.amount_minor - done - waiting if row.state == State.CONFIRMED else 0
    return AdminPaymentOut(
        id=row.id,
        provider=row.provider,
        state=row.state,
        amount=MoneyOut.of(row.amount_minor, row.currency),
        refunded=MoneyOut.of(done, row.currency),
        refundable=MoneyOut.of(left, row.currency),
        provider_ref=row.provider_ref,
        card=" ".join(part for part in (row.card_brand, row.card_last4) if part) or None,
        created_at=row.created_at,
        attempts=[_attempt_out(attempt) for attempt in attempts],
    )


def _attempt_out(row: PaymentAttempt) -> AttemptOut:
    return AttemptOut(
        id=row.id,
        kind="checkout",
        state=row.state,
        provider_ref=row.provider_ref,
        decline=row.decline,
        error=row.error,
        expires_at=row.expires_at,
        created_at=row.created_at,
    )


def _event_out(row: PaymentEvent) -> OrderEventOut:
    return OrderEventOut(id=row.id, kind=row.kind, at=row.created_at, actor=row.source, details=row.data)


def _ledger(session: Session, order: Order) -> list[LedgerLineOut]:
    rows = (
        select(LedgerEntry, LedgerLine)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.order_id == order.id)
        .order_by(LedgerEntry.id, LedgerLine.id)
    )
    return [
        LedgerLineOut(
            id=line.id,
            entry_id=entry.id,
            kind=entry.kind,
            account=line.account,
            debit=MoneyOut.of(line.amount_minor, line.currency) if line.amount_minor > 0 else None,
            credit=MoneyOut.of(-line.amount_minor, line.currency) if line.amount_minor < 0 else None,
            at=entry.created_at,
        )
        for entry, line in session.execute(rows)
    ]
