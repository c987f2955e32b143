from sqlalchemy import func, select
from sqlalchemy.orm import Session

from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.files.models import File
from belgenet.files.services import locks

OVERRIDE = "storage_quota_bytes"
"""Key of the tenant's overrides."""


def used(session: Session) -> int:
    """Bytes of the tenant's files, each name counted, announced ones too."""
    living = (File.deleted_at.is_(None), File.state != "rejected")
    return int(session.scalar(select(func.coalesce(func.sum(File.size), 0)).where(*living)) or 0)


def reserve(session: Session, size: int, quota_bytes: int | None) -> None:
    """Make sure ``size`` more bytes fit; the room is taken when the caller commits its row. Two uploads that fit alone but not
    together wait for one another here.

    :raises Problem: ``quota_exceeded``.
    """
    if quota_bytes is None:
        return
    locks.hold_quota(session)
    if used(session) + size > quota_bytes:
        raise Problem(ErrorCode.QUOTA_EXCEEDED, 413, params={"quota": quota_bytes})
