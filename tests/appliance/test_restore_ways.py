"""The ways back that are not a disk: a bucket with an earlier copy and a moment, an SFTP server with the portable dump.

Before the server is lost somebody makes a mistake in its database, later its backups are spoilt, and the spoilt ones are carried
elsewhere. On a fresh server the newest copy fails; an earlier one brings back what was there before the mistake.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from tests.appliance import institution
from tests.appliance.conftest import Another
from tests.appliance.elsewhere import Elsewhere
from tests.appliance.errands import administrator, certificate_of, digest_of, guest, share, upload
from tests.appliance.installation import Installation, note
from tests.appliance.killing import begin_and_kill
from tests.appliance.machine import machine
from tests.appliance.restoring import KIT, found, line, restore, untouched
from tests.common.waiting import wait_until

from belgenet.appliance.restore import journal

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1500)]

FOLDER = "/var/backups/belgenet"
SITE = "/etc/belgenet/site.yml"
SPOIL = "for file in $(find {} -type f -size +100k); do truncate -s $(($(stat -c %s $file) / 2)) $file; done"
MISTAKE = "update accounts set password_hash = 'x' where password_hash is not null"
"""Somebody forgot whose: nobody can sign in any more."""


@dataclass
class Left:
    """What is left of an institution when its server is gone.

    :param orders: ids by the time of the order: ``early`` is in the full backup and in the dump; ``logged`` in the database's log
        before the mistake; ``late`` came after it.
    :param moment: between ``logged`` and the mistake.
    :param good: copy of the database elsewhere that leads beyond the mistake. :param spoilt: the newest one.
    :param backup: the full one.
    """

    elsewhere: Elsewhere
    kit: str
    orders: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    certificate: str = ""
    moment: str = ""
    backup: str = ""
    good: str = ""
    spoilt: str = ""


def ordered(site: Installation, wanted: dict[str, Any]) -> str:
    with guest(site) as donor:
        return str(donor.api("POST", "/orders", {"lines": [wanted]})["id"])


def keep_at(site: Installation, answers: str, place: dict[str, Any]) -> None:
    """Name the place elsewhere, as an operator does; what goes there from now on goes when it is told to."""
    site.server.write(SITE, f"{answers}\n{yaml.safe_dump({'belgenet_backup_offsite': place})}")
    site.server.run("belgenet apply && systemctl stop belgenet-backup-offsite.timer", timeout=900)


def carry(site: Installation) -> str:
    """Copy elsewhere, and wait for it; id of the newest copy of the database there."""
    done = "Off-site there is everything"
    assert wait_until(lambda: done in site.server.run("LC_ALL=C.UTF-8 belgenet backup offsite").stdout, 120)
    listed = json.loads(site.server.run("belgenet backup list --offsite --json").stdout)
    return str(listed["copies"][-1]["id"])


def archived(site: Installation) -> None:
    """The database's log up to now is in the archive."""

    def ask(query: str) -> str:
        return site.server.run(["runuser", "-u", "postgres", "--", "psql", "-Atc", query]).stdout.strip()

    piece = ask("select pg_walfile_name(pg_switch_wal())")
    last = "select coalesce(left(last_archived_wal, 24), '') from pg_stat_archiver"
    assert wait_until(lambda: ask(last) >= piece, 120), site.server.journal("postgresql@*", lines=30)


@pytest.fixture(scope="module")
def left(another: Another, system: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """An institution that lost its server and its disk."""
    with Elsewhere(tmp_path_factory.mktemp("elsewhere"), system) as elsewhere:
        with another() as site, elsewhere.reached_from(site.server):
            lost = Left(elsewhere, site.server.run(["belgenet", "kit", "print", "--text"]).stdout)
            live(site, lost)
            site.server.kill()
        yield lost


def live(site: Installation, left: Left) -> None:
    """The last hour of a server."""
    secrets = dict(zip(("key_id", "key"), left.elsewhere.keys.values(), strict=True))
    for name, text in {**secrets, "ssh_key": left.elsewhere.ssh_key}.items():
        site.server.run(["belgenet", "secrets", "set", f"backup.offsite_{name}"], input=text)
    answers, wanted = site.server.read(SITE), share(site)
    keep_at(site, answers, left.elsewhere.bucket)
    donor, left.certificate = certificate_of(site)
    donor.__exit__()
    with administrator(site, "vakif") as person:
        left.digests = dict([upload(person, "liste.txt", b"Kesim listesi")])
        left.digests[left.certificate] = hashlib.sha256(person.api("GET", left.certificate, raw=True)).hexdigest()
    left.orders["early"] = ordered(site, wanted)
    site.server.run(["belgenet", "backup", "run", "--full"], timeout=600)
    left.backup = json.loads(site.server.run("belgenet backup list --json").stdout)["backups"][-1]["id"]
    carry(site)

    left.orders["logged"] = ordered(site, wanted)
    time.sleep(2)
    left.moment = datetime.now(UTC).isoformat(timespec="seconds")
    time.sleep(2)
    site.server.run(["runuser", "-u", "postgres", "--", "psql", "-d", "belgenet", "-c", MISTAKE])
    left.orders["late"] = ordered(site, wanted)
    archived(site)
    left.good = carry(site)

    site.server.run(SPOIL.format(f"{FOLDER}/postgres/backup"))
    left.spoilt = carry(site)
    keep_at(site, answers, left.elsewhere.nas)
    carry(site)


@pytest.fixture(scope="class")
def fresh(system: str, left: Left) -> Iterator[Installation]:
    """An empty server that reaches the places, with the kit; another one for each class."""
    with machine(system) as server, left.elsewhere.reached_from(server):
        server.write(KIT, left.kit)
        yield Installation(server, None)  # type: ignore[arg-type] -- nobody else outside is asked


def orders_at(site: Installation, left: Left) -> set[str]:
    with administrator(site, "vakif") as person:
        return {name for name, order in left.orders.items() if found(person, f"/admin/orders/{order}")}


def same_bytes(site: Installation, left: Left) -> bool:
    with administrator(site, "vakif") as person:
        certificate = hashlib.sha256(person.api("GET", left.certificate, raw=True)).hexdigest()
        digests = {path: digest_of(site, person, path) for path in left.digests if path != left.certificate}
    return {**digests, left.certificate: certificate} == left.digests


def everybody_signs_in(site: Installation) -> bool:
    for slug in institution.TENANTS:
        with site.browser(slug) as person:
            institution.sign_in(person, institution.email(slug))
    return True


class TestBucket:
    """Steps on one fresh server, in this order."""

    back = pytest.mark.after("test_an_earlier_copy_and_a_moment_bring_back_what_was_before_the_mistake")

    def test_it_says_what_there_is_to_choose_from(self, fresh: Installation, left: Left):
        done = restore(fresh, left.elsewhere.bucket_address, "--list", env=left.elsewhere.keys)
        assert done.returncode == 0, done.stderr
        rows = [line.split() for line in done.stdout.splitlines() if line.startswith("  ")]
        assert [left.backup] == [row[0] for row in rows if row[-1] == fresh.version]
        copies = [row[0] for row in rows if row[-1] == left.backup]
        assert copies[-2:] == [left.good, left.spoilt]
        assert "Portable dumps" in done.stdout
        assert untouched(fresh)

    @pytest.mark.parametrize("keys", ["of somebody else", "none"])
    def test_wrong_keys(self, fresh: Installation, left: Left, keys: str):
        given = {**left.elsewhere.keys, "AWS_SECRET_ACCESS_KEY": "x" * 40} if keys != "none" else {}
        done = restore(fresh, left.elsewhere.bucket_address, env=given)
        assert (done.returncode, "does not let this server in" in done.stderr) == (39, True), done.stderr
        assert untouched(fresh)

    def test_another_bucket_and_another_folder(self, fresh: Installation, left: Left):
        for address in ("yedek/other", "other/belgenet"):
            where = left.elsewhere.bucket_address.replace("yedek/belgenet", address)
            done = restore(fresh, where, env=left.elsewhere.keys)
            assert (done.returncode, f"at {where}" in done.stderr) == (31, True), done.stderr
        assert untouched(fresh)

    def test_a_certificate_that_the_server_does_not_trust(self, fresh: Installation, left: Left):
        with left.elsewhere.distrusted_by(fresh.server):
            done = restore(fresh, left.elsewhere.bucket_address, env=left.elsewhere.keys)
        assert (done.returncode, "update-ca-certificates" in done.stderr) == (39, True), done.stderr
        assert untouched(fresh)

    def test_a_copy_that_there_is_not(self, fresh: Installation, left: Left):
        done = restore(fresh, left.elsewhere.bucket_address, "--copy", "ffffffff", env=left.elsewhere.keys)
        assert (done.returncode, "no copy “ffffffff”" in done.stderr) == (31, True), done.stderr
        assert untouched(fresh)

    @pytest.mark.parametrize(
        ("hours", "said"), [(-24, "a time after the first backup"), (1, "lies in the future")], ids=["early", "late"]
    )
    def test_a_moment_that_no_backup_leads_to(self, fresh: Installation, left: Left, hours: int, said: str):
        at = (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")
        done = restore(fresh, left.elsewhere.bucket_address, "--at", at, env=left.elsewhere.keys)
        assert (done.returncode, said in done.stderr) == (31, True), done.stderr
        assert untouched(fresh)

    def test_a_moment_after_the_copy(self, fresh: Installation, left: Left):
        words = ["--at", datetime.now(UTC).isoformat(timespec="seconds"), "--copy", left.good]
        done = restore(fresh, left.elsewhere.bucket_address, *words, env=left.elsewhere.keys)
        assert (done.returncode, f"The copy {left.good}" in done.stderr) == (31, True), done.stderr
        assert untouched(fresh)

    def test_the_newest_copy_is_no_good(self, fresh: Installation, left: Left):
        done = restore(fresh, left.elsewhere.bucket_address, env=left.elsewhere.keys)
        assert f"comes from the copy {left.spoilt}" in done.stdout, done.stdout
        assert (done.returncode, "database's part of the backups is damaged" in done.stdout) == (33, True), done.stdout

    @pytest.mark.after("test_the_newest_copy_is_no_good")
    def test_killed_while_the_database_comes_back(self, fresh: Installation, left: Left):
        words = [*line(fresh, left.elsewhere.bucket_address), "--copy", left.good, "--at", left.moment]
        begin_and_kill(fresh.server, words, "pgrep -f 'pgbackres[t] .* restore' >/dev/null", left.elsewhere.keys)
        done = json.loads(fresh.server.read(str(journal.FILE)))["done"]
        assert ("repository" in done, "database" in done) == (True, False)

    @pytest.mark.after("test_killed_while_the_database_comes_back")
    def test_an_earlier_copy_and_a_moment_bring_back_what_was_before_the_mistake(self, fresh: Installation, left: Left):
        """On the same server: nobody needs another empty one."""
        began = time.perf_counter()
        words = ["--copy", left.good, "--at", left.moment]
        done = restore(fresh, left.elsewhere.bucket_address, *words, env=left.elsewhere.keys)
        assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr}"
        assert f"comes from the copy {left.good}" in done.stdout
        note(fresh.server.system, restored_from_bucket_seconds=round(time.perf_counter() - began, 1))
        assert wait_until(fresh.whole, 60), fresh.server.journal(lines=60)

    @back
    def test_what_came_before_the_moment_is_there_and_the_mistake_is_not(self, fresh: Installation, left: Left):
        assert everybody_signs_in(fresh)
        assert orders_at(fresh, left) == {"early", "logged"}
        assert same_bytes(fresh, left)

    @back
    def test_it_goes_on_keeping_its_backups_in_the_bucket(self, fresh: Installation, left: Left):
        fresh.server.run(["belgenet", "backup", "run"], timeout=600)
        assert carry(fresh) not in {left.good, left.spoilt}
        newest = json.loads(fresh.server.run("belgenet backup list --offsite --json").stdout)["backups"][-1]
        assert (newest["id"] > left.backup, newest["complete"]) == (True, True)


class TestNas:
    """Steps on another one: the database's part there is spoilt altogether, the portable dump is not."""

    def test_a_server_that_is_not_known(self, fresh: Installation, left: Left):
        done = restore(fresh, left.elsewhere.nas_address, "--from-dump")
        assert (done.returncode, "known_hosts" in done.stderr) == (39, True), done.stderr
        assert untouched(fresh)

    def test_one_that_does_not_know_us(self, fresh: Installation, left: Left):
        fresh.server.write("/root/.ssh/known_hosts", left.elsewhere.known_host)
        done = restore(fresh, left.elsewhere.nas_address, "--from-dump")
        assert (done.returncode, "/root/.ssh/id_ed25519" in done.stderr) == (39, True), done.stderr
        assert untouched(fresh)

    def test_the_dump_brings_back_the_institution_of_that_day(self, fresh: Installation, left: Left):
        fresh.server.write("/root/.ssh/id_ed25519", left.elsewhere.ssh_key)
        fresh.server.run("chmod 600 /root/.ssh/id_ed25519")
        began = time.perf_counter()
        done = restore(fresh, left.elsewhere.nas_address, "--from-dump")
        assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr}"
        assert "comes from the portable dump of" in done.stdout
        note(fresh.server.system, restored_from_dump_seconds=round(time.perf_counter() - began, 1))
        assert wait_until(fresh.whole, 60), fresh.server.journal(lines=60)

    @pytest.mark.after("test_the_dump_brings_back_the_institution_of_that_day")
    def test_what_came_later_is_missing_and_all_else_is_there(self, fresh: Installation, left: Left):
        assert everybody_signs_in(fresh)
        assert orders_at(fresh, left) == {"early"}
        assert same_bytes(fresh, left)

    @pytest.mark.after("test_the_dump_brings_back_the_institution_of_that_day")
    def test_it_keeps_backups_of_its_own_from_now_on(self, fresh: Installation):
        fresh.server.run(["belgenet", "backup", "run", "--full"], timeout=600)
        carry(fresh)
        newest = json.loads(fresh.server.run("belgenet backup list --offsite --json").stdout)["backups"][-1]
        assert newest["complete"]
        assert fresh.server.run("belgenet backup verify --json", check=False).returncode == 0
