"""Copying from bucket to bucket of a real S3 server."""

import hashlib
import io
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from minio.error import S3Error

from belgenet.appliance.objectstore.copying import Copier
from belgenet.appliance.objectstore.journal import Copied, Journal

SIZES = [0, 1, 1000, 300_000, 6 * 1024 * 1024]


class Bucket:
    """One side."""

    def __init__(self, place, keys):
        self.place, self.client = place, place.client(keys)

    @property
    def side(self):
        return self.client, self.place.bucket

    def put(self, key, data, content_type="application/pdf"):
        self.client.put_object(self.place.bucket, key, io.BytesIO(data), len(data), content_type=content_type)

    def digests(self):
        keys = [one.object_name for one in self.client.list_objects(self.place.bucket, recursive=True)]
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(keys, pool.map(self.digest, keys), strict=True))

    def digest(self, key):
        response = self.client.get_object(self.place.bucket, key)
        try:
            return hashlib.sha256(response.read()).hexdigest()
        finally:
            response.close()
            response.release_conn()


@pytest.fixture
def source(new_place, keys):
    return Bucket(new_place(), keys)


@pytest.fixture
def target(new_place, keys):
    return Bucket(new_place(), keys)


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "journal.sqlite") as journal:
        yield journal


@pytest.fixture
def copier(source, target, journal):
    return Copier(source.side, target.side, journal)


def test_every_object_comes_along_with_its_type(source, target, copier, journal):
    for number, size in enumerate(SIZES):
        source.put(f"tenant/files/{number}", os.urandom(size), f"image/{number}")
    source.put("tenant/İğdır ışığı.pdf", b"x")
    source.put("belgenet-check/left-over", b"not ours to move")
    done = copier.run(removing=True)
    assert (done.copied, done.failures, done.bytes) == (len(SIZES) + 1, 0, sum(SIZES) + 1)
    wanted = {key: digest for key, digest in source.digests().items() if not key.startswith("belgenet-check/")}
    assert target.digests() == wanted
    assert {one.key: one.sha256 for one in journal} == wanted
    assert target.client.stat_object(target.place.bucket, "tenant/files/3").content_type == "image/3"
    assert copier.verify() == {"objects": len(SIZES) + 1, "bytes": sum(SIZES) + 1, "missing": 0, "extra": 0}


def test_the_next_pass_brings_what_is_new_changed_or_gone(source, target, copier):
    for name in ("stays", "changes", "goes"):
        source.put(name, name.encode())
    copier.run(removing=True)
    assert copier.run(removing=True).copied == 0
    source.put("changes", b"something else")
    source.put("new", b"new")
    source.client.remove_object(source.place.bucket, "goes")
    done = copier.run(removing=True)
    assert (done.copied, done.removed) == (2, 1)
    assert target.digests() == source.digests()


def test_after_the_switch_nothing_is_removed(source, target, copier):
    source.put("a", b"a")
    copier.run(removing=True)
    source.client.remove_object(source.place.bucket, "a")
    assert copier.run(removing=False).removed == 0
    assert list(target.digests()) == ["a"]


def test_what_is_there_already_is_compared_and_not_trusted(source, target, copier):
    source.put("same", b"12345")
    source.put("altered", b"12345")
    target.put("same", b"12345")
    target.put("altered", b"54321")
    target.put("foreign", b"x")
    assert copier.run(removing=True).copied == 2
    assert target.digests() == source.digests() | {"foreign": hashlib.sha256(b"x").hexdigest()}
    assert copier.verify()["extra"] == 1


def test_a_server_that_alters_bytes_is_found_out(source, target, copier, monkeypatch):
    source.put("a", b"12345")
    put = target.client.put_object

    def altering(bucket, key, data, size, **options):
        return put(bucket, key, io.BytesIO(data.read(size)[:-1] + b"!"), size, **options)

    monkeypatch.setattr(target.client, "put_object", altering)
    done = copier.run(removing=True)
    assert done.failures == 1
    assert "altered" in done.failed[0]
    assert copier.verify()["objects"] == 0


def test_an_object_lost_at_the_target_is_missing(source, target, copier):
    source.put("a", b"a")
    source.put("b", b"b")
    copier.run(removing=True)
    target.client.remove_object(target.place.bucket, "b")
    assert copier.verify()["missing"] == 1


def test_an_object_deleted_between_the_list_and_the_copy_is_no_failure(source, copier, monkeypatch):
    source.put("a", b"a")
    stat = source.client.stat_object

    def late(bucket, key):
        source.client.remove_object(bucket, key)
        return stat(bucket, key)

    monkeypatch.setattr(source.client, "stat_object", late)
    done = copier.run(removing=True)
    assert (done.seen, done.copied, done.failures) == (1, 0, 0)


def test_a_target_that_refuses_is_told(source, target, journal):
    source.put("a", b"a")
    missing = Copier(source.side, (target.client, "no-such-bucket-anywhere"), journal)
    done = missing.run(removing=True)
    assert done.failures == 1
    assert "NoSuchBucket" in done.failed[0]
    with pytest.raises(S3Error):
        missing.verify()


def test_killed_in_the_middle_it_goes_on_where_it_was(source, target, tmp_path):
    """The child is killed as soon as something is in the journal; the next one copies only the rest."""
    for number in range(300):
        source.put(f"{number:03}", os.urandom(20_000))
    file = tmp_path / "journal.sqlite"
    if not (child := os.fork()):
        with Journal(file) as journal:
            Copier(source.side, target.side, journal).run(removing=True)
        os._exit(0)
    until = time.monotonic() + 30
    while not _noted(file) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    before = _noted(file)
    assert 0 < before < 300
    with Journal(file) as journal:
        copier = Copier(source.side, target.side, journal)
        assert copier.run(removing=True).copied == 300 - before
        assert copier.verify() == {"objects": 300, "bytes": 300 * 20_000, "missing": 0, "extra": 0}
    assert target.digests() == source.digests()


def _noted(file):
    if not file.exists():
        return 0
    with Journal(file) as journal:
        return journal.totals()[0]


def test_the_journal_remembers(tmp_path):
    with Journal(tmp_path / "j") as journal:
        journal.note([Copied("a", "1", 5, "x"), Copied("b", "2", 7, "y")])
    with Journal(tmp_path / "j") as journal:
        assert journal.totals() == (2, 12)
        journal.begin()
        assert journal.unchanged([("a", "1", 5), ("b", "changed", 7), ("c", "3", 1)]) == {"a"}
        assert journal.unseen() == ["b"]
        journal.forget("b")
        assert [one.key for one in journal] == ["a"]
        assert journal.size_of("a") == 5
        assert journal.size_of("b") is None
