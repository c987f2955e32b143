"""The safety net: whatever webhook, browser or process was lost, everything open is asked about until it has ended."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from belgenet.commerce.desk import Desk
from belgenet.commerce.payments.models import OPEN_STATES, PaymentAttempt, Refund, RefundStatus
from belgenet.commerce.payments.services import refund_results, sync
from belgenet.core.db import utcnow

log = structlog.get_logger(__name__)
BATCH: Final = 50
BUDGET_SECONDS: Final = 40.0
"""One round stays below the task's time limit even when a provider answers slowly."""
CLAIM: Final = timedelta(minutes=2)
UNFINISHED: Final = (RefundStatus.CREATED.value, RefundStatus.IN_TRANSIT.value, RefundStatus.UNKNOWN.value)


def sweep(desk: Desk) -> int:
    """Ask about due attempts and refunds; how many were asked about."""
    until = time.monotonic() + BUDGET_SECONDS
    attempts = _claim(desk, PaymentAttempt, PaymentAttempt.state.in_([state.value for state in OPEN_STATES]))
    done = _each(desk, attempts, until, lambda key: sync.sync_payment(desk, key, "janitor"))
    refunds = _claim(desk, Refund, Refund.state.in_(UNFINISHED))
    return done + _each(desk, refunds, until, lambda key: refund_results.recheck(desk, key, "janitor"))


def _claim(desk: Desk, model: Any, condition: Any) -> list[uuid.UUID]:
    """Due rows, pushed back a little so that another janitor leaves them alone meanwhile."""
    due = select(model).where(condition, model.check_after <= utcnow()).order_by(model.check_after).limit(BATCH)
    rows = desk.session.scalars(due.with_for_update(skip_locked=True)).all()
    for row in rows:
        row.check_after = utcnow() + CLAIM
    keys = [row.id for row in rows]
    desk.commit()
    return keys


def _each(desk: Desk, keys: list[uuid.UUID], until: float, ask: Callable[[uuid.UUID], object]) -> int:
    done = 0
    for key in keys:
        if time.monotonic() > until:
            break
        try:
            ask(key)
            desk.commit()
        except (SQLAlchemyError, LookupError):
            # One row that cannot be settled must not keep the others from it.
            log.exception("janitor.failed", row=str(key))
            desk.rollback()
        done += 1
    return done
