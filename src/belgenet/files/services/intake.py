"""From bytes to a readable file.

A row is committed before any byte goes to the object store, and becomes ``ready`` only when the bytes are there: a crash in between
leaves a row that the sweep knows, never an object that nobody knows. No database connection is held while bytes travel.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy.orm import Session

from belgenet.core.db import utcnow
from belgenet.core.security import Identity
from belgenet.core.storage import NoSuchObject, ObjectStore, StorageUnavailable
from belgenet.core.storage.interfaces import PresignedPost
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.files.interfaces import Scanner, Verdict
from belgenet.files.models import File
from belgenet.files.services import locks, quota
from belgenet.files.services.names import clean_name
from belgenet.files.services.purposes import PURPOSES, Purpose, Rule, check_size, check_type, rule_for
from belgenet.files.services.received import Received, received


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a browser says it will post to the object store. ``size`` in bytes; all of it is checked afterwards."""

    name: str
    content_type: str
    size: int
    purpose: Purpose


@dataclass(frozen=True)
class Intake:
    """Takes files of one tenant in.

    :param commit: makes the work so far durable and begins a new transaction.
    :param limit: the installation's largest file, in bytes.
    :param quota_bytes: what all files of the tenant may take together; None: no limit.
    """

    db: Session
    store: ObjectStore
    scanner: Scanner
    commit: Callable[[], None]
    limit: int
    quota_bytes: int | None = None

    def add(self, identity: Identity, purpose: Purpose, name: str, found: Received) -> File:
        """Keep a file that came through us.

        :raises Problem: ``forbidden``, ``file_empty``, ``file_too_large``, ``file_type_not_allowed``, ``quota_exceeded``,
            ``file_infected``, ``storage_unavailable``.
        """
        rule = rule_for(purpose, identity.permissions)
        check_size(rule, found.size, self.limit)
        check_type(rule, found.content_type)
        row = self._row(identity, rule, purpose, name)
        row.size, row.content_type, row.sha256 = found.size, found.content_type, found.sha256
        self._reserve(row)
        row_id, key = row.id, row.key
        self.commit()
        return self._keep(row_id, key, found)

    def announce(self, identity: Identity, wanted: Announcement, life: timedelta) -> tuple[File, PresignedPost]:
        """Let a browser post straight to the object store, to a key from which nothing is served.

        :param life: how long the form is good.
        :raises Problem: as :meth:`add`, judged by what is claimed.
        """
        rule = rule_for(wanted.purpose, identity.permissions)
        check_size(rule, wanted.size, self.limit)
        check_type(rule, wanted.content_type)
        row = self._row(identity, rule, wanted.purpose, wanted.name)
        row.size, row.content_type, row.upload_expires_at = wanted.size, wanted.content_type, utcnow() + life
        self._reserve(row)
        try:
            form = self.store.presign_post(row.upload_key, content_type=wanted.content_type, max_bytes=wanted.size)
        except StorageUnavailable as error:
            raise unavailable() from error
        return row, form

    def complete(self, row: File) -> File:
        """Check what the browser left and make it a file; a second call finds it done.

        :raises Problem: ``file_not_uploaded``; and as :meth:`add`, after which the file is rejected for good.
        """
        if row.state == "ready":
            return row
        if row.state != "pending" or row.upload_expires_at is None:
            raise Problem(ErrorCode.FILE_NOT_UPLOADED, 409)
        rule, row_id, upload_key = PURPOSES[cast("Purpose", row.purpose)], row.id, row.upload_key
        self.commit()
        try:
            with self.store.stream(upload_key) as pieces, received(pieces, rule.limit(self.limit)) as found:
                check_size(rule, found.size, self.limit)
                check_type(rule, found.content_type)
                return self._take_over(row_id, upload_key, found)
        except NoSuchObject:
            return self._done_meanwhile(row_id)
        except StorageUnavailable as error:
            raise unavailable() from error
        except Problem as problem:
            if problem.code != ErrorCode.STORAGE_UNAVAILABLE:
                self._reject(row_id)
            raise

    def _done_meanwhile(self, row_id: UUID) -> File:
        """The bytes are not (any more) where browsers leave them: another call has taken them, or they never came."""
        row = self.db.get_one(File, row_id)
        if row.state != "ready":
            raise Problem(ErrorCode.FILE_NOT_UPLOADED, 409)
        return row

    def _take_over(self, row_id: UUID, upload_key: str, found: Received) -> File:
        row = self.db.get_one(File, row_id, with_for_update=True)
        if row.state == "ready":
            return row
        row.size, row.content_type, row.sha256 = found.size, found.content_type, found.sha256
        key = row.key
        self.commit()
        row = self._keep(row_id, key, found)
        with suppress(
            StorageUnavailable
        ):  # the sweep comes by again: the form may be posted once more before it expires
            self.store.delete(upload_key)
        return row

    def _row(self, identity: Identity, rule: Rule, purpose: Purpose, name: str) -> File:
        return File(
            tenant_id=self.db.info["tenant_id"],
            owner_id=identity.account_id,
            purpose=purpose,
            name=clean_name(name),
            visibility="public" if rule.public else "private",
        )

    def _reserve(self, row: File) -> None:
        quota.reserve(self.db, row.size, self.quota_bytes)
        self.db.add(row)
        self.db.flush()

    def _keep(self, row_id: UUID, key: str, found: Received) -> File:
        """Scan, store, and mark ready under the lock of the bytes, so that a deletion of their last other name cannot take them
        away in between.
        """
        try:
            verdict = self._scanned(found)
            self._put_if_absent(key, found)
            locks.hold_bytes(self.db, key)
            self._put_if_absent(key, found)
        except StorageUnavailable as error:
            self._reject(row_id)
            raise unavailable() from error
        except Problem:
            self._reject(row_id)
            raise
        row = self.db.get_one(File, row_id, with_for_update=True)
        row.state, row.scan = "ready", verdict.value
        self.db.flush()
        return row

    def _scanned(self, found: Received) -> Verdict:
        verdict = self.scanner.scan(cast("BinaryIO", found.data))
        if verdict is Verdict.INFECTED:
            raise Problem(ErrorCode.FILE_INFECTED, 422)
        return verdict

    def _put_if_absent(self, key: str, found: Received) -> None:
        try:
            if self.store.stat(key).size == found.size:
                return
        except NoSuchObject:
            pass
        found.data.seek(0)
        self.store.put(key, cast("BinaryIO", found.data), found.size, found.content_type)

    def _reject(self, row_id: UUID) -> None:
        row = self.db.get(File, row_id)
        if row is not None and row.state == "pending":
            row.state = "rejected"
            self.commit()


def unavailable() -> Problem:
    """The object store cannot do it now."""
    return Problem(ErrorCode.STORAGE_UNAVAILABLE, 503, headers={"Retry-After": "10"})
