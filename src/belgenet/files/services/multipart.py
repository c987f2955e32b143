"""``multipart/form-data`` (RFC 7578, RFC 2046 5.1) read piece by piece: nothing of the file is ever whole in memory, and an upload
over the limit is refused at the byte that exceeds it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import unquote

CHUNK: Final = 64 * 1024
MAX_HEADER: Final = 8 * 1024
MAX_PREAMBLE: Final = 1024
_BOUNDARY: Final = re.compile(r";\s*boundary=(?:\"([^\"\r\n]{1,70})\"|([^\s;,\"]{1,70}))", re.IGNORECASE)
_PARAMETER: Final = re.compile(r";\s*(name|filename|filename\*)=(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;\"]*))", re.IGNORECASE)


class MultipartError(ValueError):
    """Not a well-formed form."""


class Readable(Protocol):
    """A byte stream."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; nothing at the end."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field. ``pieces`` must be used up before the next part is asked for; what is left is skipped."""

    name: str
    filename: str | None
    pieces: Iterator[bytes]


def boundary_of(content_type: str) -> bytes:
    """:raises MultipartError: not ``multipart/form-data``, or no usable boundary."""
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or found is None:
        raise MultipartError("no boundary")
    return (found[1] or found[2]).encode("latin-1", "replace")


class MultipartReader:
    """Parts of a form, in order.

    :raises MultipartError: while iterating: a delimiter, a header or the end is missing.
    """

    def __init__(self, stream: Readable, boundary: bytes) -> None:
        self._stream = stream
        self._delimiter = b"\r\n--" + boundary
        self._buffer = b"\r\n"  # the first delimiter has no line before it

    def __iter__(self) -> Iterator[Part]:
        before = 0
        for piece in self._until_delimiter():
            before += len(piece)
            if before > MAX_PREAMBLE:
                raise MultipartError("text before the first part")
        while (line_end := self._exactly(2)) != b"--":
            if line_end != b"\r\n":
                raise MultipartError("delimiter runs on")
            part = self._part()
            yield part
            for _ in part.pieces:
                pass

    def _part(self) -> Part:
        headers = self._headers()
        shown = next((value for name, value in headers if name == "content-disposition"), "")
        found = {key.lower(): _unquoted(quoted) or bare for key, quoted, bare in _PARAMETER.findall(shown)}
        if not shown.lower().startswith("form-data") or "name" not in found:
            raise MultipartError("a part has no name")
        extended = found.get("filename*", "")
        filename = unquote(extended.partition("''")[2]) if "''" in extended else found.get("filename")
        return Part(found["name"], filename, self._until_delimiter())

    def _headers(self) -> list[tuple[str, str]]:
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > MAX_HEADER or not self._more():
                raise MultipartError("headers without end")
        block, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        if len(block) > MAX_HEADER:
            raise MultipartError("headers too long")
        lines = block.decode("utf-8", "replace").split("\r\n")
        return [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    def _until_delimiter(self) -> Iterator[bytes]:
        """Content up to the next delimiter, which is consumed."""
        keep = len(self._delimiter) - 1
        while (at := self._buffer.find(self._delimiter)) < 0:
            if len(self._buffer) > keep:
                yield self._buffer[:-keep]
                self._buffer = self._buffer[-keep:]
            if not self._more():
                raise MultipartError("the last delimiter is missing")
        rest, self._buffer = self._buffer[:at], self._buffer[at + len(self._delimiter) :]
        if rest:
            yield rest

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            if not self._more():
                raise MultipartError("cut off")
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _more(self) -> bool:
        piece = self._stream.read(CHUNK)
        self._buffer += piece
        return bool(piece)


def _unquoted(text: str) -> str:
    """Undo the two escapes in use: ``\\"`` of RFC 2616 clients and the percent form of browsers (WHATWG)."""
    return text.replace('\\"', '"').replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
