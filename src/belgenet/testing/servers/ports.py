"""Free TCP ports on loopback.

Ports are taken from below the kernel's ephemeral range (32768 and up), so that an outgoing connection of
somebody else cannot sit on one between the moment we look and the moment the server binds it.
"""

import random
import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"
BACKLOG = 1024
GRPC_OFFSET = 10_000
"""SeaweedFS derives each gRPC port from its HTTP port by this offset."""

_PLAIN = range(10_000, 15_000)
_PAIRED = range(15_000, 22_700)
_ATTEMPTS = 400


def is_free(*ports: int) -> bool:
    """Whether every port can be bound on loopback now."""
    with ExitStack() as stack:
        for port in ports:
            probe = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                return False
    return True


def free_port(preferred: int | None = None) -> int:
    """Return `preferred` when it is free, else some free port.

    :raises OSError: when no free port was found.
    """
    if preferred is not None and is_free(preferred):
        return preferred
    return _pick(_PLAIN, offsets=(0,))


def listening(preferred: int | None = None) -> socket.socket:
    """Return a listening socket on `preferred` when it is free, else on some free port: nobody else can take it any more.

    :raises OSError: when no free port was found.
    """
    while True:
        port = free_port(preferred)
        try:
            return socket.create_server((LOOPBACK, port), backlog=BACKLOG)
        except OSError:
            preferred = None


def free_s3_port(preferred: int | None = None) -> int:
    """Return a port whose gRPC twin (``port + 10000``) is free too, both below the ephemeral range."""
    if preferred is not None and is_free(preferred, preferred + GRPC_OFFSET):
        return preferred
    return _pick(_PAIRED, offsets=(0, GRPC_OFFSET))


def _pick(candidates: range, offsets: tuple[int, ...]) -> int:
    chooser = random.SystemRandom()
    for _ in range(_ATTEMPTS):
        port = chooser.choice(candidates)
        if is_free(*(port + offset for offset in offsets)):
            return port
    raise OSError(f"no free port between {candidates.start} and {candidates.stop} on {LOOPBACK}")
