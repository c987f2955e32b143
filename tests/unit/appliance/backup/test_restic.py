"""What restic's words mean to an administrator, of all versions that the supported systems have."""

from pathlib import Path

import pytest

from belgenet.appliance.backup import BackupError, restic
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.run import CommandError

PACK = "/b/files/data/98/98a6e3fe"
SAID = {
    "Load(<data/4e5f469ce9>, 1419, 0) failed: file is too short\nFatal: There were 2 errors": "files_damaged",
    f"ignoring error for /: ReadFull(<data/98a6e3fe0f>): open {PACK}: no such file or directory": "files_damaged",
    "Load(<index/98a6e3fe0f>, 0, 0) failed: The specified key does not exist.": "files_damaged",
    "decrypting blob <tree/c025b7de> from 98a6e3fe failed: ciphertext verification failed": "files_damaged",
    "Fatal: repository contains errors": "files_damaged",
    "lchown /run/x/settings/manifest.json: no such file or directory": "files_failed",
    'Load(<data/98a6e3fe0f>, 0, 0) failed: Get "https://s3.example.org/": dial tcp: connection refused': "files_failed",
    "Fatal: wrong password or no key found": "wrong_key",
    "Fatal: unable to open config file: stat /b/files/config: no such file or directory\n"
    "Is there a repository at the following location?": "repository_absent",
    "Fatal: write /b/files/data/98/98a6: no space left on device": "disk_full",
}


@pytest.mark.parametrize(("said", "code"), SAID.items())
def test_what_it_says_is_told_as_what_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, code: str):
    def fail(*_: object, **__: object) -> str:
        raise CommandError("restic", 1, said)

    monkeypatch.setattr(restic, "run", fail)
    with pytest.raises(BackupError) as caught:
        Restic("/b/files", tmp_path / "password", tmp_path).restore("latest", tmp_path)
    assert caught.value.code == code
    assert "/b/files" in str(caught.value)


def test_the_exit_code_of_newer_ones_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def fail(*_: object, **__: object) -> str:
        raise CommandError("restic", 10, "Fatal: anything")

    monkeypatch.setattr(restic, "run", fail)
    assert not Restic("/b/files", tmp_path / "password", tmp_path).exists()
