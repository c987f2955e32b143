from uuid import UUID

from sqlalchemy import select

from belgenet.core.outbox.models import Delivery
from belgenet.core.traversal import Collection, Item, Node
from belgenet.tenancy.models import Tenant


class DashboardNode(Node):
    """The panel's first page."""


class TasksNode(Node):
    """Background work."""


class AuditNode(Node):
    """Who did what."""


class DeadLetterNode(Item):
    """One delivery."""


class DeadLettersNode(Collection):
    """Deliveries by id, in any state: a letter that was retried is still found."""

    item = DeadLetterNode

    def find(self, key: UUID) -> Delivery | None:
        """See Collection."""
        found: Delivery | None = self.request.db.get(Delivery, key)
        return found


class ManagedTenantNode(Item):
    """One tenant, for the institution."""


class ManagedTenantsNode(Collection):
    """All tenants."""

    item = ManagedTenantNode

    def find(self, key: UUID) -> Tenant | None:
        """See Collection. Row level security lets every role read tenants, and the application's change only its own."""
        found: Tenant | None = self.request.db.scalar(select(Tenant).where(Tenant.id == key))
        return found
