"""The operator's own files beside those of the roles: kept, and back where they were."""

import getpass
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.appliance.restore import ID, KEY, LABEL

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import make, own
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.records import Manifest
from belgenet.appliance.restore import work
from belgenet.appliance.restore.settings import Settings
from belgenet.appliance.restore.written import Written

OWN = {
    "etc/nftables.d/office.nft": "table inet office {}",
    "etc/systemd/system/belgenet-web@.service.d/override.conf": "[Service]",
    "etc/systemd/system/belgenet-worker@main.service.d/override.conf": "[Service]",
    "etc/systemd/system/belgenet-backup.timer.d/override.conf": "[Timer]",
    "etc/systemd/system/nginx.service.d/limits.conf": "[Service]",
}
TUNED = "etc/postgresql/15/belgenet/conf.d/95-own.conf"
OTHERS = {
    "etc/nftables.d/belgenet-minio.nft": "# Managed by BelgeNet. x",
    "etc/nftables.d/office.nft.off": "x",
    "etc/systemd/system/nginx.service.d/belgenet.conf": "# Managed by BelgeNet.",
    "etc/systemd/system/wiki.service.d/override.conf": "[Service]",
    "etc/systemd/system/belgenet-web@.service": "# Managed by BelgeNet.",
    "etc/postgresql/15/belgenet/conf.d/90-belgenet.conf": "# Managed by BelgeNet. x",
    "etc/postgresql/15/main/conf.d/95-own.conf": "theirs",
}


@pytest.fixture
def server(tmp_path: Path) -> Path:
    root = tmp_path / "server"
    for name, text in {**OWN, TUNED: "work_mem = '8MB'", **OTHERS}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "etc/nftables.d/link.nft").symlink_to("/etc/passwd")
    return root


def below(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def stage(server: Path, tmp_path: Path) -> Path:
    own.keep(tmp_path / "stage", server)
    return tmp_path / "stage"


def test_what_the_operator_added_is_kept_and_nothing_else(stage: Path):
    assert below(stage) == {**OWN, TUNED: "work_mem = '8MB'"}


@pytest.fixture
def settings(stage: Path, tmp_path: Path) -> Settings:
    """Of a backup that holds nothing else, on its way to a new server."""
    (tmp_path / "kept/etc").mkdir(parents=True)
    stage.rename(tmp_path / "kept/own")
    return Settings(tmp_path / "kept", Written(ID, tmp_path / "written.json"), tmp_path / "new")


def test_it_comes_back_where_it_was(settings: Settings, tmp_path: Path):
    settings.put()
    assert below(tmp_path / "new") == OWN


def test_the_databases_come_into_the_cluster_that_is_there(settings: Settings, tmp_path: Path):
    settings.put_database(17, getpass.getuser())
    assert below(tmp_path / "new") == {TUNED.replace("/15/", "/17/"): "work_mem = '8MB'"}


def test_what_was_mended_after_a_restoration_was_cut_off_stays(settings: Settings, tmp_path: Path):
    name = "etc/nftables.d/office.nft"
    for file in (tmp_path / "new" / name, tmp_path / "new" / TUNED):
        file.parent.mkdir(parents=True)
        file.write_text("mended")
    settings.put()
    settings.put_database(15, "nobody")
    assert (tmp_path / "new" / name).read_text() == (tmp_path / "new" / TUNED).read_text() == "mended"


def test_a_backup_from_before(tmp_path: Path):
    (tmp_path / "kept/etc").mkdir(parents=True)
    settings = Settings(tmp_path / "kept", Written(ID, tmp_path / "written.json"), tmp_path / "new")
    settings.put()
    settings.put_database(17)
    assert not (tmp_path / "new").exists()


def test_every_backup_has_them(server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(make.own, "keep", lambda stage, keep=own.keep: keep(stage, server))
    for folder in ("state", "memory"):
        (tmp_path / folder).mkdir()
    (tmp_path / "state/objects.jsonl").touch()
    maker = make.Maker(
        Plan(tmp_path, 17, etc=()), {recovery_key.NAME: KEY}, None, None, release=tmp_path, folder=tmp_path / "state"
    )
    manifest = Manifest(ID, LABEL, "1.2.0", 17, "0009", {}, {}, {}, {})
    at_work = SimpleNamespace(folder=tmp_path / "memory", here=SimpleNamespace(backup=lambda *_: "snapshot"))
    assert maker._keep_settings(at_work, manifest, []) == "snapshot"
    assert below(tmp_path / "memory/settings/own") == {**OWN, TUNED: "work_mem = '8MB'"}


@pytest.mark.parametrize(("dump", "major"), [(False, 15), (True, 17)])
def test_a_restoration_brings_them_before_what_needs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dump: bool, major: int
):
    done = []

    class Heard:
        def __init__(self, folder: Path, _written: Written) -> None:
            assert folder == tmp_path

        def put(self) -> None:
            done.append("put")

        def put_database(self, into: int) -> None:
            done.append(("database", into))

    monkeypatch.setattr(work, "Settings", Heard)
    monkeypatch.setattr(work, "run", lambda words, **_: done.append(words[:3]))
    monkeypatch.setattr(work.Work, "_play", lambda _self, only: done.append(only))
    monkeypatch.setattr(
        work.Path, "iterdir", lambda self: iter([self / "15", self / "17"] if "lib" in str(self) else [])
    )
    restoration = work.Work.__new__(work.Work)
    restoration._settings, restoration._written = tmp_path, Written(ID, tmp_path / "written.json")
    restoration._order = SimpleNamespace(dump=dump)
    restoration.manifest = SimpleNamespace(major=15)
    restoration._write_settings()
    restoration._ground()
    assert done[:4] == [
        "put",
        work._GROUND,
        ("database", major),
        ["systemctl", "restart", f"postgresql@{major}-belgenet"],
    ]
