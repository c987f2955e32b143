"""Secrets on their way to restic: files in memory, for as long as they are needed, and never words."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import BackupError
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.workspace import workspace

KEY = recovery_key.make()
HOLD = """
import sys, time
from pathlib import Path
from belgenet.appliance import recovery_key
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.workspace import workspace
place = Path(sys.argv[1])
with workspace(Plan(place, 17), {recovery_key.NAME: recovery_key.make()}, state=place, memory=place) as work:
    print(work.folder, flush=True)
    time.sleep(60)
"""
S3 = {"type": "s3", "endpoint": "s3.example.org", "bucket": "b", "region": "eu-1", "path": "/x"}
SFTP = {
    "type": "sftp",
    "host": "nas.example.org",
    "port": 2222,
    "user": "u",
    "path": "/srv/x",
    "host_key": "ssh-ed25519 AAAA",
}


def test_nothing_is_left_also_after_a_failure(tmp_path: Path):
    def fail() -> None:
        with workspace(Plan(tmp_path, 17), {recovery_key.NAME: KEY}, state=tmp_path, memory=tmp_path) as work:
            assert work.folder.stat().st_mode & 0o077 == 0
            assert work.elsewhere is None
            assert {file.stat().st_mode & 0o777 for file in work.folder.iterdir()} == {0o600}
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_keys_of_s3_are_a_file(tmp_path: Path):
    secrets = {recovery_key.NAME: KEY, "backup.offsite_key_id": "AKID", "backup.offsite_key": "SECRET"}
    with workspace(Plan(tmp_path, 17, S3), secrets, state=tmp_path, memory=tmp_path) as work:
        assert work.elsewhere is not None
        assert work.elsewhere.address == "s3:https://s3.example.org/b/x/files"
        assert "SECRET" not in str(vars(work.elsewhere))
        assert "aws_secret_access_key=SECRET" in (work.folder / "s3").read_text()


def test_an_sftp_server_is_known_before_it_is_met(tmp_path: Path):
    secrets = {recovery_key.NAME: KEY, "backup.offsite_ssh_key": "-----PEM-----"}
    with workspace(Plan(tmp_path, 17, SFTP), secrets, state=tmp_path, memory=tmp_path) as work:
        assert work.elsewhere is not None
        assert (work.folder / "known_hosts").read_text() == "[nas.example.org]:2222 ssh-ed25519 AAAA\n"
        assert "StrictHostKeyChecking=yes" in str(vars(work.elsewhere))


@pytest.mark.parametrize(
    ("offsite", "names"), [(S3, "backup.offsite_key_id backup.offsite_key"), (SFTP, "backup.offsite_ssh_key")]
)
def test_what_is_missing_is_named(tmp_path: Path, offsite: dict[str, object], names: str):
    with workspace(Plan(tmp_path, 17, offsite), {recovery_key.NAME: KEY}, state=tmp_path, memory=tmp_path) as work:
        with pytest.raises(BackupError) as caught:
            _ = work.elsewhere
        assert work.here.address == str(tmp_path / "files")  # a backup on this server goes on without it
    assert (caught.value.code, caught.value.params) == ("offsite_secret_missing", {"names": names})
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def another(tmp_path: Path):
    """A command at work, and its folder."""
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def enter(memory: Path) -> None:
    with workspace(Plan(memory, 17), {recovery_key.NAME: KEY}, state=memory, memory=memory):
        pass


def test_what_a_killed_command_left_goes_with_the_next(another, tmp_path: Path):
    process, folder = another
    enter(tmp_path)
    assert (folder / "restic").exists(), "its owner lives"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (folder / "restic").exists()
    enter(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_only_our_own_are_swept(tmp_path: Path):
    names = ("belgenet-backup", "belgenet-backup-key", "belgenet-backup-held-on", "x-belgenet-backup-held-abcdefgh")
    theirs = [tmp_path / name for name in names]
    for place in theirs:
        place.mkdir()
    (tmp_path / "belgenet-backup-held-abcdefgh").symlink_to(theirs[0])
    (tmp_path / "belgenet-backup-held-ijklmnop").touch()
    enter(tmp_path)
    assert len(list(tmp_path.iterdir())) == 6


def test_an_earlier_releases_command_at_work_keeps_its_keys(tmp_path: Path):
    """Nothing says whether it lives: it made its folder so, and holds no lock on it."""
    folder = Path(tempfile.mkdtemp(prefix="belgenet-backup-", dir=tmp_path))
    (folder / "restic").touch()
    enter(tmp_path)
    assert (folder / "restic").exists()


def test_who_was_swept_before_it_had_its_lock_makes_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = []

    def swept(**words):
        made.append(make(**words))
        return made[-1]

    make = tempfile.mkdtemp
    flock = fcntl.flock

    def late(handle: int, how: int) -> None:
        if len(made) == 1 and not how & fcntl.LOCK_NB:
            Path(made[0]).rmdir()
        flock(handle, how)

    monkeypatch.setattr(tempfile, "mkdtemp", swept)
    monkeypatch.setattr(fcntl, "flock", late)
    with workspace(Plan(tmp_path, 17), {recovery_key.NAME: KEY}, state=tmp_path, memory=tmp_path) as work:
        assert str(work.folder) == made[1]
        assert (work.folder / "restic").exists()
