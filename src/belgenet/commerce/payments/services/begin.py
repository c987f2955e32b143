"""Beginning a payment: the attempt is durable before the provider hears of it, and there is one at a time."""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.commerce.desk import Desk
from belgenet.commerce.orders.interfaces import AllocationFailed
from belgenet.commerce.orders.models import Order, OrderLine, OrderStatus
from belgenet.commerce.orders.services import allocation
from belgenet.commerce.payments.models import OPEN_STATES, Payment, PaymentAttempt, State
from belgenet.commerce.payments.providers.errors import (
    ProviderError,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnknown,
    ProviderUnreachable,
)
from belgenet.commerce.payments.providers.interfaces import Checkout
from belgenet.commerce.payments.services import books, sync
from belgenet.commerce.payments.services.asking import RETURN_PATH, attempt_request
from belgenet.core.db import utcnow
from belgenet.core.observability.metrics import PAYMENTS
from belgenet.core.web.errors import ErrorCode, Problem

log = structlog.get_logger(__name__)

LAST_MOMENT: Final = timedelta(seconds=60)
"""A page that closes this soon is not handed out any more."""
LONGEST_HOLD: Final = 4
"""Beginning again moves the end of the hold, up to so many times its length after the order was placed."""
POLL_SECONDS: Final = 0.15
FIRST_CHECK: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the payer."""

    payment_id: uuid.UUID
    redirect_url: str
    expires_at: datetime | None


def begin_payment(desk: Desk, order_id: uuid.UUID, provider: str, client_address: str | None) -> Begun:
    """Open the provider's page for what the order still owes, or hand out the page that is open already.

    :raises Problem: not payable, expired, or the provider refused, cannot be reached or gave no answer; in the last case
        the attempt is ``unknown`` and the next call asks before it tries anew.
    """
    adapter = desk.providers.get(provider)
    if adapter is None:
        raise Problem(ErrorCode.PROVIDER_NOT_OFFERED, 409, params={"provider": provider})
    order = books.lock_order(desk.session, order_id)
    _check_payable(order)
    while attempts := books.open_attempts(desk.session, order_id, provider):
        if begun := _resume(desk, attempts[0].id):
            return begun
        order = books.lock_order(desk.session, order_id)
        _check_payable(order)
    lines = allocation.lines_of(desk.session, order)
    attempt = _new_attempt(desk, order, lines, provider, client_address)
    request = attempt_request(
        order,
        attempt,
        lines,
        desk.address(RETURN_PATH.format(provider=provider)),
        desk.address(f"/orders/{order.id}"),
    )
    attempt_id = attempt.id
    desk.commit()
    try:
        checkout = adapter.begin(request)
    except ProviderError as error:
        _not_begun(desk, attempt_id, error)
        raise _problem(error) from error
    return _begun(desk, attempt_id, checkout)


def _check_payable(order: Order) -> None:
    if order.expired_at is not None:
        raise Problem(ErrorCode.ORDER_EXPIRED, 409)
    if order.status not in {OrderStatus.PENDING, OrderStatus.PARTIALLY_PAID} or order.total_minor == 0:
        raise Problem(ErrorCode.ORDER_NOT_PAYABLE, 409, params={"status": order.status})


def _resume(desk: Desk, attempt_id: uuid.UUID) -> Begun | None:
    """The open page of an earlier click. None: that attempt is over now, a new one may begin.

    :raises Problem: another request is asking the provider this very moment, or nobody knows yet what it said.
    """
    patience = time.monotonic() + desk.settings.timeout_seconds
    while True:
        attempt = desk.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
        page = _page(attempt)
        if page is not None:
            return page
        if attempt.state != State.CREATED or sync.is_stale(desk, attempt) or time.monotonic() > patience:
            break
        desk.commit()
        time.sleep(POLL_SECONDS)
    desk.commit()
    state = sync.sync_payment(desk, attempt_id, "begin")
    desk.commit()  # what the provider said stays, also when it makes paying impossible
    if state not in OPEN_STATES:
        return None
    attempt = desk.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
    if page := _page(attempt):
        return page
    raise Problem(ErrorCode.PAYMENT_IN_PROGRESS, 409, headers={"Retry-After": "10"})


def _page(attempt: PaymentAttempt) -> Begun | None:
    if attempt.state != State.PENDING or attempt.redirect_url is None:
        return None
    if attempt.expires_at is not None and attempt.expires_at <= utcnow() + LAST_MOMENT:
        return None
    return Begun(attempt.payment_id, attempt.redirect_url, attempt.expires_at)


def _new_attempt(
    desk: Desk, order: Order, lines: list[OrderLine], provider: str, client_address: str | None
) -> PaymentAttempt:
    session, now = desk.session, utcnow()
    if session.scalars(select(Payment.id).where(Payment.order_id == order.id, Payment.state == State.MISMATCH)).first():
        raise Problem(ErrorCode.PAYMENT_IN_PROGRESS, 409)
    _extend_hold(desk, order, lines, now)
    payment = _payment(session, order, provider)
    attempt = PaymentAttempt(
        payment_id=payment.id,
        order_id=order.id,
        provider=provider,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        client_address=client_address,
        created_at=now,
        check_after=now + FIRST_CHECK,
    )
    session.add(attempt)
    session.flush()
    books.note(session, order.id, "attempt.created", "buyer", attempt=attempt, data={"provider": provider})
    return attempt


def _payment(session: Session, order: Order, provider: str) -> Payment:
    """A payment whose page somebody may have seen is never used again: each success must count as its own money."""
    due = order.total_minor - (order.paid_minor - order.refunded_minor)
    payment = Payment(order_id=order.id, provider=provider, amount_minor=due, currency=order.currency)
    session.add(payment)
    session.flush()
    return payment


def _extend_hold(desk: Desk, order: Order, lines: list[OrderLine], now: datetime) -> None:
    """The goods stay held for as long as the page about to open can take money."""
    last = order.created_at + LONGEST_HOLD * desk.hold
    until = min(now + desk.hold, last)
    if until <= now or (order.hold_expires_at or until) <= now:
        raise Problem(ErrorCode.ORDER_EXPIRED, 409)
    if order.hold_expires_at is None or until > order.hold_expires_at:
        try:
            allocation.hold(desk.session, desk.sellables, order, lines, until)
        except AllocationFailed as failure:
            raise Problem(
                ErrorCode.OUT_OF_STOCK, 409, params={"left": 0, "reason": failure.reason, **failure.params}
            ) from failure


def _begun(desk: Desk, attempt_id: uuid.UUID, checkout: Checkout) -> Begun:
    """Write the page down. A webhook may have been faster: what it settled stays settled. An attempt given up for lost while
    the provider dawdled stays given up: nobody has seen its page, and another may be open.
    """
    session = desk.session
    attempt, payment = _locked(session, attempt_id)
    attempt.token, attempt.redirect_url = checkout.token, checkout.redirect_url
    attempt.expires_at = checkout.expires_at
    attempt.provider_ref = attempt.provider_ref or checkout.provider_ref
    raw = dict(checkout.raw_redacted)
    attempt.request, attempt.response = raw.get("request"), raw.get("response", raw)
    if attempt.state == State.FAILED:
        desk.commit()
        raise Problem(ErrorCode.PROVIDER_UNAVAILABLE, 503, headers={"Retry-After": "5"})
    if attempt.state in {State.CREATED, State.UNKNOWN}:
        attempt.state = payment.state = State.PENDING.value
        PAYMENTS.labels(provider=attempt.provider, state=State.PENDING).inc()
    books.note(session, attempt.order_id, "attempt.begun", attempt.provider, attempt=attempt)
    session.flush()
    return Begun(payment.id, checkout.redirect_url, checkout.expires_at)


def _not_begun(desk: Desk, attempt_id: uuid.UUID, error: ProviderError) -> None:
    """Write down why there is no page, durably: the request is about to be answered with a problem."""
    attempt, payment = _locked(desk.session, attempt_id)
    lost = isinstance(error, ProviderUnknown) and not isinstance(error, ProviderUnreachable)
    if attempt.state == State.CREATED:
        attempt.state = payment.state = (State.UNKNOWN if lost else State.FAILED).value
        PAYMENTS.labels(provider=attempt.provider, state=attempt.state).inc()
    attempt.error = error.code
    if isinstance(error, ProviderRefused):
        attempt.decline = payment.decline = error.safe_reason.value
    if isinstance(error, ProviderMisconfigured):
        log.error("payment.misconfigured", provider=error.provider, code=error.code, detail=error.detail)
    books.note(
        desk.session,
        attempt.order_id,
        f"attempt.{attempt.state}",
        attempt.provider,
        attempt=attempt,
        data={"error": error.code},
    )
    desk.commit()


def _locked(session: Session, attempt_id: uuid.UUID) -> tuple[PaymentAttempt, Payment]:
    books.lock_order_of(session, attempt_id)
    attempt = books.lock_attempt(session, attempt_id)
    return attempt, books.lock_payment(session, attempt.payment_id)


def _problem(error: ProviderError) -> Problem:
    if isinstance(error, ProviderRefused):
        return Problem(ErrorCode.PAYMENT_REFUSED, 402, params={"reason": error.safe_reason.value})
    return Problem(ErrorCode.PROVIDER_UNAVAILABLE, 503, headers={"Retry-After": "15"})
