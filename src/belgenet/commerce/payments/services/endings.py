"""Orders that end without money: canceled by the buyer or the house, or expired."""

import uuid
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from belgenet.commerce import events
from belgenet.commerce.desk import Desk
from belgenet.commerce.orders.models import Order, OrderStatus
from belgenet.commerce.orders.services import allocation
from belgenet.commerce.orders.services.status import restate
from belgenet.commerce.payments.models import OPEN_STATES, PaymentAttempt
from belgenet.commerce.payments.services import books, sync
from belgenet.commerce.payments.services.asking import attempt_ref
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, Problem

log = structlog.get_logger(__name__)
LONGEST_WAIT: Final = timedelta(hours=2)
"""An order whose attempt is still open after its hold has run out waits this long for the provider's word, then expires."""
BATCH: Final = 100


def cancel(desk: Desk, order_id: uuid.UUID, source: str, reason: str | None = None) -> None:
    """Give up an unpaid order. Its open pages are asked about and closed first; money that comes later all the same is kept for
    a person to decide on.

    :raises Problem: money has arrived; that is a refund's matter.
    """
    _check(books.lock_order(desk.session, order_id))
    for attempt_id in [attempt.id for attempt in books.open_attempts(desk.session, order_id)]:
        close(desk, attempt_id, source)
        desk.commit()  # what the provider said stays, also when it makes canceling impossible
    order = books.lock_order(desk.session, order_id)
    _check(order)
    order.canceled_at, order.cancel_reason = utcnow(), reason
    _end(desk, order, events.ORDER_CANCELED, source)


def _check(order: Order) -> None:
    if order.status != OrderStatus.PENDING:
        raise Problem(ErrorCode.ORDER_NOT_CANCELABLE, 409, params={"status": order.status})


def close(desk: Desk, attempt_id: uuid.UUID, source: str) -> None:
    """Close the attempt's page at the provider where that is possible, and take its last word."""
    attempt = desk.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
    adapter = desk.providers.get(attempt.provider, hurried=True)
    if adapter is not None and attempt.token is not None:
        ref = attempt_ref(desk.session, attempt)
        desk.commit()
        sync.close_page(adapter, ref)
    sync.sync_payment(desk, attempt_id, source, hurried=True)


def expire_orders(desk: Desk) -> int:
    """Expire unpaid orders whose hold has run out and give their goods back; how many."""
    now = utcnow()
    open_states = [state.value for state in OPEN_STATES]
    waiting = select(PaymentAttempt.id).where(
        PaymentAttempt.order_id == Order.id, PaymentAttempt.state.in_(open_states)
    )
    due = (
        select(Order.id)
        .where(Order.status == OrderStatus.PENDING, Order.hold_expires_at < now)
        .where(~waiting.exists() | (Order.hold_expires_at < now - LONGEST_WAIT))
        .order_by(Order.hold_expires_at)
        .limit(BATCH)
    )
    expired = 0
    for order_id in desk.session.scalars(due).all():
        try:
            expired += _expire(desk, order_id, now)
            desk.commit()
        except (SQLAlchemyError, LookupError):
            # One order whose goods cannot be given back must not keep the others from it.
            log.exception("order.expire_failed", order=str(order_id))
            desk.rollback()
    return expired


def _expire(desk: Desk, order_id: uuid.UUID, now: datetime) -> bool:
    order = books.lock_order(desk.session, order_id)
    if order.status != OrderStatus.PENDING or order.hold_expires_at is None or order.hold_expires_at >= now:
        return False
    order.expired_at = now
    _end(desk, order, events.ORDER_EXPIRED, "janitor")
    return True


def _end(desk: Desk, order: Order, topic: str, source: str) -> None:
    session = desk.session
    lines = allocation.lines_of(session, order)
    allocation.release(session, desk.sellables, order, lines)
    order.hold_expires_at = None
    restate(order)
    session.flush()
    books.note(session, order.id, topic, source)
    events.publish_order(session, topic, order, lines)
