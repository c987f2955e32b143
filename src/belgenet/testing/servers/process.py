"""One child process: a log file, a readiness check, an orderly stop, no orphans."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

_POLL = 0.02
_LOG_LIMIT = 20 * 1024 * 1024
_TAIL = 2_000


class ServerError(RuntimeError):
    """A server could not be found, started or made ready; the message says what to do or shows its log."""


def rotate_log(log: Path) -> None:
    """Move a log that grew over 20 MiB aside, keeping one generation."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(log.suffix + ".1"))


class ManagedProcess:
    """A child in its own session (the terminal's Ctrl-C does not reach it), told to stop when we die.

    :param argv: the command; its first element is looked up on PATH.
    :param prefix: a launcher in front of it that keeps the process id (``unshare``, ``setpriv``).
    :param sockets: file descriptors it inherits under the same numbers.
    :param stop_signal: what asks the process to end in order, also sent by the kernel when the parent dies.
    :param stop_timeout: seconds to wait after it before the whole process group is killed.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        prefix: Sequence[str] = (),
        sockets: Sequence[int] = (),
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_timeout: float = 10.0,
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        self.env = dict(env or {})
        self.cwd = cwd
        self.prefix = list(prefix)
        self.sockets = list(sockets)
        self.stop_signal = stop_signal
        self.stop_timeout = stop_timeout
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; returns at once (see `wait_ready`).

        :raises ServerError: when the program does not exist.
        """
        if self.alive:
            raise ServerError(f"{self.name} runs already (pid {self.pid})")
        self._reap()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        rotate_log(self.log)
        with self.log.open("ab") as log:
            try:
                self._popen = subprocess.Popen(
                    [*self.prefix, *self._death_signal(), *self.argv],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **self.env},
                    cwd=self.cwd,
                    pass_fds=self.sockets,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise ServerError(f"{self.name}: program not found: {error.filename}") from error

    def _death_signal(self) -> list[str]:
        """``setpriv --pdeathsig`` execs in place; ``preexec_fn`` would deadlock in a threaded parent."""
        setpriv = shutil.which("setpriv")
        return [setpriv, "--pdeathsig", self.stop_signal.name.removeprefix("SIG"), "--"] if setpriv else []

    @property
    def pid(self) -> int | None:
        """Process id, or None before the start and after the stop."""
        return self._popen.pid if self._popen else None

    @property
    def alive(self) -> bool:
        """Whether the process runs. A dead one is not reaped here, so its group stays addressable."""
        return self._popen is not None and self._popen.returncode is None and not self._exited(self._popen.pid)

    @staticmethod
    def _exited(pid: int) -> bool:
        try:
            return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
        except ChildProcessError:
            return True

    def wait_ready(self, check: Callable[[], bool], timeout: float) -> None:
        """Poll `check` until it returns True.

        :param timeout: seconds.
        :raises ServerError: when the process ends or the time is over; the process is stopped then.
        """
        deadline = time.monotonic() + timeout
        while not check():
            if not self.alive:
                code = self._reap()
                raise ServerError(f"{self.name} ended with code {code} while starting:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"{self.name} was not ready after {timeout:.0f} s:\n{self.log_tail()}")
            time.sleep(_POLL)
        if not self.alive:  # somebody else answered
            raise ServerError(f"{self.name} ended with code {self._reap()} while starting:\n{self.log_tail()}")

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once, so that several processes can end side by side."""
        if self._popen is not None and self.alive:
            self._popen.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask the process to end, kill its group when it does not, collect it. Harmless when not running."""
        if self._popen is None:
            return
        if self.alive:
            self.ask_to_stop()
            deadline = time.monotonic() + self.stop_timeout
            while self.alive and time.monotonic() < deadline:
                time.sleep(_POLL)
        self._reap()

    def kill(self) -> None:
        """SIGKILL the whole group, as a crash would, and collect it."""
        self._reap()

    def _reap(self) -> int | None:
        """Kill what is left of the group, then wait for the leader: in this order its id cannot be reused."""
        if self._popen is None:
            return None
        if self._popen.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        code = self._popen.wait()
        self._popen = None
        return code

    def log_tail(self) -> str:
        """Return the last 2,000 characters of the log."""
        return self.log.read_text(errors="replace")[-_TAIL:] if self.log.exists() else ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
