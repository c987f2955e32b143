"""What bytes are, by what they contain. Names and headers are claims; only this decides."""

import codecs
import re
from typing import Final

import filetype

HEAD_BYTES: Final = 8192
BINARY: Final = "application/octet-stream"
_MARKUP: Final = re.compile(
    r"\s*<(!doctype|!--|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|img|object|embed|form|meta|link)[\s/>]?",
    re.IGNORECASE,
)
_NO_TEXT: Final = bytes({*range(9), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F})
"""Bytes that make data binary (WHATWG MIME Sniffing, 3: binary data byte), and DEL. In UTF-8 they stand for themselves only."""
_TEXT_FORMATS: Final = frozenset({"application/pdf", "application/rtf", "application/postscript"})


class Sniffer:
    """Feed it the bytes in pieces, then ask. Text must be UTF-8 from the first byte to the last."""

    def __init__(self) -> None:
        self._head = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        if len(self._head) < HEAD_BYTES:
            self._head += piece[: HEAD_BYTES - len(self._head)]
        if self._is_text:
            self._is_text = self._decodes(piece)

    def content_type(self) -> str:
        """The media type; ``application/octet-stream`` for what nobody knows. Call once, after the last piece."""
        by_magic = filetype.guess_mime(self._head) if self._head else None
        if not (self._is_text and self._decodes(b"", final=True)):
            return str(by_magic or BINARY)
        return by_magic if by_magic in _TEXT_FORMATS else _kind_of_text(self._head)

    def _decodes(self, piece: bytes, *, final: bool = False) -> bool:
        try:
            self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            return False
        return len(piece.translate(None, _NO_TEXT)) == len(piece)


def _kind_of_text(head: bytes) -> str:
    """Markup that a browser might run is named as what it is; all other text is plain."""
    text = head.decode("utf-8", "ignore").lstrip("\ufeff").lstrip()
    if re.search(r"<svg[\s/>]", text, re.IGNORECASE):
        return "image/svg+xml"
    if _MARKUP.match(text):
        return "text/html"
    return "application/xml" if text.startswith("<?xml") else "text/plain"
