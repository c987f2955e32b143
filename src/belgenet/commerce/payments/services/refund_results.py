"""What became of a refund, and refunds the provider made without us."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.commerce import events
from belgenet.commerce.desk import Desk
from belgenet.commerce.ledger import services as ledger
from belgenet.commerce.orders.models import Order, OrderStatus
from belgenet.commerce.orders.services import allocation
from belgenet.commerce.payments.models import Payment, PaymentAttempt, Refund, RefundStatus, State
from belgenet.commerce.payments.providers.errors import ProviderError
from belgenet.commerce.payments.providers.interfaces import RefundOutcome, RefundRecord, RefundState
from belgenet.commerce.payments.services import books, refunds
from belgenet.commerce.payments.services.asking import attempt_ref, refund_request
from belgenet.core.db import utcnow
from belgenet.core.observability.metrics import PAYMENTS
from belgenet.core.outbox import publish

log = structlog.get_logger(__name__)
FIRST_INTERVAL: Final = timedelta(seconds=60)
LONGEST_INTERVAL: Final = timedelta(hours=1)
FINISHED: Final = frozenset({RefundStatus.DONE, RefundStatus.FAILED})


def settle(desk: Desk, refund_id: uuid.UUID, outcome: RefundOutcome, source: str) -> RefundStatus:
    """Apply an outcome under the locks of order and payment. A finished refund stays as it is."""
    session = desk.session
    found = session.get_one(Refund, refund_id)
    order = books.lock_order(session, found.order_id)
    payment = books.lock_payment(session, found.payment_id)
    row = session.get_one(Refund, refund_id, populate_existing=True, with_for_update=True)
    if row.state in FINISHED:
        return RefundStatus(row.state)
    row.error, row.checks = outcome.reason, row.checks + 1
    row.provider_ref = row.provider_ref or outcome.provider_ref
    row.response = dict(outcome.raw_redacted) or row.response
    row.check_after = utcnow() + min(FIRST_INTERVAL * 2 ** min(row.checks, 10), LONGEST_INTERVAL)
    match outcome.state:
        case RefundState.DONE:
            _finish(desk, order, payment, row, row.amount_minor, source)
        case RefundState.PARTIAL:
            _finish(desk, order, payment, row, min(outcome.done_minor, row.amount_minor), source)
        case RefundState.FAILED:
            _finish(desk, order, payment, row, 0, source)
        case RefundState.NOT_FOUND if outcome.retryable:
            _finish(desk, order, payment, row, 0, source)
        case RefundState.IN_TRANSIT:
            row.state = RefundStatus.IN_TRANSIT.value
        case _:
            row.state = RefundStatus.UNKNOWN.value
    session.flush()
    PAYMENTS.labels(provider=payment.provider, state=f"refund_{row.state}").inc()
    return RefundStatus(row.state)


def recheck(desk: Desk, refund_id: uuid.UUID, source: str) -> RefundStatus:
    """Ask what became of an unfinished refund. Never asks for the money a second time."""
    row = desk.session.get_one(Refund, refund_id, populate_existing=True)
    status = RefundStatus(row.state)
    provider, request = refund_request(desk.session, row)
    adapter = desk.providers.get(provider)
    if status in FINISHED or adapter is None:
        return status
    desk.commit()
    try:
        outcome = adapter.query_refund(request)
    except ProviderError as error:
        log.warning("refund.query_failed", provider=error.provider, code=error.code, refund=str(refund_id))
        outcome = RefundOutcome(state=RefundState.UNKNOWN, reason=error.code)
    return settle(desk, refund_id, outcome, source)


def sync_refunds(desk: Desk, attempt_id: uuid.UUID, source: str) -> int:
    """Look for refunds made in the provider's own panel and book them; how many were new."""
    attempt = desk.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
    adapter = desk.providers.get(attempt.provider)
    if attempt.state != State.CONFIRMED or adapter is None:
        return 0
    ref, payment_id = attempt_ref(desk.session, attempt), attempt.payment_id
    desk.commit()
    try:
        known = adapter.refunds_of(ref)
    except ProviderError as error:
        log.warning("refund.list_failed", provider=error.provider, code=error.code, attempt=str(attempt_id))
        return 0
    made = [record for record in known if record.state is RefundState.DONE]
    return sum(_external(desk, payment_id, record, made, source) for record in made)


def _external(
    desk: Desk, payment_id: uuid.UUID, record: RefundRecord, made: Sequence[RefundRecord], source: str
) -> bool:
    """Book what left the payment without a refund of ours that says so. One that had failed for us is such money too."""
    session = desk.session
    order = books.lock_order(session, session.get_one(Payment, payment_id).order_id)
    payment = books.lock_payment(session, payment_id)
    ours = select(Refund).where(Refund.payment_id == payment_id)
    mine = record.refund_id and session.scalars(ours.where(Refund.id == _uuid(record.refund_id))).first()
    if mine and mine.state != RefundStatus.FAILED:
        theirs = sum(other.amount_minor for other in made if other.refund_id == record.refund_id)
        if mine.state == RefundStatus.DONE and theirs > mine.done_minor:
            ask_about(session, order, mine, theirs)
        return False
    same = session.scalars(ours.where(Refund.provider_ref == record.provider_ref)).first()
    if same and same.state != RefundStatus.FAILED:
        return False
    if same:
        same.provider_ref = None  # it names the row that carries the money
        session.flush()
    amount = min(record.amount_minor, refunds.refundable(session, payment))
    details: dict[str, object] = {"provider_ref": record.provider_ref, "amount_minor": record.amount_minor}
    if failed := mine or same:
        details["refund_id"] = str(failed.id)
    if amount > 0 and record.currency == payment.currency:
        row = Refund(
            payment_id=payment.id,
            order_id=order.id,
            amount_minor=amount,
            currency=payment.currency,
            origin="provider",
            reason="external",
            request_key=f"{payment.provider}:{record.provider_ref}",
            provider_ref=record.provider_ref,
        )
        session.add(row)
        session.flush()
        ledger.book_refund_request(session, order, row.id, amount)
        _finish(desk, order, payment, row, amount, source)
    return books.ask_for_review(
        session, order, "external_refund", record.provider_ref, payment_id=payment.id, details=details
    )


def ask_about(session: Session, order: Order, row: Refund, theirs: int) -> bool:
    """A finished refund of which the provider tells another sum, in minor units; 0: it does not know the refund."""
    details = {"refund_id": str(row.id), "ours_minor": row.done_minor, "theirs_minor": theirs}
    key = f"{row.id}:{theirs}"
    return books.ask_for_review(session, order, "refund_differs", key, payment_id=row.payment_id, details=details)


def _finish(desk: Desk, order: Order, payment: Payment, row: Refund, done: int, source: str) -> None:
    session, amount = desk.session, row.amount_minor
    row.state = (RefundStatus.DONE if done else RefundStatus.FAILED).value
    row.done_minor, row.finished_at = done, utcnow()
    ledger.book_refund_result(session, order, row.id, payment.provider, amount=amount, done=done)
    data = {"refund_id": str(row.id), "amount_minor": amount, "done_minor": done, "error": row.error}
    books.note(session, order.id, f"refund.{row.state}", source, payment_id=payment.id, data=data)
    if done < amount:
        books.ask_for_review(session, order, "refund_failed", row.id, payment_id=payment.id, details=data)
    if not done:
        return
    status = books.restate_sums(session, order)
    lines = allocation.lines_of(session, order)
    if done == amount and status != OrderStatus.REFUNDED:
        allocation.revoke(session, desk.sellables, order, [line for line in lines if line.id in row.line_ids])
    payload = {"refund_id": str(row.id), "order_id": str(order.id), "amount_minor": done, "currency": row.currency}
    publish(session, events.REFUND_DONE, payload, dedupe_key=str(row.id))
    if status == OrderStatus.REFUNDED:
        allocation.revoke(session, desk.sellables, order, lines)
        session.flush()
        events.publish_order(session, events.ORDER_REFUNDED, order, lines)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
