from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from belgenet.core.storage import ObjectStore
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.core.web.service import API
from belgenet.files.interfaces import FileInfo
from belgenet.files.models import File


def content_path(file_id: UUID) -> str:
    """Path of the bytes themselves."""
    return f"{API}/files/{file_id}/content"


class TenantFileLibrary:
    """FileLibrary over the tenant's rows."""

    def __init__(self, db: Session, store: ObjectStore) -> None:
        self._db = db
        self._store = store

    def get(self, file_id: UUID) -> FileInfo | None:
        """See FileLibrary."""
        row = self._ready(file_id)
        return None if row is None else _info(row)

    def attach(self, file_id: UUID, kind: str, object_id: UUID, *, purposes: Collection[str]) -> FileInfo:
        """See FileLibrary."""
        row = self._ready(file_id, lock=True)
        if row is None or row.purpose not in purposes:
            raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("file_id", "no_such_file")])
        if row.subject_id is not None and (row.subject_kind, row.subject_id) != (kind, object_id):
            raise Problem(ErrorCode.FILE_IN_USE, 409)
        row.subject_kind, row.subject_id = kind, object_id
        self._db.flush()
        return _info(row)

    def release(self, kind: str, object_id: UUID, *, keep: Collection[UUID] = ()) -> None:
        """See FileLibrary."""
        freed = update(File).where(File.subject_kind == kind, File.subject_id == object_id, File.id.not_in(keep))
        freed = freed.values(subject_kind=None, subject_id=None)
        self._db.execute(freed.execution_options(synchronize_session="fetch"))

    def link(self, file_id: UUID) -> str | None:
        """See FileLibrary."""
        row = self._ready(file_id)
        return None if row is None else link_to(self._store, row)

    def read(self, file_id: UUID) -> bytes | None:
        """See FileLibrary."""
        row = self._ready(file_id)
        return None if row is None else self._store.get(row.key)

    def links(self, file_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """See FileLibrary."""
        ready = select(File).where(File.id.in_(list(file_ids)), File.state == "ready", File.deleted_at.is_(None))
        return {row.id: link_to(self._store, row) for row in self._db.scalars(ready)} if file_ids else {}

    def public_path(self, file_id: UUID) -> str:
        """See FileLibrary."""
        return content_path(file_id)

    def _ready(self, file_id: UUID, *, lock: bool = False) -> File | None:
        wanted = select(File).where(File.id == file_id, File.state == "ready", File.deleted_at.is_(None))
        return self._db.scalar(wanted.with_for_update() if lock else wanted)


def link_to(store: ObjectStore, row: File) -> str:
    """Short-lived address of a ready file's bytes. The object store answers ranges, so films can be wound."""
    return store.presign_get(row.key, filename=row.name, content_type=row.content_type)


def _info(row: File) -> FileInfo:
    return FileInfo(
        row.id, row.name, row.content_type, row.size, row.sha256 or "", row.purpose, row.visibility == "public"
    )
