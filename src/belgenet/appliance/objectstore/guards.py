"""The questions about protection: without the right key there is nothing to be had, and browsers get what was signed for them."""

import base64
import io
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from typing import Final

from minio.datatypes import PostPolicy
from minio.error import S3Error

from belgenet.appliance.objectstore.conformance import Broken, Subject, eventually, expect, refused
from belgenet.appliance.objectstore.place import Keys
from belgenet.appliance.objectstore.questions import ABSENT, get, put
from belgenet.appliance.objectstore.signing import presign
from belgenet.core.db.types import utcnow

_DENIED: Final = ("AccessDenied", "Forbidden")
_SHUT: Final = (401, 403)
_TRAILER: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def encrypted_line(subject: Subject) -> None:
    """Between this server and another one, nobody reads along."""
    host = subject.place.endpoint.rpartition(":")[0] or subject.place.endpoint
    try:
        here = ip_address(host.strip("[]")).is_loopback
    except ValueError:
        here = host == "localhost"
    if not (subject.place.secure or here):
        raise Broken(f"{subject.place.endpoint} without TLS")


def anonymous(subject: Subject) -> None:
    """Without a key: nothing."""
    key = put(subject, "private", b"x")
    url = subject.place.url(key)
    expect("reading", subject.status("GET", url), *_SHUT)
    expect("writing", subject.status("PUT", url, body=b"evil"), *_SHUT)
    expect("deleting", subject.status("DELETE", url), *_SHUT)
    expect("listing", subject.status("GET", subject.place.url() + "?list-type=2"), *_SHUT)
    expect("what is there", get(subject, key), b"x")


def wrong_secret(subject: Subject) -> None:
    """With a known name and a wrong secret: nothing."""
    stranger = subject.place.client(Keys(subject.keys.access, "wrong-" + secrets.token_hex(8)))
    refused("a wrong secret", lambda: stranger.stat_object(subject.bucket, "x"), "SignatureDoesNotMatch", *_DENIED)
    nobody = subject.place.client(Keys(secrets.token_hex(8), secrets.token_hex(16)))
    refused("an unknown key", lambda: list(nobody.list_objects(subject.bucket)), "InvalidAccessKeyId", *_DENIED)


def elsewhere(subject: Subject) -> None:
    """A service's key is good for the bucket of the product, and for no other."""
    with _other_bucket(subject) as other:
        client = subject.client
        shut = (*_DENIED, *(() if subject.admin else ("NoSuchBucket", "InvalidBucketName")))
        refused("writing", lambda: client.put_object(other, "x", io.BytesIO(b"evil"), 4), *shut)
        refused("reading", lambda: client.get_object(other, "kept"), *shut)
        refused("listing", lambda: list(client.list_objects(other)), *shut)
        if subject.admin:
            refused("deleting", lambda: client.remove_object(other, "kept"), *shut)
            subject.place.client(subject.admin).stat_object(other, "kept")


@contextmanager
def _other_bucket(subject: Subject) -> Iterator[str]:
    name = f"belgenet-check-{secrets.token_hex(6)}"
    if subject.admin is None:
        yield name
        return
    admin = subject.place.client(subject.admin)
    admin.make_bucket(name)
    try:
        admin.put_object(name, "kept", io.BytesIO(b"x"), 1)
        yield name
    finally:
        for entry in admin.list_objects(name, recursive=True):
            admin.remove_object(name, entry.object_name)
        admin.remove_bucket(name)


def makes_no_buckets(subject: Subject) -> None:
    """A key that may make buckets may do more than the product needs."""
    name = f"belgenet-check-{secrets.token_hex(6)}"
    try:
        subject.client.make_bucket(name)
    except S3Error:
        return
    subject.client.remove_bucket(name)
    raise Broken("the key may make buckets")


def presigned_put(subject: Subject) -> None:
    """An address that was signed for one type takes no other."""
    headers, key = {"Content-Type": "application/pdf"}, subject.key("typed")
    url = presign("PUT", subject.place, subject.keys, key, headers=headers)
    wrong = {"Content-Type": "text/html"}
    expect("another type", subject.status("PUT", url, body=b"<b>", headers=wrong), *_SHUT)
    refused("after a refusal", lambda: subject.client.stat_object(subject.bucket, key), *ABSENT)
    expect("the type that was signed", subject.status("PUT", url, body=b"%PDF", headers=headers), 200)
    expect("another object", subject.status("PUT", url.replace("typed", "tapyd"), body=b"x", headers=headers), *_SHUT)


def presigned_get(subject: Subject) -> None:
    """Downloads keep their name; a changed, a spent and a misused address are refused."""
    key = put(subject, "download", b"x" * 10, "text/html")
    disposition = "attachment; filename*=UTF-8''Makbuz%20%C4%B0.pdf"
    said = {"response-content-disposition": disposition, "response-content-type": "application/pdf"}
    url = subject.client.presigned_get_object(
        subject.bucket, key, expires=timedelta(seconds=60), response_headers=dict(said)
    )
    answer = subject.http.request("GET", url)
    expect("download", (answer.status, answer.data), (200, b"x" * 10))
    expect("name of the download", answer.headers.get("Content-Disposition"), disposition)
    expect("type of the download", answer.headers.get("Content-Type"), "application/pdf")
    changed = url[:-1] + ("0" if url[-1] != "0" else "1")
    expect("a changed signature", subject.status("GET", changed), *_SHUT)
    expect("deleting with it", subject.status("DELETE", url), *_SHUT)
    spent = presign("GET", subject.place, subject.keys, key, seconds=1)
    time.sleep(2.1)
    expect("a spent address", subject.status("GET", spent), *_SHUT)


def post_policy(subject: Subject) -> None:
    """A signed form takes one object of one type up to one size."""
    key, kind = subject.key("form"), "image/png"
    policy = PostPolicy(subject.bucket, utcnow() + timedelta(seconds=60))
    policy.add_equals_condition("key", key)
    policy.add_equals_condition("Content-Type", kind)
    policy.add_content_length_range_condition(1, 100)
    signed = {**subject.client.presigned_post_policy(policy), "key": key, "Content-Type": kind}

    def post(data: bytes, **change: str) -> int:
        fields = {**signed, **change, "file": ("x", data)}
        return subject.status("POST", subject.place.url(), fields=fields)

    expect("a larger file", post(b"x" * 101), 400, 403, 413)
    expect("an empty file", post(b""), 400, 403)
    expect("another key", post(b"x", key=key + "2"), 403)
    expect("another type", post(b"x", **{"Content-Type": "text/html"}), 403)
    expect("another signature", post(b"x", **{"x-amz-signature": "0" * 64}), 403)
    expect("another deadline", post(b"x", policy=_prolonged(signed["policy"])), 403)
    refused("after refusals", lambda: subject.client.stat_object(subject.bucket, key), *ABSENT)
    expect("the file that was signed", post(b"x" * 100), 200, 201, 204)
    expect("its type", subject.client.stat_object(subject.bucket, key).content_type, kind)


def _prolonged(policy: str) -> str:
    said = json.loads(base64.b64decode(policy))
    said["expiration"] = "2099-01-01T00:00:00.000Z"
    return base64.b64encode(json.dumps(said).encode()).decode()


def unsigned_trailer(subject: Subject) -> None:
    """Who knows the name of a key, and not its secret, writes nothing (CVE-2026-40344, CVE-2026-41145)."""
    key, day = subject.key("trailer"), utcnow().strftime("%Y%m%d")
    scope = f"{subject.keys.access}/{day}/{subject.place.region}/s3/aws4_request"
    body = b"1\r\nx\r\n0\r\nx-amz-checksum-crc32:jOW+lA==\r\n\r\n"
    headers = {
        "x-amz-content-sha256": _TRAILER,
        "x-amz-decoded-content-length": "1",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "x-amz-date": utcnow().strftime("%Y%m%dT%H%M%SZ"),
        "Content-Encoding": "aws-chunked",
    }
    forged = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    url = subject.place.url(key)
    attempts = (
        (url, headers | {"Authorization": forged}),
        (url, headers | {"Authorization": forged, "x-amz-meta-snowball-auto-extract": "true"}),
        (f"{url}?X-Amz-Credential={scope.replace('/', '%2F')}", headers),
    )
    for number, (address, said) in enumerate(attempts, 1):
        if subject.status("PUT", address, body=body, headers=said) < 400:  # noqa: PLR2004
            raise Broken(f"forged request {number} was accepted")
    if not eventually(lambda: _absent(subject, key), 0):
        raise Broken("a forged request left an object")


def _absent(subject: Subject, key: str) -> bool:
    return not list(subject.client.list_objects(subject.bucket, prefix=key))
