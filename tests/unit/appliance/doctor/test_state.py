"""Backups, upgrades, the release's files, secrets: what state files and files themselves tell."""

import hashlib
import os
import time
from datetime import timedelta

import pytest
from tests.unit.appliance.doctor.ward import NOW, Patient, codes, told

from belgenet.appliance.doctor import backup, release, scanner, secrets
from belgenet.appliance.exclusive import exclusive
from belgenet.appliance.installed import note
from belgenet.appliance.playbook import Report
from belgenet.appliance.secrets import generated
from belgenet.appliance.upgrade.journal import Journal
from belgenet.appliance.vault import VaultError


def ago(**parts):
    return (NOW - timedelta(**parts)).isoformat()


GOOD = {"run": {"last_success": ago(hours=2), "error": ""}, "drill": {"last_success": ago(days=3), "error": ""}}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (GOOD, []),
        ({}, ["error: There is no backup"]),
        (GOOD | {"run": {"last_success": ago(hours=31), "error": ""}}, ["warning: The last good backup is 31 hours old"]),
        (GOOD | {"run": {"last_success": ago(hours=60), "error": ""}}, ["error: The last good backup is 60 hours old"]),
        (
            GOOD | {"run": {"last_success": ago(hours=2), "error": "target_full", "message": "the target is full"}},
            ["error: The last backup failed: the target is full"],
        ),
        (GOOD | {"verify": {"error": "x", "message": "torn"}}, ["error: The check of the backup failed: torn"]),
        (GOOD | {"drill": {}}, ["warning: No restore was ever tried"]),
        (GOOD | {"drill": {"last_success": ago(days=40)}}, ["warning: The last trial restore was 40 days ago"]),
        (GOOD | {"drill": {"error": "x", "message": "rows are missing"}}, ["error: The trial restore failed: rows are missing"]),
    ],
)  # fmt: skip
def test_backups(tmp_path, state, expected):
    patient = Patient(tmp_path)
    patient.write("/var/lib/belgenet/backup/state.json", state)
    patient.write("/var/lib/belgenet/kit/confirmed.json", {"at": ago(days=9), "fingerprint": "x"})
    assert told(backup.backup(patient)) == expected


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ({"last_success": ago(hours=2), "error": ""}, []),
        (None, ["error: Nothing was copied off-site yet"]),
        ({"last_success": ago(hours=4), "error": ""}, ["warning: The last copy off-site is 4 hours old"]),
        ({"last_success": ago(hours=30), "error": ""}, ["error: The last copy off-site is 30 hours old"]),
        (
            {"last_success": ago(minutes=20), "error": "x", "message": "it is away"},
            ["warning: The last copy off-site failed: it is away"],
        ),
        (
            {"last_success": None, "error": "x", "message": "it is away"},
            ["error: Nothing was copied off-site yet", "warning: The last copy off-site failed: it is away"],
        ),
    ],
)
def test_a_copy_off_site_is_missed_where_there_is_such_a_place(tmp_path, copy, expected):
    patient = Patient(tmp_path)
    patient.write("/var/lib/belgenet/backup/state.json", GOOD | ({"offsite": copy} if copy else {}))
    patient.write("/var/lib/belgenet/kit/confirmed.json", {"at": ago(days=9), "fingerprint": "x"})
    patient.write("/etc/belgenet/backup.json", {"offsite": {}})
    assert told(backup.backup(patient)) == []
    patient.write("/etc/belgenet/backup.json", {"offsite": {"type": "folder", "path": "/mnt/nas"}})
    assert told(backup.backup(patient)) == expected


def test_a_kit_that_nobody_confirmed(tmp_path):
    patient = Patient(tmp_path)
    patient.write("/var/lib/belgenet/backup/state.json", GOOD)
    assert told(backup.backup(patient)) == ["warning: Nobody has confirmed to hold the recovery kit"]


def test_a_state_file_that_was_torn(tmp_path):
    patient = Patient(tmp_path)
    patient.write("/var/lib/belgenet/backup/state.json", '{"run": {"last_succ')
    assert codes(backup.backup(patient)) == ["backup_missing", "kit_unconfirmed"]


def test_an_upgrade_that_stopped_half_way(tmp_path):
    patient = Patient(tmp_path)
    patient.path("/run").mkdir()
    journal = Journal(patient.path("/var/lib/belgenet/upgrade"))
    journal.begin("upgrade", "1.0.0", "1.1.0", {})
    journal.mark("change", "migrate", "begun")
    (found,) = told(release.upgrade(patient))
    assert found.startswith("error: The upgrade from 1.0.0 to 1.1.0 stopped half-way (step: migrate, begun: ")
    with exclusive("upgrade", lock=patient.path("/run/belgenet-server.lock")):
        assert list(release.upgrade(patient)) == []
    journal.end("done")
    assert list(release.upgrade(patient)) == []


@pytest.fixture
def installed(tmp_path):
    patient = Patient(tmp_path)
    current = "/opt/belgenet/current"
    for venv in ("venv", "ansible/venv"):
        patient.write(f"{current}/{venv}/lib/python3.13/site-packages/app.py", "print('hello')\n")
        note(patient.path(f"{current}/{venv}"))
    patient.write(f"{current}/bundle/wheels/a.whl", "a wheel")
    patient.write(f"{current}/bundle/SHA256SUMS", f"{hashlib.sha256(b'a wheel').hexdigest()}  wheels/a.whl\n")
    patient.write(f"{current}/bundle/SHA256SUMS.sig", "a signature")
    patient.current = current
    return patient


def test_a_release_as_it_was_signed(installed):
    assert list(release.unaltered(installed)) == []


def test_files_of_the_release_that_were_changed_or_added(installed):
    installed.write(f"{installed.current}/venv/lib/python3.13/site-packages/app.py", "print('hullo')\n")
    installed.path(f"{installed.current}/bundle/wheels/a.whl").unlink()
    installed.write(f"{installed.current}/bundle/ansible/deploy/library/x.py", "")
    installed.write(f"{installed.current}/ansible/venv/\x1b[2J.pth", "")
    names = (
        "bundle/ansible/deploy/library/x.py, bundle/wheels/a.whl, venv/lib/python3.13/site-packages/app.py, "
        "'ansible/venv/\\x1b[2J.pth'"
    )
    expected = f"error: 4 files of the release were changed, removed or added: {names}"
    assert told(release.unaltered(installed)) == [expected]


@pytest.mark.parametrize("name", ["bundle/SHA256SUMS", "venv.files", "ansible/venv.files"])
def test_a_list_that_was_removed_hides_nothing(installed, name):
    installed.path(f"{installed.current}/{name}").unlink()
    assert told(release.unaltered(installed)) == [
        f"error: 1 files of the release were changed, removed or added: {name}"
    ]


def test_a_system_that_nobody_renews(tmp_path):
    patient = Patient(tmp_path)
    status = patient.write("/var/lib/dpkg/status", "")
    when = (NOW - timedelta(days=36)).timestamp()
    os.utime(status, (when, when))
    patient.write("/run/reboot-required", "")
    assert told(release.updates(patient)) == [
        "warning: The distribution's packages have not been renewed for 36 days",
        "info: The server should be rebooted",
    ]
    os.utime(status, (time.time(), NOW.timestamp()))
    assert codes(release.updates(patient)) == ["reboot_required"]


RECAP = "localhost : ok=9 changed=1 unreachable=0 failed=0 "


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (Report(0, RECAP), []),
        (
            Report(0, RECAP, {"app : Settings": []}),
            ["warning: The server differs from its description: app : Settings"],
        ),
        (Report(2, "boom"), ["error: Whether the server differs from its description could not be found out: boom"]),
    ],
)
def test_drift(tmp_path, monkeypatch, report, expected):
    monkeypatch.setattr(release.Playbook, "run", lambda _self, *, check: report)
    assert told(release.drift(Patient(tmp_path))) == expected


def test_a_scanner_with_signatures_of_long_ago(tmp_path):
    patient = Patient(tmp_path)
    assert list(scanner.scanner(patient)) == [], "the institution has not chosen it"
    patient.write("/etc/belgenet/site.yml", "belgenet_clamav: true\n")
    vars(patient).pop("site")
    assert codes(scanner.scanner(patient)) == ["signatures_missing"]
    file = patient.write("/var/lib/clamav/daily.cvd", "x")
    for days, expected in ((1, []), (8, ["warning"]), (31, ["error"])):
        when = (NOW - timedelta(days=days)).timestamp()
        os.utime(file, (when, when))
        assert [str(item.level) for item in scanner.scanner(patient)] == expected


class Vault:
    def __init__(self, names, shut=()):
        self._names, self._shut = names, shut

    def names(self):
        return sorted(self._names)

    def read(self, name):
        if name in self._shut:
            raise VaultError("systemd-creds decrypt: wrong key")
        return "x"


def test_secrets(tmp_path, monkeypatch):
    everything = set(generated())
    monkeypatch.setattr(Patient, "vault", Vault(everything), raising=False)
    assert list(secrets.sealed(Patient(tmp_path))) == []
    monkeypatch.setattr(Patient, "vault", Vault(everything - {"security.jwt_keys"}, {"security.master_keys"}))
    assert told(secrets.sealed(Patient(tmp_path))) == [
        "error: Secrets are missing: security.jwt_keys",
        "error: These secrets cannot be opened: security.master_keys",
    ]
