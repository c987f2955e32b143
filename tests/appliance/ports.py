"""Which TCP ports of a machine answer from outside."""

import asyncio

_AT_ONCE = 2000
_SECONDS = 1.0


def answering(address: str) -> set[int]:
    """Every port that accepts a connection; looks at all of them."""
    return asyncio.run(_scan(address))


async def _scan(address: str) -> set[int]:
    turn = asyncio.Semaphore(_AT_ONCE)
    found: set[int] = set()

    async def knock(port: int) -> None:
        async with turn:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), _SECONDS)
            except (OSError, TimeoutError):
                return
            found.add(port)
            writer.close()

    await asyncio.gather(*(knock(port) for port in range(1, 65536)))
    return found
