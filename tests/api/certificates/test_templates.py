"""Templates an administrator writes: tried out, versioned, kept apart per tenant."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from belgenet.certificates.views import templates

KINDS = "/admin/certificate-templates"
PAGE = "<h1>Özel belge</h1><p>{{ recipient }}</p>{{ qr }}"


def text_of(pdf: bytes, tmp_path: Path) -> str:
    (tmp_path / "t.pdf").write_bytes(pdf)
    return subprocess.run(["pdftotext", tmp_path / "t.pdf", "-"], capture_output=True, check=True).stdout.decode()


def current(admin: Any, kind: str = "sample_award", locale: str = "tr") -> Any:
    return admin.client.get(f"{KINDS}/{kind}?locale={locale}", status=200)


def patch(admin: Any, body: dict[str, Any], kind: str = "sample_award", status: int | None = 200) -> Any:
    tag = current(admin, kind, body.get("locale", "tr")).headers["ETag"]
    return admin.client.patch(f"{KINDS}/{kind}", body, headers={"If-Match": tag}, status=status)


def test_packaged_templates_are_listed_in_both_languages(award: Any, admin: Any) -> None:
    items = admin.client.get(KINDS, status=200).json["items"]
    pairs = {(item["kind"], item["locale"]) for item in items}
    assert {("kurban_order", "tr"), ("course_completion", "en"), ("sample_award", "tr")} <= pairs
    assert all(item["version"] == 0 and not item["customized"] for item in items)


@pytest.mark.parametrize("kind", ["kurban_order", "course_completion", "sample_award"])
@pytest.mark.parametrize(("locale", "word"), [("tr", "Doğrulama kodu"), ("en", "Verification code")])
def test_packaged_templates_render(award: Any, admin: Any, tmp_path: Path, kind: str, locale: str, word: str) -> None:
    answer = admin.client.post(f"{KINDS}/{kind}/preview", {"locale": locale}, status=200)
    assert answer.content_type == "application/pdf"
    assert word in text_of(answer.body, tmp_path)


def test_a_changed_template_is_used_from_then_on(
    office: Any, donor: Any, admin: Any, system: Any, tmp_path: Path
) -> None:
    before = office.issue(donor)
    changed = patch(admin, {"html": PAGE, "css": "h1 { color: red }"}).json
    assert (changed["version"], changed["customized"], changed["html"]) == (1, True, PAGE)
    after = office.issue(donor)
    other_language = office.issue(donor, locale="en")
    assert "Özel belge" in text_of(donor.client.get(f"/certificates/{after}/download").body, tmp_path)
    assert "Özel belge" not in text_of(donor.client.get(f"/certificates/{before}/download").body, tmp_path)
    assert "Özel belge" not in text_of(donor.client.get(f"/certificates/{other_language}/download").body, tmp_path)
    assert office.row(after).template_id is not None
    assert office.row(before).template_id is None
    act = system.sql("SELECT * FROM audit_events WHERE action = 'certificate_template.change'")[0]
    assert (act.before, act.after) == ({"version": 0}, {"version": 1, "reset": False})


def test_reset_goes_back_to_the_packaged_template(award: Any, admin: Any) -> None:
    packaged = current(admin).json["html"]
    patch(admin, {"html": PAGE})
    back = patch(admin, {"reset": True}).json
    assert (back["version"], back["customized"], back["html"]) == (2, False, packaged)
    kept = patch(admin, {"css": "p { color: blue }"}).json
    assert (kept["version"], kept["html"], kept["css"]) == (3, packaged, "p { color: blue }")


def test_a_change_needs_the_version_it_changes(award: Any, admin: Any) -> None:
    assert admin.client.patch(f"{KINDS}/sample_award", {"html": PAGE}).status_int == 428
    patch(admin, {"html": PAGE})
    stale = admin.client.patch(f"{KINDS}/sample_award", {"html": PAGE}, headers={"If-Match": '"v0"'})
    assert (stale.status_int, stale.json["code"]) == (412, "version_mismatch")


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("{{ nobody }}", "template_undefined"),
        ("{% for %}", "template_syntax"),
        ("{{ ''.__class__ }}", "template_forbidden"),
        ("{{ 1 // 0 }}", "template_runtime"),
        ('<img src="file:///etc/passwd">', "template_resource"),
        ('<img src="http://127.0.0.1:9/x.png">', "template_resource"),
        ('<p style="page-break-after: always">x</p>' * 99, "template_render"),
    ],
)
def test_a_bad_template_is_refused_field_by_field(award: Any, admin: Any, html: str, code: str) -> None:
    for answer in (
        admin.client.post(f"{KINDS}/sample_award/preview", {"html": html}, status=422),
        patch(admin, {"html": html}, status=422),
    ):
        assert answer.json["code"] == "template_invalid"
        assert answer.json["errors"][0]["field"] == "html"
        assert answer.json["errors"][0]["code"] == code
        assert "{" not in answer.json["errors"][0]["message"].replace("{%", "").replace("{{", "")
    assert current(admin).json["version"] == 0


def test_templates_are_the_administrators(office: Any, donor: Any, admin: Any, app: Any) -> None:
    for path in (KINDS, f"{KINDS}/sample_award"):
        donor.client.get(path, status=403)
        app.get(path, status=401)
    donor.client.post(f"{KINDS}/sample_award/preview", {}, status=403)
    donor.client.patch(f"{KINDS}/sample_award", {"html": PAGE}, status=403)
    admin.client.get(f"{KINDS}/no_such_kind", status=404)


def test_one_tenants_template_is_not_anothers(award: Any, admin: Any, system: Any, other_tenant: Any) -> None:
    from belgenet.core.security import Role

    patch(admin, {"html": PAGE})
    other = system.sign_in(other_tenant, Role.TENANT_ADMIN)
    assert current(other).json["version"] == 0


def test_versions_cannot_be_rewritten_even_by_the_application(award: Any, admin: Any, system: Any, tenant: Any) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import ProgrammingError

    patch(admin, {"html": PAGE})
    for statement in (
        "UPDATE certificate_templates SET html = 'x'",
        "DELETE FROM certificate_templates",
        "DELETE FROM signing_keys",
        "DELETE FROM certificates",
    ):
        with system.session(tenant) as session:
            with pytest.raises(ProgrammingError, match="permission denied"):
                session.execute(text(statement))
            session.rollback()


@pytest.mark.parametrize("body", [{"html": ""}, {"html": "x" * 100_001}, {"locale": "de"}, {"html": 5}, {"x": 1}])
def test_malformed_input_is_refused(award: Any, admin: Any, body: Any) -> None:
    assert admin.client.post(f"{KINDS}/sample_award/preview", body, status=400).json["code"] == "invalid_input"


def test_no_database_connection_waits_while_a_template_is_tried(
    system: Any, award: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use: list[int] = []

    def slow(*_: Any, **__: Any) -> bytes:
        in_use.append(system.registry["belgenet.engine"].pool.checkedout())
        return b"%PDF-"

    monkeypatch.setattr(templates, "preview", slow)
    admin.client.post(f"{KINDS}/sample_award/preview", {"locale": "tr"}, status=200)
    assert in_use == [0]
