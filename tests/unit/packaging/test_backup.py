"""A place elsewhere for the backups that is none, before an installation."""

from pathlib import Path

import pytest
from checks import backup as check
from checks.backup import FOLDER, OURS, backup
from checks.site import read_answers

from belgenet.appliance.backup.plan import OURS as LATER

from .server import Server

DEFAULTS = Path(__file__).parents[3] / "deploy/ansible/group_vars/all.yml"


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path / "root")


def found(server, answers, **how):
    return [(one.code, one.severity, one.values["other"]) for one in backup(server.probe(), answers, **how)]


@pytest.mark.parametrize(
    "answers",
    [
        "",
        "belgenet_backup_offsite: {}",
        "belgenet_backup_offsite: {type: folder, path: /mnt/nas/belgenet}",
        "belgenet_backup_offsite: {type: folder, path: /var/backups/belgenet2}",
        "belgenet_backup_offsite: {type: sftp, host: nas, user: u, path: /var/backups/belgenet, host_key: x}",
        "belgenet_backup_offsite: {type: s3, endpoint: s3.example, bucket: b, region: r, path: /var/lib/belgenet}",
    ],
)
def test_elsewhere(server, answers):
    assert found(server, answers) == []


@pytest.mark.parametrize(
    ("answers", "other"),
    [
        ("belgenet_backup_offsite: {type: folder, path: /var/backups/belgenet}", FOLDER),
        ('belgenet_backup_offsite: {"type": "folder", "path": "/var/backups/belgenet/nas"}  # there', FOLDER),
        ("belgenet_backup_offsite:\n  type: folder\n  path: '/var/backups/'  # there\n", FOLDER),
        ("belgenet_backup_folder: /srv/x\nbelgenet_backup_offsite: {path: /srv/x/../x/y, type: folder}", "/srv/x"),
        ("belgenet_backup_offsite: {type: folder, path: /var/lib/belgenet/objects}", OURS[0]),
        ("belgenet_backup_offsite: {type: folder, path: /var/lib/postgresql/17}", OURS[1]),
    ],
)
def test_here(server, answers, other):
    assert found(server, answers) == [("backup_offsite_here", "error", other)]
    assert found(server, answers, restoring=True) == [("backup_offsite_here", "warning", other)]


def test_by_another_name(server):
    (server.root / "mnt").mkdir()
    (server.root / "var/backups/belgenet").mkdir(parents=True)
    (server.root / "mnt/nas").symlink_to(server.root / "var/backups")
    answers = "belgenet_backup_offsite: {type: folder, path: /mnt/nas/belgenet/copy}"
    assert found(server, answers) == [("backup_offsite_here", "error", FOLDER)]


def test_the_installed_server_looks_at_the_same():
    assert read_answers(DEFAULTS.read_text())["belgenet_backup_folder"] == check.FOLDER
    assert tuple(map(str, LATER)) == OURS
