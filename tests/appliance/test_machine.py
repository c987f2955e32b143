"""The harness itself: a machine boots, is alone, survives the power going, and leaves nothing behind."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.appliance.ground import RUN, clear_leftovers
from tests.appliance.machine import CHOSEN, SUITES, Machine, machine
from tests.appliance.roots import base_root
from tests.appliance.ssh import CommandFailed

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=CHOSEN)
def server(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with machine(request.param) as made:
        yield made


def test_boots_the_system_it_was_asked_for(server: Machine):
    assert server.state() == "running", server.run("systemctl --failed").stdout
    assert f"VERSION_CODENAME={SUITES[server.system]}\n" in server.read("/etc/os-release")


def test_commands_read_and_fail_as_on_a_terminal(server: Machine):
    assert server.run(["cat"], input="ğüşıöç\n").stdout == "ğüşıöç\n"
    assert server.run("exit 3", check=False).returncode == 3
    with pytest.raises(CommandFailed, match="no such thing"):
        server.run("echo no such thing >&2; false")


def test_files_arrive_byte_for_byte(server: Machine, tmp_path: Path):
    content = bytes(range(256)) * 4096
    (tmp_path / "file").write_bytes(content)
    server.copy(tmp_path / "file", "/srv/new/file")
    assert server.run("sha256sum </srv/new/file").stdout.split()[0] == hashlib.sha256(content).hexdigest()


def test_there_is_no_way_out(server: Machine):
    reached = "import socket; socket.create_connection(('{}', {}), 3)"
    assert server.run(["python3", "-c", reached.format(server.outside, 1)], check=False).stderr.count("refused")
    for host in ("1.1.1.1", "192.0.2.1"):
        assert server.run(["python3", "-c", reached.format(host, 443)], check=False).returncode
    assert server.run("getent hosts example.org", check=False).returncode


def test_the_disk_survives_a_power_loss_and_a_reboot(server: Machine):
    before = server.read("/proc/sys/kernel/random/boot_id"), server.read("/etc/machine-id")
    server.write("/srv/kept", "kept")
    started = server.run("stat -c %Y /proc/1").stdout
    server.kill()
    assert not server.alive
    server.boot()
    assert (server.read("/srv/kept"), server.read("/etc/machine-id")) == ("kept", before[1])
    assert server.run("stat -c %Y /proc/1").stdout != started
    server.run("systemctl reboot", check=False)
    server.stop()
    server.boot()
    assert server.state() == "running"


def test_an_orderly_stop_ends_the_services_first(server: Machine):
    unit = "[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/sh -c 'sleep 1; echo ended in order >/srv/ended'\n"
    server.write("/etc/systemd/system/slow.service", unit)
    server.run("systemctl daemon-reload && systemctl start slow")
    server.stop()
    server.boot()
    assert server.read("/srv/ended") == "ended in order\n"


def test_two_machines_at_once_share_nothing(server: Machine):
    with machine(server.system) as second:
        assert second.address != server.address
        second.write("/srv/second", "")
        assert server.run("test -e /srv/second", check=False).returncode == 1
        assert second.read("/etc/machine-id") != server.read("/etc/machine-id")
        assert second.read("/etc/ssh/ssh_host_ed25519_key.pub") != server.read("/etc/ssh/ssh_host_ed25519_key.pub")
        server.run("systemctl kill --signal=KILL systemd-journald")  # one group of both would end both
        second.run('test -d "/proc/$(systemctl show -P MainPID systemd-journald)"')
        folder = second.folder
    assert not folder.exists()
    assert not (base_root(SUITES[server.system]) / "srv/second").exists()


CRASHING = """
import time
from tests.appliance.machine import CHOSEN, Machine
made = Machine(CHOSEN[0])
made.boot()
print(made.name, made._process.pid, flush=True)
time.sleep(600)
"""


def test_a_killed_run_is_cleared_by_the_next(tmp_path: Path):
    with subprocess.Popen([sys.executable, "-c", CRASHING], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        name, pid = run.stdout.readline().split()
        os.kill(int(pid), signal.SIGSTOP)  # it does not hear that its parent died
        run.kill()
    number = int(name.removeprefix("bn-"))
    assert (RUN / f"{number}.folder").exists()
    assert number in clear_leftovers()
    assert not list(Path(f"/proc/{pid}/task").glob("*/fd/*")), "it still runs"
    assert name not in subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout
    assert f"machines/{name}" not in Path("/proc/self/mounts").read_text()
    assert not list(Path("/sys/fs/cgroup").glob(f"*/belgenet-{name}"))
