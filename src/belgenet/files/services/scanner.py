"""Malware scanners: clamd over its socket, or none."""

import socket
import time
from collections.abc import Iterator
from typing import BinaryIO, Final

import structlog

from belgenet.core.observability.metrics import SCANS, seed
from belgenet.core.storage import StorageUnavailable
from belgenet.files.interfaces import Verdict

log = structlog.get_logger(__name__)
_PIECE: Final = 64 * 1024
_PAUSE: Final = 0.2
seed(SCANS, verdict=("clean", "infected", "failed"))


class NullScanner:
    """The twin for installations without a scanner: lets everything pass and records that nobody looked."""

    def scan(self, data: BinaryIO) -> Verdict:  # noqa: ARG002
        """See Scanner."""
        return Verdict.UNSCANNED


class ClamdScanner:
    """Asks clamd, by the command ``INSTREAM`` of its manual page, ``clamd(8)``: pieces with their length before them, and an empty
    one at the end. Whatever is no clear answer is none: nothing passes for clean that clamd has not called so.

    :param path: of clamd's Unix socket.
    :param patience: seconds to wait for a clamd that is being started again.
    :param limit: seconds for one file; clamd also answers nobody while it reads new signatures.
    """

    def __init__(self, path: str, *, patience: float = 10.0, limit: float = 60.0) -> None:
        self._path = path
        self._patience = patience
        self._limit = limit

    def scan(self, data: BinaryIO) -> Verdict:
        """See Scanner."""
        try:
            said = self._ask(data)
        except OSError as error:
            SCANS.labels(verdict="failed").inc()
            log.warning("scanner.failed", error=str(error))
            raise StorageUnavailable(f"clamd: {error}") from error
        verdict = _verdict(said)
        SCANS.labels(verdict=verdict.value if verdict else "failed").inc()
        if verdict is None:
            log.warning("scanner.failed", error=said)
            raise StorageUnavailable(f"clamd: {said or 'no answer'}")
        if verdict is Verdict.INFECTED:
            log.warning("scanner.infected", signature=said)
        return verdict

    def _ask(self, data: BinaryIO) -> str:
        with self._connected() as line:
            line.sendall(b"zINSTREAM\0")
            try:
                for piece in _pieces(data):
                    line.sendall(len(piece).to_bytes(4, "big") + piece)
                line.sendall(bytes(4))
            except (BrokenPipeError, ConnectionResetError):
                if said := _answer(line):  # it hangs up on what is too large, after it said so
                    return said
                raise
            return _answer(line)

    def _connected(self) -> socket.socket:
        deadline = time.monotonic() + self._patience
        while True:
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(self._limit)
            try:
                line.connect(self._path)
            except (FileNotFoundError, ConnectionRefusedError):
                line.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            except OSError:
                line.close()
                raise
            else:
                return line


def _pieces(data: BinaryIO) -> Iterator[bytes]:
    data.seek(0)
    while piece := data.read(_PIECE):
        yield piece


def _answer(line: socket.socket) -> str:
    """What it says, to the zero byte that ends it; empty when it hangs up before."""
    said = bytearray()
    while not said.endswith(b"\0"):
        more = line.recv(4096)
        if not more:
            return ""
        said += more
    return said[:-1].decode(errors="replace")


def _verdict(said: str) -> Verdict | None:
    if said == "stream: OK":
        return Verdict.CLEAN
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Verdict.INFECTED
    return None
