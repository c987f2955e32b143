"""Ordering, and reading orders."""

from belgenet.accounts.interfaces import AccountDirectory
from belgenet.commerce.desk import desk_of
from belgenet.commerce.orders.interfaces import OrderOwner
from belgenet.commerce.orders.models import Order
from belgenet.commerce.orders.resources import OrderNode, OrdersNode
from belgenet.commerce.orders.schemas import AdminOrderQuery, AdminOrderRow, OrderIn, OrderOut
from belgenet.commerce.orders.services import read
from belgenet.commerce.orders.services.place import WantedLine, place
from belgenet.core.db import utcnow
from belgenet.core.security import Permission
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.pagination import Page, PageQuery
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id

orders = TenantService("orders", "/orders", traverse="/orders", tag="orders")
order = TenantService("order", f"/orders/{path_id('order_id')}", traverse="/orders/{order_id}", tag="orders")
my_orders = TenantService("my_orders", "/me/orders", traverse="/orders", tag="orders")
admin_orders = TenantService("admin_orders", "/admin/orders", traverse="/orders", tag="admin")


def order_out(request: Request, row: Order) -> OrderOut:
    """The order as its owner sees it."""
    return read.orders_out(request.db, [row], request.registry["belgenet.order_certificates"])[0]


@orders.post(
    permission=Permission.ORDER_PLACE,
    context=OrdersNode,
    body=OrderIn,
    out=OrderOut,
    status=201,
    idempotent=True,
    rate="checkout",
)
def place_order(request: Request) -> OrderOut:
    """Order. Prices are taken from the catalogue, the goods are held until ``hold_expires_at``; what is free is given at once."""
    body: OrderIn = request.validated["body"]
    desk = desk_of(request)
    row = place(
        request.db,
        desk.sellables,
        slug=request.tenant.slug,
        owner=_owner(request, body.locale),
        wanted=[WantedLine(line.kind, line.ref, line.quantity, line.details) for line in body.lines],
        hold=desk.hold,
    )
    request.response.headers["Location"] = f"/api/v1/orders/{row.id}"
    return order_out(request, row)


def _owner(request: Request, locale: str | None) -> OrderOwner:
    account = request.service(AccountDirectory).get(request.who.account_id)
    if account is None:
        raise Problem(ErrorCode.FORBIDDEN, 403)
    return OrderOwner(
        account_id=account.id,
        email=account.email,
        full_name=account.full_name,
        phone=account.phone,
        locale=locale or account.locale,
        client_address=request.client_addr,
        user_agent=request.user_agent,
        at=utcnow(),
    )


@order.get(permission=Permission.ORDER_READ, context=OrderNode, out=OrderOut)
def get_order(request: Request) -> OrderOut:
    """An order, with what was paid and the certificates it earned."""
    return order_out(request, request.context.row)


@my_orders.get(permission=Permission.ORDER_LIST_OWN, context=OrdersNode, query=PageQuery, out=Page[OrderOut])
def list_my_orders(request: Request) -> Page[OrderOut]:
    """The caller's orders, newest first."""
    finders = request.registry["belgenet.order_certificates"]
    return read.own_orders(request.db, request.who.account_id, request.validated["query"], finders)


@admin_orders.get(
    permission=Permission.ORDER_MANAGE, context=OrdersNode, query=AdminOrderQuery, out=Page[AdminOrderRow]
)
def list_orders(request: Request) -> Page[AdminOrderRow]:
    """All orders, newest first."""
    people = request.service(AccountDirectory)
    return read.all_orders(request.db, request.validated["query"], people.search)
