import uuid
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Suspended = Literal["refuse", "serve"]
"""What an operation or periodic work does for a suspended tenant. ``refuse`` unless declared otherwise: ``serve`` is for what
was begun before, above all money on its way.
"""


class TenantRequiredError(LookupError):
    """No tenant answers at this host. :ivar suspended: one lives there, but its site is closed."""

    def __init__(self, host: str, *, suspended: bool = False) -> None:
        super().__init__(host)
        self.suspended = suspended


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """What a request needs to know of its tenant; detached, cached in the process for a few seconds."""

    id: uuid.UUID
    slug: str
    name: str
    kind: str
    locale: str
    currency: str
    time_zone: str
    suspended: bool = False
    branding: dict[str, Any] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)


class TenantDirectory(Protocol):
    """Finds tenants; implemented by ``tenancy``."""

    def by_host(self, host: str) -> TenantInfo | None:
        """The tenant that answers at ``host`` (no port), or None."""

    def by_id(self, tenant_id: uuid.UUID) -> TenantInfo | None:
        """The tenant of that id, or None."""

    def active_ids(self) -> list[uuid.UUID]:
        """Ids of all tenants that are not suspended; periodic work runs once for each."""

    def all_ids(self) -> list[uuid.UUID]:
        """Ids of all tenants, suspended ones too; for the periodic work that must not stop."""
