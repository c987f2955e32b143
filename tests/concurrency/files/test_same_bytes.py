"""Uploads and deletions of the same bytes at the same moment: no ready file ever points at bytes that are gone."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from tests.api.files.test_upload import upload
from tests.common.samples import PDF

from belgenet.core.security import Role
from belgenet.core.storage import NoSuchObject
from belgenet.core.web.errors import Problem
from belgenet.files.models import File
from belgenet.files.services import locks, quota, removal

ROUNDS = 12


@pytest.fixture
def people(system: Any, tenant: Any) -> list[Any]:
    return [system.sign_in(tenant, Role.DONOR).client for _ in range(4)]


def test_uploads_race_erasures(system: Any, tenant: Any, people: list[Any]) -> None:
    store = system.registry["belgenet.storage"]
    stop = threading.Event()

    def eraser() -> None:
        while not stop.is_set():
            gone = system.sql("SELECT id FROM files WHERE deleted_at IS NOT NULL")
            for (file_id,) in gone:
                with system.session(tenant) as session:
                    removal.erase(session, store, file_id)

    def live(client: Any) -> list[str]:
        kept = []
        for number in range(ROUNDS):
            file = upload(client, PDF, status=201).json["id"]
            if number % 3:
                client.delete(f"/files/{file}", status=204)
            else:
                kept.append(file)
                assert httpx.get(client.get(f"/files/{file}").json["download_url"]).content == PDF
        return kept

    with ThreadPoolExecutor(6) as pool:
        erasers = [pool.submit(eraser) for _ in range(2)]
        kept = list(pool.map(live, people))
        stop.set()
        for item in erasers:
            item.result()
    for client, files in zip(people, kept, strict=True):
        for file in files:
            assert httpx.get(client.get(f"/files/{file}").json["download_url"]).content == PDF
    assert system.sql("SELECT count(*) FROM files WHERE state = 'ready' AND deleted_at IS NULL") == [(ROUNDS // 3 * 4,)]


def test_the_last_of_many_deletions_takes_the_bytes(system: Any, tenant: Any, people: list[Any]) -> None:
    files = [(client, upload(client, PDF, status=201).json) for client in people]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: pair[0].delete(f"/files/{pair[1]['id']}", status=204), files))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: _erase(system, tenant, pair[1]["id"]), files))
    with pytest.raises(NoSuchObject):
        system.registry["belgenet.storage"].stat(f"{tenant.id}/files/{files[0][1]['sha256']}")
    assert system.sql("SELECT count(*) FROM files") == [(0,)]


def _erase(system: Any, tenant: Any, file_id: str) -> None:
    with system.session(tenant) as session:
        removal.erase(session, system.registry["belgenet.storage"], uuid.UUID(file_id))


def test_an_upload_waits_for_an_erasure_and_puts_the_bytes_back(system: Any, tenant: Any, people: list[Any]) -> None:
    store = system.registry["belgenet.storage"]
    first = upload(people[0], PDF, status=201).json
    key = f"{tenant.id}/files/{first['sha256']}"
    people[0].delete(f"/files/{first['id']}", status=204)
    with ThreadPoolExecutor(1) as pool:
        with system.session(tenant) as session:
            locks.hold_bytes(session, key)
            second = pool.submit(upload, people[1], PDF)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.7)
            removal.erase(session, store, uuid.UUID(first["id"]))
        file = second.result(timeout=10).json
    assert httpx.get(people[1].get(f"/files/{file['id']}").json["download_url"]).content == PDF


def test_two_that_fit_alone_do_not_fit_together(system: Any, tenant: Any, people: list[Any]) -> None:
    system.sql("UPDATE tenants SET overrides = '{\"storage_quota_bytes\": 100}'")
    system.directory.forget()
    data = [bytes([97 + number]) * 60 for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda pair: upload(pair[0], pair[1]).status_int, zip(people, data, strict=True)))
    assert sorted(answers) == [201, 413, 413, 413]
    with system.session(tenant) as session:
        assert quota.used(session) == 60
        with pytest.raises(Problem, match="quota_exceeded"):
            quota.reserve(session, 41, 100)


def test_complete_at_the_same_moment_is_one_file(system: Any, tenant: Any, people: list[Any]) -> None:
    body = {"name": "a.pdf", "content_type": "application/pdf", "size": len(PDF)}
    form = people[0].post("/files/presign-upload", body, status=201).json
    httpx.post(form["url"], data=form["fields"], files={"file": ("x", PDF)})
    with ThreadPoolExecutor(4) as pool:
        path = f"/files/{form['file_id']}/complete"
        answers = list(pool.map(lambda _: people[0].post(path), range(4)))
    assert {answer.status_int for answer in answers} <= {200, 503}
    assert any(answer.status_int == 200 for answer in answers)
    assert people[0].post(path, status=200).json["state"] == "ready"
    with system.session(tenant) as session:
        assert session.query(File).filter_by(state="ready").count() == 1
