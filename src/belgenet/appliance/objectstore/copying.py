"""From one bucket to another: every object, every byte of it read back and compared."""

import hashlib
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, Final, cast

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from belgenet.appliance.objectstore.conformance import PREFIX
from belgenet.appliance.objectstore.journal import Copied, Journal

WORKERS: Final = 4
"""Objects at once; each takes one part (5 MiB and more for very large objects) of memory."""
_BATCH: Final = 64
_PIECE: Final = 256 * 1024
_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchObject"})
_ERRORS: Final = (MinioException, urllib3.exceptions.HTTPError, OSError)


class AlteredError(Exception):
    """What was written does not come back as it was read."""


@dataclass
class Pass:
    """What one look through the source did. ``failed`` holds some of the keys that could not be copied, with reasons."""

    seen: int = 0
    copied: int = 0
    bytes: int = 0
    removed: int = 0
    failures: int = 0
    failed: list[str] = field(default_factory=list)


class _Reading(io.RawIOBase):
    """A response as a file that hashes what is read from it."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As a file."""
        data: bytes = self._response.read(size if size >= 0 else None)
        self.sha256.update(data)
        return data


@dataclass
class Copier:
    """Copies what the journal does not have.

    :param source: client and bucket to read from; never written to.
    :param target: client and bucket to write to.
    """

    source: tuple[Minio, str]
    target: tuple[Minio, str]
    journal: Journal
    progress: Callable[[Pass], None] = lambda _: None

    def run(self, *, removing: bool) -> Pass:
        """Look through the whole source once.

        :param removing: also take away from the target what was copied and is not at the source any more; only while nobody
            else writes to the target.
        """
        done = Pass()
        self.journal.begin()
        with ThreadPoolExecutor(WORKERS) as pool:
            for batch in self._batches():
                known = self.journal.unchanged((one.object_name, one.etag or "", one.size or 0) for one in batch)
                todo = [one for one in batch if one.object_name not in known]
                done.seen += len(batch)
                results = list(pool.map(self._attempt, todo))
                self.journal.note(result for result in results if isinstance(result, Copied))
                for result in results:
                    self._count(done, result)
                self.progress(done)
        if removing and not done.failures:
            done.removed = self._remove()
        return done

    def verify(self) -> dict[str, int]:
        """Look through the target: how many of the copied objects are there, in their size, and what is there besides."""
        client, bucket = self.target
        objects, size = self.journal.totals()
        found = extra = 0
        for entry in client.list_objects(bucket, recursive=True):
            known = self.journal.size_of(entry.object_name)
            if known is None:
                extra += not entry.object_name.startswith(PREFIX)
            else:
                found += known == entry.size
        return {"objects": objects, "bytes": size, "missing": objects - found, "extra": extra}

    def _batches(self) -> Iterator[list[Any]]:
        client, bucket = self.source
        entries = (one for one in client.list_objects(bucket, recursive=True) if not one.object_name.startswith(PREFIX))
        while batch := list(islice(entries, _BATCH)):
            yield batch

    def _attempt(self, entry: Any) -> Copied | str | None:
        try:
            return self._copy(entry.object_name)
        except S3Error as error:
            if error.code in _ABSENT:
                return None  # deleted since it was listed
            return f"{entry.object_name}: {error.code}"
        except (*_ERRORS, AlteredError) as error:
            return f"{entry.object_name}: {type(error).__name__}: {error}"

    def _copy(self, key: str) -> Copied:
        client, bucket = self.source
        head = client.stat_object(bucket, key)
        size, etag = head.size or 0, head.etag or ""
        if self._size_there(key) == size and (digest := _digest(self.source, key)) == _digest(self.target, key):
            return Copied(key, etag, size, digest)
        extra: dict[str, Any] = {
            name: value for name, value in (head.metadata or {}).items() if name.lower().startswith("x-amz-meta-")
        }
        with _opened(self.source, key) as response:
            reading = _Reading(response)
            self.target[0].put_object(
                self.target[1],
                key,
                cast("BinaryIO", reading),
                size,
                content_type=head.content_type or "application/octet-stream",
                metadata=extra,
                num_parallel_uploads=1,
            )
        digest = reading.sha256.hexdigest()
        if _digest(self.target, key) != digest:
            raise AlteredError("comes back altered")
        return Copied(key, etag, size, digest)

    def _size_there(self, key: str) -> int | None:
        try:
            return self.target[0].stat_object(self.target[1], key).size
        except S3Error as error:
            if error.code in _ABSENT:
                return None
            raise

    def _remove(self) -> int:
        gone = self.journal.unseen()
        for key in gone:
            self.target[0].remove_object(self.target[1], key)
            self.journal.forget(key)
        return len(gone)

    @staticmethod
    def _count(done: Pass, result: Copied | str | None) -> None:
        if isinstance(result, Copied):
            done.copied += 1
            done.bytes += result.size
        elif result is not None:
            done.failures += 1
            if len(done.failed) < 20:  # noqa: PLR2004 -- enough to see what is wrong
                done.failed.append(result)


@contextmanager
def _opened(place: tuple[Minio, str], key: str) -> Iterator[Any]:
    response = place[0].get_object(place[1], key)
    try:
        yield response
    finally:
        response.close()
        response.release_conn()


def _digest(place: tuple[Minio, str], key: str) -> str:
    digest = hashlib.sha256()
    with _opened(place, key) as response:
        for piece in response.stream(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
