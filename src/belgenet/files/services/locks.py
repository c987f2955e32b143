"""Advisory locks, held until the transaction ends."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def hold_bytes(session: Session, key: str) -> None:
    """Nobody else makes bytes readable or removes them meanwhile. ``key`` carries the tenant."""
    session.execute(_HOLD, {"name": f"files:{key}"})


def hold_quota(session: Session) -> None:
    """Nobody else of the tenant takes room meanwhile."""
    session.execute(_HOLD, {"name": f"files-quota:{session.info['tenant_id']}"})
