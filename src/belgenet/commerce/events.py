"""Topics commerce publishes, and their payloads."""

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


def publish_order(session: Session, topic: str, order: Order, lines: list[OrderLine]) -> bool:
    """Publish a fact about the whole order, once per topic and order.

    Payload: ``order_id``, ``number``, ``account_id``, ``locale`` and ``lines`` with ``id``, ``kind``, ``ref``, ``quantity``.
    """
    payload: dict[str, Any] = {
        "order_id": str(order.id),
        "number": order.number,
        "account_id": str(order.account_id),
        "locale": order.locale,
        "lines": [{"id": str(x.id), "kind": x.kind, "ref": x.ref, "quantity": x.quantity} for x in lines],
    }
    return publish(session, topic, payload, dedupe_key=str(order.id))
