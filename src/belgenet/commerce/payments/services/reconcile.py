"""The providers' books against ours: what is missing here, missing there, or differs.

What can be put right by asking is: an unbooked payment is synced; a refund made in the provider's own panel is booked, and so is
one that was executed although we were told it had failed. What remains (a sum that differs, a payment or a refund of ours that the
provider does not know) is a decision for a person: on the order's list where it has an order, else among the notices that match
nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from belgenet.commerce.desk import Desk
from belgenet.commerce.payments.models import (
    Payment,
    PaymentAttempt,
    Refund,
    RefundStatus,
    State,
    WebhookInbox,
)
from belgenet.commerce.payments.providers.errors import ProviderError
from belgenet.commerce.payments.providers.interfaces import EntryKind, Lookup, ProviderEntry
from belgenet.commerce.payments.services import books, refund_results, sync
from belgenet.core.db import utcnow, uuid7

log = structlog.get_logger(__name__)
MARGIN: Final = timedelta(hours=1)
"""What is younger may still be on its way into either of the books."""


@dataclass(frozen=True, slots=True)
class Known:
    """An attempt of ours that a line of the provider's books belongs to."""

    attempt_id: UUID
    payment_id: UUID
    state: str


def fetch(desk: Desk, provider: str, since: datetime, now: datetime) -> tuple[ProviderEntry, ...] | None:
    """The provider's lines, from a margin earlier on; None when it does not answer (the next night asks again)."""
    adapter = desk.providers.get(provider)
    if adapter is None:
        return None
    desk.commit()
    try:
        return adapter.entries(since - MARGIN, now)
    except ProviderError as error:
        log.warning("reconcile.no_books", provider=provider, code=error.code)
        return None


def compare(desk: Desk, provider: str, found: Iterable[ProviderEntry], since: datetime, now: datetime) -> set[str]:
    """Hold the lines against the tenant's payments; the payments (the provider's references) that are the tenant's."""
    lines = list(found)
    ours = _ours(desk, provider, lines)
    for line in lines:
        known = ours.get(line.provider_ref)
        if known is not None and line.kind is EntryKind.PAYMENT and line.at <= now - MARGIN:
            _payment(desk, known, line)
            desk.commit()
    for made in _refunds(lines):
        known = ours.get(made[0].provider_ref)
        if known is not None and since <= max(line.at for line in made) <= now - MARGIN:
            _refund(desk, known, made)
            desk.commit()
    _missing_there(desk, provider, {line.provider_ref for line in lines}, since, now)
    _refunds_missing_there(desk, provider, lines, since, now)
    return set(ours)


def tell(desk: Desk, provider: str, found: Iterable[ProviderEntry], known: set[str], now: datetime) -> int:
    """Put payments that no tenant knows among the notices that match nothing, once; how many were new."""
    if not desk.session.scalar(select(exists().where(PaymentAttempt.provider == provider))):
        return 0
    new = 0
    for line in found:
        if line.kind is EntryKind.PAYMENT and line.provider_ref not in known and line.at <= now - MARGIN:
            new += _strange(desk, provider, line)
    return new


def _ours(desk: Desk, provider: str, lines: list[ProviderEntry]) -> Mapping[str, Known]:
    refs = {line.provider_ref for line in lines}
    ids = {key: line.provider_ref for line in lines if line.kind is EntryKind.PAYMENT and (key := _uuid(line.our_id))}
    rows = desk.session.scalars(
        select(PaymentAttempt).where(
            PaymentAttempt.provider == provider,
            or_(PaymentAttempt.provider_ref.in_(refs), PaymentAttempt.id.in_(list(ids))),
        )
    )
    return {row.provider_ref or ids[row.id]: Known(row.id, row.payment_id, row.state) for row in rows}


def _payment(desk: Desk, known: Known, line: ProviderEntry) -> None:
    state = State(known.state)
    if state is not State.CONFIRMED:
        hint = Lookup(attempt_id=str(known.attempt_id), provider_ref=line.provider_ref)
        state = sync.sync_payment(desk, known.attempt_id, "reconcile", hint=hint)
    payment_id = desk.session.get_one(PaymentAttempt, known.attempt_id, populate_existing=True).payment_id
    payment = desk.session.get_one(Payment, payment_id, populate_existing=True)
    if state is State.MISMATCH:
        return
    if state is not State.CONFIRMED:
        _ask(desk, payment, "missing_ours", line)
    elif (payment.amount_minor, payment.currency) != (line.amount_minor, line.currency):
        _ask(desk, payment, "amount_differs", line)


def _refunds(lines: list[ProviderEntry]) -> Iterable[list[ProviderEntry]]:
    """The lines of each refund: one for each basket line it was drawn from, all under the refund's name."""
    found: dict[tuple[str, str], list[ProviderEntry]] = defaultdict(list)
    for line in lines:
        if line.kind is EntryKind.REFUND:
            found[line.provider_ref, line.our_id or line.entry_ref].append(line)
    return found.values()


def _refund(desk: Desk, known: Known, made: list[ProviderEntry]) -> None:
    """What is not ours, or had failed for us, is booked as the provider's; of another sum a person decides."""
    session, theirs = desk.session, sum(line.amount_minor for line in made)
    ours = select(Refund).where(Refund.payment_id == known.payment_id, Refund.state != RefundStatus.FAILED)
    refs = [line.entry_ref for line in made]
    row = session.scalars(ours.where(or_(Refund.id == _uuid(made[0].our_id), Refund.provider_ref.in_(refs)))).first()
    if row is None:
        refund_results.sync_refunds(desk, known.attempt_id, "reconcile")
    elif row.origin == "ours" and row.state == RefundStatus.DONE and row.done_minor != theirs:
        refund_results.ask_about(session, books.lock_order(session, row.order_id), row, theirs)


def _missing_there(desk: Desk, provider: str, there: set[str], since: datetime, now: datetime) -> None:
    """The charge lies between the attempt's beginning, which must be within the lines, and our confirmation."""
    mine = (
        select(Payment)
        .join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
        .where(PaymentAttempt.provider_ref == Payment.provider_ref, PaymentAttempt.created_at >= since)
        .where(Payment.provider == provider, Payment.state == State.CONFIRMED, Payment.confirmed_at < now - MARGIN)
    )
    for payment in desk.session.scalars(mine).all():
        if payment.provider_ref not in there:
            _ask(desk, payment, "missing_theirs", None)


def _refunds_missing_there(
    desk: Desk, provider: str, lines: list[ProviderEntry], since: datetime, now: datetime
) -> None:
    session = desk.session
    there = {key for line in lines if line.kind is EntryKind.REFUND and (key := _uuid(line.our_id))}
    mine = (
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.provider == provider, Refund.origin == "ours", Refund.state == RefundStatus.DONE)
        .where(Refund.created_at >= since, Refund.finished_at < now - MARGIN)
    )
    for row in session.scalars(mine).all():
        if row.id not in there:
            refund_results.ask_about(session, books.lock_order(session, row.order_id), row, 0)


def _ask(desk: Desk, payment: Payment, kind: str, line: ProviderEntry | None) -> None:
    details = {"provider_ref": line.provider_ref if line else payment.provider_ref, "ours_minor": payment.amount_minor}
    if line is not None:
        details |= {"theirs_minor": line.amount_minor, "theirs_currency": line.currency}
    order = books.lock_order(desk.session, payment.order_id)
    if books.ask_for_review(desk.session, order, kind, payment.id, payment_id=payment.id, details=details):
        books.note(desk.session, order.id, f"reconcile.{kind}", "reconcile", payment_id=payment.id, data=details)
        log.warning("reconcile.finding", kind=kind, payment=str(payment.id))


def _strange(desk: Desk, provider: str, line: ProviderEntry) -> bool:
    ref = WebhookInbox.lookup["provider_ref"].astext
    if desk.session.scalar(select(exists().where(WebhookInbox.provider == provider, ref == line.provider_ref))):
        return False
    values = {
        "id": uuid7(),
        "tenant_id": desk.session.info["tenant_id"],
        "provider": provider,
        "event_key": f"reconcile:{line.entry_ref}",
        "event_type": "reconcile.payment",
        "status_hint": None,
        "signed": False,
        "lookup": asdict(Lookup(provider_ref=line.provider_ref)),
        "state": "unmatched",
        "occurred_at": line.at,
        "received_at": utcnow(),
    }
    made = insert(WebhookInbox).values(**values).on_conflict_do_nothing().returning(WebhookInbox.id)
    return desk.session.execute(made).first() is not None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
