"""Events of the certificates domain, as the outbox carries them."""

from typing import Final

REQUESTED: Final = "certificate.requested"
"""A certificate waits to be made: ``{"certificate_id": ...}``."""

READY: Final = "certificate.ready"
"""A certificate can be downloaded: ``{"certificate_id", "kind", "subject_id", "order_id", "owner_id"}``."""

REVOKED: Final = "certificate.revoked"
"""A certificate no longer stands: ``{"certificate_id", "reason"}``."""
