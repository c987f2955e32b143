"""Events of the certificates domain, as the outbox carries them."""

from typing import Final

REQUESTED: Final = "certificate.requested"
"""A certificate waits to be made: ``{"certificate_id": ...}``."""

REVOKED: Final = "certificate.revoked"
"""A certificate no longer stands: ``{"certificate_id", "reason"}``."""
