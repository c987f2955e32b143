"""Commands on a machine, over one SSH connection that all of them share."""

import os
import shlex
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.appliance.roots import home, locked

from belgenet.testing.servers.process import ManagedProcess

_QUIET = (
    *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
    *("-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "ServerAliveInterval=5", "-F", "/dev/null"),
)


class CommandFailed(AssertionError):  # noqa: N818
    """A command on the machine ended with another code than 0; the message holds what it said."""


def key() -> Path:
    """The key that machines let in; made once for this checkout."""
    file = home() / "ssh" / "id_ed25519"
    with locked(file.with_suffix(".lock")):
        if not file.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tests", "-f", str(file)], check=True)
    return file


class Connection:
    """One SSH connection to root on a machine.

    :param folder: for its socket and log.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        # a socket's path must be short, whatever the checkout's is
        self._socket = Path(f"/run/belgenet-appliance/{address}.ssh")
        words = ["ssh", "-M", "-N", "-S", str(self._socket), "-i", str(key()), *_QUIET, f"root@{address}"]
        self._master = ManagedProcess("ssh", words, log=folder / "ssh.log")

    def open(self, seconds: float) -> None:
        """Wait for the server, then connect. :raises ServerError: it never let us in."""
        self.close()
        self._master.start()
        self._master.wait_ready(self._connected, seconds)

    def answers(self) -> bool:
        """Whether an SSH server greets at the address."""
        try:
            with socket.create_connection((self.address, 22), timeout=1) as line:
                return line.recv(4) == b"SSH-"
        except OSError:
            return False

    def run(
        self, command: str | Sequence[str], given: str | bytes | None, seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell command, or the words of one.

        :raises subprocess.TimeoutExpired: it took longer.
        """
        line = command if isinstance(command, str) else shlex.join(command)
        data = given.encode() if isinstance(given, str) else given or b""
        words = ["ssh", "-S", str(self._socket), "-o", "ControlMaster=no", *_QUIET, f"root@{self.address}", line]
        done = subprocess.run(words, input=data, capture_output=True, timeout=seconds, check=False)
        out, err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(line, done.returncode, out, err)

    def copy(self, source: Path, target: str) -> None:
        """Copy a file there. :raises subprocess.CalledProcessError:"""
        words = [
            "scp",
            "-q",
            "-o",
            f"ControlPath={self._socket}",
            *_QUIET,
            str(source),
            f"root@{self.address}:{target}",
        ]
        subprocess.run(words, check=True, capture_output=True)

    def close(self) -> None:
        """Hang up; harmless when not connected."""
        self._master.stop()
        self._socket.unlink(missing_ok=True)

    def _connected(self) -> bool:
        if not self._socket.exists():
            return False
        words = ["ssh", "-S", str(self._socket), "-O", "check", "-F", "/dev/null", self.address]
        return subprocess.run(words, capture_output=True, check=False, env=os.environ).returncode == 0
