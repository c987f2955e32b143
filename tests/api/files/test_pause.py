"""While the objects move to another S3 server, nothing is written, everything is read, and callers are asked to come back."""

import os
import time
from typing import Any

import pytest
from tests.api.files.test_presigned import announce
from tests.api.files.test_upload import upload
from tests.common.samples import PDF, png

from belgenet.core.security import Role
from belgenet.core.storage import StorageUnavailable
from belgenet.core.storage.hold import LEASE_SECONDS, held, renew
from belgenet.core.storage.s3 import S3Store
from belgenet.settings.modules import Storage


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


@pytest.fixture
def paused(system: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Begins the pause; gives the file that holds it."""
    store = system.registry["belgenet.storage"]
    file = tmp_path / "hold"

    def begin() -> Any:
        monkeypatch.setattr(store, "_settings", store._settings.model_copy(update={"hold_file": str(file)}))
        renew(file)
        return file

    return begin


def asked_to_come_back(answer: Any) -> None:
    assert answer.json["code"] == "storage_unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def test_uploads_wait_and_downloads_go_on(admin: Any, paused: Any) -> None:
    kept = upload(admin, png(), status=201).json
    file = paused()
    asked_to_come_back(upload(admin, PDF, status=503))
    asked_to_come_back(announce(admin, len(PDF), status=503))
    assert admin.get(f"/files/{kept['id']}").json["download_url"]
    file.unlink()
    upload(admin, PDF, status=201)


def test_who_is_killed_while_holding_it_stops_nobody_for_long(tmp_path: Any) -> None:
    file = tmp_path / "hold"
    assert not held("")
    assert not held(str(file))
    renew(file)
    assert held(str(file))
    past = time.time() - LEASE_SECONDS - 1
    os.utime(file, (past, past))
    assert not held(str(file))
    renew(file)
    assert held(str(file))


def test_nothing_is_deleted_or_signed_for_writing(s3_server: Any, s3_bucket: str, tmp_path: Any) -> None:
    file = tmp_path / "hold"
    settings = Storage(
        endpoint=s3_server.endpoint.removeprefix("http://"),
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
        bucket=s3_bucket,
        hold_file=str(file),
    )
    store = S3Store.from_settings(settings)
    store.put("pause/a", b"x", 1, "text/plain")
    renew(file)
    for act in (
        lambda: store.put("pause/b", b"x", 1, "text/plain"),
        lambda: store.delete("pause/a"),
        lambda: store.presign_post("pause/b", content_type="text/plain", max_bytes=1),
    ):
        with pytest.raises(StorageUnavailable):
            act()
    assert store.get("pause/a") == b"x"
    assert store.presign_get("pause/a", filename="a", content_type="text/plain")


def test_the_bucket_may_be_part_of_the_hosts_name() -> None:
    settings = Storage(
        endpoint="s3.example.org", bucket="dosyalar", access_key="a", secret_key="b", secure=True, virtual_hosts=True
    )
    store = S3Store.from_settings(settings)
    assert store.presign_get("k", filename="a", content_type="text/plain").startswith(
        "https://dosyalar.s3.example.org/k?"
    )
    form = store.presign_post("k", content_type="text/plain", max_bytes=1)
    assert form.url == "https://dosyalar.s3.example.org/"
    assert settings.browser_origin == "https://dosyalar.s3.example.org"
