from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID


class StorageUnavailable(Exception):  # noqa: N818
    """The S3 server did not do what was asked; trying again later may help."""


class NoSuchObject(LookupError):  # noqa: N818
    """No object under that key."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's head. ``size`` in bytes."""

    key: str
    size: int
    content_type: str
    modified_at: datetime | None


@dataclass(frozen=True, slots=True)
class PresignedPost:
    """A form a browser may post straight to the S3 server."""

    url: str
    fields: dict[str, str]


def tenant_key(tenant_id: UUID, *parts: str) -> str:
    """Object key under the tenant's prefix; the only way to make one."""
    if any(not part or "/" in part or part in {".", ".."} for part in parts):
        raise ValueError(parts)
    return "/".join((str(tenant_id), *parts))


class ObjectStore(Protocol):
    """Immutable objects under content-addressed, tenant-prefixed keys."""

    def put(self, key: str, data: bytes | BinaryIO, size: int, content_type: str) -> None:
        """Store; the same key twice holds the same bytes. :raises StorageUnavailable:"""

    def get(self, key: str) -> bytes:
        """Whole content. :raises NoSuchObject, StorageUnavailable:"""

    def stream(self, key: str) -> AbstractContextManager[Iterator[bytes]]:
        """Content in pieces. :raises NoSuchObject, StorageUnavailable:"""

    def stat(self, key: str) -> StoredObject:
        """:raises NoSuchObject, StorageUnavailable:"""

    def delete(self, key: str) -> None:
        """Remove; absent is fine. :raises StorageUnavailable:"""

    def presign_get(self, key: str, *, filename: str, content_type: str) -> str:
        """Short-lived address a browser may download from."""

    def presign_post(self, key: str, *, content_type: str, max_bytes: int) -> PresignedPost:
        """Short-lived form a browser may upload one object with; size and type are enforced by the S3 server.

        :raises StorageUnavailable: writing pauses.
        """

    def check(self) -> None:
        """:raises StorageUnavailable: the bucket cannot be reached."""
