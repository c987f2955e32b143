"""Bytes on their way in: counted, hashed and sniffed while they pass, kept in memory while small and on disk beyond."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.files.services.multipart import MultipartError, MultipartReader, Part, Readable, boundary_of
from belgenet.files.services.sniff import Sniffer

IN_MEMORY: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """Whole, rewound bytes and what they turned out to be."""

    data: IO[bytes]
    size: int
    sha256: str
    content_type: str


@contextmanager
def received(pieces: Iterable[bytes], limit: int) -> Iterator[Received]:
    """Take bytes in. The copy is gone at the end of the block.

    :raises Problem: ``file_too_large``, at the first byte beyond ``limit``.
    """
    hasher, sniffer, size = hashlib.sha256(), Sniffer(), 0
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as data:
        for piece in pieces:
            size += len(piece)
            if size > limit:
                raise Problem(ErrorCode.FILE_TOO_LARGE, 413, params={"limit": limit})
            hasher.update(piece)
            sniffer.feed(piece)
            data.write(piece)
        data.seek(0)
        yield Received(data, size, hasher.hexdigest(), sniffer.content_type())


@contextmanager
def received_form(stream: Readable, content_type: str, limit: int) -> Iterator[tuple[str, Received]]:
    """Take in the one field ``file`` of a form: (name as given, bytes).

    :raises Problem: ``unsupported_media_type``, ``invalid_input`` (malformed, no file, other fields), ``file_too_large``.
    """
    if not content_type.lower().startswith("multipart/form-data"):
        raise Problem(ErrorCode.UNSUPPORTED_MEDIA_TYPE, 415)
    try:
        parts = iter(MultipartReader(stream, boundary_of(content_type)))
        part = _only_file(next(parts, None))
        with received(part.pieces, limit) as found:
            if extra := next(parts, None):
                raise _malformed(extra.name, "extra_forbidden")
            yield part.filename or "", found
    except (MultipartError, OSError):
        raise _malformed("file", "multipart_malformed") from None


def _only_file(part: Part | None) -> Part:
    if part is None:
        raise _malformed("file", "missing")
    if part.name != "file":
        raise _malformed(part.name[:80], "extra_forbidden")
    if part.filename is None:
        raise _malformed("file", "file_expected")
    return part


def _malformed(name: str, code: str) -> Problem:
    return Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem(name, code)])
