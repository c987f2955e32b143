"""The backups become the new server's own, from wherever they came."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.common.waiting import wait_until
from tests.unit.appliance.restore import LABEL, Repository, needs_restic, repository

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.offsite import Copy
from belgenet.appliance.backup.restic import READ_ONLY, Restic
from belgenet.appliance.restore import repository as taking
from belgenet.appliance.restore.errors import RestoreError
from belgenet.appliance.restore.repository import take_over

pytestmark = [needs_restic, pytest.mark.timeout(600)]
MANIFEST = f"postgres/backup/belgenet/{LABEL}/backup.manifest"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """On a disk: the database's part lies beside the files."""
    made = repository(tmp_path_factory.mktemp("original"), {"tenant/files/0": b"content"})
    (made.folder / "releases").mkdir()
    (made.folder / "releases/belgenet-1.2.0.tar").write_text("bundle")
    return made


@pytest.fixture(scope="module")
def copied(original: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Elsewhere: the database's part is inside; what an earlier release kept there lies beside it still."""
    folder = Path(shutil.copytree(original.folder, tmp_path_factory.mktemp("copied") / "backups"))
    made = Repository(
        folder, tmp_path_factory.mktemp("work"), original.restic.at(str(folder / "files")), original.index
    )
    made.copy_database(LABEL, content="older")
    made.copy_database(LABEL)
    return made


@pytest.fixture(autouse=True)
def owned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Folders that were given to somebody; who runs tests need not be root."""
    given: list[str] = []
    real = taking.run

    def run(words, **how):
        if words[0] != "chown":
            return real(words, **how)
        given.append(f"{words[2]} {Path(words[3]).name}")
        return ""

    monkeypatch.setattr(taking, "run", run)
    return given


def newest(made: Repository) -> str:
    """Id of the newest copy of the database's part."""
    copy = Copy.newest(made.restic)
    assert copy is not None
    return copy.snapshot


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def snapshots(original: Repository, folder: Path, *tags: str) -> int:
    here: Restic = original.restic.at(str(folder / "files"))
    return len(here.snapshots(*tags))


def test_from_a_disk_all_of_it_comes(original, tmp_path, owned):
    take_over(original.restic, original.folder, tmp_path / "here", data=1)
    assert names(tmp_path / "here") == {"files", "postgres", "releases"}
    assert (tmp_path / "here" / MANIFEST).read_text() == "x"
    assert snapshots(original, tmp_path / "here") == 2
    assert sorted(owned) == ["postgres:postgres postgres", "root:root files"]


def test_from_where_nobody_can_look_the_databases_part_comes(copied, tmp_path, owned):
    (tmp_path / "here/postgres/half").mkdir(parents=True)  # it was cut off
    take_over(copied.restic, None, tmp_path / "here", data=1, copy=newest(copied))
    assert names(tmp_path / "here") == {"postgres"}
    assert (tmp_path / "here" / MANIFEST).read_text() == "copied"
    assert not (tmp_path / "here/postgres/half").exists()
    assert owned == ["postgres:postgres postgres"]


def test_from_a_folder_elsewhere_the_copy_comes_and_what_lies_beside_it_does_not(copied, tmp_path):
    take_over(copied.restic, copied.folder, tmp_path / "here", data=1, copy=newest(copied))
    assert (copied.folder / MANIFEST).read_text() == "x"
    assert (tmp_path / "here" / MANIFEST).read_text() == "copied"
    assert (tmp_path / "here/releases/belgenet-1.2.0.tar").exists()
    # Who restores from this server later finds the database's part beside the files, not an old one inside.
    assert snapshots(copied, tmp_path / "here", "postgres") == 0
    assert snapshots(copied, copied.folder, "postgres") == 2


def test_an_earlier_copy_comes_in_the_place_of_one_that_was_no_good(copied, tmp_path):
    take_over(copied.restic, copied.folder, tmp_path / "here", data=1, copy=newest(copied))
    take_over(copied.restic, copied.folder, tmp_path / "here", data=1, copy=Copy.all(copied.restic)[0].snapshot)
    assert (tmp_path / "here" / MANIFEST).read_text() == "older"


def test_nothing_of_a_source_that_was_tried_before_stays(copied, tmp_path):
    """Two repositories in one folder would open with neither key."""
    for name in ("files/keys/theirs", "releases/theirs.tar"):
        (tmp_path / "here" / name).parent.mkdir(parents=True)
        (tmp_path / "here" / name).touch()
    take_over(copied.restic, copied.folder, tmp_path / "here", data=1, copy=newest(copied))
    assert not [file for file in (tmp_path / "here").rglob("theirs*") if file.is_file()]
    take_over(copied.restic, None, tmp_path / "here", data=1, database=False)
    assert names(tmp_path / "here") == set()


def test_what_is_in_its_place_stays(original, owned):
    take_over(original.restic, original.folder, original.folder, data=1)
    assert (original.folder / MANIFEST).exists()
    assert owned == []


def test_a_dump_needs_no_databases_part(original, copied, tmp_path):
    take_over(copied.restic, copied.folder, tmp_path / "one", data=1, database=False)
    take_over(original.restic, original.folder, tmp_path / "two", data=1, database=False)
    take_over(copied.restic, None, tmp_path / "three", data=1, database=False)
    assert [names(tmp_path / name) for name in ("one", "two", "three")] == [{"files", "releases"}] * 2 + [set()]


@pytest.mark.parametrize("beside", [True, False])
def test_without_room_nothing_comes(copied, tmp_path, beside):
    with pytest.raises(RestoreError) as caught:
        take_over(
            copied.restic, copied.folder if beside else None, tmp_path / "here", data=1024**5, copy=newest(copied)
        )
    assert caught.value.code == "no_room"
    assert names(tmp_path / "here") == set()


def test_what_is_copied_counts_for_the_room(copied, tmp_path, monkeypatch):
    monkeypatch.setattr(taking.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5}))
    with pytest.raises(RestoreError):
        take_over(copied.restic, None, tmp_path / "here", data=0, copy=newest(copied))


def test_a_place_that_a_burnt_server_had_locked(original: Repository, tmp_path: Path):
    """Its lock is nobody's, and would refuse even a look."""
    source = Path(shutil.copytree(original.folder, tmp_path / "source"))
    restic = original.restic.at(str(source / "files"))
    with subprocess.Popen([*restic._words, "backup", "--stdin"], stdin=subprocess.PIPE) as burnt:
        assert wait_until(lambda: any((source / "files/locks").iterdir()), 30)
        burnt.kill()
    with pytest.raises(BackupError):
        restic.check()
    reading = Restic(restic.address, restic._password, tmp_path, options=READ_ONLY)
    reading.check()
    take_over(reading, source, tmp_path / "here", data=1)
    original.restic.at(str(tmp_path / "here/files")).check()


def test_one_disk_mounted_at_two_places(original: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = Path(shutil.copytree(original.folder, tmp_path / "disk"))
    before = snapshots(original, source)
    monkeypatch.setattr(Path, "samefile", lambda self, other: {self.name, Path(other).name} == {"disk", "second"})
    (tmp_path / "second").mkdir()
    (tmp_path / "second/postgres").symlink_to(source / "postgres")
    take_over(original.restic.at(str(source / "files")), source, tmp_path / "second", data=1)
    assert (source / MANIFEST).exists()
    assert snapshots(original, source) == before
