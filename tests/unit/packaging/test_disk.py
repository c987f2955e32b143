"""Room on the file systems."""

from dataclasses import replace

import pytest
from checks.disk import AGAIN, FRESH, UPGRADE, disk, needs, writable
from checks.probe import Space, space

from .server import GIB, Server

LEAST = sum(need.least for need in FRESH)
COMFORTABLE = sum(need.comfortable for need in FRESH)


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path)


def codes(server, *, installed=False):
    return [finding.code for finding in disk(server.probe(), AGAIN if installed else FRESH)]


def test_room_enough(server):
    assert codes(server) == []


@pytest.mark.parametrize(
    ("free", "expected"),
    [(LEAST - 1, ["disk_full"]), (LEAST, ["disk_tight"]), (COMFORTABLE - 1, ["disk_tight"]), (COMFORTABLE, [])],
)
def test_folders_on_one_file_system_need_the_sum(server, free, expected):
    server.room(free_bytes=free)
    assert codes(server) == expected


def test_the_finding_says_what_there_is_and_what_is_needed(server):
    server.room(free_bytes=3 * GIB)
    found = next(disk(server.probe(), FRESH))
    assert found.severity == "error"
    assert found.values == {"path": "/, /opt, /var", "found": "3.0", "wanted": "7.5"}


def test_what_cannot_be_written_to_is_said_by_folder(server):
    assert list(writable(server.probe())) == []
    server.spaces["/opt"] = replace(server.probe().space(server.probe().path("/opt")), device=2, read_only=True)
    assert [(finding.code, finding.values) for finding in writable(server.probe())] == [("read_only", {"path": "/opt"})]


def test_a_file_system_of_its_own_is_looked_at_alone(server):
    server.spaces["/var"] = Space(2, 3 * GIB, 1_000_000, 900_000)
    found = list(disk(server.probe(), FRESH))
    assert [(finding.code, finding.values["path"]) for finding in found] == [("disk_full", "/var")]


def test_the_second_run_needs_less(server):
    server.room(free_bytes=sum(need.least for need in AGAIN))
    assert codes(server) == ["disk_full"]
    assert codes(server, installed=True) == ["disk_tight"]


def test_no_room_for_more_files(server):
    server.room(free_inodes=50_000)
    found = list(disk(server.probe(), FRESH))
    assert [finding.code for finding in found] == ["inodes"]
    assert found[0].values == {"path": "/, /opt, /var", "found": "50000", "wanted": "120000"}


def test_a_file_system_that_makes_inodes_as_needed(server):
    server.room(inodes=0, free_inodes=0)
    assert codes(server) == []


def test_space_of_a_folder_that_is_not_there_yet(tmp_path):
    found = space(tmp_path / "a/b/c")
    assert found.device == tmp_path.stat().st_dev
    assert found.free_bytes > 0


def test_what_is_needed_depends_on_what_is_there():
    assert needs("", "1.1") is FRESH
    assert needs("1.1", "1.1") is AGAIN
    assert needs("1.0", "1.1") is UPGRADE


def test_an_upgrade_needs_room_for_the_next_release_twice(server):
    server.spaces["/opt/belgenet"] = Space(3, int(2.2 * GIB) - 1, 1_000_000, 900_000)
    found = list(disk(server.probe(), UPGRADE))
    assert [(finding.code, finding.values["path"]) for finding in found] == [("disk_full", "/opt/belgenet")]
