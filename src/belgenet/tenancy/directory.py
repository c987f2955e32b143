"""Finding the tenant of a host, without a query per request."""

import threading
import time
import uuid
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from belgenet.core.traversal import TenantInfo
from belgenet.tenancy.models import Tenant

FRESH_SECONDS: Final = 5.0
"""How long another process may serve an old name, colour or suspension."""


def info_of(row: Tenant) -> TenantInfo:
    """The detached form of a tenant's row."""
    return TenantInfo(
        row.id,
        row.slug,
        row.name,
        row.kind,
        row.locale,
        row.currency,
        row.time_zone,
        row.suspended_at is not None,
        row.branding,
        row.overrides,
    )


class CachedTenantDirectory:
    """TenantDirectory that reads all tenants (an institution has few) every ``FRESH_SECONDS``, and when asked for one it does not
    know: another process may have opened it a moment ago, and whoever opened it looks at once.
    """

    def __init__(self, engine: Engine, base_domain: str) -> None:
        self._engine = engine
        self._base = base_domain
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._by_host: dict[str, TenantInfo] = {}
        self._by_id: dict[uuid.UUID, TenantInfo] = {}

    def by_host(self, host: str) -> TenantInfo | None:
        """See TenantDirectory."""
        self._refresh(FRESH_SECONDS)
        if host not in self._by_host:
            self._refresh(0)
        return self._by_host.get(host)

    def by_id(self, tenant_id: uuid.UUID) -> TenantInfo | None:
        """See TenantDirectory."""
        self._refresh(FRESH_SECONDS)
        if tenant_id not in self._by_id:
            self._refresh(0)
        return self._by_id.get(tenant_id)

    def active_ids(self) -> list[uuid.UUID]:
        """See TenantDirectory."""
        self._refresh(FRESH_SECONDS)
        return [item.id for item in self._by_id.values() if not item.suspended]

    def all_ids(self) -> list[uuid.UUID]:
        """See TenantDirectory."""
        self._refresh(FRESH_SECONDS)
        return list(self._by_id)

    def forget(self) -> None:
        """Read again at the next question; called after a change in this process."""
        with self._lock:
            self._read_at = float("-inf")

    def _refresh(self, older_than: float) -> None:
        """Read, unless it was read within ``older_than`` seconds or, by another thread, while this one waited to."""
        wanted = time.monotonic() - older_than
        if self._read_at > wanted:
            return
        with self._lock:
            if self._read_at > wanted:
                return
            now = time.monotonic()
            # begin(): a commit. A rollback would make the pooled connection forget its prepared statements.
            with Session(self._engine) as session, session.begin():
                rows = [(info_of(row), row.domain) for row in session.scalars(select(Tenant).order_by(Tenant.slug))]
            by_id = {tenant.id: tenant for tenant, _ in rows}
            by_host = {domain: tenant for tenant, domain in rows if domain}
            # Second: a domain that is another tenant's address by mistake does not take that tenant's visitors.
            by_host.update({f"{tenant.slug}.{self._base}": tenant for tenant, _ in rows})
            self._by_id, self._by_host = by_id, by_host
            self._read_at = now
