"""What every ObjectStore must do, asked of S3Store against a real S3 server."""

import io
import uuid
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from belgenet.core.storage import NoSuchObject, StorageUnavailable, tenant_key
from belgenet.core.storage.s3 import S3Store
from belgenet.settings.modules import Storage

DATA = bytes(range(256)) * 5000


@pytest.fixture
def store(s3_server: Any, s3_bucket: str) -> S3Store:
    return S3Store.from_settings(settings_for(s3_server, s3_bucket))


@pytest.fixture
def key() -> str:
    return tenant_key(uuid.uuid4(), "files", uuid.uuid4().hex)


def settings_for(server: Any, name: str, /, **change: Any) -> Storage:
    plain = {
        "endpoint": server.endpoint.removeprefix("http://"),
        "access_key": server.access_key,
        "secret_key": server.secret_key,
        "bucket": name,
        "presign_seconds": 60,
    }
    return Storage(**{**plain, **change})


@pytest.mark.parametrize("data", [DATA, b"", b"x", DATA * 10], ids=["some", "none", "one", "several parts"])
def test_what_is_put_is_what_comes_back(store: S3Store, key: str, data: bytes) -> None:
    store.put(key, data, len(data), "application/pdf")
    assert store.get(key) == data
    found = store.stat(key)
    assert (found.key, found.size, found.content_type) == (key, len(data), "application/pdf")


def test_put_takes_a_stream_and_gives_one(store: S3Store, key: str) -> None:
    store.put(key, io.BytesIO(DATA), len(DATA), "text/plain")
    with store.stream(key) as pieces:
        taken = list(pieces)
    assert b"".join(taken) == DATA
    assert len(taken) > 1


def test_putting_again_is_fine(store: S3Store, key: str) -> None:
    for _ in range(2):
        store.put(key, DATA, len(DATA), "text/plain")
    assert store.get(key) == DATA


def test_what_is_not_there(store: S3Store, key: str) -> None:
    for question in (store.get, store.stat):
        with pytest.raises(NoSuchObject):
            question(key)
    with pytest.raises(NoSuchObject), store.stream(key) as pieces:
        next(pieces)
    store.delete(key)


def test_delete(store: S3Store, key: str) -> None:
    store.put(key, DATA, len(DATA), "text/plain")
    store.delete(key)
    store.delete(key)
    with pytest.raises(NoSuchObject):
        store.stat(key)


@pytest.mark.parametrize("name", ["özgeçmiş – Işıl.pdf", "سورة.pdf", 'a"b;c.pdf', "x" * 180])
def test_download_address(store: S3Store, key: str, name: str) -> None:
    store.put(key, DATA, len(DATA), "text/html")
    answer = httpx.get(store.presign_get(key, filename=name, content_type="application/pdf"))
    assert answer.content == DATA
    assert answer.headers["Content-Type"] == "application/pdf"
    assert unquote(answer.headers["Content-Disposition"]) == f"attachment; filename*=UTF-8''{name}"


@pytest.mark.parametrize(
    ("asked", "start", "stop"), [("bytes=0-9", 0, 10), ("bytes=-5", -5, None), ("bytes=100-", 100, None)]
)
def test_download_in_ranges(store: S3Store, key: str, asked: str, start: int, stop: int | None) -> None:
    store.put(key, DATA, len(DATA), "video/mp4")
    answer = httpx.get(store.presign_get(key, filename="a.mp4", content_type="video/mp4"), headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == DATA[start:stop]


def test_addresses_are_for_one_object_and_one_verb(store: S3Store, key: str) -> None:
    store.put(key, DATA, len(DATA), "text/plain")
    address = store.presign_get(key, filename="a", content_type="text/plain")
    assert httpx.get(address.replace(key, key[:-1] + ("0" if key[-1] != "0" else "1"))).status_code == 403
    assert httpx.delete(address).status_code == 403
    assert httpx.get(address.partition("?")[0]).status_code == 403
    assert store.get(key) == DATA


def post(form: Any, data: bytes, **change: str) -> int:
    return httpx.post(form.url, data={**form.fields, **change}, files={"file": ("x", data)}).status_code


def test_upload_form(store: S3Store, key: str) -> None:
    form = store.presign_post(key, content_type="image/png", max_bytes=100)
    assert post(form, b"x" * 100) == 204
    assert store.stat(key).size == 100
    assert store.stat(key).content_type == "image/png"


def test_upload_form_is_enforced(store: S3Store, key: str) -> None:
    form = store.presign_post(key, content_type="image/png", max_bytes=100)
    assert post(form, b"x" * 101) == 400
    assert post(form, b"") == 400
    assert post(form, b"x", key=f"{key}x") == 403
    assert post(form, b"x", **{"Content-Type": "text/html"}) == 403
    assert httpx.post(form.url, data={"key": key}, files={"file": ("x", b"x")}).status_code in {400, 403}
    with pytest.raises(NoSuchObject):
        store.stat(key)


@pytest.mark.parametrize("part", ["", "..", ".", "a/b", "/"])
def test_keys_cannot_leave_their_tenant(part: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        tenant_key(uuid.uuid4(), "files", part)


@pytest.mark.parametrize(
    "change",
    [{"endpoint": "127.0.0.1:9"}, {"secret_key": "wrong"}, {"bucket": "no-such-bucket"}],
    ids=["down", "key", "bucket"],
)
def test_a_store_that_cannot_says_so(s3_server: Any, s3_bucket: str, key: str, change: dict[str, Any]) -> None:
    broken = S3Store.from_settings(settings_for(s3_server, s3_bucket, **change))
    for act in (
        lambda: broken.put(key, DATA, len(DATA), "text/plain"),
        lambda: broken.get(key),
        broken.check,
    ):
        with pytest.raises(StorageUnavailable):
            act()
    with pytest.raises(NoSuchObject if "bucket" in change else StorageUnavailable):  # HEAD cannot tell a missing bucket
        broken.stat(key)


def test_check_and_ensure(store: S3Store, s3_server: Any) -> None:
    store.check()
    fresh = S3Store.from_settings(settings_for(s3_server, f"bucket-{uuid.uuid4().hex[:8]}"))
    fresh.ensure_bucket()
    fresh.ensure_bucket()
    fresh.check()
