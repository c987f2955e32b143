import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, BinaryIO
from urllib.parse import quote

import urllib3
from minio import Minio
from minio.datatypes import PostPolicy
from minio.error import MinioException, S3Error

from belgenet.core.db.types import utcnow
from belgenet.core.observability.metrics import STORAGE_CALLS, STORAGE_SECONDS, seed
from belgenet.core.storage.hold import held
from belgenet.core.storage.interfaces import NoSuchObject, PresignedPost, StorageUnavailable, StoredObject
from belgenet.settings.modules import Storage

_ABSENT = {"NoSuchKey", "NoSuchObject"}
OPERATIONS = ("put", "get", "stat", "delete", "check")
seed(STORAGE_CALLS, operation=OPERATIONS, outcome=("done", "absent", "failed"))
seed(STORAGE_SECONDS, operation=OPERATIONS)


@contextmanager
def _call(operation: str, key: str = "") -> Iterator[None]:
    """One call to the S3 server, measured, with errors in our own words."""
    outcome, started = "failed", time.perf_counter()
    try:
        with _translated(key):
            yield
        outcome = "done"
    except NoSuchObject:
        outcome = "absent"
        raise
    finally:
        STORAGE_CALLS.labels(operation=operation, outcome=outcome).inc()
        STORAGE_SECONDS.labels(operation=operation).observe(time.perf_counter() - started)


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in _ABSENT:
            raise NoSuchObject(key) from error
        raise StorageUnavailable(f"{error.code}: {error.message}") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StorageUnavailable(str(error)) from error


class S3Store:
    """ObjectStore over any S3 server, through the MinIO SDK."""

    def __init__(self, client: Minio, public: Minio, settings: Storage) -> None:
        self._client = client
        self._public = public
        self._settings = settings
        self.bucket = settings.bucket
        self._presign = timedelta(seconds=settings.presign_seconds)

    @classmethod
    def from_settings(cls, settings: Storage) -> "S3Store":
        """Two clients: one talks to the server, the other only signs for the address browsers use."""
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=3, read=30), maxsize=16, retries=urllib3.Retry(total=4, backoff_factor=0.2)
        )
        common: dict[str, Any] = {
            "access_key": settings.access_key.get_secret_value(),
            "secret_key": settings.secret_key.get_secret_value(),
            "region": settings.region,
        }
        client = Minio(settings.endpoint, http_client=pool, secure=settings.secure, **common)
        scheme, _, endpoint = settings.public_url.partition("://")
        public = Minio(endpoint, secure=scheme == "https", **common)
        if settings.virtual_hosts:
            client.enable_virtual_style_endpoint()  # type: ignore[no-untyped-call]
            public.enable_virtual_style_endpoint()  # type: ignore[no-untyped-call]
        return cls(client, public, settings)

    def put(self, key: str, data: bytes | BinaryIO, size: int, content_type: str) -> None:
        """See ObjectStore."""
        self._refuse_when_held()
        body = io.BytesIO(data) if isinstance(data, bytes) else data
        with _call("put", key):
            self._client.put_object(self.bucket, key, body, size, content_type=content_type)

    def get(self, key: str) -> bytes:
        """See ObjectStore."""
        with self.stream(key) as pieces:
            return b"".join(pieces)

    @contextmanager
    def stream(self, key: str) -> Iterator[Iterator[bytes]]:
        """See ObjectStore."""
        with _call("get", key):
            response = self._client.get_object(self.bucket, key)
            try:
                yield response.stream(256 * 1024)
            finally:
                response.close()
                response.release_conn()

    def stat(self, key: str) -> StoredObject:
        """See ObjectStore."""
        with _call("stat", key):
            found = self._client.stat_object(self.bucket, key)
        return StoredObject(key, found.size or 0, found.content_type or "application/octet-stream", found.last_modified)

    def listed(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose key begins so, in order of keys. :raises StorageUnavailable:"""
        with _translated(prefix):
            for found in self._client.list_objects(self.bucket, prefix=prefix, recursive=True):
                kind = found.content_type or "application/octet-stream"
                yield StoredObject(found.object_name or "", found.size or 0, kind, found.last_modified)

    def delete(self, key: str) -> None:
        """See ObjectStore."""
        self._refuse_when_held()
        with _call("delete", key):
            self._client.remove_object(self.bucket, key)

    def presign_get(self, key: str, *, filename: str, content_type: str) -> str:
        """See ObjectStore. The name goes into Content-Disposition as RFC 5987 text, so any script survives."""
        disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        headers: dict[str, str | list[str] | tuple[str]] = {
            "response-content-disposition": disposition,
            "response-content-type": content_type,
        }
        url: str = self._public.presigned_get_object(self.bucket, key, expires=self._presign, response_headers=headers)
        return url

    def presign_post(self, key: str, *, content_type: str, max_bytes: int) -> PresignedPost:
        """See ObjectStore."""
        self._refuse_when_held()
        policy = PostPolicy(self.bucket, utcnow() + self._presign)
        policy.add_equals_condition("key", key)
        policy.add_equals_condition("Content-Type", content_type)
        policy.add_content_length_range_condition(1, max_bytes)
        fields = {**self._public.presigned_post_policy(policy), "key": key, "Content-Type": content_type}
        path = "" if self._settings.virtual_hosts else self.bucket
        return PresignedPost(f"{self._settings.browser_origin}/{path}", fields)

    def check(self) -> None:
        """See ObjectStore."""
        with _call("check"):
            if not self._client.bucket_exists(self.bucket):
                raise StorageUnavailable(f"bucket {self.bucket} does not exist")

    def _refuse_when_held(self) -> None:
        if held(self._settings.hold_file):
            raise StorageUnavailable("the objects are being moved to another S3 server")

    def ensure_bucket(self) -> bool:
        """Make the bucket when it is missing; whether it was."""
        with _call("check"):
            missing = not self._client.bucket_exists(self.bucket)
            if missing:
                self._client.make_bucket(self.bucket)
        return missing
