"""The web process's side of the helper that renders untried templates: started when needed, replaced when gone."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from weakref import WeakSet

CHILD = "belgenet.core.pdf.child"
STUCK_SECONDS = 20
"""A helper that leaves its control socket full for so long is replaced."""
END_SECONDS = 2

# Held while sockets of the far side are open here, and by every fork: no forked process keeps a copy of one, or a lock for ever.
_LOCK = threading.Lock()


class RenderHelper:
    """At most one running ``python -I -m belgenet.core.pdf.child`` for this process.

    It is told of orders over one half of a pair of sockets that nobody else has, and ends when that half is closed, which the
    kernel does however this process dies. It may end at any time by itself: the next order starts another.
    """

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        _HELPERS.add(self)

    def open_order(self, limits: bytes) -> socket.socket:
        """Have an order begun under ``limits``; returns the socket to talk with whoever carries it out.

        Nobody answers on it when the helper died before it began. Raises ``OSError`` when no process can be started.
        """
        with _LOCK:
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    self._pass_on(limits, theirs)
            except BaseException:
                ours.close()
                raise
            return ours

    def _pass_on(self, limits: bytes, theirs: socket.socket) -> None:
        for _ in range(2):
            control = self._control or self._start()
            try:
                socket.send_fds(control, [limits], [theirs.fileno()])
            except OSError:  # it ended since the last order
                self.close()
            else:
                return

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                # -I: neither the working directory nor the environment adds code to the helper.
                self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
                    [sys.executable, "-I", "-m", CHILD, str(self._idle_seconds)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                    cwd="/",
                    start_new_session=True,
                )
        except BaseException:
            ours.close()
            raise
        ours.settimeout(STUCK_SECONDS)
        self._control = ours
        return ours

    def close(self) -> None:
        """End the helper and what it is doing; the next order starts another."""
        control, self._control = self._control, None
        process, self._process = self._process, None
        if control is not None:
            control.close()
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
                return
            process.kill()
            process.wait()

    def __del__(self) -> None:
        self.close()

    def forget(self) -> None:
        """In a forked process: give up the copy of the parent's helper, which would keep it alive."""
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for
        self.close()


_HELPERS: WeakSet[RenderHelper] = WeakSet()


def _forget_all() -> None:
    for helper in _HELPERS:
        helper.forget()
    _LOCK.release()


os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_forget_all)
