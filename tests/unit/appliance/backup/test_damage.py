"""What is found when a repository was damaged, and what an administrator is told."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.appliance.backup.server import Institution

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import BackupError, gate, notice, objects
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.records import Manifest
from belgenet.appliance.backup.verify import verify
from belgenet.appliance.words import LANGUAGES, texts

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def kept(institution: Institution) -> Institution:
    """One good backup."""
    institution.maker.prepare(check=False)
    institution.maker.make(full=True)
    return institution


@pytest.fixture
def damage(kept: Institution) -> Iterator[Callable[[str, Callable[[Path], None]], None]]:
    """``damage(pattern, change)``: change every file of the backups that fits; put back afterwards."""
    aside = kept.copy_of_backups()

    def do(pattern: str, change: Callable[[Path], None]) -> None:
        files = [file for file in kept.plan.folder.glob(pattern) if file.is_file()]
        assert files
        for file in files:
            change(file)

    yield do
    kept.put_back(aside)


def shorten(file: Path) -> None:
    """The second half is lost."""
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path) -> None:
    """One byte in the middle is another."""
    file.chmod(0o600)
    with file.open("r+b") as content:
        content.seek(file.stat().st_size // 2)
        byte = content.read(1)[0]
        content.seek(-1, os.SEEK_CUR)
        content.write(bytes([byte ^ 255]))


def found_by_drill(kept: Institution) -> str:
    with pytest.raises(BackupError) as caught:
        kept.drill.run()
    assert str(caught.value)
    assert list((kept.folder / "scratch").iterdir()) == []
    return caught.value.code


def found_by_verify(kept: Institution) -> set[str]:
    return {finding.code for finding in verify(kept.plan, kept.secrets, kept.database, folder=kept.state)}


@pytest.mark.parametrize("change", [shorten, flip, Path.unlink])
def test_a_damaged_base_backup_is_found(kept: Institution, damage, change):
    damage("postgres/backup/belgenet/*F/bundle/*", change)
    assert found_by_drill(kept) == "database_damaged"
    assert "database_damaged" in found_by_verify(kept)


@pytest.mark.parametrize("change", [shorten, Path.unlink])
def test_a_damaged_pack_of_objects_is_found(kept: Institution, damage, change):
    damage("files/data/*/*", change)
    assert found_by_drill(kept) in {"files_damaged", "files_failed", "object_missing"}
    assert found_by_verify(kept) & {"files_damaged", "files_failed", "object_missing"}


def test_a_repository_that_is_gone_is_not_taken_for_an_empty_one(kept: Institution, damage):
    damage("files/config", Path.unlink)
    assert found_by_drill(kept) == "repository_absent"
    with pytest.raises(BackupError) as caught:
        kept.maker.make()
    assert caught.value.code == "repository_absent"


def test_another_recovery_key_opens_nothing_and_says_so(kept: Institution):
    real = kept.secrets[recovery_key.NAME]
    kept.secrets[recovery_key.NAME] = recovery_key.make()
    try:
        assert found_by_drill(kept) == "wrong_key"
        kept.configure(key=kept.secrets[recovery_key.NAME])
        with pytest.raises(BackupError) as caught:
            kept.database.info()
        assert caught.value.code == "database_wrong_key"
    finally:
        kept.secrets[recovery_key.NAME] = real
        kept.configure()
    assert found_by_verify(kept) == set()


def test_a_missing_batch_is_named(kept: Institution, damage):
    with kept.work() as work:
        batch = work.here.snapshots(objects.NAME)[-1]
        work.here.forget(str(batch["id"]))
    assert found_by_drill(kept) == "batch_missing"
    assert "batch_missing" in found_by_verify(kept)


def test_secrets_that_are_not_those_of_the_manifest_are_named(kept: Institution, damage, monkeypatch):
    from belgenet.appliance.backup import make

    monkeypatch.setattr(make, "fingerprints", lambda *_: {"security.master_keys": "0" * 32})
    kept.maker.make()
    monkeypatch.undo()
    with pytest.raises(BackupError) as caught:
        kept.drill.run()
    assert (caught.value.code, caught.value.params) == ("secrets_differ", {"names": "security.master_keys"})


def test_without_a_recovery_key_nothing_begins(kept: Institution):
    key = kept.secrets.pop(recovery_key.NAME)
    with pytest.raises(BackupError) as caught:
        kept.drill.run()
    kept.secrets[recovery_key.NAME] = key
    assert caught.value.code == "no_recovery_key"


def test_a_gate_on_a_server_without_backups_says_what_to_do(monkeypatch, tmp_path):
    from belgenet.appliance.backup import make

    monkeypatch.setattr(make, "Plan", type("Nowhere", (), {"read": staticmethod(lambda: Plan.read(tmp_path / "none"))}))
    with pytest.raises(BackupError) as caught:
        gate("pre-9.9.9")
    assert caught.value.code == "not_set_up"
    assert "belgenet apply" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"folder": 1', json.dumps({"folder": "/x", "major": "x", "offsite": {}})]
)
def test_a_plan_that_is_none(tmp_path, text):
    (tmp_path / "backup.json").write_text(text)
    with pytest.raises(BackupError) as caught:
        Plan.read(tmp_path / "backup.json")
    assert caught.value.code == "plan_unreadable"


@pytest.mark.parametrize(
    ("offsite", "address"),
    [
        ({}, ""),
        ({"type": "folder", "path": "/mnt/nas"}, "/mnt/nas/files"),
        (
            {"type": "s3", "endpoint": "s3.example.org", "bucket": "b", "path": "/x"},
            "s3:https://s3.example.org/b/x/files",
        ),
        ({"type": "sftp", "host": "nas", "user": "u", "path": "/srv/x"}, "sftp://u@nas:22//srv/x/files"),
    ],
)
def test_where_files_go(offsite, address):
    assert Plan(Path("/b"), 17, offsite).files_offsite == address


def test_a_manifest_of_nobody_is_refused():
    with pytest.raises(BackupError):
        Manifest.parse("{}")


def test_the_mail_says_the_reason_in_the_institutions_language():
    site = {"belgenet_domain": "okul.example", "belgenet_admin_email": "bt@okul.example", "belgenet_locale": "tr"}
    mail = notice.letter(site, "run", BackupError("disk_full", where="/yedek"))
    assert mail["To"] == "bt@okul.example"
    assert mail["Subject"] == "okul.example: yedekleme başarısız oldu"
    assert "/yedek konumunda yer kalmadı" in mail.get_content()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["Message-ID"].endswith("@okul.example>")
    english = notice.letter(site | {"belgenet_locale": "en"}, "drill", BackupError("drill_keys", names="x"))
    assert "In the restored database these relations lead nowhere: x" in english.get_content()


def test_a_notice_that_cannot_be_sent_is_no_second_failure(monkeypatch):
    assert notice.failed("run", BackupError("disk_full", where="/x")) is False


def test_every_error_that_is_raised_has_a_text():
    import re

    folder = Path(notice.__file__).parent
    raised = {code for file in folder.glob("*.py") for code in re.findall(r'BackupError\(\s*"(\w+)"', file.read_text())}
    for language in LANGUAGES:
        assert raised <= texts("backup", language).keys()
