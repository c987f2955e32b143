"""Uploads that go past us: the browser posts to the object store, and nothing it says is believed."""

import uuid
from typing import Any

import httpx
import pytest
from tests.common.samples import EXE, HTML, MP4, PDF, png

from belgenet.core.security import Role
from belgenet.core.storage import NoSuchObject


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


def announce(
    client: Any, size: int, content_type: str = "application/pdf", purpose: str = "attachment", **options: Any
) -> Any:
    body = {"name": "../ödev.pdf", "content_type": content_type, "size": size, "purpose": purpose}
    return client.post("/files/presign-upload", body, **options)


def post(form: Any, data: bytes) -> httpx.Response:
    return httpx.post(form["url"], data=form["fields"], files={"file": ("x", data)})


def test_announce_post_complete(system: Any, tenant: Any, admin: Any) -> None:
    form = announce(admin, len(PDF), status=201).json
    assert post(form, PDF).status_code == 204
    assert admin.get(f"/files/{form['file_id']}").json["state"] == "pending"
    done = admin.post(f"/files/{form['file_id']}/complete", status=200).json
    assert (done["state"], done["name"], done["size"]) == ("ready", "ödev.pdf", len(PDF))
    assert httpx.get(done["download_url"]).content == PDF
    again = admin.post(f"/files/{form['file_id']}/complete", status=200).json
    assert again["sha256"] == done["sha256"]
    with pytest.raises(NoSuchObject):
        system.registry["belgenet.storage"].stat(f"{tenant.id}/uploads/{form['file_id']}")


def test_a_video_of_another_type_than_claimed_keeps_its_true_type(admin: Any) -> None:
    form = announce(admin, len(MP4), "video/webm", "course_material", status=201).json
    assert post(form, MP4).status_code == 204
    assert admin.post(f"/files/{form['file_id']}/complete", status=200).json["content_type"] == "video/mp4"


@pytest.mark.parametrize("data", [HTML, EXE, b"\x00" * 50])
def test_what_is_not_what_it_claims_is_rejected_for_good(system: Any, admin: Any, data: bytes) -> None:
    form = announce(admin, len(data), status=201).json
    assert post(form, data).status_code == 204
    refused = admin.post(f"/files/{form['file_id']}/complete", status=415)
    assert refused.json["code"] == "file_type_not_allowed"
    assert admin.get(f"/files/{form['file_id']}").status_int == 404
    assert system.sql("SELECT state FROM files") == [("rejected",)]


def test_the_form_takes_no_more_than_was_announced(admin: Any) -> None:
    form = announce(admin, 100, status=201).json
    assert post(form, PDF + bytes(100)).status_code == 400


def test_the_form_takes_no_other_key(admin: Any, tenant: Any) -> None:
    form = announce(admin, len(PDF), status=201).json
    form["fields"]["key"] = f"{tenant.id}/files/{'0' * 64}"
    assert post(form, PDF).status_code == 403


def test_complete_before_the_bytes_came(admin: Any) -> None:
    form = announce(admin, 10, status=201).json
    assert admin.post(f"/files/{form['file_id']}/complete", status=409).json["code"] == "file_not_uploaded"
    assert admin.get(f"/files/{form['file_id']}?download=1").status_int == 409
    assert admin.get(f"/files/{form['file_id']}/content").status_int == 409
    assert admin.get(f"/files/{form['file_id']}").json["download_url"] is None


def test_only_the_owner_completes(system: Any, tenant: Any, admin: Any) -> None:
    student = system.sign_in(tenant, Role.STUDENT)
    form = announce(student.client, 10, status=201).json
    assert admin.post(f"/files/{form['file_id']}/complete").status_int == 403
    assert system.sign_in(tenant, Role.STUDENT).client.post(f"/files/{form['file_id']}/complete").status_int == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"size": 0}, 400),
        ({"size": -1}, 400),
        ({"size": 10**12}, 413),
        ({"size": "10"}, 400),
        ({"size": 1.5}, 400),
        ({"content_type": "text/html"}, 415),
        ({"content_type": "image/svg+xml"}, 415),
        ({"content_type": "nonsense"}, 400),
        ({"content_type": "text/plain\r\nX: y"}, 400),
        ({"name": ""}, 400),
        ({"name": "a\x00b"}, 400),
        ({"name": "x" * 501}, 400),
        ({"purpose": "logo", "content_type": "application/pdf"}, 415),
        ({"extra": 1}, 400),
    ],
)
def test_announcements_that_are_refused(system: Any, admin: Any, change: dict[str, Any], status: int) -> None:
    body = {"name": "a.pdf", "content_type": "application/pdf", "size": 10, "purpose": "attachment", **change}
    assert admin.post("/files/presign-upload", body).status_int == status
    assert system.sql("SELECT count(*) FROM files") == [(0,)]


def test_announcing_for_others_eyes_needs_the_right(system: Any, tenant: Any) -> None:
    student = system.sign_in(tenant, Role.STUDENT).client
    assert announce(student, len(png()), "image/png", "logo", status=403)


def test_complete_of_nothing(admin: Any) -> None:
    assert admin.post(f"/files/{uuid.uuid4()}/complete").status_int == 404
