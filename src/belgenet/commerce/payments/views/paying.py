"""The buyer's side: pay, cancel, ask."""

from belgenet.commerce.desk import desk_of
from belgenet.commerce.orders.resources import OrderNode
from belgenet.commerce.orders.schemas import CancelIn, OrderOut
from belgenet.commerce.orders.views import order_out
from belgenet.commerce.payments.schemas import PaymentIn, PaymentStarted
from belgenet.commerce.payments.services import endings, whole
from belgenet.commerce.payments.services.begin import begin_payment
from belgenet.commerce.payments.services.read import current_order
from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id
from belgenet.tenancy.services import providers_offered

_PATH = f"/orders/{path_id('order_id')}"
_TRAVERSE = "/orders/{order_id}"
order_payments = TenantService("order_payments", f"{_PATH}/payments", traverse=_TRAVERSE, tag="orders")
order_cancel = TenantService("order_cancel", f"{_PATH}/cancel", traverse=_TRAVERSE, tag="orders")
order_sync = TenantService("order_sync", f"{_PATH}/sync", traverse=_TRAVERSE, tag="orders")


@order_payments.post(
    permission=Permission.ORDER_PAY,
    context=OrderNode,
    body=PaymentIn,
    out=PaymentStarted,
    idempotent=True,
    rate="checkout",
    rate_fail_closed=True,
)
def pay_order(request: Request) -> PaymentStarted:
    """Open the provider's payment page. A second click, or a second tab, is sent to the page that is open already."""
    order_id = request.context.row.id
    provider = request.validated["body"].provider
    if provider not in providers_offered(request.tenant, request.settings):
        raise Problem(ErrorCode.PROVIDER_NOT_OFFERED, 409, params={"provider": provider})
    begun = begin_payment(desk_of(request), order_id, provider, request.client_addr)
    return PaymentStarted(payment_id=begun.payment_id, redirect_url=begun.redirect_url, expires_at=begun.expires_at)


@order_cancel.post(permission=Permission.ORDER_PAY, context=OrderNode, body=CancelIn, out=OrderOut, rate="checkout")
def cancel_order(request: Request) -> OrderOut:
    """Give up an unpaid order; what was held for it is free again."""
    order_id = request.context.row.id
    own = request.context.row.account_id == request.who.account_id
    reason = request.validated["body"].reason
    endings.cancel(desk_of(request), order_id, "buyer" if own else "admin", reason)
    audit.record(request, "order.cancel", "order", order_id, after={"status": "canceled", "reason": reason})
    return order_out(request, current_order(request.db, order_id))


@order_sync.post(permission=Permission.ORDER_PAY, context=OrderNode, out=OrderOut, rate="checkout")
def sync_order(request: Request) -> OrderOut:
    """Ask the provider now what became of the order's open payments."""
    order_id = request.context.row.id
    whole.sync_order(desk_of(request), order_id, "buyer", hurried=True)
    return order_out(request, current_order(request.db, order_id))
