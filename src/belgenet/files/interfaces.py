"""What other domains may ask of files, and what they may answer for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from belgenet.core.security import Identity


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file that is ready to be read. ``size`` in bytes; ``content_type`` as found in the bytes, not as claimed."""

    id: UUID
    name: str
    content_type: str
    size: int
    sha256: str
    purpose: str
    public: bool


class FileLibrary(Protocol):
    """Files of the tenant; ``request.service(FileLibrary)``."""

    def get(self, file_id: UUID) -> FileInfo | None:
        """The file, or None: unknown, deleted, not ready."""

    def attach(self, file_id: UUID, kind: str, object_id: UUID, *, purposes: Collection[str]) -> FileInfo:
        """Make the file part of an object of another domain: from then on the object's :class:`FileAccess` rule says who else
        may read it, and nobody can delete it before :meth:`release`. Attaching it again to the same object is fine.

        :raises Problem: ``invalid_input`` (no such file, or of another purpose), ``file_in_use`` (part of another object).
        """

    def release(self, kind: str, object_id: UUID, *, keep: Collection[UUID] = ()) -> None:
        """Free the object's files except ``keep``; their owners may delete them again."""

    def link(self, file_id: UUID) -> str | None:
        """Short-lived address that any browser may read from, in ranges too (``<video src>``); None when not ready. The caller
        has checked who asks.
        """

    def read(self, file_id: UUID) -> bytes | None:
        """All bytes of a small file (a logo on a document); None when not ready. The caller has checked who asks.

        :raises NoSuchObject, StorageUnavailable: from the object store.
        """

    def links(self, file_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """As :meth:`link`, for many files with one query; those not ready are absent."""

    def public_path(self, file_id: UUID) -> str:
        """Path at which a public image is served for ever, e.g. for ``image_url``."""


class FileAccess(Protocol):
    """Who else may read the files of an object. Register with ``config.add_file_access("lesson", rule)``."""

    def __call__(self, session: Session, identity: Identity, object_id: UUID) -> bool:
        """Whether ``identity`` may read the object's files; at most one query."""


class Verdict(StrEnum):
    """What a scanner thinks of some bytes."""

    UNSCANNED = "unscanned"
    CLEAN = "clean"
    INFECTED = "infected"


class Scanner(Protocol):
    """Looks for malware before a file becomes readable. Registered: a twin that looks at nothing and says so."""

    def scan(self, data: BinaryIO) -> Verdict:
        """Read ``data`` from its beginning. :raises StorageUnavailable: the scanner cannot answer; the upload may be repeated."""
