"""What clamd says, and everything that is no answer. The server here speaks the protocol of clamd(8) and checks what it is sent."""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from belgenet.core.storage import StorageUnavailable
from belgenet.files.interfaces import Verdict
from belgenet.files.services.scanner import ClamdScanner

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """One answer for each connection; ``seen`` holds what was sent for scanning."""

    def __init__(self, path: Path, answer: Callable[[socket.socket, bytes], None], limit: int = 1 << 30) -> None:
        self.seen: list[bytes] = []
        self._answer, self._limit = answer, limit
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                self._one(line)

    def _one(self, line: socket.socket) -> None:
        reader = line.makefile("rb")
        assert reader.read(10) == b"zINSTREAM\0"
        data = b""
        while size := int.from_bytes(reader.read(4), "big"):
            data += reader.read(size)
            if len(data) > self._limit:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.seen.append(data)
        self._answer(line, data)


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[Any]:
    made: list[Clamd] = []

    def start(answer: bytes | Callable[[socket.socket, bytes], None], **options: Any) -> tuple[ClamdScanner, Clamd]:
        say = answer if callable(answer) else lambda line, _data: line.sendall(answer)
        made.append(Clamd(tmp_path / "clamd", say, **options))
        return ClamdScanner(str(tmp_path / "clamd"), patience=2, limit=2), made[-1]

    yield start
    for server in made:
        server.close()


@pytest.mark.parametrize(
    "content", [b"", b"x", EICAR, bytes(range(256)) * 2000], ids=["empty", "byte", "eicar", "large"]
)
def test_every_byte_arrives_from_the_beginning(clamd: Any, content: bytes) -> None:
    scanner, server = clamd(b"stream: OK\0")
    data = io.BytesIO(content)
    data.seek(len(content))
    assert scanner.scan(data) is Verdict.CLEAN
    assert server.seen == [content]


def test_what_is_found_is_infected(clamd: Any) -> None:
    scanner, _ = clamd(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
    assert scanner.scan(io.BytesIO(EICAR)) is Verdict.INFECTED


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"stream: OK",
        b"OK\0",
        b"stream: lstat() failed: No such file or directory. ERROR\0",
        b"COMMAND READ TIMED OUT\0",
        b"stream: OK FOUND OK\0",
        b"\xff\xfe\0",
    ],
)
def test_whatever_is_no_clear_answer_is_not_clean(clamd: Any, answer: bytes) -> None:
    scanner, _ = clamd(answer)
    with pytest.raises(StorageUnavailable):
        scanner.scan(io.BytesIO(b"x"))


def test_an_answer_in_pieces_is_one_answer(clamd: Any) -> None:
    def slowly(line: socket.socket, _data: bytes) -> None:
        for byte in b"stream: OK\0":
            line.sendall(bytes([byte]))
            time.sleep(0.01)

    scanner, _ = clamd(slowly)
    assert scanner.scan(io.BytesIO(b"x")) is Verdict.CLEAN


def test_a_file_that_is_too_large_for_it_is_not_clean(clamd: Any) -> None:
    scanner, _ = clamd(b"stream: OK\0", limit=1000)
    with pytest.raises(StorageUnavailable, match=r"size limit|reset|pipe"):
        scanner.scan(io.BytesIO(bytes(5_000_000)))


def test_one_that_never_answers_is_given_up(clamd: Any) -> None:
    scanner, _ = clamd(lambda _line, _data: time.sleep(5))
    with pytest.raises(StorageUnavailable):
        scanner.scan(io.BytesIO(b"x"))


def test_one_that_is_being_started_again_is_waited_for(clamd: Any, tmp_path: Path) -> None:
    scanner = ClamdScanner(str(tmp_path / "clamd"), patience=10, limit=2)
    threading.Timer(0.5, lambda: clamd(b"stream: OK\0")).start()
    assert scanner.scan(io.BytesIO(b"x")) is Verdict.CLEAN


def test_one_that_is_not_there_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        ClamdScanner(str(tmp_path / "none"), patience=0.3).scan(io.BytesIO(b"x"))
