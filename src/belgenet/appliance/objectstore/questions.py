"""The questions about storing: what is put comes back, whole and as it was; conditions and parts are honoured."""

import hashlib
import io
import os
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import BinaryIO, Final, cast

from minio.error import S3Error

from belgenet.appliance.objectstore.conformance import Broken, Subject, expect, refused
from belgenet.appliance.objectstore.signing import presign
from belgenet.core.db.types import utcnow

CLOCK_SECONDS: Final = 60
"""More, and signatures are near to being refused (S3 allows 15 minutes)."""
MIB: Final = 1024 * 1024
ABSENT: Final = ("NoSuchKey", "NoSuchObject")


def put(subject: Subject, name: str, data: bytes, content_type: str = "application/pdf") -> str:
    """Store one of ours; its key."""
    key = subject.key(name)
    subject.client.put_object(subject.bucket, key, io.BytesIO(data), len(data), content_type=content_type)
    return key


def get(subject: Subject, key: str, offset: int = 0, length: int = 0) -> bytes:
    """Its bytes; ``length`` 0: to the end."""
    response = subject.client.get_object(subject.bucket, key, offset=offset, length=length)
    try:
        return bytes(response.read())
    finally:
        response.close()
        response.release_conn()


def reachable(subject: Subject) -> None:
    """The bucket is there, for these keys."""
    if not subject.client.bucket_exists(subject.bucket):
        raise Broken(f"no bucket {subject.bucket}")


def clock(subject: Subject) -> None:
    """Both computers agree on the time."""
    said = subject.http.request("HEAD", subject.place.url()).headers.get("Date", "")
    if not said:
        raise Broken("no Date in its answers")
    apart = abs((utcnow() - parsedate_to_datetime(said).astimezone(UTC)).total_seconds())
    if apart > CLOCK_SECONDS:
        raise Broken(f"{apart:.0f} s")


def put_get(subject: Subject) -> None:
    """Nothing, one byte, and several parts' worth come back as they were."""
    for size in (0, 1, MIB + 1):
        data = os.urandom(size)
        key = put(subject, f"bytes-{size}", data)
        found = subject.client.stat_object(subject.bucket, key)
        expect(f"size of {size} bytes", found.size, size)
        expect(f"type of {size} bytes", found.content_type, "application/pdf")
        if hashlib.sha256(get(subject, key)).digest() != hashlib.sha256(data).digest():
            raise Broken(f"{size} bytes come back altered")


def overwrite(subject: Subject) -> None:
    """The second put of a key wins."""
    for text in (b"first", b"second"):
        key = put(subject, "again", text)
    expect("after a second put", get(subject, key), b"second")


def unicode_key(subject: Subject) -> None:
    """Any letters may stand in a key."""
    for name in ("İğdır ışığı – özgeçmiş.pdf", "سورة الفاتحة", "a+b c&d=e%20f~(1)"):
        key = put(subject, name, b"x")
        expect(f"object {name!r}", get(subject, key), b"x")
        listed = [entry.object_name for entry in subject.client.list_objects(subject.bucket, prefix=key)]
        expect(f"list of {name!r}", listed, [key])


def ranges(subject: Subject) -> None:
    """Part of an object can be read; videos are watched that way."""
    key = put(subject, "range", bytes(range(200)))
    expect("bytes 10 to 14", get(subject, key, offset=10, length=5), bytes(range(10, 15)))
    url = presign("GET", subject.place, subject.keys, key)
    answer = subject.http.request("GET", url, headers={"Range": "bytes=-3"})
    expect("last three bytes", (answer.status, answer.data), (206, bytes((197, 198, 199))))
    expect("a range after the end", subject.status("GET", url, headers={"Range": "bytes=500-"}), 416)


def conditional_put(subject: Subject) -> None:
    """``If-None-Match: *`` keeps what is there."""
    headers = {"If-None-Match": "*"}
    key = subject.key("once")
    url = presign("PUT", subject.place, subject.keys, key, headers=headers)
    expect("the first one", subject.status("PUT", url, body=b"1", headers=headers), 200)
    expect("the second one", subject.status("PUT", url, body=b"2", headers=headers), 412)
    expect("what is kept", get(subject, key), b"1")


def multipart(subject: Subject) -> None:
    """A large object in parts, and one that was given up, of which nothing is left."""
    data = os.urandom(11 * MIB)
    key = subject.key("parts")
    subject.client.put_object(subject.bucket, key, io.BytesIO(data), -1, part_size=5 * MIB)
    if hashlib.sha256(get(subject, key)).digest() != hashlib.sha256(data).digest():
        raise Broken("11 MiB in parts come back altered")
    broken = subject.key("given-up")
    try:
        torn = cast("BinaryIO", _Torn(6 * MIB))
        subject.client.put_object(subject.bucket, broken, torn, 20 * MIB, part_size=5 * MIB)
    except OSError:
        pass
    else:
        raise Broken("half an object was taken for a whole one")
    refused("half an object", lambda: subject.client.stat_object(subject.bucket, broken), *ABSENT)


class _Torn(io.RawIOBase):
    """A source that breaks."""

    def __init__(self, good: int) -> None:
        self._good = good

    def read(self, size: int = -1) -> bytes:
        """Zeros, then an error."""
        if self._good <= 0:
            raise OSError("the source broke")
        given = min(size, self._good)
        self._good -= given
        return bytes(given)


def listing(subject: Subject) -> None:
    """All, in order, also from the middle, without those beside them."""
    names = [f"list/{number:02}" for number in range(12)]
    for name in reversed(names):
        put(subject, name, b"")
    put(subject, "list-not", b"")
    keys = [subject.key(name) for name in names]
    entries = list(subject.client.list_objects(subject.bucket, prefix=subject.key("list/"), recursive=True))
    expect("listed", [entry.object_name for entry in entries], keys)
    after = subject.client.list_objects(
        subject.bucket, prefix=subject.key("list/"), recursive=True, start_after=keys[6]
    )
    expect("listed after the seventh", [entry.object_name for entry in after], keys[7:])


def delete(subject: Subject) -> None:
    """What is deleted is gone, and deleting it again is no error."""
    key = put(subject, "gone", b"x")
    for _ in range(2):
        subject.client.remove_object(subject.bucket, key)
    refused("after its deletion", lambda: subject.client.stat_object(subject.bucket, key), *ABSENT)
    if [entry.object_name for entry in subject.client.list_objects(subject.bucket, prefix=key)]:
        raise Broken("still listed after its deletion")


def versions_off(subject: Subject) -> None:
    """Old versions would keep what a person had erased."""
    try:
        status = subject.client.get_bucket_versioning(subject.bucket).status
    except S3Error as error:
        if error.code in {"NotImplemented", "AccessDenied", "MethodNotAllowed"}:
            return
        raise
    expect("versioning", status, "Off", None, "Suspended")


def encryption_off(subject: Subject) -> None:
    """SeaweedFS keeps the key of its own encryption beside the objects, or loses it: the bucket must not ask for it."""
    if subject.place.backend != "seaweedfs":
        return
    try:
        rules = subject.client.get_bucket_encryption(subject.bucket)
    except S3Error as error:
        if error.code in {"ServerSideEncryptionConfigurationNotFoundError", "AccessDenied", "NotImplemented"}:
            return
        raise
    if rules is not None:
        raise Broken("the bucket encrypts by itself")
