"""Story 4: orders are written, a backup is made meanwhile, the server is destroyed; another one becomes the institution again."""

import hashlib
import json
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from tests.appliance import institution
from tests.appliance.conftest import Another
from tests.appliance.errands import administrator, certificate_of, digest_of, guest, share, upload
from tests.appliance.installation import Installation, note
from tests.appliance.machine import Machine, machine
from tests.appliance.restoring import KIT, found, restore, untouched
from tests.common.waiting import wait_until

from belgenet.appliance.kit.reading import read_key
from belgenet.appliance.recovery_key import FILES, derive, make
from belgenet.appliance.rotation.kinds import MASTER
from belgenet.cli.story.steps import StoryFailed
from belgenet.testing.servers import MailSink

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1500)]

BACKUPS = "/mnt/belgenet"
RPO_BUDGET = 60
RTO_BUDGET = 900
FILES_UPLOADED = 3


@dataclass
class Order:
    """An order that the server acknowledged. :param at: when, in seconds since 1970."""

    id: str
    at: float


@dataclass
class Lost:
    """What an institution had when its server was destroyed.

    :param disk: the copy of its backups, as a tar. :param gone: when it was made.
    :param logged: an order that only the database's log holds, and no backup.
    :param at_stake: see :func:`piece_of_log`.
    """

    kit: str
    disk: Path
    outside: str
    mail: MailSink
    orders: list[Order] = field(default_factory=list)
    certificate: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    logged: str = ""
    at_stake: float = 0.0
    gone: float = 0.0

    @property
    def key(self) -> str:
        return read_key(self.kit)


class Donors:
    """Orders, one after the other, until it is left."""

    def __init__(self, site: Installation) -> None:
        self._site, self._wanted = site, share(site)
        self.orders: list[Order] = []
        self.refused: list[tuple[float, str]] = []
        """When, and how."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(120)

    def _go_on(self) -> None:
        while not self._stop.wait(0.3):
            try:
                self._order()
            except (httpx.HTTPError, StoryFailed) as error:  # in the end their server is destroyed
                self.refused.append((time.time(), str(error)))

    def _order(self) -> None:
        with guest(self._site) as donor:
            order = donor.api("POST", "/orders", {"lines": [self._wanted]})
            self.orders.append(Order(order["id"], time.time()))
            donor.api("POST", f"/orders/{order['id']}/cancel", {})  # the share is free again, the order stays


@pytest.fixture(scope="module")
def lost(another: Another, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    """A server that was destroyed while donors ordered; what stands outside of it goes on."""
    disk = tmp_path_factory.mktemp("disk") / "backups.tar"
    with another() as site:
        donor, certificate = certificate_of(site)
        donor.__exit__()
        kit = site.server.run(["belgenet", "kit", "print", "--text"]).stdout
        found = Lost(kit, disk, site.server.outside, site.outside.mail, certificate=certificate)
        with administrator(site, "vakif") as person:
            found.digests = dict(
                upload(person, f"liste-{number}.txt", f"Kesim listesi {number} {uuid.uuid4()}".encode())
                for number in range(FILES_UPLOADED)
            )
            found.digests[certificate] = hashlib.sha256(person.api("GET", certificate, raw=True)).hexdigest()
        with Donors(site) as donors:
            assert wait_until(lambda: len(donors.orders) >= 2, 60)
            site.server.run(["belgenet", "backup", "run"], timeout=600)
            # What it seals from now on only the log holds, and the last backup's own settings would not open it.
            site.server.run(["belgenet", "secrets", "rotate", MASTER], timeout=600)
            found.logged, found.at_stake = piece_of_log(site.server, donors)
            found.gone = time.time()
            copy_off(site.server, disk)
            site.server.kill()
        assert [said for at, said in donors.refused if at < found.gone] == []
        found.orders = [order for order in donors.orders if order.at < found.gone]
        yield found


def piece_of_log(server: Machine, donors: Donors) -> tuple[str, float]:
    """Follow one piece of the database's log from its begin into the archive.

    :returns: id of its first order, and how many seconds it took: as much as a loss right before would have cost.
    """

    def ask(query: str) -> str:
        return server.run(["runuser", "-u", "postgres", "--", "psql", "-Atc", query]).stdout.strip()

    ask("select pg_switch_wal()")  # a new one begins here; how long it lasts is the server's affair
    began, known = time.time(), len(donors.orders)
    assert wait_until(lambda: len(donors.orders) > known + 1, 60)
    piece = ask("select pg_walfile_name(pg_current_wal_lsn())")
    archived = "select coalesce(left(last_archived_wal, 24), '') from pg_stat_archiver"
    deadline = began + 120
    while ask(archived) < piece:
        assert time.time() < deadline, server.journal("postgresql@*", lines=30)
        time.sleep(0.5)
    return donors.orders[known + 1].id, time.time() - began


def copy_off(server: Machine, disk: Path) -> None:
    """What an off-site disk holds: the folder as it is at this moment."""
    server.run(["tar", "-C", "/var/backups", "--exclude=releases", "-cf", "/root/backups.tar", "belgenet"])
    shutil.copy(server.folder / "root/root/backups.tar", disk)


@pytest.fixture(scope="module")
def fresh(lost: Lost, system: str) -> Iterator[Installation]:
    """Another server: Debian and the bundle, no network, and the disk with the backups. The world outside knows the old address."""
    with ExitStack() as stack:
        server = stack.enter_context(machine(system))
        subprocess.run(["ip", "address", "add", f"{lost.outside}/32", "dev", f"ve-{server.name}"], check=True)
        server.copy(lost.disk, "/root/backups.tar")
        server.run("tar -C /mnt -xf /root/backups.tar && rm /root/backups.tar")
        server.write(KIT, lost.kit)
        yield Installation(server, None)  # type: ignore[arg-type] -- nobody outside is asked by what it does here


def damaged(site: Installation, name: str) -> str:
    """A copy of the backups, to be damaged."""
    site.server.run(f"cp -a --reflink=auto {BACKUPS} /mnt/{name}")
    return f"/mnt/{name}"


class Restic:
    """restic on the fresh server, out of the bundle."""

    def __init__(self, site: Installation, key: str) -> None:
        self._server, self._password = site.server, derive(key, FILES)
        site.server.run(f"dpkg-deb --extract {site.folder}/debs/restic_*.deb /root/programs")

    def run(self, folder: str, words: str) -> str:
        line = (
            f"RESTIC_PASSWORD={self._password} /root/programs/usr/bin/restic --no-cache --repo {folder}/files {words}"
        )
        return self._server.run(line).stdout

    def snapshots(self, folder: str, tag: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run(folder, f"snapshots --json --tag {tag}"))
        return found


@pytest.fixture(scope="module")
def restic(fresh: Installation, lost: Lost) -> Restic:
    return Restic(fresh, lost.key)


class TestBefore:
    """Refused before anything is changed, each in words of its own."""

    def test_the_key_of_another_institution(self, fresh: Installation):
        fresh.server.write("/root/other.txt", make())
        done = restore(fresh, BACKUPS, kit="/root/other.txt")
        assert done.returncode == 32, done.stderr
        assert "does not open" in done.stderr
        assert untouched(fresh)

    def test_a_key_with_a_mistyped_group(self, fresh: Installation, lost: Lost):
        fresh.server.write("/root/mistyped.txt", lost.key.replace(lost.key.split("-")[6], "22222"))
        done = restore(fresh, BACKUPS, kit="/root/mistyped.txt")
        assert (done.returncode, "group 7" in done.stderr) == (30, True), done.stderr
        assert untouched(fresh)

    def test_no_backups(self, fresh: Installation):
        done = restore(fresh, "/srv")
        assert (done.returncode, "no backups at /srv" in done.stderr) == (31, True), done.stderr
        assert untouched(fresh)

    def test_a_repository_that_was_cut_off(self, fresh: Installation):
        folder = damaged(fresh, "cut")
        fresh.server.run(
            f"find {folder}/files/data -type f -printf '%s %p\\n' | sort -n | tail -1 | cut -d' ' -f2 | xargs truncate -s -100"
        )
        done = restore(fresh, folder)
        assert (done.returncode, "damaged or was cut off" in done.stderr) == (33, True), done.stderr
        assert untouched(fresh)

    def test_a_database_that_was_not_copied(self, fresh: Installation):
        folder = damaged(fresh, "half")
        fresh.server.run(f"rm -r {folder}/postgres/archive")
        done = restore(fresh, folder)
        assert (done.returncode, "archive.info" in done.stderr) == (33, True), done.stderr
        assert untouched(fresh)

    def test_objects_that_are_missing(self, fresh: Installation, restic: Restic):
        folder = damaged(fresh, "lost")
        ids = " ".join(found["id"] for found in restic.snapshots(folder, "objects"))
        restic.run(folder, f"forget {ids}")
        done = restore(fresh, folder)
        assert (done.returncode, "are not in the backup any more" in done.stderr) == (36, True), done.stderr
        assert untouched(fresh)

    def test_another_major_of_postgresql(self, fresh: Installation, restic: Restic):
        folder = damaged(fresh, "major")
        newest = restic.snapshots(folder, "settings")[-1]
        restic.run(folder, f"restore {newest['id']} --target /root/taken")
        fresh.server.run('sed -i \'s/"major": [0-9]*/"major": 14/\' /root/taken/settings/manifest.json')
        tags = " ".join(f"--tag {tag}" for tag in newest["tags"])
        restic.run(folder, f"forget {newest['id']}")
        fresh.server.run(
            f"cd /root/taken && RESTIC_PASSWORD={restic._password} /root/programs/usr/bin/restic --no-cache"
            f" --repo {folder}/files backup --host belgenet {tags} settings"
        )
        done = restore(fresh, folder)
        assert (done.returncode, "--from-dump" in done.stderr) == (35, True), done.stderr
        assert untouched(fresh)


restored = pytest.mark.after("test_one_command_brings_the_institution_back")


class TestBack:
    """Steps on the fresh server, in this order."""

    def test_one_command_brings_the_institution_back(self, fresh: Installation):
        fresh.server.run("rm -rf /mnt/cut /mnt/half /mnt/lost /mnt/major")
        started = time.perf_counter()
        done = restore(fresh, BACKUPS)
        seconds = time.perf_counter() - started
        assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr}"
        assert wait_until(fresh.whole, 60), fresh.server.journal(lines=60)
        note(fresh.server.system, rto_seconds=round(seconds, 1))
        assert seconds < RTO_BUDGET

    @restored
    def test_every_order_is_there_up_to_the_last_minute(self, fresh: Installation, lost: Lost):
        with administrator(fresh, "vakif") as person:
            kept = {order.id for order in lost.orders if found(person, f"/admin/orders/{order.id}")}
        missing = [order for order in lost.orders if order.id not in kept]
        seen = lost.gone - missing[0].at if missing else 0.0
        note(
            fresh.server.system,
            rpo_seconds=round(max(seen, lost.at_stake), 1),
            orders_before_the_loss=len(lost.orders),
            orders_lost=len(missing),
        )
        assert lost.logged in kept
        assert missing == lost.orders[len(kept) :]  # nothing from between
        assert max(seen, lost.at_stake) < RPO_BUDGET, f"{len(missing)} of {len(lost.orders)} orders are lost"

    @restored
    def test_certificates_and_files_are_the_same_bytes(self, fresh: Installation, lost: Lost):
        with administrator(fresh, "vakif") as person:
            for path, digest in lost.digests.items():
                if path == lost.certificate:
                    assert hashlib.sha256(person.api("GET", path, raw=True)).hexdigest() == digest
                else:
                    assert digest_of(fresh, person, path) == digest

    @restored
    def test_what_was_sealed_after_the_backup_opens_and_the_old_master_key_goes(self, fresh: Installation):
        """That it opens, the restoration itself has proved; what is left to do is what the timer does."""
        fresh.server.run(["systemctl", "start", "belgenet-secrets.service"], timeout=600)
        vault = fresh.server.run("ls /etc/belgenet/credentials/vault").stdout.split()
        assert MASTER in vault
        assert [name for name in vault if name.startswith(f"{MASTER}.")] == []
        assert MASTER in fresh.server.journal("belgenet-secrets.service"), "it has finished what came with the backup"

    @restored
    @pytest.mark.parametrize("slug", sorted(institution.TENANTS))
    def test_everybody_signs_in_as_before(self, fresh: Installation, slug: str):
        with fresh.browser(slug) as person:
            institution.sign_in(person, institution.email(slug))
            assert person.api("GET", "/me")["email"] == institution.email(slug)

    @restored
    def test_nobody_gets_mail_until_it_is_released(self, fresh: Installation, lost: Lost):
        before = len(lost.mail.mails())
        health = json.loads(fresh.server.run(["belgenet", "health"]).stdout)
        assert health["held"] == ["mail"]
        assert fresh.server.run(["belgenet", "restore", "status"], check=False).returncode == 1
        with fresh.browser("vakif") as person:
            person.api("POST", "/auth/password/forgot", {"email": institution.email("vakif")})
        assert wait_until(lambda: waiting(fresh) > 0, 30)
        time.sleep(8)  # relays look every second
        assert (waiting(fresh) > 0, len(lost.mail.mails())) == (True, before)
        fresh.server.run(["belgenet", "restore", "release"])
        assert wait_until(lambda: waiting(fresh) == 0, 60), fresh.server.journal("belgenet-relay", lines=30)
        assert wait_until(lambda: lost.mail.mails(institution.email("vakif")), 30), (
            "the relay hands over, a worker sends"
        )
        assert fresh.server.run(["belgenet", "restore", "status"], check=False).returncode == 0

    @restored
    def test_a_second_restoration_does_not_overwrite_it(self, fresh: Installation):
        done = restore(fresh, BACKUPS)
        assert (done.returncode, "installation on this server already" in done.stderr) == (37, True), done.stderr

    @restored
    def test_it_keeps_backups_of_its_own_from_now_on(self, fresh: Installation):
        fresh.server.run(["belgenet", "backup", "run"], timeout=600)
        listed = json.loads(fresh.server.run(["belgenet", "backup", "list", "--json"]).stdout)
        assert len(listed["backups"]) >= 2


def waiting(site: Installation) -> int:
    """Deliveries of mail that nobody has finished."""
    query = "select count(*) from outbox_deliveries where queue = 'mail' and state = 'pending'"
    said = site.server.run(["runuser", "-u", "postgres", "--", "psql", "-d", "belgenet", "-Atc", query]).stdout
    return int(said)
