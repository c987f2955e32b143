"""Doors on one of this computer's addresses, with TLS or without, to servers that listen on its loopback only."""

import asyncio
import ssl
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self

_CHUNK = 64 * 1024


class Doors:
    """Forwards connections until closed; runs in a thread of its own.

    Each door is ``(address, port, loopback port, TLS context or None)``.
    """

    def __init__(self, *doors: tuple[str, int, int, ssl.SSLContext | None]) -> None:
        self._doors = doors
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._talks: set[asyncio.Task[Any]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="doors", daemon=True)

    def open(self) -> None:
        """Listen. :raises OSError: an address or port cannot be had."""
        self._thread.start()
        self._call(self._open())

    def close(self) -> None:
        """Stop listening and cut what is open."""
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _open(self) -> None:
        for address, port, inner, context in self._doors:

            async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inner: int = inner) -> None:
                await self._forward(reader, writer, inner)

            self._servers.append(await asyncio.start_server(talk, address, port, ssl=context))

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inner: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self._writers.add(writer)
        try:
            with suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", inner)
                self._writers.add(back)
                try:
                    await asyncio.gather(_pump(reader, back), _pump(there, writer))
                finally:
                    await self._hang_up(back)
        finally:
            await self._hang_up(writer)
            self._talks.discard(task)

    async def _hang_up(self, writer: asyncio.StreamWriter) -> None:
        """Close, and wait until the other side has seen it."""
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        self._writers.discard(writer)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while block := await source.read(_CHUNK):
        sink.write(block)
        await sink.drain()
    if sink.can_write_eof():
        sink.write_eof()
    else:
        sink.close()
