"""Operating system, systemd, memory, control groups, clock."""

import pytest
from checks import machine

from .server import NOW, Server

MANIFEST = {"os": "debian13", "arch": "amd64", "source_date_epoch": int(NOW) - 86_400}


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path)


def codes(findings):
    return [(finding.code, finding.severity) for finding in findings]


def test_a_fit_server(server):
    probe = server.probe()
    assert not codes(machine.operating_system(probe, MANIFEST))
    assert not codes(machine.systemd(probe))
    assert not codes(machine.memory(probe))
    assert not codes(machine.control_groups(probe))
    assert not codes(machine.clock(probe, MANIFEST))


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "debian12"),
        ("NAME=x\nID=ubuntu\nVERSION_ID='24.04'\n", "ubuntu24.04"),
        ('ID="rocky"\nVERSION_ID="9.4"\nID_LIKE="rhel"\n', "rocky9.4"),
        ("ID=debian\n", "debian"),
        ("", ""),
    ],
)
def test_the_name_of_an_operating_system(text, system):
    assert machine.system_of(text) == system


@pytest.mark.parametrize("text", ['ID=debian\nVERSION_ID="12"\n', "ID=fedora\nVERSION_ID=42\n", ""])
def test_another_operating_system_is_refused(server, text):
    server.write("/etc/os-release", text)
    found = list(machine.operating_system(server.probe(), MANIFEST))
    assert codes(found) == [("os_unsupported", "error")]
    assert found[0].values == {"found": machine.system_of(text) or "?", "wanted": "debian13"}


@pytest.mark.parametrize("answer", [(0, "arm64\n"), (127, "")])
def test_another_processor_is_refused(server, answer):
    server.outputs["dpkg"] = answer
    assert codes(machine.operating_system(server.probe(), MANIFEST)) == [("architecture", "error")]


@pytest.mark.parametrize("first", ["bash\n", "tini\n", None])
def test_a_container_without_systemd_is_refused(server, first):
    server.remove("/proc/1") if first is None else server.write("/proc/1/comm", first)
    assert codes(machine.systemd(server.probe())) == [("systemd_missing", "error")]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("systemd 251 (251.4)\n", [("systemd_old", "error")]),
        ("systemd 252 (252.39-1~deb12u1)\n", []),
        ("", [("systemd_old", "error")]),
    ],
)
def test_systemd_is_new_enough(server, printed, expected):
    server.outputs["systemctl"] = (0, printed)
    assert codes(machine.systemd(server.probe())) == expected


@pytest.mark.parametrize(
    ("kilobytes", "expected"),
    [
        (1_000_000, [("memory_low", "error")]),
        (1_900_000, [("memory_low", "error")]),
        (2_000_000, [("memory_tight", "warning")]),  # sold as 2 GiB
        (3_700_000, [("memory_tight", "warning")]),
        (3_950_000, []),  # sold as 4 GiB
    ],
)
def test_memory(server, kilobytes, expected):
    server.write("/proc/meminfo", f"MemTotal:        {kilobytes} kB\n")
    assert codes(machine.memory(server.probe())) == expected


def test_memory_that_cannot_be_read_is_none(server):
    server.remove("/proc/meminfo")
    assert codes(machine.memory(server.probe())) == [("memory_low", "error")]


def test_control_groups_of_version_1_alone_are_refused(server):
    server.remove("/sys/fs/cgroup/cgroup.controllers")
    assert codes(machine.control_groups(server.probe())) == [("cgroup", "error")]


def test_control_groups_of_both_versions_will_do(server):
    server.remove("/sys/fs/cgroup/cgroup.controllers")
    server.write("/sys/fs/cgroup/unified/cgroup.procs", "")
    assert not codes(machine.control_groups(server.probe()))


def test_a_clock_from_before_the_release(server):
    server.now = MANIFEST["source_date_epoch"] - 1
    assert codes(machine.clock(server.probe(), MANIFEST)) == [("clock_behind", "error")]


@pytest.mark.parametrize(("answer", "expected"), [("yes\n", []), ("no\n", [("clock_unsynchronised", "warning")])])
def test_who_keeps_the_clock(server, answer, expected):
    server.remove("/run/systemd/timesync/synchronized")
    server.outputs["timedatectl"] = (0, answer)
    assert codes(machine.clock(server.probe(), MANIFEST)) == expected


def test_nobody_to_ask_about_the_clock(server):
    server.remove("/run/systemd/timesync/synchronized")
    assert codes(machine.clock(server.probe(), MANIFEST)) == [("clock_unsynchronised", "warning")]
