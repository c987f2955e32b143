"""``/payments``, ``/webhooks`` and ``/payment-reviews`` in the tree."""

import uuid
from typing import Any

from belgenet.commerce.payments.models import Payment, PaymentReview
from belgenet.core.security import Identity, Permission
from belgenet.core.traversal import Collection, Item, Node


class WebhooksNode(Node):
    """Where providers report to; the signature is their permission."""


class PaymentNode(Item):
    """One payment, for the administrator."""

    def visible_to(self, identity: Identity) -> bool:
        """See Node."""
        return Permission.ORDER_READ in identity.permissions


class PaymentsNode(Collection):
    """All payments of the tenant; also where browsers come back to."""

    item = PaymentNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.get(Payment, key)


class ReviewNode(Item):
    """One decision that waits for a person."""

    def visible_to(self, identity: Identity) -> bool:
        """See Node."""
        return Permission.ORDER_READ in identity.permissions


class ReviewsNode(Collection):
    """What waits for a person."""

    item = ReviewNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.get(PaymentReview, key)
