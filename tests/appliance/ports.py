"""Which ports of a machine answer from outside."""

import select
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress

_AT_ONCE = 900  # with less than the usual limit of open files
_SECONDS = 0.5
_TRIES = 4


def answering(address: str) -> set[int]:
    """Every port that accepts a connection; looks at all of them.

    :param address: of IPv4 or IPv6; ``fe80::1%interface`` of a cable's other end.
    """
    found: set[int] = set()
    for first in range(1, 65536, _AT_ONCE):
        found |= _knock(address, range(first, min(first + _AT_ONCE, 65536)))
    return found


def echoes(address: str, port: int) -> bool:
    """Whether what is sent to a UDP port comes back. :param address: as :func:`answering`'s."""
    family, *_, (host, _, *scope) = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as line, suppress(OSError):
        line.settimeout(_SECONDS)
        for _ in range(_TRIES):
            line.sendto(b"anybody?", (host, port, *scope))
            with suppress(TimeoutError):
                return line.recv(99) == b"anybody?"
    return False


def _knock(address: str, ports: Sequence[int]) -> set[int]:
    """Those that let somebody in. The kernel shakes hands by itself, so a computer that is busy misses none of them."""
    with ExitStack() as open_lines:
        family, *_, (host, _, *scope) = socket.getaddrinfo(address, 1, type=socket.SOCK_STREAM)[0]
        lines = {port: open_lines.enter_context(socket.socket(family)) for port in ports}
        asked = select.poll()
        for port, line in lines.items():
            line.setblocking(False)
            line.connect_ex((host, port, *scope))
            asked.register(line, select.POLLOUT)
        until, waiting = time.monotonic() + _SECONDS, len(lines)
        while waiting and (left := until - time.monotonic()) > 0:
            for handle, _ in asked.poll(left * 1000):
                asked.unregister(handle)
                waiting -= 1
        return {port for port, line in lines.items() if _is_through(line)}


def _is_through(line: socket.socket) -> bool:
    with suppress(OSError):
        return bool(line.getpeername())
    return False
