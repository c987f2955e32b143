"""Which TCP ports of a machine answer from outside."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

_AT_ONCE = 900  # with less than the usual limit of open files
_SECONDS = 0.5


def answering(address: str) -> set[int]:
    """Every port that accepts a connection; looks at all of them."""
    return asyncio.run(_scan(address))


async def _scan(address: str) -> set[int]:
    ports = iter(range(1, 65536))
    found: set[int] = set()
    await asyncio.gather(*(_knock(address, ports, found) for _ in range(_AT_ONCE)))
    return found


async def _knock(address: str, ports: Iterator[int], found: set[int]) -> None:
    """Try one port after the other, of those that nobody else takes."""
    loop = asyncio.get_running_loop()
    for port in ports:
        with socket.socket() as line, suppress(OSError, TimeoutError):
            line.setblocking(False)
            await asyncio.wait_for(loop.sock_connect(line, (address, port)), _SECONDS)
            found.add(port)
