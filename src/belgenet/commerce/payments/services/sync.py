"""``sync_payment``: the one way an attempt learns what became of it. Webhook, return page, buyer, administrator and janitor all
come through here; the provider is asked outside of every lock, and its answer is applied under all of them.
"""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select

from belgenet.commerce.desk import Desk
from belgenet.commerce.payments.models import OPEN_STATES, PaymentAttempt, State
from belgenet.commerce.payments.providers.errors import ProviderError, ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import (
    AttemptRef,
    Lookup,
    Observation,
    PaymentProvider,
    PaymentState,
)
from belgenet.commerce.payments.services import books, confirm
from belgenet.commerce.payments.services.asking import attempt_ref
from belgenet.core.db import utcnow
from belgenet.core.observability.metrics import PAYMENTS

log = structlog.get_logger(__name__)

ALLOWED: Final[dict[State, frozenset[State]]] = {
    State.CREATED: frozenset({State.PENDING, State.UNKNOWN, State.CONFIRMED, State.FAILED, State.MISMATCH}),
    State.PENDING: frozenset({State.CONFIRMED, State.FAILED, State.MISMATCH}),
    State.UNKNOWN: frozenset({State.PENDING, State.CONFIRMED, State.FAILED, State.MISMATCH}),
    State.FAILED: frozenset({State.CONFIRMED, State.MISMATCH}),
    State.MISMATCH: frozenset({State.CONFIRMED}),
    State.CONFIRMED: frozenset(),
}
"""From which state which may follow. Nothing follows a confirmation: a late failure cannot undo a success."""

FIRST_INTERVAL: Final = timedelta(seconds=60)
LONGEST_INTERVAL: Final = timedelta(minutes=10)


def sync_payment(
    desk: Desk, attempt_id: uuid.UUID, source: str, *, hint: Lookup | None = None, hurried: bool = False
) -> State:
    """Ask the provider about an attempt and apply the answer.

    :param source: who noticed, for the history: ``webhook``, ``return``, ``buyer``, ``janitor``, ``admin``, ``begin``.
    :param hint: references a webhook brought, used where the attempt has none yet.
    :param hurried: a person waits; give up soon.
    :returns: the attempt's state afterwards. Without an answer it is the state from before.
    """
    attempt = desk.session.get_one(PaymentAttempt, attempt_id)
    state, name = State(attempt.state), attempt.provider
    adapter = desk.providers.get(name, hurried=hurried)
    if (
        state == State.CONFIRMED
        or adapter is None
        or (state == State.CREATED and hint is None and not is_stale(desk, attempt))
    ):
        return state
    ref = _with_hint(attempt_ref(desk.session, attempt), hint)
    desk.commit()
    try:
        seen = adapter.query(ref)
    except ProviderError as error:
        _no_answer(desk, attempt_id, error)
        return state
    return apply(desk, attempt_id, seen, ref, source)


def is_stale(desk: Desk, attempt: PaymentAttempt) -> bool:
    """Whether whoever created the attempt must have died before the provider answered."""
    return utcnow() > attempt.created_at + timedelta(seconds=2 * desk.settings.timeout_seconds + 15)


def find_attempt(desk: Desk, provider: str, lookup: Lookup) -> PaymentAttempt | None:
    """The attempt a notification or a returning browser speaks of: by our id, then the token, then the provider's reference."""
    ours = select(PaymentAttempt).where(PaymentAttempt.provider == provider)
    key = _uuid(lookup.attempt_id or "")
    if key and (found := desk.session.scalars(ours.where(PaymentAttempt.id == key)).first()):
        return found
    if lookup.token and (found := desk.session.scalars(ours.where(PaymentAttempt.token == lookup.token)).first()):
        return found
    if lookup.provider_ref:
        return desk.session.scalars(ours.where(PaymentAttempt.provider_ref == lookup.provider_ref)).first()
    return None


def apply(desk: Desk, attempt_id: uuid.UUID, seen: Observation, ref: AttemptRef, source: str) -> State:
    """Move the attempt to where the observation says, if the table allows it; under the locks of order, payment, attempt."""
    session = desk.session
    order = books.lock_order_of(session, attempt_id)
    attempt = books.lock_attempt(session, attempt_id)
    payment = books.lock_payment(session, attempt.payment_id)
    attempt.checked_at, attempt.checks, attempt.error = utcnow(), attempt.checks + 1, None
    attempt.check_after = utcnow() + min(FIRST_INTERVAL * 2 ** min(attempt.checks, 8), LONGEST_INTERVAL)
    if seen.state is PaymentState.CONFIRMED:
        attempt.token = attempt.token or ref.token
    if seen.decline is not None and attempt.decline != seen.decline and attempt.state in OPEN_STATES:
        attempt.decline = payment.decline = seen.decline.value
        books.note(session, order.id, "attempt.declined", source, attempt=attempt, data={"reason": seen.decline})
    target = _target(desk, attempt, seen)
    if seen.fraud_review and attempt.state in OPEN_STATES:
        books.ask_for_review(session, order, "fraud_review", attempt.id, payment_id=payment.id)
    if target is None or target not in ALLOWED[State(attempt.state)]:
        session.flush()
        return State(attempt.state)
    if target is State.CONFIRMED:
        confirm.confirm(desk, order, payment, attempt, seen, source)
    elif target is State.MISMATCH:
        confirm.mismatch(desk, order, payment, attempt, seen, source)
    else:
        attempt.state = target.value
        if payment.state in OPEN_STATES:
            payment.state = target.value
        books.note(session, order.id, f"attempt.{target}", source, attempt=attempt, data={"reason": attempt.decline})
    session.flush()
    PAYMENTS.labels(provider=attempt.provider, state=attempt.state).inc()
    return State(attempt.state)


def _target(desk: Desk, attempt: PaymentAttempt, seen: Observation) -> State | None:
    match seen.state:
        case PaymentState.CONFIRMED:
            return None if seen.fraud_review else State.CONFIRMED
        case PaymentState.MISMATCH:
            return State.MISMATCH
        case PaymentState.FAILED:
            return State.FAILED if seen.final else None
        case PaymentState.NOT_FOUND:
            return State.FAILED if seen.final or _never_seen(desk, attempt) else None
        case _:
            return State.PENDING if attempt.token and attempt.redirect_url else None


def _never_seen(desk: Desk, attempt: PaymentAttempt) -> bool:
    """No answer, no page: the payer was sent nowhere, and the provider knows of no money."""
    lost = attempt.state == State.UNKNOWN or (attempt.state == State.CREATED and is_stale(desk, attempt))
    return lost and attempt.redirect_url is None


def _no_answer(desk: Desk, attempt_id: uuid.UUID, error: ProviderError) -> None:
    session = desk.session
    books.lock_order_of(session, attempt_id)
    attempt = books.lock_attempt(session, attempt_id)
    attempt.checked_at, attempt.error = utcnow(), error.code
    attempt.check_after = utcnow() + FIRST_INTERVAL
    session.flush()
    level = log.warning if isinstance(error, ProviderUnknown) else log.error
    level("payment.query_failed", provider=error.provider, code=error.code, attempt=str(attempt_id))


def _with_hint(ref: AttemptRef, hint: Lookup | None) -> AttemptRef:
    """What a webhook says it is about may be asked about: the answer is checked against our own row anyway."""
    if hint is None:
        return ref
    return replace(ref, token=ref.token or hint.token, provider_ref=ref.provider_ref or hint.provider_ref)


def close_page(adapter: PaymentProvider, ref: AttemptRef) -> bool:
    """Close the provider's page if it can be closed; True when nobody can pay there any more."""
    try:
        return adapter.abandon(ref)
    except ProviderError as error:
        log.warning("payment.abandon_failed", provider=error.provider, code=error.code, attempt=ref.attempt_id)
        return False


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
