"""Tells the server's own programs that tenants, and with them host names, have changed: a file appears in a folder they watch."""

import os
import tempfile
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session

from belgenet.tenancy.models import Tenant

log = structlog.get_logger(__name__)
_CHANGED = "belgenet.tenants_changed"


def announce_changes(session: Session, folder: str) -> None:
    """Have a session touch ``tenants`` in the folder after it has committed a change to a tenant.

    :param folder: empty: nobody listens. One that is away harms nothing, the certificate's timer looks every hour.
    """
    if not folder:
        return

    def note(flushed: Session, _context: Any) -> None:
        if any(isinstance(row, Tenant) for row in {*flushed.new, *flushed.dirty, *flushed.deleted}):
            flushed.info[_CHANGED] = True

    def tell(committed: Session) -> None:
        if committed.info.pop(_CHANGED, False):
            _touch(Path(folder))

    event.listen(session, "after_flush", note)
    event.listen(session, "after_commit", tell)


def _touch(folder: Path) -> None:
    # A new file takes the old one's place: it may belong to another of our users.
    try:
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".")
        os.close(handle)
        Path(draft).replace(folder / "tenants")
    except OSError as error:
        log.warning("tenants.not_announced", folder=str(folder), error=str(error))
