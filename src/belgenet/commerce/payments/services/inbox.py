"""Webhooks: checked, reduced to a hint, stored once, and looked into by a worker."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import structlog
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from belgenet.commerce import events
from belgenet.commerce.desk import Desk
from belgenet.commerce.payments.models import PaymentAttempt, State, WebhookInbox
from belgenet.commerce.payments.providers.errors import BadSignature, MalformedWebhook
from belgenet.commerce.payments.providers.interfaces import Lookup, WebhookHint
from belgenet.commerce.payments.services import books, refund_results, sync
from belgenet.core.db import utcnow, uuid7
from belgenet.core.observability.metrics import WEBHOOKS
from belgenet.core.outbox import publish
from belgenet.core.web.errors import ErrorCode, Problem

log = structlog.get_logger(__name__)
ENDED_WELL: Final = frozenset({"won", "warning_closed"})
"""Disputes, and warnings of one, that are over and took nothing."""


class StillOpen(Exception):  # noqa: N818 - not a fault, a reason to come back
    """The provider announced an end but did not confirm it when asked; ask again soon."""


def receive(desk: Desk, provider: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Take a notification in; False when it had been received before.

    :raises Problem: unknown provider, bad signature or garbage. Nothing of such a notification is kept.
    """
    adapter = desk.providers.get(provider)
    if adapter is None:
        raise Problem(ErrorCode.PROVIDER_NOT_OFFERED, 404, params={"provider": provider})
    try:
        hint = adapter.parse_webhook(headers, body, utcnow())
    except BadSignature as error:
        WEBHOOKS.labels(provider=provider, outcome="bad_signature").inc()
        log.warning("webhook.bad_signature", provider=provider, code=error.code)
        raise Problem(ErrorCode.WEBHOOK_SIGNATURE, 401) from error
    except MalformedWebhook as error:
        WEBHOOKS.labels(provider=provider, outcome="malformed").inc()
        raise Problem(ErrorCode.WEBHOOK_MALFORMED, 400) from error
    known = _store(desk, hint)
    WEBHOOKS.labels(provider=provider, outcome="accepted" if known else "duplicate").inc()
    return known


def _store(desk: Desk, hint: WebhookHint) -> bool:
    key = uuid7()
    values = {
        "id": key,
        "tenant_id": desk.session.info["tenant_id"],
        "provider": hint.provider,
        "event_key": hint.event_key,
        "event_type": hint.event_type,
        "status_hint": hint.status_hint,
        "signed": hint.signed,
        "lookup": asdict(hint.lookup),
        "state": "received" if hint.lookup != Lookup() else "ignored",
        "occurred_at": hint.occurred_at,
        "received_at": utcnow(),
    }
    statement = insert(WebhookInbox).values(**values).on_conflict_do_nothing().returning(WebhookInbox.id)
    if desk.session.execute(statement).first() is None:
        return False
    if hint.lookup != Lookup():
        publish(desk.session, events.WEBHOOK_RECEIVED, {"inbox_id": str(key)}, dedupe_key=str(key))
    return True


def look_into(desk: Desk, inbox_id: uuid.UUID, *, last: bool) -> None:
    """Do what a stored notification hints at.

    :param last: no further delivery will come; the janitor takes over what is still open.
    :raises StillOpen: the provider did not say yet what it announced.
    """
    row = desk.session.get_one(WebhookInbox, inbox_id)
    if row.state in {"done", "ignored", "dismissed"}:
        return
    lookup, provider, announced = Lookup(**row.lookup), row.provider, (row.status_hint or "").lower()
    refunding, disputed = "refund" in row.event_type.lower(), "dispute" in row.event_type.lower()
    told = {"event": row.event_type, "status": row.status_hint}
    attempt = sync.find_attempt(desk, provider, lookup)
    if attempt is None:
        _finish(desk, inbox_id, "unmatched", None)
        WEBHOOKS.labels(provider=provider, outcome="unmatched").inc()
        return
    attempt_id = attempt.id
    state = sync.sync_payment(desk, attempt_id, "webhook", hint=lookup)
    if disputed:
        _dispute(desk, attempt_id, told, lookup.dispute_ref)
    if refunding:
        refund_results.sync_refunds(desk, attempt_id, "webhook")
    if (
        announced in {"success", "paid", "succeeded"}
        and state in {State.CREATED, State.UNKNOWN, State.PENDING}
        and not last
    ):
        desk.commit()
        raise StillOpen(f"{provider}: {announced}, but {state}")
    _finish(desk, inbox_id, "done", attempt_id)


def _dispute(desk: Desk, attempt_id: uuid.UUID, told: dict[str, str | None], dispute_ref: str | None) -> None:
    """The payer's bank wants money back: written into the order's history, and a decision for a person when it begins and when
    it is lost. Nothing is booked; what is withdrawn is the provider's to say and a person's to judge.
    """
    session = desk.session
    attempt = session.get_one(PaymentAttempt, attempt_id)
    order = books.lock_order(session, attempt.order_id)
    books.note(session, order.id, "payment.dispute", "webhook", attempt=attempt, data=told)
    key = f"{dispute_ref or attempt.payment_id}:{'lost' if told['status'] == 'lost' else 'open'}"
    if told["status"] not in ENDED_WELL:
        books.ask_for_review(session, order, "dispute", key, payment_id=attempt.payment_id, details=told)


def _finish(desk: Desk, inbox_id: uuid.UUID, state: str, attempt_id: uuid.UUID | None) -> None:
    values = {"state": state, "attempt_id": attempt_id, "processed_at": utcnow()}
    ended = update(WebhookInbox).where(WebhookInbox.id == inbox_id).values(values)
    desk.session.execute(ended.execution_options(synchronize_session=False))
