"""Locks, sums and notes shared by every use case that touches an order's money."""

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.commerce import events
from belgenet.commerce.orders.models import Order, OrderStatus
from belgenet.commerce.orders.services.status import restate
from belgenet.commerce.payments.models import (
    OPEN_STATES,
    Payment,
    PaymentAttempt,
    PaymentEvent,
    PaymentReview,
    Refund,
    RefundStatus,
    State,
)
from belgenet.core.db import uuid7
from belgenet.core.outbox import publish

FRESH = {"populate_existing": True}


def lock_order(session: Session, order_id: uuid.UUID) -> Order:
    """The order, locked and read anew. Always the first lock taken."""
    found = select(Order).where(Order.id == order_id).with_for_update().execution_options(**FRESH)
    return session.scalars(found).one()


def lock_order_of(session: Session, attempt_id: uuid.UUID) -> Order:
    """The order of an attempt, as by :func:`lock_order`."""
    of = select(PaymentAttempt.order_id).where(PaymentAttempt.id == attempt_id).scalar_subquery()
    found = select(Order).where(Order.id == of).with_for_update().execution_options(**FRESH)
    return session.scalars(found).one()


def lock_payment(session: Session, payment_id: uuid.UUID) -> Payment:
    """The payment, locked and read anew; after its order, whose lock orders everybody who locks more."""
    found = select(Payment).where(Payment.id == payment_id).with_for_update().execution_options(**FRESH)
    return session.scalars(found).one()


def lock_attempt(session: Session, attempt_id: uuid.UUID) -> PaymentAttempt:
    """The attempt, locked and read anew; after its order."""
    found = select(PaymentAttempt).where(PaymentAttempt.id == attempt_id)
    return session.scalars(found.with_for_update().execution_options(**FRESH)).one()


def open_attempts(session: Session, order_id: uuid.UUID, provider: str | None = None) -> list[PaymentAttempt]:
    """Attempts of the order that may still bring money, oldest first."""
    found = select(PaymentAttempt).where(
        PaymentAttempt.order_id == order_id, PaymentAttempt.state.in_([state.value for state in OPEN_STATES])
    )
    if provider:
        found = found.where(PaymentAttempt.provider == provider)
    return list(session.scalars(found.order_by(PaymentAttempt.id).execution_options(**FRESH)))


def restate_sums(session: Session, order: Order) -> OrderStatus:
    """Recompute what was paid and given back from the rows that say so, and derive the status; written with the next flush."""
    session.flush()
    paid = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(
        Payment.order_id == order.id, Payment.state == State.CONFIRMED
    )
    refunded = select(func.coalesce(func.sum(Refund.done_minor), 0)).where(
        Refund.order_id == order.id, Refund.state == RefundStatus.DONE
    )
    sums = session.execute(select(paid.scalar_subquery(), refunded.scalar_subquery())).one()
    order.paid_minor, order.refunded_minor = (int(each) for each in sums)
    return restate(order)


def note(
    session: Session,
    order_id: uuid.UUID,
    kind: str,
    source: str,
    *,
    attempt: PaymentAttempt | None = None,
    payment_id: uuid.UUID | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Append to the order's history. ``data`` holds JSON types and nothing secret."""
    session.add(
        PaymentEvent(
            order_id=order_id,
            payment_id=attempt.payment_id if attempt else payment_id,
            attempt_id=attempt.id if attempt else None,
            kind=kind,
            source=source,
            data=data or {},
        )
    )


def ask_for_review(
    session: Session,
    order: Order,
    kind: str,
    key: object,
    *,
    payment_id: uuid.UUID | None = None,
    details: dict[str, Any] | None = None,
) -> bool:
    """Put a decision on the panel's list and tell the buyer and the institution; once per ``(kind, key)``."""
    values = {
        "id": uuid7(),
        "tenant_id": session.info["tenant_id"],
        "order_id": order.id,
        "payment_id": payment_id,
        "kind": kind,
        "dedupe_key": f"{kind}:{key}",
        "details": details or {},
        "state": "open",
    }
    session.flush()
    made = session.execute(insert(PaymentReview).values(**values).on_conflict_do_nothing().returning(PaymentReview.id))
    if made.first() is None:
        return False
    payload = {"order_id": str(order.id), "kind": kind, "review_id": str(values["id"])}
    publish(session, events.ORDER_PROBLEM, payload, dedupe_key=str(values["id"]))
    return True
