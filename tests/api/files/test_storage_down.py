"""Days on which the object store does not answer, and what is left to clean up afterwards."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, BinaryIO

import pytest
from minio import Minio
from tests.api.files.test_presigned import announce, post
from tests.api.files.test_upload import upload
from tests.common.samples import PDF, png

from belgenet.core.security import Role
from belgenet.core.storage import NoSuchObject, StorageUnavailable
from belgenet.core.storage.s3 import S3Store
from belgenet.core.web.errors import Problem
from belgenet.files.interfaces import Verdict
from belgenet.files.models import File
from belgenet.files.services import removal
from belgenet.files.services.intake import Intake
from belgenet.files.services.received import received
from belgenet.files.tasks import sweep


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


@pytest.fixture
def store(system: Any) -> S3Store:
    return system.registry["belgenet.storage"]  # type: ignore[no-any-return]


@pytest.fixture
def down(store: S3Store) -> Any:
    """``with down():`` the store's address leads nowhere."""

    @contextmanager
    def switch() -> Iterator[None]:
        import urllib3

        pool = urllib3.PoolManager(timeout=1, retries=False)
        kept = store._client
        store._client = Minio(
            "127.0.0.1:9", access_key="a", secret_key="b", secure=False, region="us-east-1", http_client=pool
        )
        try:
            yield
        finally:
            store._client = kept

    return switch


def later(system: Any, tenant: Any, **age: Any) -> None:
    """Let time pass, then sweep."""
    for column in ("updated_at", "created_at", "upload_expires_at"):
        system.sql(f"UPDATE files SET {column} = {column} - :age", age=timedelta(**age))
    with system.request(tenant) as request:
        sweep(request)


def test_upload_says_try_later_and_shows_nothing(system: Any, admin: Any, down: Any) -> None:
    with down():
        answer = upload(admin, PDF, status=503)
    assert answer.json["code"] == "storage_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert system.sql("SELECT state FROM files") == [("rejected",)]
    ready = upload(admin, PDF, status=201).json
    assert system.sql("SELECT id FROM files WHERE state = 'ready'") == [(uuid.UUID(ready["id"]),)]


def test_public_image_and_complete_say_try_later(admin: Any, app: Any, down: Any) -> None:
    logo = upload(admin, png(), purpose="logo", status=201).json
    form = announce(admin, len(PDF), status=201).json
    post(form, PDF)
    with down():
        assert app.get(logo["content_url"], status=503).json["code"] == "storage_unavailable"
        assert admin.post(f"/files/{form['file_id']}/complete", status=503).json["code"] == "storage_unavailable"
    assert admin.post(f"/files/{form['file_id']}/complete", status=200).json["state"] == "ready"
    assert app.get(logo["content_url"], status=200)


def test_delete_works_while_the_store_is_down(system: Any, tenant: Any, admin: Any, store: S3Store, down: Any) -> None:
    file = upload(admin, PDF, status=201).json
    key = f"{tenant.id}/files/{file['sha256']}"
    with down():
        admin.delete(f"/files/{file['id']}", status=204)
        system.drain()
    assert admin.get(f"/files/{file['id']}").status_int == 404
    assert store.stat(key)
    system.sql("UPDATE outbox_deliveries SET available_at = now()")
    system.drain()
    with pytest.raises(NoSuchObject):
        store.stat(key)


def test_a_public_image_whose_bytes_were_lost(system: Any, tenant: Any, admin: Any, app: Any, store: S3Store) -> None:
    logo = upload(admin, png(), purpose="logo", status=201).json
    store.delete(f"{tenant.id}/files/{logo['sha256']}")
    assert app.get(logo["content_url"]).status_int == 503
    again = upload(admin, png(), purpose="logo", status=201).json
    assert app.get(again["content_url"], status=200).body == png()
    assert app.get(logo["content_url"], status=200).body == png()


def test_sweep_removes_unfinished_uploads(system: Any, tenant: Any, admin: Any, store: S3Store, down: Any) -> None:
    kept = upload(admin, png(), status=201).json
    with down():
        upload(admin, PDF, status=503)
    posted = announce(admin, len(PDF), status=201).json
    post(posted, PDF)
    announce(admin, 10, status=201)
    later(system, tenant, minutes=30)
    assert system.sql("SELECT count(*) FROM files") == [(4,)]
    later(system, tenant, hours=2)
    assert system.sql("SELECT id FROM files") == [(uuid.UUID(kept["id"]),)]
    with pytest.raises(NoSuchObject):
        store.stat(f"{tenant.id}/uploads/{posted['file_id']}")
    assert store.stat(f"{tenant.id}/files/{kept['sha256']}")


def test_sweep_removes_what_was_posted_once_more(system: Any, tenant: Any, admin: Any, store: S3Store) -> None:
    form = announce(admin, len(PDF), status=201).json
    post(form, PDF)
    ready = admin.post(f"/files/{form['file_id']}/complete", status=200).json
    post(form, PDF)
    assert store.stat(f"{tenant.id}/uploads/{form['file_id']}")
    later(system, tenant, hours=2)
    with pytest.raises(NoSuchObject):
        store.stat(f"{tenant.id}/uploads/{form['file_id']}")
    assert system.sql("SELECT state, upload_expires_at FROM files") == [("ready", None)]
    assert store.stat(f"{tenant.id}/files/{ready['sha256']}")


def test_sweep_finishes_deletions_whose_event_died(system: Any, tenant: Any, admin: Any, store: S3Store) -> None:
    file = upload(admin, PDF, status=201).json
    admin.delete(f"/files/{file['id']}", status=204)
    system.sql("DELETE FROM outbox")
    later(system, tenant, hours=2)
    assert system.sql("SELECT count(*) FROM files") == [(0,)]
    with pytest.raises(NoSuchObject):
        store.stat(f"{tenant.id}/files/{file['sha256']}")


def test_sweep_waits_for_the_store(system: Any, tenant: Any, admin: Any, down: Any) -> None:
    announce(admin, 10, status=201)
    with down():
        later(system, tenant, hours=2)
    assert system.sql("SELECT count(*) FROM files") == [(1,)]


def test_a_sweep_holds_no_transaction_for_the_whole_of_it(
    system: Any, tenant: Any, admin: Any, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store goes down half-way: what was erased before is erased, and each row was free again at once."""
    for _ in range(3):
        announce(admin, 10, status=201)
    system.sql("UPDATE files SET state = 'rejected'")
    left: list[int] = []
    delete = store.delete

    def slow(key: str) -> None:
        left.append(system.sql("SELECT count(*) FROM files")[0][0])
        if len(left) == 3:
            raise StorageUnavailable("away")
        delete(key)

    monkeypatch.setattr(store, "delete", slow)
    later(system, tenant, hours=2)
    assert left == [3, 2, 1]
    assert system.sql("SELECT count(*) FROM files") == [(1,)]


def test_clearing_a_form_happens_outside_of_a_transaction(
    system: Any, tenant: Any, admin: Any, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = announce(admin, len(PDF), status=201).json
    post(form, PDF)
    admin.post(f"/files/{form['file_id']}/complete", status=200)
    in_use: list[int] = []
    pool = system.registry["belgenet.engine"].pool
    monkeypatch.setattr(store, "delete", lambda _key: in_use.append(pool.checkedout()))
    later(system, tenant, hours=2)
    assert in_use == [0]
    assert system.sql("SELECT upload_expires_at FROM files") == [(None,)]


def test_an_erasure_that_comes_twice_or_too_early_does_nothing(
    system: Any, tenant: Any, admin: Any, store: S3Store
) -> None:
    file = upload(admin, PDF, status=201).json
    with system.session(tenant) as session:
        removal.erase(session, store, uuid.UUID(file["id"]))
        removal.erase(session, store, uuid.uuid4())
    assert store.stat(f"{tenant.id}/files/{file['sha256']}")
    assert admin.get(f"/files/{file['id']}").status_int == 200


class Watchful:
    """A scanner that knows one virus, and may be out of order."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works

    def scan(self, data: BinaryIO) -> Verdict:
        if not self.works:
            raise StorageUnavailable("scanner")
        return Verdict.INFECTED if b"EICAR" in data.read() else Verdict.CLEAN


def keep(system: Any, tenant: Any, scanner: Watchful, data: bytes) -> File:
    person = system.sign_in(tenant, Role.DONOR)
    with system.request(tenant) as request:
        identity = _identity(person, tenant)
        intake = Intake(request.db, system.registry["belgenet.storage"], scanner, _commit(request), 10_000)
        with received([data], 10_000) as found:
            return intake.add(identity, "attachment", "a.txt", found)


def _commit(request: Any) -> Any:
    def commit() -> None:
        request.tm.commit()
        request.tm.begin()

    return commit


def _identity(person: Any, tenant: Any) -> Any:
    from belgenet.core.security import Identity

    return Identity(person.account_id, tenant.id, uuid.uuid4(), frozenset({Role.DONOR}))


def test_a_scanner_lets_clean_files_pass(system: Any, tenant: Any) -> None:
    keep(system, tenant, Watchful(), b"clean")
    assert system.sql("SELECT state, scan FROM files") == [("ready", "clean")]


def test_a_scanner_keeps_infected_files_out(system: Any, tenant: Any, store: S3Store) -> None:
    with pytest.raises(Problem, match="file_infected"):
        keep(system, tenant, Watchful(), b"X5O!P%@AP EICAR")
    [(state, sha256)] = system.sql("SELECT state, sha256 FROM files")
    assert state == "rejected"
    with pytest.raises(NoSuchObject):
        store.stat(f"{tenant.id}/files/{sha256}")


def test_without_its_scanner_nothing_gets_in(system: Any, tenant: Any) -> None:
    with pytest.raises(Problem, match="storage_unavailable"):
        keep(system, tenant, Watchful(works=False), b"clean")
    assert system.sql("SELECT state FROM files") == [("rejected",)]


def test_received_is_rewound_and_counted() -> None:
    with received(iter([b"ab", b"", b"c"]), 3) as found:
        assert found.data.read() == b"abc"
        assert found.size == 3
    with pytest.raises(Problem, match="file_too_large"), received(iter([b"ab", b"cd"]), 3):
        pass
