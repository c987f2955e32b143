"""A place elsewhere is none of this server's own."""

from pathlib import Path

import pytest

from belgenet.appliance.backup import BackupError
from belgenet.appliance.backup.plan import Plan


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in ("backups/files", "ours/objects", "nas/belgenet"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "backups")
    return tmp_path


def look(here: Path, path: str, kind: str = "folder") -> None:
    Plan(here / "backups", 17, {"type": kind, "path": str(here / path)}).require_apart([here / "ours"])


@pytest.mark.parametrize("path", ["nas", "nas/belgenet", "backups2", "nas/absent", "ours.too"])
def test_elsewhere(here: Path, path: str):
    look(here, path)


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("backups", "backups"),
        ("backups/files", "backups"),
        ("backups/absent/x", "backups"),
        ("nas/../backups/x", "backups"),
        ("link", "backups"),
        ("link/x", "backups"),
        (".", "backups"),
        ("ours/objects", "ours"),
    ],
)
def test_here(here: Path, path: str, other: str):
    with pytest.raises(BackupError) as caught:
        look(here, path)
    assert caught.value.code == "offsite_overlaps"
    assert caught.value.params == {"place": here / path, "other": here / other}


def test_a_folder_that_is_mounted_twice(here: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Path, "samefile", lambda self, other: {self.name, Path(other).name} == {"nas", "backups"})
    with pytest.raises(BackupError):
        look(here, "nas/belgenet")


@pytest.mark.parametrize("kind", ["s3", "sftp", ""])
def test_paths_on_other_machines_are_theirs(here: Path, kind: str):
    look(here, "backups", kind)
    Plan(here / "backups", 17).require_apart()
