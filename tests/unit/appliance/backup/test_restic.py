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
    "ignoring error for /settings: ReadFull(<data/0f01089113>): cached file <data/0f01089113> is too short\n"
    "Summary: Restored 1 files/dirs (0 B) in 0:00": "files_damaged",
    "Load(<data/9223b77a64>, 251, 1995) returned error, retrying after 2.070709754s: EOF\nx": "files_damaged",
    "ReadFull(<data/9223b77a64>): unexpected EOF": "files_damaged",
    "decrypting blob <tree/c025b7de> from 98a6e3fe failed: ciphertext verification failed": "files_damaged",
    "Fatal: repository contains errors": "files_damaged",
    "lchown /run/x/settings/manifest.json: no such file or directory": "files_failed",
    "Fatal: wrong password or no key found": "wrong_key",
    "Fatal: unable to open config file: stat /b/files/config: no such file or directory\n"
    "Is there a repository at the following location?": "repository_absent",
    "Fatal: write /b/files/data/98/98a6: no space left on device": "disk_full",
}

ASKING = "Fatal: unable to open config file: Stat: {}\nIs there a repository at the following location?"
"""Of restic before 0.17, whatever is wrong."""
AGAIN = "Stat(<config/>) returned error, retrying after 4.5s: Stat: {}\ntook longer than 60 s"
"""Of later ones."""
FAR = {
    "Access Denied.": "place_refused",
    "The access key ID you provided does not exist in our records.": "place_refused",
    "The request signature we calculated does not match the signature you provided.": "place_refused",
    "The specified bucket does not exist": "repository_absent",
    'Get "https://s3.example.org/": dial tcp 10.0.0.1:443: connect: connection refused': "place_unreachable",
    'Get "https://s3.example.org/": x509: certificate signed by unknown authority': "place_unreachable",
    'Get "https://s3.example.org/": dial tcp: lookup s3.example.org: no such host': "place_unreachable",
}
SFTP = {
    "subprocess ssh: Host key verification failed.": "host_key_unknown",
    "subprocess ssh: backup@nas: Permission denied (publickey).": "place_refused",
    "subprocess ssh: ssh: connect to host nas port 22: Connection refused": "place_unreachable",
    "": "place_unreachable",
}
FAR_SAID = {form.format(said): code for form in (ASKING, AGAIN) for said, code in FAR.items()} | {
    f"{said}\nFatal: unable to open repository at sftp://x: unable to start the sftp session, error: EOF": code
    for said, code in SFTP.items()
}


@pytest.mark.parametrize(("said", "code"), FAR_SAID.items())
def test_why_a_place_elsewhere_is_not_reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, code: str):
    def fail(*_: object, **__: object) -> str:
        raise CommandError("restic", 1, said)

    monkeypatch.setattr(restic, "run", fail)
    with pytest.raises(BackupError) as caught:
        Restic("s3:https://s3.example.org/b/files", tmp_path / "password", tmp_path).restore("latest", tmp_path)
    assert caught.value.code == code


@pytest.mark.parametrize(("said", "code"), SAID.items())
def test_what_it_says_is_told_as_what_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, code: str):
    def fail(*_: object, **__: object) -> str:
        raise CommandError("restic", 1, said)

    monkeypatch.setattr(restic, "run", fail)
    with pytest.raises(BackupError) as caught:
        Restic("/b/files", tmp_path / "password", tmp_path).restore("latest", tmp_path)
    assert caught.value.code == code
    assert "/b/files" in str(caught.value)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Load(<data/6226d12c75>, 28660, 0) failed: file is too short", "files_damaged"),
        ("ignoring error for /a: write /run/x/a: no space left on device", "disk_full"),
    ],
)
def test_the_reason_is_found_above_all_that_follows_from_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reason: str, code: str
):
    follows = ["ignoring error for /b: lchown /run/x/b: no such file or directory"] * 30

    def fail(*_: object, **__: object) -> str:
        raise CommandError("restic", 1, "\n".join(follows[:5]), "\n".join([reason, reason, *follows]))

    monkeypatch.setattr(restic, "run", fail)
    with pytest.raises(BackupError) as caught:
        Restic("/b/files", tmp_path / "password", tmp_path).restore("latest", tmp_path)
    assert caught.value.code == code
    assert caught.value.params.get("said", reason) == reason


def test_a_reason_that_is_repeated_hides_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    again = ["Load(<data/6226d12c75>, 28660, 0) failed: file is too short"] * 10
    other = "Load(<data/0f01089113>, 1419, 0) failed: file is too short"

    def fail(*_: object, **__: object) -> str:
        raise CommandError("restic", 1, "", "\n".join([*again, other]))

    monkeypatch.setattr(restic, "run", fail)
    with pytest.raises(BackupError) as caught:
        Restic("/b/files", tmp_path / "password", tmp_path).restore("latest", tmp_path)
    assert caught.value.params["said"].splitlines() == [again[0], other]


def test_the_exit_code_of_newer_ones_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def fail(*_: object, **__: object) -> str:
        raise CommandError("restic", 10, "Fatal: anything")

    monkeypatch.setattr(restic, "run", fail)
    assert not Restic("/b/files", tmp_path / "password", tmp_path).exists()
