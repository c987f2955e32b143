import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol


class TenantRequiredError(LookupError):
    """No tenant answers at this host."""


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
