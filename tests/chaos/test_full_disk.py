"""The disk of the S3 server is full: a real server on a real, small filesystem."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.api.certificates.conftest import KIND, Award, Office
from tests.common.forms import FORM, form
from tests.common.samples import PDF

from belgenet.core.security import Role
from belgenet.core.storage import NoSuchObject
from belgenet.core.storage.s3 import S3Store
from belgenet.settings.modules import Storage
from belgenet.testing.servers import S3Server

DISK_BYTES = 64 * 1024 * 1024
DOCUMENT = PDF + os.urandom(400_000)
pytestmark = pytest.mark.chaos


class Disk:
    """A filesystem of ``DISK_BYTES`` that can be filled to the last byte and relieved again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def relieve(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small filesystem to fill")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount a filesystem: {done.stderr.strip()}")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def store(system: Any, disk: Disk) -> Iterator[S3Store]:
    """The application's store, on a server of its own whose data lie on the small disk."""
    used: S3Store = system.registry["belgenet.storage"]
    before = dict(vars(used))
    with S3Server(disk.folder / "s3") as server:
        found = server.address
        settings = Storage(
            endpoint=found.endpoint,
            access_key=SecretStr(found.access_key),
            secret_key=SecretStr(found.secret_key),
            bucket="belgenet-small",
        )
        vars(used).update(vars(S3Store.from_settings(settings)))
        used.ensure_bucket()
        used.put("earlier", DOCUMENT, len(DOCUMENT), "application/pdf")  # an installation in use has its volumes
        yield used
        vars(used).update(before)
        assert server.process is not None
        # Asked to stop, its filer first stores its log of changes and tries for ever, because there is no room for it.
        server.process.kill()


@pytest.fixture
def office(system: Any, tenant: Any) -> Iterator[Office]:
    kinds = system.registry["belgenet.certifiables"].kinds
    kinds[KIND] = Award()
    yield Office(system, tenant, kinds[KIND])
    del kinds[KIND]


def upload(client: Any, language: str, status: int) -> Any:
    headers = {"Content-Type": FORM, "Accept-Language": language}
    return client.post("/files/upload", raw=form(DOCUMENT), headers=headers, status=status)


def stored(store: S3Store, key: str) -> bool:
    try:
        store.get(key)
    except NoSuchObject:
        return False
    return True


def test_an_upload_is_refused_in_plain_words_and_leaves_nothing_half_done(
    system: Any, tenant: Any, store: S3Store, disk: Disk
) -> None:
    client = system.sign_in(tenant, Role.TENANT_ADMIN).client
    disk.fill()
    texts = set()
    for language in ("tr", "en"):
        answer = upload(client, language, 503)
        assert answer.json["code"] == "storage_unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        texts.add(answer.json["title"])
    assert len(texts) == 2
    assert "InternalError" not in str(texts)
    rows = system.sql("SELECT state, sha256 FROM files")
    assert {state for state, _ in rows} == {"rejected"}
    disk.relieve()
    key = f"{tenant.id}/files/{rows[0].sha256}"
    assert not stored(store, key)
    made = upload(client, "tr", 201).json
    assert store.get(key) == DOCUMENT
    assert system.sql("SELECT id FROM files WHERE state = 'ready'") == [(uuid.UUID(made["id"]),)]


def test_what_was_stored_before_can_still_be_read(system: Any, tenant: Any, store: S3Store, disk: Disk) -> None:
    client = system.sign_in(tenant, Role.TENANT_ADMIN).client
    upload(client, "tr", 201)
    disk.fill()
    (digest,) = system.sql("SELECT sha256 FROM files")[0]
    assert store.get(f"{tenant.id}/files/{digest}") == DOCUMENT


def test_a_certificate_waits_for_room_and_is_made_then(
    system: Any, tenant: Any, store: S3Store, disk: Disk, office: Office
) -> None:
    donor = system.sign_in(tenant, Role.DONOR)
    disk.fill()
    certificate = office.ask(office.wanted(donor))
    system.drain()
    waiting = office.row(certificate)
    assert waiting.state not in {"READY", "FAILED"}
    assert waiting.object_key is None
    delivery = "SELECT state, attempts FROM outbox_deliveries WHERE consumer = 'certificates.generate'"
    assert system.sql(delivery) == [("pending", 1)]
    donor.client.get(f"/certificates/{certificate}/download", status=409)
    disk.relieve()
    system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")
    system.drain()
    assert system.sql(delivery) == [("done", 2)]
    assert office.row(certificate).state == "READY"
    assert donor.client.get(f"/certificates/{certificate}/download", status=200).body.startswith(b"%PDF-")
    mails = "SELECT count(*) FROM mail_messages WHERE template = 'certificate_ready'"
    assert system.sql(mails) == [(1,)]
