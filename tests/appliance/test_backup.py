"""Story 4, first half: backups made while people buy, and every look at them; the drill must fail on a damaged one."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.appliance.conftest import Another
from tests.appliance.installation import Installation, note
from tests.appliance.load import Load
from tests.common.waiting import wait_until

from belgenet.appliance.words import texts

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.timeout(900),
    pytest.mark.after("test_one_command_installs_it_without_a_network"),
]
FOLDER = "/var/backups/belgenet"
UNITS = ("belgenet-backup", "belgenet-backup-full", "belgenet-backup-verify", "belgenet-drill")
CUT = "for file in $(find {} -type f); do truncate -s $(($(stat -c %s $file) / 2)) $file; done"
GROWING = (
    "from belgenet.appliance.backup import contents; from belgenet.appliance.backup.database import Database; "
    "print(sum(contents.counts(Database()).values()))"
)
VAULT = (
    "from belgenet.appliance import places, recovery_key; from belgenet.appliance.vault import Vault; "
    "vault = Vault(places.VAULT);"
)
PYTHON = "/opt/belgenet/current/venv/bin/python -c"
EARLIER = (
    "sed -i 's/^archive-push-queue-max/repo2-path=\\/srv\\/nas\\/postgres\\n&/' /etc/pgbackrest/pgbackrest.conf && "
    "printf '[global]\\nrepo2-cipher-pass=x\\n' >/run/belgenet-backup/elsewhere.conf && "
    "ln -sf /run/belgenet-backup/elsewhere.conf /etc/pgbackrest/conf.d/elsewhere.conf"
)
"""A release before this one let pgBackRest keep a repository elsewhere by itself."""
DAMAGEABLE = ("postgres/backup", "files")
"""Of the backups; the log goes on to its archive meanwhile."""


@pytest.fixture(scope="module")
def kept(another: Another) -> Iterator[Installation]:
    """A site where a donor and a learner have bought, with the weekly full backup by its own unit."""
    with another() as site:
        told = site.story()
        assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
        site.server.run("systemctl start belgenet-backup-full")
        yield site


def ask(site: Installation, line: str) -> tuple[int, Any]:
    """Exit code and what was said as JSON; a failure's text otherwise."""
    done = site.server.run(f"LC_ALL=C.UTF-8 belgenet {line} --json", check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stderr


def state(site: Installation) -> dict[str, Any]:
    """What the site remembers of its backups, by action."""
    told: dict[str, Any] = json.loads(site.server.read("/var/lib/belgenet/backup/state.json"))
    return told


def query(site: Installation, text: str) -> int:
    """A figure of the site's own database."""
    words = ["runuser", "-u", "postgres", "--", "psql", "-d", "belgenet", "-Atc", text]
    return int(site.server.run(words).stdout)


def growing(site: Installation) -> int:
    """Rows of all tables that nothing is deleted from."""
    return int(site.server.run(f"{PYTHON} '{GROWING}'").stdout)


def test_a_backup_is_made_while_people_come_and_a_drill_has_all_of_it(kept: Installation):
    before = growing(kept)
    with Load(kept) as load:
        load.at_least(100)
        began = time.monotonic()
        kept.server.run("belgenet backup run")
        seconds = time.monotonic() - began
    assert load.counted.failed == []
    assert load.counted.written > 0
    note(
        kept.server.system, backup_incremental_seconds=round(seconds, 1), requests_beside_a_backup=load.counted.answered
    )
    code, told = ask(kept, "drill")
    assert code == 0, told
    assert before < told["rows"] <= growing(kept)
    assert told["objects"] == query(kept, "select count(*) from certificates where state = 'READY'") >= 2
    assert told["secrets"] == query(kept, "select count(*) from signing_keys where secret is not null") >= 2
    assert kept.server.run("ls /var/lib/postgresql").stdout.split() == [
        kept.server.run("ls /usr/lib/postgresql").stdout.strip()
    ]
    note(kept.server.system, drill_seconds=told["seconds"])


def test_the_list_says_what_there_is(kept: Installation):
    code, told = ask(kept, "backup list")
    assert code == 0
    assert [(entry["kind"], entry["complete"]) for entry in told["backups"]] == [("full", True), ("incr", True)]
    assert told["state"]["run"]["error"] == ""


def test_the_timetable_does_the_same_in_its_sandbox(kept: Installation):
    timers = kept.server.run("systemctl list-timers --all --no-legend --plain").stdout
    assert all(f"{unit}.timer" in timers for unit in UNITS)
    before = state(kept)
    kept.server.run(
        "systemctl start belgenet-backup && systemctl start belgenet-backup-verify && systemctl start belgenet-drill"
    )
    after = state(kept)
    assert (after["drill"]["error"], after["drill"]["last_success"] > before["drill"]["last_success"]) == ("", True)
    assert after["run"]["id"] > before["run"]["id"]
    assert [entry["id"] for entry in ask(kept, "backup list")[1]["backups"]][-1] == after["run"]["id"]
    assert (after["verify"]["error"], after["verify"]["last_error"]) == ("", None)
    note(kept.server.system, verify_seconds=after["verify"]["seconds"])


@pytest.fixture
def elsewhere(kept: Installation) -> Iterator[Installation]:
    """A place elsewhere over SFTP: a second SSH server, the unit ``nas``, which can be made to answer nothing."""
    run = kept.server.run
    run(
        "ssh-keygen -q -t ed25519 -N '' -f /root/nas && cat /root/nas.pub >>/root/.ssh/authorized_keys && mkdir -p /srv/nas"
    )
    run("systemd-run --quiet --unit=nas /usr/sbin/sshd -D -p 2222 -o PidFile=none")
    host_key = " ".join(kept.server.read("/etc/ssh/ssh_host_ed25519_key.pub").split()[:2])
    place = {
        "type": "sftp",
        "host": "127.0.0.1",
        "port": 2222,
        "user": "root",
        "path": "/srv/nas",
        "host_key": host_key,
    }
    run(["belgenet", "secrets", "set", "backup.offsite_ssh_key"], input=kept.server.read("/root/nas"))
    run(EARLIER)
    answers = kept.server.read("/etc/belgenet/site.yml")
    kept.server.write("/etc/belgenet/site.yml", f"{answers}\nbelgenet_backup_offsite: {json.dumps(place)}\n")
    run("belgenet apply")
    yield kept
    kept.server.write("/etc/belgenet/site.yml", answers)
    run("belgenet apply --only backup && systemctl stop nas")


def test_a_place_elsewhere_that_does_not_answer_stops_nothing_is_told_and_caught_up_with(elsewhere: Installation):
    run, say = elsewhere.server.run, texts("backup", "tr")
    assert "belgenet-backup-offsite.timer" in run("systemctl list-timers --no-legend --plain").stdout
    run("systemctl start belgenet-backup-offsite")
    before = state(elsewhere)
    assert before["offsite"]["error"] == ""
    assert "repo2" not in run("cat /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest/conf.d/*").stdout

    run("systemctl kill -s STOP nas")
    try:
        run("systemctl start belgenet-backup")
        failures = query(elsewhere, "select failed_count from pg_stat_archiver")
        run("setpriv --reuid=postgres --regid=postgres --init-groups pgbackrest --stanza=belgenet check")
        assert query(elsewhere, "select failed_count from pg_stat_archiver") == failures
        assert run("systemctl start belgenet-backup-offsite", check=False).returncode
        after = state(elsewhere)
        assert after["run"]["id"] > before["run"]["id"]
        assert (after["run"]["error"], after["offsite"]["error"]) == ("", "offsite_failed")
        assert after["offsite"]["last_success"] >= before["offsite"]["last_success"]
        subject = say["mail_subject_offsite"].format(domain="okul.example")
        mails = elsewhere.outside.mail.mails("bilgiislem@okul.example")
        assert [mail.subject for mail in mails].count(subject) == 1
        assert "offsite_failed" in run("belgenet doctor --json", check=False).stdout
        assert elsewhere.alive()
    finally:
        run("systemctl kill -s CONT nas")

    run("systemctl start belgenet-backup-offsite")
    assert state(elsewhere)["offsite"]["error"] == ""
    listed = ask(elsewhere, "backup list --offsite")[1]
    assert len(listed["copies"]) > 1
    here, there = ask(elsewhere, "backup list")[1]["backups"], listed["backups"]
    assert [entry["id"] for entry in there] == [entry["id"] for entry in here]
    assert there[-1]["complete"]
    assert ask(elsewhere, "backup verify") == (0, {"ok": True, "findings": []})


@pytest.fixture
def visitors(kept: Installation) -> Iterator[Callable[[], set[str]]]:
    """The roles that sessions of the database began as since then; who looks at it by a timetable does not."""
    run = kept.server.run
    log = run("ls /var/log/postgresql/postgresql-*-belgenet.log").stdout.strip()
    tell = "runuser -u postgres -- psql -q -c 'alter system {} log_connections{}' -c 'select pg_reload_conf()'"
    run(f"systemctl stop belgenet-alert.timer belgenet-alert.service && {tell.format('set', ' = on')}; sleep 1")
    mark = int(run(f"stat -c %s {log}").stdout)
    yield lambda: set(re.findall(r"connection authorized: user=(\w+)", run(f"tail -c +{mark + 1} {log}").stdout))
    run(f"{tell.format('reset', '')} && systemctl start belgenet-alert.timer")


def test_a_whole_backup_is_made_without_the_database_s_administrator(
    kept: Installation, visitors: Callable[[], set[str]]
):
    kept.server.run("systemctl start belgenet-backup-full && systemctl start belgenet-backup-verify", timeout=900)
    came = visitors()
    assert "belgenet_backup" in came
    assert "postgres" not in came, came


def test_passphrases_are_postgresqls_and_in_memory_only(kept: Installation):
    for user in ("belgenet-web", "belgenet-console", "nobody"):
        assert kept.server.run(f"runuser -u {user} -- cat /run/belgenet-backup/here.conf", check=False).returncode
    phrase = kept.server.run("sed -n s/repo1-cipher-pass=//p /run/belgenet-backup/here.conf").stdout.strip()
    assert len(phrase) == 64
    look = f"grep -rlF {phrase} /etc /var/lib/belgenet /var/backups /var/log /root; journalctl --no-pager | grep -cF {phrase}"
    assert kept.server.run(look, check=False).stdout.strip() == "0"


def test_after_a_reboot_the_log_goes_on_to_the_archive(kept: Installation):
    kept.server.stop()
    kept.server.boot()
    kept.server.run("setpriv --reuid=postgres --regid=postgres --init-groups pgbackrest --stanza=belgenet check")
    assert query(kept, "select count(*) from pg_stat_archiver where last_failed_time > pg_postmaster_start_time()") == 0
    assert wait_until(kept.whole, 90), kept.server.journal(lines=60)


@pytest.fixture
def damaged(kept: Installation) -> Iterator[Installation]:
    """Put back afterwards."""
    aside = f"{FOLDER}.aside"
    for part in DAMAGEABLE:
        kept.server.run(f"rm -rf {aside}/{part} && mkdir -p {aside}/{part} && cp -aT {FOLDER}/{part} {aside}/{part}")
    yield kept
    for part in DAMAGEABLE:
        kept.server.run(f"rm -rf {FOLDER}/{part} && mv {aside}/{part} {FOLDER}/{part}")


def test_a_damaged_database_backup_fails_the_drill_and_the_verification(damaged: Installation):
    damaged.server.run(CUT.format(f"{FOLDER}/postgres/backup/belgenet/*F/bundle"))
    code, said = ask(damaged, "drill")
    assert (code, "The database's part of the backups is damaged" in said) == (2, True), said
    assert state(damaged)["drill"]["error"] == "database_damaged"
    code, told = ask(damaged, "backup verify")
    assert code == 1
    assert [finding["code"] for finding in told["findings"]] == ["database_damaged"], told
    assert damaged.alive()


def test_damaged_objects_fail_the_drill_and_the_administrator_gets_a_mail(damaged: Installation):
    damaged.server.run(CUT.format(f"{FOLDER}/files/data"))
    inbox = damaged.outside.mail
    before = len(inbox.mails("bilgiislem@okul.example"))
    assert damaged.server.run("systemctl start belgenet-drill", check=False).returncode
    assert state(damaged)["drill"]["error"] == "files_damaged"
    say = texts("backup", "tr")
    subject = say["mail_subject_drill"].format(domain="okul.example")
    mails = [mail for mail in inbox.mails("bilgiislem@okul.example")[before:] if mail.subject == subject]
    assert len(mails) == 1
    said = mails[0].body("plain")
    assert say["files_damaged"].partition("\n")[0].format(where=f"{FOLDER}/files") in said
    assert any(words in said for words in ("is too short", "unexpected EOF")), said  # restic of Debian 13, of Debian 12
    assert mails[0].message["Auto-Submitted"] == "auto-generated"
    assert damaged.alive()


def test_another_key_and_a_missing_disk_have_their_own_words(damaged: Installation):
    damaged.server.run(f"mv {FOLDER}/files {FOLDER}/unplugged")
    code, said = ask(damaged, "drill")
    damaged.server.run(f"mv {FOLDER}/unplugged {FOLDER}/files")
    assert (code, "Is the disk mounted?" in said) == (2, True), said
    other = "print(vault.read(recovery_key.NAME)); vault.write(recovery_key.NAME, recovery_key.make())"
    real = damaged.server.run(f"{PYTHON} '{VAULT} {other}'").stdout.strip()
    try:
        code, said = ask(damaged, "drill")
    finally:
        back = "import sys; vault.write(recovery_key.NAME, sys.stdin.read().strip())"
        damaged.server.run(f"{PYTHON} '{VAULT} {back}'", input=real)
    assert (code, "The recovery key does not open the repository" in said) == (2, True), said


def test_the_service_went_on_and_what_was_put_right_is_found_right(kept: Installation):
    assert kept.whole()
    kept.server.run("systemctl start belgenet-drill")
    assert state(kept)["drill"]["error"] == ""
    assert ask(kept, "backup verify") == (0, {"ok": True, "findings": []})


@pytest.mark.parametrize(
    ("unit", "at_work"),
    [("belgenet-backup-full", "pgbackrest .*backup$"), ("belgenet-drill", "^/usr/lib/postgresql/.*/drill-")],
    ids=["backup", "drill"],
)
def test_killed_it_takes_along_what_systemd_runs_for_it(kept: Installation, unit: str, at_work: str):
    works = f"pgrep -u postgres -f -- '{at_work}'"
    kept.server.run(f"systemctl start --no-block {unit}")
    kept.server.run(
        f"until {works}; do sleep 0.05; done; systemctl kill --signal=KILL --kill-whom=main {unit}", timeout=120
    )
    left = f"systemctl list-units --plain --no-legend 'run-*.service'; {works}"
    assert wait_until(lambda: kept.server.run(left, check=False).stdout == "", 60), kept.server.run(
        left, check=False
    ).stdout
    kept.server.run(f"systemctl reset-failed {unit}")
    kept.server.run(f"systemctl start {unit}", timeout=300)
