"""PostgreSQL: declarative base, tenant wall two (row level security), sessions."""

from typing import Any

from belgenet.core.db.base import Base, TenantOwned, Timestamps, Versioned, tenant_fk
from belgenet.core.db.ids import uuid7
from belgenet.core.db.reading import Reading, fetch, one_of
from belgenet.core.db.session import bind_tenant
from belgenet.core.db.types import UtcDateTime, utcnow

__all__ = [
    "Base",
    "Reading",
    "TenantOwned",
    "Timestamps",
    "UtcDateTime",
    "Versioned",
    "bind_tenant",
    "fetch",
    "one_of",
    "tenant_fk",
    "utcnow",
    "uuid7",
]


def includeme(config: Any) -> None:
    config.include("belgenet.core.db.session")
