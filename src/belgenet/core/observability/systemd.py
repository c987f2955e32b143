"""What a service tells systemd over ``$NOTIFY_SOCKET`` (sd_notify(3)), and the sockets it gets from it (sd_listen_fds(3)).
Without systemd nothing is told, and there are none.

Of the libraries for this one is a binding in C, the others have had no release for years.
"""

import os
import socket
import time
from typing import Final

_FIRST: Final = 3
"""The first descriptor after those of input and output."""


def notify(*states: str) -> bool:
    """Tell the service manager, for example ``READY=1``; whether anybody was told."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.connect(address)
            manager.sendall("\n".join(states).encode())
    except OSError:  # a manager that is away must not end the service
        return False
    return True


def listeners() -> list[socket.socket]:
    """Listening sockets that systemd has handed down to this process, in no particular order."""
    meant = os.environ.get("LISTEN_PID") == str(os.getpid())
    count = int(os.environ.get("LISTEN_FDS", "0")) if meant else 0
    return [socket.socket(fileno=_FIRST + number) for number in range(count)]


class Watchdog:
    """Says that the service lives, from the loop that does its work: one that hangs says nothing and is restarted.

    ``WATCHDOG_USEC`` is the time systemd waits; a third of it passes between two signs.
    """

    def __init__(self) -> None:
        meant = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.every = int(os.environ.get("WATCHDOG_USEC", "0")) / 3_000_000 if meant else 0.0
        """Seconds between two signs; 0 when systemd does not wait for any."""
        self._next = 0.0

    def pat(self) -> None:
        """Call at every turn of the loop; most calls do nothing."""
        if self.every and (now := time.monotonic()) >= self._next:
            notify("WATCHDOG=1")
            self._next = now + self.every
