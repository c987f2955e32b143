"""Secrets on their way to restic: files in memory, for as long as they are needed, and never words."""

from pathlib import Path

import pytest

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import BackupError
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.workspace import workspace

KEY = recovery_key.make()
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
