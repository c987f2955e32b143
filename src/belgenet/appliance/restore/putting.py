"""Objects back into the S3 server, each read again and compared."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.objects import NAME, Index, Kept, proven, snapshot_of
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.restore.errors import RestoreError
from belgenet.appliance.restore.look import named

_LOST = {"batch_missing", "object_missing", "object_differs"}
_DAMAGED = {"files_damaged", "files_failed"}


class Target(Protocol):
    """Where objects go."""

    def digest(self, key: str) -> str:
        """SHA-256 of what is there; empty: nothing."""

    def put(self, entry: Kept, file: Path) -> None:
        """Write one."""


class BucketTarget:
    """A bucket of the S3 server, made when it is missing."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def prepare(self) -> None:
        """:raises RestoreError: the server does not answer."""
        try:
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket)
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise RestoreError("objects_unreachable", said=error) from None

    def keys(self) -> list[str]:
        """Of everything that is there."""
        try:
            return [found.object_name or "" for found in self._client.list_objects(self._bucket, recursive=True)]
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise RestoreError("objects_unreachable", said=error) from None

    def digest(self, key: str) -> str:
        """See Target."""
        try:
            answer = self._client.get_object(self._bucket, key)
        except S3Error as error:
            if error.code == "NoSuchKey":
                return ""
            raise RestoreError("objects_unreachable", said=error) from None
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise RestoreError("objects_unreachable", said=error) from None
        try:
            digest = hashlib.sha256()
            for piece in answer.stream(1024 * 1024):
                digest.update(piece)
            return digest.hexdigest()
        finally:
            answer.close()
            answer.release_conn()

    def put(self, entry: Kept, file: Path) -> None:
        """See Target."""
        try:
            self._client.fput_object(self._bucket, entry.key, str(file), content_type=entry.type)
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise RestoreError("objects_unreachable", said=error) from None


def put_back(
    restic: Restic,
    index: Index,
    target: Target,
    stage: Path,
    *,
    accept_missing: bool = False,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[str]:
    """Every object of the index; keys of those that are lost.

    :param stage: a folder of our own, for one batch at a time.
    :param told: hears how many are done, and of how many.
    :raises RestoreError: an object is lost and ``accept_missing`` is off, or the S3 server holds something else afterwards.
    """
    batches: dict[str, list[Kept]] = {}
    for entry in index.kept.values():
        batches.setdefault(entry.batch, []).append(entry)
    lost: list[str] = []
    done = 0
    for batch, entries in sorted(batches.items()):
        wanted = [entry for entry in entries if target.digest(entry.key) != entry.sha256]
        if wanted:
            lost += _one_batch(restic, batch, wanted, target, stage)
            shutil.rmtree(stage / NAME, ignore_errors=True)
        done += len(entries)
        told(done, len(index.kept))
    if lost and not accept_missing:
        raise RestoreError("objects_missing", count=len(lost), keys=named(sorted(lost)))
    return sorted(lost)


def _one_batch(restic: Restic, batch: str, entries: list[Kept], target: Target, stage: Path) -> list[str]:
    lost = []
    try:
        restic.restore(snapshot_of(restic, batch), stage)
    except BackupError as error:
        if error.code not in _LOST | _DAMAGED:
            raise
    for entry in entries:
        try:
            file = proven(entry, stage)
        except BackupError as error:
            if error.code not in _LOST:
                raise
            lost.append(entry.key)
            continue
        target.put(entry, file)
        file.unlink()
        if target.digest(entry.key) != entry.sha256:
            raise RestoreError("object_not_kept", key=entry.key)
    return lost
