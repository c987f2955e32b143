"""A fresh server that boots: systemd-nspawn over an overlay, with a network that ends at this computer."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.appliance.ground import Ground, clear_leftovers
from tests.appliance.layers import Layer
from tests.appliance.roots import base_root
from tests.appliance.ssh import CommandFailed, Connection, key
from tests.common.waiting import wait_until

from belgenet.testing.servers.process import ManagedProcess, ServerError

SUITES = {"debian12": "bookworm", "debian13": "trixie"}
"""Names of the bundles' systems -> Debian's names."""
CHOSEN = os.environ.get("APPLIANCE_SYSTEMS", "debian13 debian12").split()
"""Systems to test on."""
_UP = 60.0
_DOWN = 150.0
# Sorts before 80-container-host0.network, which would ask for DHCP. The gateway leads nowhere, as in a room without internet.
_NETWORK = "[Match]\nName=host0\n[Network]\nAddress={address}/24\nGateway={outside}\n"


class Machine:
    """A server of our own. ``with machine("debian13") as server: server.run("uname -r")``.

    :param system: ``debian12`` or ``debian13``.
    :param layer: what another machine of this system had become; a fresh Debian without it.
    """

    def __init__(self, system: str, layer: Layer | None = None) -> None:
        self.system = system
        self.boot_seconds = 0.0
        below = [base_root(SUITES[system])]
        self._ground = Ground(*([layer.folder, *below] if layer else below))
        self.name, self.folder = self._ground.name, self._ground.folder
        self.address, self.outside = self._ground.address, self._ground.outside
        self._ssh = Connection(self.address, self.folder)
        self._process = self._nspawn()
        try:
            self._furnish(self._ground.root)
            if layer is not None:
                layer.settle(self._ground.root, self.outside)
        except BaseException:
            self._ground.clear()
            raise

    @property
    def alive(self) -> bool:
        """Whether it is switched on."""
        return self._process.alive

    def boot(self, within: float = _UP, *, settled: bool = True) -> None:
        """Switch it on, also again with the same disk, and wait until systemd is done.

        :param within: seconds that systemd may take; longer when it has work to finish.
        :param settled: False: one may sign in, systemd still starts services.
        :raises ServerError: it does not come up; with the end of its console and journal.
        """
        started = time.perf_counter()
        self._process.kill()  # one that switched itself off is collected
        self._ground.plug()
        self._process.start()
        self._process.wait_ready(self._plugged_in, _UP)
        self._wait(self._ssh.answers, "no SSH server answers")
        self._ssh.open(_UP)
        if settled:
            self._wait(lambda: self.state() in {"running", "degraded"}, "systemd is not done", within)
        self.boot_seconds = time.perf_counter() - started

    def state(self) -> str:
        """What ``systemctl is-system-running`` says: ``running``, ``degraded``, ``starting``."""
        return self.run("systemctl is-system-running", check=False, timeout=10).stdout.strip()

    def link_local(self) -> str:
        """Its IPv6 address on the cable, which the kernel gives by itself: ``fe80::1%interface`` as this computer writes it."""
        said = self.run("ip -6 -o address show dev host0 scope link").stdout
        return f"{said.split()[3].partition('/')[0]}%{self._ground.interface}"

    def run(
        self,
        command: str | Sequence[str],
        *,
        input: str | bytes | None = None,  # noqa: A002
        check: bool = True,
        timeout: float = 600,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root.

        :param command: a line for the shell, or words.
        :param input: what it reads; nothing by default.
        :param timeout: seconds.
        :raises CommandFailed: it failed and ``check`` is on.
        """
        done = self._ssh.run(command, input, timeout)
        if check and done.returncode:
            said = f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}".strip()
            raise CommandFailed(f"{self.name}: {done.args}\nended with {done.returncode}:\n{said}")
        return done

    def copy(self, source: Path, target: str) -> None:
        """Copy a file of this computer to a path on the machine; folders are made."""
        self.run(f"install -d \"$(dirname '{target}')\"")
        self._ssh.copy(source, target)

    def write(self, target: str, content: str | bytes) -> None:
        """Write a file on the machine."""
        self.run(f"install -d \"$(dirname '{target}')\" && cat >'{target}'", input=content)

    def read(self, path: str) -> str:
        """A file's text."""
        return self.run(["cat", path]).stdout

    def journal(self, unit: str | None = None, lines: int = 200) -> str:
        """The end of the journal, of one unit or of all, while the machine is on."""
        words = ["journalctl", "--no-pager", "-o", "short-monotonic", "-n", str(lines), *(["-u", unit] if unit else [])]
        return self.run(words, check=False, timeout=30).stdout

    def console(self) -> str:
        """The end of what the machine wrote on its screen."""
        return self._process.log_tail()

    def stop(self) -> None:
        """Switch it off in order: every service is told to end.

        :raises ServerError: it did not go off; its power was cut then.
        """
        self._ssh.close()
        self._process.ask_to_stop()
        in_order = wait_until(lambda: not self.alive, _DOWN)
        said = self.console()
        self.kill()
        if not in_order:
            raise ServerError(f"{self.name}: still on {_DOWN:.0f} s after it was told to stop\n--- console\n{said}")

    def kill(self) -> None:
        """Cut the power. What the kernel had not written yet survives all the same: its memory is this computer's."""
        self._ground.unplug()
        self._process.kill()
        self._ssh.close()

    def freeze(self, target: Path) -> Layer:
        """Keep what the machine has become, for others to stand on. It must be off; it can be switched on again."""
        self._ground.freeze(target)
        return Layer(target, self.outside)

    def destroy(self) -> None:
        """Cut the power and throw the disk away."""
        self.kill()
        self._ground.clear()

    def _furnish(self, root: Path) -> None:
        public = key().with_suffix(".pub").read_text()
        (root / "root/.ssh/authorized_keys").write_text(public)
        (root / "etc/hostname").write_text(f"{self.name}\n")
        (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n::1 localhost\n")
        network = _NETWORK.format(address=self.address, outside=self.outside)
        (root / "etc/systemd/network/10-host0.network").write_text(network)
        subprocess.run(["ssh-keygen", "-A", "-f", str(root)], check=True, capture_output=True)

    def _nspawn(self) -> ManagedProcess:
        words = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--settings=no"]
        words += ["--network-veth", "--resolv-conf=off", "--timezone=off", "--link-journal=no"]
        words += [f"--machine={self.name}", f"--directory={self._ground.root}"]
        enter = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'
        groups = [str(group) for group in self._ground.control_groups]
        prefix = ["sh", "-ec", enter, "sh", *groups, "--"]
        return ManagedProcess(self.name, words, prefix=prefix, log=self.folder / "console.log")

    def _plugged_in(self) -> bool:
        """Give our end of the cable its address; nothing that comes in by it is passed on."""
        line = f"10.77.{self._ground.number}.1/24"
        if subprocess.run(["ip", "link", "show", self._ground.interface], capture_output=True, check=False).returncode:
            return False
        for words in (["address", "replace", line, "dev"], ["link", "set", "up", "dev"]):
            subprocess.run(["ip", *words, self._ground.interface], check=True)
        Path(f"/proc/sys/net/ipv4/conf/{self._ground.interface}/forwarding").write_text("0")
        return True

    def _wait(self, condition: Any, what: str, within: float = _UP) -> None:
        deadline = time.monotonic() + within
        while not condition():
            if not self.alive or time.monotonic() > deadline:
                raise ServerError(f"{self.name}: {what} after {within:.0f} s\n{self._last_words()}")
            time.sleep(0.1)

    def _last_words(self) -> str:
        """What a machine nobody can sign in to left on its screen and in its journal's files."""
        words = ["journalctl", "--no-pager", "-n", "60", "-D", str(self._ground.root / "var/log/journal")]
        journal = ""
        if shutil.which("journalctl"):
            journal = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        return f"--- console\n{self.console()}\n--- journal\n{journal}"


@contextmanager
def machine(system: str, layer: Layer | None = None) -> Iterator[Machine]:
    """A booted machine, thrown away at the end; what earlier runs left is cleared first."""
    clear_leftovers()
    made = Machine(system, layer)
    try:
        made.boot()
        yield made
    finally:
        made.destroy()
