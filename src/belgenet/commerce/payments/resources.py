"""``/payments``, ``/webhooks`` and ``/payment-reviews`` in the tree."""

import uuid
from typing import Any

from belgenet.commerce.payments.models import Payment, PaymentReview, WebhookInbox
from belgenet.core.security import Identity, Permission
from belgenet.core.traversal import Collection, Item


class WebhookNode(Item):
    """One notification, for the administrator."""

    def visible_to(self, identity: Identity) -> bool:
        """See Node."""
        return Permission.ORDER_READ in identity.permissions


class WebhooksNode(Collection):
    """Where providers report to; the signature is their permission. The panel finds here what they said."""

    item = WebhookNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.get(WebhookInbox, key)


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
