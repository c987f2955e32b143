"""The panel: one order's money, refunds, and what waits for a decision."""

from belgenet.commerce.desk import desk_of
from belgenet.commerce.orders.resources import OrderNode
from belgenet.commerce.orders.views import order_out
from belgenet.commerce.payments.models import PaymentReview, Refund
from belgenet.commerce.payments.resources import PaymentNode, ReviewNode, ReviewsNode
from belgenet.commerce.payments.schemas import (
    AdminOrderOut,
    RefundIn,
    RefundOut,
    ReviewOut,
    ReviewQuery,
    ReviewResolution,
)
from belgenet.commerce.payments.services import again, read, refunds, whole
from belgenet.core import audit
from belgenet.core.db import utcnow
from belgenet.core.security import Permission
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.core.web.pagination import Page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id

_ORDER = f"/admin/orders/{path_id('order_id')}"
admin_order = TenantService("admin_order", _ORDER, traverse="/orders/{order_id}", tag="admin")
order_refunds = TenantService("order_refunds", f"{_ORDER}/refunds", traverse="/orders/{order_id}", tag="admin")
order_allocation = TenantService("order_allocation", f"{_ORDER}/allocate", traverse="/orders/{order_id}", tag="admin")
payment_sync = TenantService(
    "payment_sync",
    f"/admin/payments/{path_id('payment_id')}/sync",
    traverse="/payments/{payment_id}",
    tag="admin",
)
reviews = TenantService("payment_reviews", "/admin/payment-reviews", traverse="/payment-reviews", tag="admin")
review = TenantService(
    "payment_review_resolution",
    f"/admin/payment-reviews/{path_id('review_id')}/resolution",
    traverse="/payment-reviews/{review_id}",
    tag="admin",
)


@admin_order.get(permission=Permission.ORDER_MANAGE, context=OrderNode, out=AdminOrderOut)
def get_admin_order(request: Request) -> AdminOrderOut:
    """An order with payments, attempts, refunds, history and books."""
    row = request.context.row
    return read.admin_order(request.db, row, order_out(request, row))


@order_refunds.post(
    permission=Permission.ORDER_REFUND,
    context=OrderNode,
    body=RefundIn,
    out=RefundOut,
    status=201,
    idempotent=True,
    rate="checkout",
)
def refund_order(request: Request) -> RefundOut:
    """Give money back. When all of it is given back, what the order had brought is taken back too."""
    order_id, body = request.context.row.id, request.validated["body"]
    if body.amount is not None and body.amount.minor <= 0:
        raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("amount.amount", "greater_than", {"gt": 0})])
    who = request.who.account_id
    wanted = refunds.WantedRefund(
        payment_id=body.payment_id,
        amount_minor=body.amount.minor if body.amount else None,
        currency=body.amount.currency if body.amount else None,
        reason=body.reason,
        request_key=f"{who}:{order_id}:{request.headers['Idempotency-Key']}",
        requested_by=who,
        line_ids=tuple(body.line_ids),
    )
    refund_id = refunds.refund(desk_of(request), order_id, wanted)
    row = request.db.get_one(Refund, refund_id)
    after = {"refund_id": str(row.id), "amount_minor": row.amount_minor, "currency": row.currency, "state": row.state}
    lines = {"line_ids": [str(line_id) for line_id in row.line_ids]} if row.line_ids else {}
    audit.record(request, "order.refund", "order", order_id, after={**after, **lines, "reason": body.reason})
    return read.refund_out(row)


@order_allocation.post(
    permission=Permission.ORDER_REFUND, context=OrderNode, out=AdminOrderOut, idempotent=True, rate="checkout"
)
def allocate_order(request: Request) -> AdminOrderOut:
    """Try again to hand out what was paid for, for example after stock was added. A refusal changes nothing."""
    order_id = request.context.row.id
    again.allocate(desk_of(request), order_id, request.who.account_id)
    row = read.current_order(request.db, order_id)
    audit.record(
        request,
        "order.allocate",
        "order",
        order_id,
        before={"status": "paid_unallocated"},
        after={"status": row.status},
    )
    return read.admin_order(request.db, row, order_out(request, row))


@payment_sync.post(permission=Permission.ORDER_MANAGE, context=PaymentNode, out=AdminOrderOut)
def sync_admin_payment(request: Request) -> AdminOrderOut:
    """Ask the provider about this payment now, refunds made in its own panel included."""
    payment_id, order_id = request.context.row.id, request.context.row.order_id
    whole.sync_payment_and_refunds(desk_of(request), payment_id, "admin")
    audit.record(request, "payment.sync", "payment", payment_id)
    row = read.current_order(request.db, order_id)
    return read.admin_order(request.db, row, order_out(request, row))


@reviews.get(permission=Permission.ORDER_MANAGE, context=ReviewsNode, query=ReviewQuery, out=Page[ReviewOut])
def list_payment_reviews(request: Request) -> Page[ReviewOut]:
    """What waits for a person: money without goods, paid twice, amounts that differ."""
    return read.reviews_page(request.db, request.validated["query"])


@review.post(permission=Permission.ORDER_MANAGE, context=ReviewNode, body=ReviewResolution, out=ReviewOut)
def resolve_payment_review(request: Request) -> ReviewOut:
    """Say what was done about it."""
    row: PaymentReview = request.context.row
    if row.state == "open":
        row.state, row.note = "resolved", request.validated["body"].note
        row.resolved_by, row.resolved_at = request.who.account_id, utcnow()
        request.db.flush()
        audit.record(request, "payment.review.resolve", "payment_review", row.id, after={"note": row.note})
    return read.review_out(row)
