"""Ways out: a deletion takes the name away at once and the bytes soon after, unless another name has them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from belgenet.core.db import utcnow
from belgenet.core.outbox import publish
from belgenet.core.storage import ObjectStore
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.files.events import DELETED
from belgenet.files.models import File
from belgenet.files.services import locks

GRACE: Final = timedelta(hours=1)
"""How long an unfinished upload, or a deletion whose event got lost, is left alone by the sweep."""
BATCH: Final = 200


def delete(session: Session, row: File) -> None:
    """From now on nobody finds the file. :raises Problem: ``file_in_use`` while it is part of another domain's object."""
    session.refresh(row, with_for_update=True)
    if row.subject_id is not None:
        raise Problem(ErrorCode.FILE_IN_USE, 409)
    if row.deleted_at is None:
        row.deleted_at = utcnow()
        publish(session, DELETED, {"file_id": str(row.id)}, str(row.id))


def erase(session: Session, store: ObjectStore, file_id: UUID) -> None:
    """Remove a deleted or unfinished file's row, and its bytes when no ready file has the same. Safe to repeat.

    :raises StorageUnavailable: try again later; the row is still there.
    """
    row = session.get(File, file_id, with_for_update=True)
    if row is None or (row.deleted_at is None and row.state == "ready"):
        return
    if row.sha256 is not None:
        locks.hold_bytes(session, row.key)
        same = (File.sha256 == row.sha256, File.id != row.id, File.state == "ready", File.deleted_at.is_(None))
        if not session.scalar(select(exists().where(*same))):
            store.delete(row.key)
    if row.upload_expires_at is not None:
        store.delete(row.upload_key)
    session.delete(row)
    session.flush()


def sweep(session: Session, store: ObjectStore, now: datetime, commit: Callable[[], None]) -> int:
    """Erase what was left behind: uploads never finished, refused ones, deletions whose event died, and what browsers posted
    to forms of files that are ready. Each in a transaction of its own: a slow store holds up nobody else.

    :param commit: makes the work so far durable and begins a new transaction.
    :returns: how many rows were dealt with.
    :raises StorageUnavailable: the store is down; what was done before stays done.
    """
    left = or_(File.state != "ready", File.deleted_at.is_not(None))
    over = or_(File.upload_expires_at.is_(None), File.upload_expires_at < now - GRACE)
    old = select(File.id).where(left, over, File.updated_at < now - GRACE).order_by(File.created_at).limit(BATCH)
    found = session.scalars(old).all()
    commit()
    for file_id in found:
        erase(session, store, file_id)
        commit()
    return len(found) + _clear_forms(session, store, now, commit)


def _clear_forms(session: Session, store: ObjectStore, now: datetime, commit: Callable[[], None]) -> int:
    """Remove what lies where browsers left it for files that are ready. The forms are good no more, so nothing comes after."""
    over = (File.state == "ready", File.deleted_at.is_(None), File.upload_expires_at < now - GRACE)
    posted = [(row.id, row.upload_key) for row in session.scalars(select(File).where(*over).limit(BATCH))]
    commit()
    for file_id, upload_key in posted:
        store.delete(upload_key)
        done = update(File).where(File.id == file_id, *over).values(upload_expires_at=None, updated_at=File.updated_at)
        session.execute(done.execution_options(synchronize_session=False))
        commit()
    return len(posted)
