"""Who may read, download and delete a file."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.api.files.test_upload import upload
from tests.common.samples import MP4, PDF, png

from belgenet.core.security import Identity, Role
from belgenet.core.storage import NoSuchObject
from belgenet.core.web.errors import Problem
from belgenet.files.interfaces import FileLibrary
from belgenet.files.resources import RULES


@pytest.fixture
def owner(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.DONOR)


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN)


@pytest.fixture
def stranger(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.STUDENT)


@pytest.fixture
def pdf(owner: Any) -> str:
    return str(upload(owner.client, PDF, "özel.pdf", status=201).json["id"])


@pytest.fixture
def class_list(system: Any) -> Iterator[set[uuid.UUID]]:
    """Accounts that a rule for files of kind ``test_class`` lets in."""
    members: set[uuid.UUID] = set()

    def rule(session: Any, identity: Identity, object_id: uuid.UUID) -> bool:
        assert session.scalar(text("SELECT count(*) FROM files WHERE subject_id = :id"), {"id": object_id}) == 1
        return identity.account_id in members

    system.registry[RULES]["test_class"] = rule
    yield members
    del system.registry[RULES]["test_class"]


def test_owner_and_administrator_read_it(owner: Any, admin: Any, pdf: str) -> None:
    for person in (owner, admin):
        assert person.client.get(f"/files/{pdf}", status=200).json["name"] == "özel.pdf"


def test_for_others_it_does_not_exist(stranger: Any, app: Any, pdf: str) -> None:
    for path in (f"/files/{pdf}", f"/files/{pdf}?download=1", f"/files/{pdf}/content"):
        assert stranger.client.get(path, status=404).json["code"] == "not_found"
        assert app.get(path, status=401).json["code"] == "not_authenticated"
    assert stranger.client.delete(f"/files/{pdf}").status_int == 404
    assert stranger.client.post(f"/files/{pdf}/complete").status_int == 404


def test_download_is_a_redirect_to_the_bytes(owner: Any, pdf: str) -> None:
    answer = owner.client.get(f"/files/{pdf}?download=1", status=303)
    assert answer.headers["Cache-Control"] == "no-store"
    assert httpx.get(answer.headers["Location"]).content == PDF


def test_private_content_answers_ranges_after_a_redirect(admin: Any) -> None:
    film = upload(admin.client, MP4, "ders 1.mp4", "course_material", status=201).json
    address = admin.client.get(f"/files/{film['id']}/content", status=303).headers["Location"]
    part = httpx.get(address, headers={"Range": "bytes=4-11"})
    assert part.status_code == 206
    assert part.content == b"ftypisom"
    assert part.headers["Content-Range"] == f"bytes 4-11/{len(MP4)}"


def test_an_address_cannot_be_stretched(owner: Any, pdf: str) -> None:
    address = owner.client.get(f"/files/{pdf}").json["download_url"]
    assert httpx.get(address.replace("X-Amz-Expires=900", "X-Amz-Expires=90000")).status_code == 403
    assert httpx.get(address.partition("?")[0]).status_code == 403


def test_a_rule_of_another_domain_lets_learners_in(
    system: Any, tenant: Any, admin: Any, stranger: Any, class_list: set[uuid.UUID]
) -> None:
    film = upload(admin.client, MP4, "ders.mp4", "course_material", status=201).json["id"]
    lesson = uuid.uuid4()
    with system.request(tenant) as request:
        request.service(FileLibrary).attach(uuid.UUID(film), "test_class", lesson, purposes=("course_material",))
    assert stranger.client.get(f"/files/{film}").status_int == 404
    class_list.add(stranger.account_id)
    assert stranger.client.get(f"/files/{film}", status=200).json["content_type"] == "video/mp4"
    assert stranger.client.get(f"/files/{film}/content").status_int == 303
    assert stranger.client.delete(f"/files/{film}").status_int == 403


def test_library_gives_links_and_guards_attached_files(system: Any, tenant: Any, admin: Any) -> None:
    film = uuid.UUID(upload(admin.client, MP4, "ders.mp4", "course_material", status=201).json["id"])
    lesson, other = uuid.uuid4(), uuid.uuid4()
    with system.request(tenant) as request:
        library = request.service(FileLibrary)
        info = library.attach(film, "lesson", lesson, purposes=("course_material",))
        assert library.attach(film, "lesson", lesson, purposes=("course_material",)) == info
        assert library.get(film) == info
        assert httpx.get(library.link(film)).content == MP4
        assert library.link(other) is None
    with pytest.raises(Problem, match="file_in_use"), system.request(tenant) as request:
        request.service(FileLibrary).attach(film, "lesson", other, purposes=("course_material",))
    with pytest.raises(Problem, match="invalid_input"), system.request(tenant) as request:
        request.service(FileLibrary).attach(film, "lesson", lesson, purposes=("logo",))
    assert admin.client.delete(f"/files/{film}", status=409).json["code"] == "file_in_use"
    with system.request(tenant) as request:
        request.service(FileLibrary).release("lesson", lesson, keep=[film])
    admin.client.delete(f"/files/{film}", status=409)
    with system.request(tenant) as request:
        request.service(FileLibrary).release("lesson", lesson)
    admin.client.delete(f"/files/{film}", status=204)


def test_delete_takes_the_name_at_once_and_the_bytes_soon(system: Any, tenant: Any, owner: Any, pdf: str) -> None:
    sha256 = owner.client.get(f"/files/{pdf}").json["sha256"]
    owner.client.delete(f"/files/{pdf}", status=204)
    assert owner.client.get(f"/files/{pdf}").status_int == 404
    assert owner.client.delete(f"/files/{pdf}").status_int == 404
    assert system.drain() == 1
    assert system.sql("SELECT count(*) FROM files") == [(0,)]
    with pytest.raises(NoSuchObject):
        system.registry["belgenet.storage"].stat(f"{tenant.id}/files/{sha256}")
    assert [row.action for row in system.sql("SELECT action FROM audit_events")] == ["file.delete"]


def test_bytes_stay_while_another_file_has_them(system: Any, owner: Any, stranger: Any, pdf: str) -> None:
    other = upload(stranger.client, PDF, "kopya.pdf", status=201).json
    owner.client.delete(f"/files/{pdf}", status=204)
    system.drain()
    assert httpx.get(stranger.client.get(f"/files/{other['id']}").json["download_url"]).content == PDF


def test_administrator_may_delete_what_others_own(admin: Any, pdf: str) -> None:
    admin.client.delete(f"/files/{pdf}", status=204)


def test_public_pictures_can_be_described_by_anybody_but_deleted_by_few(admin: Any, stranger: Any, app: Any) -> None:
    logo = upload(admin.client, png(), "logo.png", "logo", status=201).json["id"]
    assert app.get(f"/files/{logo}", status=200).json["visibility"] == "public"
    assert stranger.client.delete(f"/files/{logo}").status_int == 403
    assert app.delete(f"/files/{logo}").status_int == 401


@pytest.mark.parametrize("path", ["/files/..", "/files/upload/..", "/files/%2e%2e/site", "/files/not-a-uuid"])
def test_paths_do_not_climb(owner: Any, path: str) -> None:
    assert owner.client.get(path).status_int in {400, 404, 405}
