"""Who did what, when, to what: append-only, hash-chained per tenant."""

from typing import Any

from belgenet.core.audit.chain import seal
from belgenet.core.audit.models import AuditEvent
from belgenet.core.audit.record import record

__all__ = ["AuditEvent", "record"]


def includeme(config: Any) -> None:
    config.add_periodic("audit.seal", 60, seal, suspended="serve")
