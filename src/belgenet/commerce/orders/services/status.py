"""The one place that says what an order's status is."""

from belgenet.commerce.orders.models import Order, OrderStatus
from belgenet.core.observability.metrics import ORDERS


def derive(*, total: int, paid: int, refunded: int, allocated: bool, canceled: bool, expired: bool) -> OrderStatus:
    """Status from sums of confirmed payments and finished refunds, in minor units, and what became of the goods.

    Money beyond the total that went back (a second payment, say) leaves the order paid.
    """
    kept = paid - refunded
    if refunded and kept == 0:
        return OrderStatus.REFUNDED
    if paid >= total and refunded and kept < total:
        return OrderStatus.PARTIALLY_REFUNDED
    if paid >= total and allocated:
        return OrderStatus.PAID
    if paid and paid >= total:
        return OrderStatus.PAID_UNALLOCATED
    if paid:
        return OrderStatus.PARTIALLY_PAID
    if canceled:
        return OrderStatus.CANCELED
    return OrderStatus.EXPIRED if expired else OrderStatus.PENDING


def restate(order: Order) -> OrderStatus:
    """Derive and store the status of a locked order whose sums are up to date."""
    status = derive(
        total=order.total_minor,
        paid=order.paid_minor,
        refunded=order.refunded_minor,
        allocated=order.allocated_at is not None,
        canceled=order.canceled_at is not None,
        expired=order.expired_at is not None,
    )
    if order.status != status:
        ORDERS.labels(status=status).inc()
    order.status = status.value
    return status
