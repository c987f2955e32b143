"""What a service tells systemd over ``$NOTIFY_SOCKET`` (protocol: sd_notify(3)). Without systemd nothing is told.

Of the libraries for this one is a binding in C, the others have had no release for years.
"""

import os
import socket
import time


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
