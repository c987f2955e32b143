"""``/orders`` and ``/orders/{id}`` in the tree."""

import uuid
from typing import Any

from pyramid.authorization import Allow

from belgenet.commerce.orders.models import Order
from belgenet.core.security import Identity, Permission
from belgenet.core.traversal import Collection, Item


class OrderNode(Item):
    """One order. Its owner may read it and pay it; to others without the right over all orders it does not exist."""

    def __acl__(self) -> list[Any]:
        return [(Allow, f"user:{self.row.account_id}", (Permission.ORDER_READ, Permission.ORDER_PAY))]

    def visible_to(self, identity: Identity) -> bool:
        """See Node."""
        return identity.account_id == self.row.account_id or Permission.ORDER_READ in identity.permissions


class OrdersNode(Collection):
    """All orders of the tenant."""

    item = OrderNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.get(Order, key)
