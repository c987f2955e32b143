"""POST /files/upload: real forms to a real object store, good ones and the rest."""

import hashlib
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from tests.common.forms import BOUNDARY, FORM, form, text_field
from tests.common.samples import (
    BINARY_GIF_AND_HTML,
    EXE,
    GIF,
    GIF_AND_HTML,
    HTML,
    JPEG,
    MP4,
    PDF,
    SVG,
    docx,
    png,
    zip_of,
)

from belgenet.core.security import Role


def upload(client: Any, data: bytes, name: str = "dosya", purpose: str = "attachment", **options: Any) -> Any:
    return client.post(
        f"/files/upload?purpose={purpose}", raw=form(data, name), headers={"Content-Type": FORM}, **options
    )


@pytest.fixture
def donor(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.DONOR).client


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


def test_a_file_is_stored_and_can_be_fetched(system: Any, tenant: Any, donor: Any) -> None:
    answer = upload(donor, PDF, "Vekâlet metni.pdf", status=201).json
    assert answer["name"] == "Vekâlet metni.pdf"
    assert (answer["content_type"], answer["size"], answer["state"]) == ("application/pdf", len(PDF), "ready")
    assert answer["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (answer["visibility"], answer["content_url"]) == ("private", None)
    fetched = httpx.get(answer["download_url"])
    assert fetched.content == PDF
    assert fetched.headers["Content-Type"] == "application/pdf"
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    assert unquote(fetched.headers["Content-Disposition"].partition("''")[2]) == "Vekâlet metni.pdf"
    assert donor.get(f"/files/{answer['id']}", status=200).json["sha256"] == answer["sha256"]


@pytest.mark.parametrize(
    ("data", "purpose", "found"),
    [
        (png(), "attachment", "image/png"),
        (JPEG, "avatar", "image/jpeg"),
        (GIF, "attachment", "image/gif"),
        ("Sözleşme metni: ğüşiöç".encode(), "attachment", "text/plain"),
        (docx(), "attachment", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (MP4, "course_material", "video/mp4"),
        (zip_of("a.txt", b"x" * 5000), "course_material", "application/zip"),
    ],
)
def test_the_type_is_what_the_bytes_say(admin: Any, data: bytes, purpose: str, found: str) -> None:
    lying = form(data, "resim.svg", content_type="text/html")
    answer = admin.post(f"/files/upload?purpose={purpose}", raw=lying, headers={"Content-Type": FORM}, status=201)
    assert answer.json["content_type"] == found


@pytest.mark.parametrize(
    ("data", "purpose"),
    [
        (SVG, "logo"),
        (SVG, "attachment"),
        (HTML, "attachment"),
        (HTML, "logo"),
        (EXE, "attachment"),
        (GIF_AND_HTML, "logo"),
        (PDF, "avatar"),
        (MP4, "attachment"),
        (zip_of("bomb", b"\0" * 1_000_000), "attachment"),
        (b"\x00\x01\x02garbage\xff\xfe", "attachment"),
        (b"PK\x03\x04", "attachment"),
        ("<svg onload=alert(1)>".encode("utf-16"), "logo"),
        (b"GIF8", "logo"),
    ],
)
def test_types_that_are_not_allowed(system: Any, admin: Any, data: bytes, purpose: str) -> None:
    answer = upload(admin, data, "resim.png", purpose, status=415)
    assert answer.json["code"] == "file_type_not_allowed"
    assert system.sql("SELECT count(*) FROM files") == [(0,)]


def test_a_zip_bomb_is_just_a_small_file(admin: Any) -> None:
    bomb = zip_of("bomb", b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    assert upload(admin, bomb, "odev.zip", "course_material", status=201).json["size"] == len(bomb)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Belgeler\\özgeçmiş.txt", "özgeçmiş.txt"),
        ("..", "file"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("\u202egpj.exe.txt", "gpj.exe.txt"),
        ("سورة الفاتحة.txt", "سورة الفاتحة.txt"),
        ("say %22hi%22 <b>.txt", "say _hi_ _b_.txt"),
        ("line%0D%0ASet-Cookie: a=b.txt", "lineSet-Cookie_ a=b.txt"),
        ("ş" * 300 + ".txt", "ş" * 176 + ".txt"),
        ("", "file"),
    ],
)
def test_names_keep_their_script_and_lose_their_tricks(donor: Any, given: str, kept: str) -> None:
    answer = upload(donor, b"metin", given, status=201).json
    assert answer["name"] == kept
    disposition = parse_qs(urlsplit(answer["download_url"]).query)["response-content-disposition"][0]
    assert disposition.isascii()
    assert "\n" not in disposition


def test_empty_file(donor: Any) -> None:
    assert upload(donor, b"", status=400).json["code"] == "file_empty"


def test_too_large_is_refused_by_its_announced_length(system: Any, donor: Any) -> None:
    limit = system.settings.storage.max_upload_bytes
    answer = donor.post(
        "/files/upload?purpose=avatar",
        raw=form(png() + bytes(5 * 1024 * 1024 + 20_000)),
        headers={"Content-Type": FORM},
        status=413,
    )
    assert answer.json["code"] == "file_too_large"
    assert limit > 5 * 1024 * 1024


def test_too_large_is_refused_at_the_byte_that_exceeds(donor: Any) -> None:
    """The form as a whole is within the allowance for its surroundings, the file in it is not."""
    answer = upload(donor, png() + bytes(5 * 1024 * 1024 - len(png()) + 1), purpose="avatar", status=413)
    assert answer.json["code"] == "file_too_large"
    assert (
        upload(donor, png() + bytes(5 * 1024 * 1024 - len(png())), purpose="avatar", status=201).json["size"]
        == 5 * 1024**2
    )


@pytest.mark.parametrize(
    ("body", "content_type", "status", "field"),
    [
        (form(PDF), "application/json", 415, None),
        (form(PDF), "multipart/form-data", 400, "file"),
        (form(PDF), "multipart/form-data; boundary=another", 400, "file"),
        (form(PDF)[:-20], FORM, 400, "file"),
        (b"", FORM, 400, "file"),
        (b"garbage" * 1000, FORM, 400, "file"),
        (f"--{BOUNDARY}--\r\n".encode(), FORM, 400, "file"),
        (form(PDF, field="other"), FORM, 400, "other"),
        (text_field("purpose", "logo") + form(PDF), FORM, 400, "purpose"),
        (text_field("file", "text") + f"--{BOUNDARY}--\r\n".encode(), FORM, 400, "file"),
        (form(PDF).replace(f"--{BOUNDARY}--\r\n".encode(), b"") + form(PDF), FORM, 400, "file"),
        (f"--{BOUNDARY}\r\nContent-Disposition: ".encode() + b"x" * 20_000, FORM, 400, "file"),
        (f"--{BOUNDARY}\r\n\r\n\r\n--{BOUNDARY}--".encode(), FORM, 400, "file"),
    ],
)
def test_wrong_forms(donor: Any, body: bytes, content_type: str, status: int, field: str | None) -> None:
    answer = donor.post("/files/upload", raw=body, headers={"Content-Type": content_type}, status=status).json
    assert answer["code"] == ("invalid_input" if field else "unsupported_media_type")
    assert [item["field"] for item in answer["errors"]] == ([field] if field else [])


def test_a_malformed_form_is_explained_in_turkish(donor: Any) -> None:
    headers = {"Content-Type": FORM, "Accept-Language": "tr"}
    answer = donor.post("/files/upload", raw=b"--", headers=headers, status=400).json
    assert "yeniden gönderiniz" in answer["errors"][0]["message"]


def test_unknown_purpose(donor: Any) -> None:
    assert upload(donor, PDF, purpose="virus", status=400).json["errors"][0]["field"] == "purpose"


@pytest.mark.parametrize("purpose", ["logo", "campaign_image", "course_image", "course_material"])
def test_what_others_will_see_needs_the_right_to_show_it(donor: Any, purpose: str) -> None:
    assert upload(donor, png(), purpose=purpose, status=403).json["code"] == "forbidden"


def test_strangers_and_guests_do_not_upload(system: Any, tenant: Any, app: Any) -> None:
    assert upload(app, PDF, status=401).json["code"] == "not_authenticated"
    assert upload(system.sign_in(tenant, Role.GUEST).client, PDF, status=403).json["code"] == "forbidden"


def test_same_bytes_twice_are_one_object(system: Any, tenant: Any, donor: Any) -> None:
    first, second = (upload(donor, PDF, name, status=201).json for name in ("bir.pdf", "iki.pdf"))
    assert first["id"] != second["id"]
    assert first["sha256"] == second["sha256"]
    store = system.registry["belgenet.storage"]
    assert store.stat(f"{tenant.id}/files/{first['sha256']}").size == len(PDF)


def test_tenants_share_no_bytes(system: Any, tenant: Any, other_tenant: Any, donor: Any) -> None:
    neighbour = system.sign_in(other_tenant, Role.STUDENT).client
    mine, theirs = upload(donor, PDF, status=201).json, upload(neighbour, PDF, status=201).json
    assert donor.get(f"/files/{theirs['id']}").status_int == 404
    assert str(other_tenant.id) in theirs["download_url"]
    assert str(tenant.id) in mine["download_url"]


def test_quota(system: Any, tenant: Any, donor: Any) -> None:
    system.sql("UPDATE tenants SET overrides = '{\"storage_quota_bytes\": 200}'")
    system.directory.forget()
    assert upload(donor, b"a" * 150, status=201)
    assert upload(donor, b"b" * 51, status=413).json["code"] == "quota_exceeded"
    kept = upload(donor, b"c" * 50, status=201).json
    assert donor.post("/files/presign-upload", {"name": "a", "content_type": "text/plain", "size": 1}).status_int == 413
    donor.delete(f"/files/{kept['id']}", status=204)
    assert upload(donor, b"d" * 50, status=201)


def test_public_image_is_served_to_anybody_and_cached_for_ever(admin: Any, app: Any) -> None:
    answer = upload(admin, png(), "kapak görseli.png", "campaign_image", status=201).json
    assert answer["content_url"] == f"/api/v1/files/{answer['id']}/content"
    served = app.get(answer["content_url"], status=200)
    assert served.body == png()
    assert served.content_type == "image/png"
    assert served.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    again = app.get(answer["content_url"], headers={"If-None-Match": served.headers["ETag"]}, status=304)
    assert again.body == b""


def test_a_picture_that_is_also_a_page_is_caged(admin: Any, app: Any) -> None:
    answer = upload(admin, BINARY_GIF_AND_HTML, "a.html", "logo", status=201).json
    served = app.get(answer["content_url"], status=200)
    assert served.content_type == "image/gif"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert "default-src 'none'" in served.headers["Content-Security-Policy"]


def test_number_of_queries_does_not_grow(system: Any, donor: Any) -> None:
    counts = []
    for number in range(3):
        for extra in range(number * 5):
            upload(donor, b"dolgu %d %d" % (number, extra), status=201)
        with system.count_queries() as seen:
            answer = upload(donor, b"metin %d" % number, status=201).json
            donor.get(f"/files/{answer['id']}", status=200)
        counts.append(len(seen))
    assert len(set(counts)) == 1
