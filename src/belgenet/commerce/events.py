"""Topics commerce publishes, and their payloads."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from belgenet.commerce.orders.models import Order, OrderLine
from belgenet.core.outbox import publish

ORDER_PAID = "order.paid"
ORDER_REFUNDED = "order.refunded"
ORDER_CANCELED = "order.canceled"
ORDER_EXPIRED = "order.expired"
ORDER_PROBLEM = "order.problem"
"""A person has to look: ``kind`` says at what."""
REFUND_DONE = "payment.refunded"
WEBHOOK_RECEIVED = "payment.webhook"


def publish_order(session: Session, topic: str, order: Order, lines: list[OrderLine], **more: Any) -> bool:
    """Publish a fact about the whole order, once per topic and order.

    Payload: ``order_id``, ``number``, ``account_id``, ``locale`` and ``lines`` with ``id``, ``kind``, ``ref``, ``quantity``.

    :param more: added to the payload.
    """
    payload: dict[str, Any] = {
        "order_id": str(order.id),
        "number": order.number,
        "account_id": str(order.account_id),
        "locale": order.locale,
        "lines": [{"id": str(x.id), "kind": x.kind, "ref": x.ref, "quantity": x.quantity} for x in lines],
        **more,
    }
    return publish(session, topic, payload, dedupe_key=str(order.id))


def publish_paid(session: Session, order: Order, lines: list[OrderLine], *, open_attempts: int = 0) -> bool:
    """Publish that an order is paid and handed out.

    Payload: as of :func:`publish_order`, and ``open_attempts`` (payment pages on which it could be paid again) and
    ``certificates_follow`` (one for each line).
    """
    follow = all(line.certificate_follows for line in lines)
    return publish_order(session, ORDER_PAID, order, lines, open_attempts=open_attempts, certificates_follow=follow)


def is_receipt_due(paid: Mapping[str, Any]) -> bool:
    """Whether a mail of its own should confirm the payment; the mail with the certificate does it otherwise."""
    return not paid["certificates_follow"]
