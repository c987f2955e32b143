"""``belgenet tenant suspend|resume|export`` against real PostgreSQL, as the application's role, and a real S3 server."""

import hashlib
import json
import tarfile
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.common.forms import FORM, form
from tests.common.samples import PDF

from belgenet.appliance.export import TenantExport, named
from belgenet.appliance.export.archive import Archive
from belgenet.cli.tenant import tenant as command
from belgenet.core.security import Role
from belgenet.core.storage import StorageUnavailable
from belgenet.core.storage.s3 import S3Store


@pytest.fixture
def run(system: Any, tenant: Any, monkeypatch: Any) -> Any:
    """Run a command as an operator would, over the test's installation."""
    monkeypatch.setattr("belgenet.cli.tenant.settings_of", lambda _context: system.settings)

    def invoke(*words: str) -> Result:
        result = CliRunner().invoke(command, words)
        system.directory.forget()
        return result

    return invoke


@pytest.fixture
def inhabited(system: Any, tenant: Any, other_tenant: Any) -> Any:
    """Two tenants, each with people and a file; the donor of the first."""
    for place, word in ((other_tenant, b"theirs"), (tenant, b"ours")):
        donor = system.sign_in(place, Role.DONOR)
        raw = form(PDF + word, "Vekâlet.pdf")
        donor.client.post("/files/upload?purpose=attachment", raw=raw, headers={"Content-Type": FORM}, status=201)
    return donor


def unpacked(file: Any) -> dict[str, bytes]:
    with tarfile.open(file) as archive:
        return {item.name.partition("/")[2]: archive.extractfile(item).read() for item in archive}  # type: ignore[union-attr]


def rows(parts: dict[str, bytes], table: str) -> list[Any]:
    return [json.loads(line) for line in parts[f"tables/{table}.jsonl"].splitlines()]


def test_a_suspended_tenant_answers_that_it_is_closed_until_it_is_resumed(run: Any, app: Any, system: Any) -> None:
    assert run("suspend", "vakif").exit_code == 0
    closed = app.get("/site", headers={"Accept-Language": "tr"}, status=404).json
    assert (closed["code"], closed["title"]) == ("tenant_suspended", "Bu site şu anda kapalı")
    assert "suspended" in run("list").output
    assert run("suspend", "vakif").exit_code == 0, "closing what is closed is no error"
    assert run("resume", "vakif").exit_code == 0
    app.get("/site", status=200)
    acts = system.sql("SELECT action, actor_id, after FROM audit_events ORDER BY id")
    assert [(act.action, act.actor_id, sorted(act.after)) for act in acts] == [
        ("tenant.update", None, ["suspended_at"])
    ] * 2


@pytest.mark.parametrize(
    ("words", "code"), [("suspend yok", 1), ("resume yok", 1), ("archive yok x", 2), ("export yok --to .", 2)]
)
def test_an_unknown_tenant_is_one_clear_line(run: Any, words: str, code: int, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words.split())
    assert result.exit_code == code
    assert "no tenant 'yok'" in result.output


def test_an_export_holds_everything_of_the_tenant_and_nothing_of_others(
    run: Any, inhabited: Any, tenant: Any, other_tenant: Any, tmp_path: Any
) -> None:
    result = run("export", "vakif", "--to", str(tmp_path))
    assert result.exit_code == 0, result.output
    (file,) = tmp_path.iterdir()
    assert str(file) in result.output
    parts = unpacked(file)
    assert str(other_tenant.id).encode() not in b"".join(parts.values())
    assert [row["slug"] for row in rows(parts, "tenants")] == ["vakif"]
    assert inhabited.email in [row["email"] for row in rows(parts, "accounts")]
    assert [row["name"] for row in rows(parts, "files")] == ["Vekâlet.pdf"]
    assert PDF + b"ours" in parts.values()
    assert PDF + b"theirs" not in parts.values()


def test_the_manifest_has_the_count_and_hash_of_everything(
    run: Any, inhabited: Any, tenant: Any, tmp_path: Any
) -> None:
    run("export", "vakif", "--to", str(tmp_path))
    (file,) = tmp_path.iterdir()
    parts = unpacked(file)
    manifest = json.loads(parts.pop("manifest.json"))
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == sums
    assert manifest["tenant"] == {"id": str(tenant.id), "slug": "vakif"}
    counted = {name: len(rows(parts, name)) for name in manifest["rows"]}
    assert manifest["rows"] == counted
    assert manifest["objects"] == sum(name.startswith("objects/") for name in parts) > 0
    assert file.stat().st_mode & 0o777 == 0o600


def test_every_table_with_a_tenant_is_in_it(run: Any, system: Any, inhabited: Any, tmp_path: Any) -> None:
    """Also one that somebody adds tomorrow."""
    run("export", "vakif", "--to", str(tmp_path))
    found = system.sql(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = 'public'"
    )
    names = {
        name.removeprefix("tables/").removesuffix(".jsonl")
        for name in unpacked(next(tmp_path.iterdir()))
        if "tables/" in name
    }
    assert names == {row.table_name for row in found} | {"tenants", "accounts"}


def test_what_opens_something_here_stays_here(run: Any, system: Any, inhabited: Any, tmp_path: Any) -> None:
    run("export", "vakif", "--to", str(tmp_path))
    content = b"".join(unpacked(next(tmp_path.iterdir())).values())
    hashes = [
        row.password_hash for row in system.sql("SELECT password_hash FROM accounts WHERE password_hash IS NOT NULL")
    ]
    tokens = [row.token for row in system.sql("SELECT token_hash::text AS token FROM refresh_sessions")]
    assert not [word for word in (*hashes, *tokens) if word.encode() in content]
    for column in (b'"password_hash"', b'"token_hash": "'):
        assert column + b":" not in content


def test_an_object_that_is_gone_is_told(run: Any, system: Any, inhabited: Any, tenant: Any, tmp_path: Any) -> None:
    store = S3Store.from_settings(system.settings.storage)
    (key,) = [item.key for item in store.listed(f"{tenant.id}/files/")]
    store.delete(key)
    result = run("export", "vakif", "--to", str(tmp_path))
    assert result.exit_code == 1
    assert f"missing: {key.partition('/')[2]}" in result.output
    (file,) = tmp_path.iterdir()
    assert json.loads(unpacked(file)["manifest.json"])["missing"] == [key.partition("/")[2]]


def test_an_object_that_was_changed_is_told(run: Any, system: Any, inhabited: Any, tenant: Any, tmp_path: Any) -> None:
    store = S3Store.from_settings(system.settings.storage)
    (key,) = [item.key for item in store.listed(f"{tenant.id}/files/")]
    store.put(key, b"forged", 6, "application/pdf")
    result = run("export", "vakif", "--to", str(tmp_path))
    assert result.exit_code == 1
    assert f"damaged: {key.partition('/')[2]}" in result.output


def test_an_export_that_fails_half_way_leaves_nothing(system: Any, inhabited: Any, tenant: Any, tmp_path: Any) -> None:
    class Away:
        def listed(self, _prefix: str) -> Any:
            raise StorageUnavailable("no answer")

    work = TenantExport(system.registry["belgenet.engine"], Away())  # type: ignore[arg-type]
    with pytest.raises(StorageUnavailable), named(tmp_path / "a.tar.gz") as file:
        work.run(tenant.id, "vakif", file, "a", datetime.now(UTC), lambda *_: None)
    assert list(tmp_path.iterdir()) == []


def test_all_rows_are_of_one_moment(system: Any, inhabited: Any, tenant: Any, tmp_path: Any) -> None:
    """Somebody joins while the export is under way: either everywhere or nowhere."""

    class Store:
        def listed(self, _prefix: str) -> Any:
            return iter(())

    def join(kind: str, done: int, _everything: int) -> None:
        if (kind, done) == ("tables", 1):
            system.sign_in(tenant, Role.DONOR, email="gec@example.org")

    work = TenantExport(system.registry["belgenet.engine"], Store())  # type: ignore[arg-type]
    with named(tmp_path / "a.tar.gz") as file:
        work.run(tenant.id, "vakif", file, "a", datetime.now(UTC), join)
    assert b"gec@example.org" not in b"".join(unpacked(tmp_path / "a.tar.gz").values())


def test_the_archive_takes_content_in_pieces_of_any_size(tmp_path: Any) -> None:
    with named(tmp_path / "a.tar.gz") as file, Archive(file, "a", 0) as archive:
        archive.add_pieces("x", 10, iter([b"abc", b"defgh", b"ij"]))
    assert unpacked(tmp_path / "a.tar.gz") == {"x": b"abcdefghij"}


def test_an_archive_that_got_too_little_is_none(tmp_path: Any) -> None:
    with (
        pytest.raises(OSError, match="unexpected end"),
        named(tmp_path / "a.tar.gz") as file,
        Archive(file, "a", 0) as archive,
    ):
        archive.add_pieces("x", 10, iter([b"abc"]))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def server(tmp_path: Any, monkeypatch: Any) -> Any:
    """An institution's server: the user who may read is another one, and its program ends as it is told."""
    program = tmp_path / "belgenet"
    monkeypatch.setattr("belgenet.cli.tenant.PROGRAM", program)
    monkeypatch.setattr("belgenet.cli.tenant.require_root", lambda: None)

    def end(code: int) -> None:
        program.write_text(f'#!/bin/sh\nprintf "%s " "$@"\nexit {code}\n')
        program.chmod(0o755)

    return end


@pytest.mark.parametrize(("code", "told"), [(0, 0), (4, 1)])
def test_on_a_server_root_writes_wherever_it_may(server: Any, tmp_path: Any, code: int, told: int) -> None:
    server(code)
    (tmp_path / "usb").mkdir()
    result = CliRunner().invoke(command, ["export", "vakif", "--to", str(tmp_path / "usb")])
    assert result.exit_code == told, result.output
    (file,) = (tmp_path / "usb").iterdir()
    assert str(file) in result.output
    assert file.read_text() == f"tenant archive vakif {file.name.removesuffix('.tar.gz')} "
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("code", [1, 2, 243])
def test_what_broke_down_on_the_way_leaves_nothing(server: Any, tmp_path: Any, code: int) -> None:
    server(code)
    (tmp_path / "usb").mkdir()
    result = CliRunner().invoke(command, ["export", "vakif", "--to", str(tmp_path / "usb")])
    assert result.exit_code == 2
    assert "nothing was exported" in result.output
    assert list((tmp_path / "usb").iterdir()) == []


def test_a_folder_that_is_not_there_is_told(server: Any, tmp_path: Any) -> None:
    result = CliRunner().invoke(command, ["export", "vakif", "--to", str(tmp_path / "absent")])
    assert result.exit_code == 2
    assert "absent" in result.output


def test_the_archive_alone_goes_to_the_standard_output(run: Any, inhabited: Any, tmp_path: Any) -> None:
    result = run("archive", "vakif", "vakif-1")
    assert result.exit_code == 0, result.output
    (tmp_path / "a.tar.gz").write_bytes(result.stdout_bytes)
    assert "manifest.json" in unpacked(tmp_path / "a.tar.gz")
