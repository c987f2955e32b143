"""Story 7: the S3 server keeps its contract and what it has acknowledged, also when it is killed; and the objects move to another
one while the site is used.
"""

import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import httpx
import pytest
from tests.appliance import institution, stores
from tests.appliance.conftest import long
from tests.appliance.installation import DOMAIN, Installation, note
from tests.common.waiting import wait_until

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(900)]

ROUNDS = 5
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
TENANT = "01a20000-0000-7000-8000-000000000001"
JOURNAL = "/var/lib/belgenet/objectstore/journal/copied.sqlite"
COUNT = (
    "import sqlite3; "
    f"print(sqlite3.connect('file:{JOURNAL}?mode=ro', uri=True).execute('select count(*) from copied').fetchone()[0])"
)


@pytest.fixture(scope="module")
def own(another) -> Iterator[Installation]:
    with another() as site:
        yield site


class Institution:
    """Somebody who uploads files through the site all the time, and opens them again."""

    def __init__(self, site: Installation) -> None:
        self.site = site
        self.kept: dict[str, str] = {}
        """Files that were acknowledged -> SHA-256."""
        self.asked_to_wait = 0
        self.trouble: list[str] = []
        self.unread: list[str] = []
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(2)
        self._clerk = site.browser("vakif").__enter__()
        institution.sign_in(self._clerk, institution.email("vakif"))

    def __enter__(self) -> Self:
        self.upload()
        self._work = [self._pool.submit(self._write), self._pool.submit(self._read)]
        return self

    def __exit__(self, *_: object) -> None:
        self.rest()
        self._clerk.__exit__()

    def rest(self) -> None:
        """Upload and read no more."""
        self._stop.set()
        for one in self._work:
            one.result()
        self._pool.shutdown()

    def upload(self) -> None:
        data = b"%PDF-1.4\n" + os.urandom(20_000)
        answer = self._ask(
            "POST", "/files/upload?purpose=attachment", files={"file": ("a.pdf", data, "application/pdf")}
        )
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
            self.asked_to_wait += 1
        elif answer.status_code == 201:
            self.kept[answer.json()["id"]] = hashlib.sha256(data).hexdigest()
        else:
            self.trouble.append(f"{answer.status_code} {answer.text[:200]}")

    def opens(self, file_id: str) -> bool:
        """Whether a file comes back, by its signed address, as it was."""
        said = self._ask("GET", f"/files/{file_id}")
        if said.status_code != 200:
            return False
        address = httpx.URL(said.json()["download_url"])
        with httpx.Client(verify=False, timeout=20) as visitor:
            answer = visitor.get(
                address.copy_with(host=self.site.server.address),
                headers={"Host": address.host},
                extensions={"sni_hostname": address.host},
            )
        return answer.status_code == 200 and hashlib.sha256(answer.content).hexdigest() == self.kept[file_id]

    def _ask(self, method: str, path: str, **options: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._clerk.token}"}
        answer = self._clerk.send(method, f"{self._clerk.address}/api/v1{path}", headers=headers, **options)
        if answer.status_code == 401:  # the access token's fifteen minutes are over
            institution.sign_in(self._clerk, institution.email("vakif"))
        return answer if answer.status_code != 401 else self._ask(method, path, **options)

    def _write(self) -> None:
        while not self._stop.wait(0.3):
            try:
                self.upload()
            except httpx.HTTPError as error:
                self.trouble.append(repr(error))

    def _read(self) -> None:
        first = next(iter(self.kept))
        while not self._stop.wait(0.5):
            try:
                good = self.opens(first)
            except httpx.HTTPError:
                good = False
            if not good:
                self.unread.append(time.strftime("%X"))


def verb(site: Installation, *words: str, **options: object) -> subprocess.CompletedProcess[str]:
    return site.server.run(["belgenet", "objectstore", *words], check=False, timeout=600, **options)


def test_the_bundled_server_keeps_the_contract(own: Installation):
    done = verb(own, "check", "--lang", "en")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "21 questions, 0 errors, 0 warnings" in done.stdout
    assert "HATA" not in verb(own, "check", "--lang", "tr").stdout
    assert stores.bundled(own.server).digests("belgenet-check/") == {}


def test_from_outside_only_signed_requests_reach_it_and_never_those_with_unsigned_trailers(own: Installation):
    host, signed = f"files.{DOMAIN}", {"X-Amz-Signature": "0"}
    with httpx.Client(base_url=f"https://{own.server.address}", verify=False, headers={"Host": host}) as outside:
        for path, query, headers, by in (
            ("/belgenet/x", signed, {}, "<Code>"),
            ("/belgenet/x", {}, {}, "nginx"),
            ("/belgenet/x", signed, {"x-amz-content-sha256": TRAILER}, "nginx"),
            ("/belgenet/x", {**signed, "X-Amz-Content-Sha256": TRAILER}, {}, "nginx"),
        ):
            answer = outside.put(path, params=query, headers=headers, content=b"x", extensions={"sni_hostname": host})
            assert answer.status_code == 403
            assert by in answer.text, (path, query, headers)
        assert outside.get("/belgenet-x/y", params=signed, extensions={"sni_hostname": host}).status_code == 404


def test_nothing_acknowledged_is_lost_or_altered_when_it_is_killed(own: Installation):
    store = stores.bundled(own.server)
    prefix, kept = f"{TENANT}/killed/", dict[str, str]()
    with ThreadPoolExecutor(1) as pool:
        for number in range(ROUNDS):
            writing = pool.submit(store.write, f"{prefix}{number}/", 6)
            time.sleep(4)
            own.server.run(["systemctl", "kill", "--kill-whom=main", "--signal=KILL", "belgenet-objects"])
            kept |= writing.result()
            assert wait_until(lambda: store.write(f"{prefix}awake/", 0.5, threads=1) != {}, 90), (
                "it comes back by itself"
            )
    assert len(kept) > ROUNDS * 5
    found = store.digests(prefix)
    lost = {key for key, digest in kept.items() if found.get(key) != digest}
    assert lost == set(), f"{len(lost)} of {len(kept)}"
    note(own.server.system, objects_kept_through_kills=len(kept))


def test_a_server_that_is_not_fit_is_refused_before_anything_is_moved(own: Installation):
    own.server.write(
        "/root/nowhere.yml", "belgenet_objectstore_backend: external_s3\nbelgenet_objectstore_endpoint: 127.0.0.1:9\n"
    )
    before = own.server.read("/etc/belgenet/site.yml")
    for words, text in (
        (("migrate", "--to", "/root/nowhere.yml"), "secrets set storage.access_key"),
        (("migrate", "--to", "seaweedfs"), "already"),
        (("migrate",), "--to"),
        (("migrate", "--to", "ceph"), "no backend"),
        (("minio-build", "/usr/bin/true", "--sha256", "0" * 64), "another file"),
        (("minio-build", "/root/minio", "--sha256", "0" * 64), "never downloaded"),
    ):
        done = verb(own, *words, "--lang", "en")
        assert done.returncode == 2, words
        assert text in done.stderr, done.stderr
    assert own.server.read("/etc/belgenet/site.yml") == before


@long
def test_all_objects_move_to_another_server_while_the_site_is_used(own: Installation):
    server, old = own.server, stores.bundled(own.server)
    new = stores.another_store(server)
    for name, text in (("storage.access_key", new.access), ("storage.secret_key", new.secret)):
        server.run(["belgenet", "secrets", "set", name], input=text)
    with Institution(own) as people:
        killed_while_copying(own)
        moved = verb(own, "migrate", "--lang", "en")
        assert moved.returncode == 0, moved.stdout + moved.stderr
        time.sleep(3)
        people.rest()
        assert "each with the same SHA-256" in moved.stdout
        assert people.trouble == []
        assert people.unread == []
        before = old.digests()
        assert len(before) > 100
        assert before.items() <= new.digests().items()
        server.run(["systemctl", "stop", "belgenet-objects"])
        assert all(people.opens(file_id) for file_id in people.kept), "the site serves from the new one"
    assert own.whole()
    told = own.story("donor")
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
    seconds = int(moved.stdout.partition("asked to wait for ")[2].partition(" s")[0])
    note(
        server.system,
        objects_moved=len(before),
        uploads_paused_seconds=seconds,
        uploads_asked_to_wait=people.asked_to_wait,
    )


def killed_while_copying(site: Installation) -> None:
    """Begin to move, and ``kill -9`` it when some objects are copied and others are not."""
    begin = "systemd-run --quiet --unit=moving --setenv=LC_ALL=C.UTF-8"
    site.server.run(f"{begin} /usr/local/sbin/belgenet objectstore migrate --to /root/other.yml")
    assert wait_until(lambda: copied(site) >= 50, 400), site.server.journal("moving")
    site.server.run("systemctl kill --kill-whom=main --signal=KILL moving")
    before = copied(site)
    assert 50 <= before < len(stores.bundled(site.server).digests()), "in the middle"


def copied(site: Installation) -> int:
    done = site.server.run(["python3", "-c", COUNT], check=False)
    return int(done.stdout) if done.returncode == 0 else 0
