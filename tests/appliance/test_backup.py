"""Story 4, first half: backups made while people buy, and every look at them; the drill must fail on a damaged one."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.appliance.conftest import Another
from tests.appliance.installation import Installation, note
from tests.appliance.load import Load

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.timeout(900),
    pytest.mark.after("test_one_command_installs_it_without_a_network"),
]
FOLDER = "/var/backups/belgenet"
UNITS = ("belgenet-backup", "belgenet-backup-full", "belgenet-backup-verify", "belgenet-drill")
CUT = "for file in $(find {} -type f); do truncate -s -100 $file; done"


@pytest.fixture(scope="module")
def kept(another: Another) -> Iterator[Installation]:
    """A site where a donor and a learner have bought, with a full backup."""
    with another() as site:
        told = site.story()
        assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
        site.server.run("belgenet backup run --full")
        yield site


def ask(site: Installation, line: str) -> tuple[int, Any]:
    """Exit code and what was said as JSON; a failure's text otherwise."""
    done = site.server.run(f"LC_ALL=C.UTF-8 belgenet {line} --json", check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stderr


def test_a_backup_is_made_while_people_come_and_nobody_notices(kept: Installation):
    with Load(kept) as load:
        load.at_least(100)
        began = time.monotonic()
        kept.server.run("belgenet backup run")
        seconds = time.monotonic() - began
    assert load.counted.failed == []
    assert load.counted.written > 0
    note(kept.server.system, backup_incremental_seconds=round(seconds, 1))


def test_the_list_says_what_there_is(kept: Installation):
    code, told = ask(kept, "backup list")
    assert code == 0
    assert [entry["kind"] for entry in told["backups"]] == ["full", "incr"]
    assert all(entry["complete"] for entry in told["backups"])
    assert told["state"]["run"]["error"] == ""


def test_what_is_kept_is_whole(kept: Installation):
    assert ask(kept, "backup verify") == (0, {"ok": True, "findings": []})


def test_a_drill_restores_orders_certificates_and_keys(kept: Installation):
    code, told = ask(kept, "drill")
    assert code == 0, told
    assert told["rows"] > 50
    assert told["objects"] > 0  # certificates of the donor and the learner
    assert told["secrets"] > 0  # keys that signed them, opened with the restored master keys
    assert kept.server.run("ls /var/lib/postgresql | grep -c drill", check=False).stdout.strip() == "0"
    note(kept.server.system, drill_seconds=told["seconds"])


def test_the_timetable_does_the_same_in_its_sandbox(kept: Installation):
    timers = kept.server.run("systemctl list-timers --all --no-legend --plain").stdout
    assert all(f"{unit}.timer" in timers for unit in UNITS)
    for unit in ("belgenet-backup", "belgenet-backup-verify", "belgenet-drill"):
        kept.server.run(f"systemctl start {unit}")


def test_passphrases_are_postgresqls_and_in_memory_only(kept: Installation):
    for user in ("belgenet-web", "belgenet-console", "nobody"):
        assert kept.server.run(f"runuser -u {user} -- cat /run/belgenet-backup/here.conf", check=False).returncode
    phrase = kept.server.run("sed -n s/repo1-cipher-pass=//p /run/belgenet-backup/here.conf").stdout.strip()
    assert len(phrase) == 64
    look = f"grep -rlF {phrase} /etc /var/lib/belgenet /var/backups /var/log /root; journalctl --no-pager | grep -cF {phrase}"
    assert kept.server.run(look, check=False).stdout.strip() == "0"


def test_after_a_reboot_the_log_goes_on_to_the_archive(kept: Installation):
    kept.server.run(
        "systemctl stop belgenet-backup-key.path; rm -rf /run/belgenet-backup; systemctl restart 'postgresql@*'"
    )
    kept.server.run("systemctl start belgenet-backup-key.path")
    kept.server.run("setpriv --reuid=postgres --regid=postgres --init-groups pgbackrest --stanza=belgenet check")


@pytest.fixture
def damaged(kept: Installation) -> Iterator[Installation]:
    """Put back afterwards."""
    kept.server.run(f"rm -rf {FOLDER}.aside && cp -a {FOLDER} {FOLDER}.aside")
    yield kept
    kept.server.run(f"rm -rf {FOLDER} && mv {FOLDER}.aside {FOLDER}")


def test_a_damaged_database_backup_fails_the_drill_and_the_verification(damaged: Installation):
    damaged.server.run(CUT.format(f"{FOLDER}/postgres/backup/belgenet/*F/bundle"))
    assert ask(damaged, "drill")[0] == 2
    code, told = ask(damaged, "backup verify")
    assert code == 1
    assert any(finding["code"].startswith("database_") for finding in told["findings"]), told
    assert kept_error(damaged, "drill")


def test_damaged_objects_fail_the_drill_and_the_administrator_gets_a_mail(damaged: Installation):
    damaged.server.run(CUT.format(f"{FOLDER}/files/data"))
    before = len(damaged.outside.mail.mails("bilgiislem@okul.example"))
    assert damaged.server.run("systemctl start belgenet-drill", check=False).returncode
    assert len(damaged.outside.mail.mails("bilgiislem@okul.example")) > before
    assert kept_error(damaged, "drill")


def test_another_key_and_a_missing_disk_have_their_own_words(damaged: Installation):
    damaged.server.run(f"mv {FOLDER}/files {FOLDER}/unplugged")
    code, said = ask(damaged, "drill")
    assert (code, "Is the disk mounted?" in said) == (2, True)
    other = (
        "from belgenet.appliance import places, recovery_key; from belgenet.appliance.vault import Vault; "
        "vault = Vault(places.VAULT); print(vault.read(recovery_key.NAME)); vault.write(recovery_key.NAME, recovery_key.make())"
    )
    damaged.server.run(f"mv {FOLDER}/unplugged {FOLDER}/files")
    python = "/opt/belgenet/current/venv/bin/python -c"
    real = damaged.server.run(f"{python} '{other}'").stdout.strip()
    try:
        code, said = ask(damaged, "drill")
    finally:
        back = (
            "import sys; " + other.partition("print(")[0] + "vault.write(recovery_key.NAME, sys.stdin.read().strip())"
        )
        damaged.server.run(f"{python} '{back}'", input=real)
    assert (code, "The recovery key does not open the repository" in said) == (2, True)


def test_the_service_went_on_through_all_of_it(kept: Installation):
    assert kept.alive()
    kept.server.run("belgenet backup run --full")
    assert ask(kept, "drill")[0] == 0


def kept_error(site: Installation, action: str) -> str:
    state = json.loads(site.server.read("/var/lib/belgenet/backup/state.json"))
    return str(state[action]["error"])
