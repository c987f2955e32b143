"""Serving a public image: the only bytes of strangers that come from our own origin, so they are wrapped well."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from pyramid.response import Response

from belgenet.core.storage import ObjectStore
from belgenet.core.web.request import Request
from belgenet.files.models import File
from belgenet.files.services.names import disposition
from belgenet.files.services.purposes import IMAGES

FOREVER: Final = "public, max-age=31536000, immutable"
CAGE: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""An image that is also a page (polyglot) gets an opaque origin and may load and run nothing."""


class _Pieces:
    """Body that gives the object store's connection back when the server is done with it."""

    def __init__(self, first: bytes, rest: Iterator[bytes], stack: ExitStack) -> None:
        self._first, self._rest, self._stack = first, rest, stack

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        yield from self._rest

    def close(self) -> None:
        """Called by the WSGI server, also when the browser has gone."""
        self._stack.close()


def public_image(request: Request, store: ObjectStore, row: File) -> Response:
    """Its bytes, or 304. The first piece is read here, so a store that is down is an honest 503.

    :raises StorageUnavailable, NoSuchObject: as the store.
    """
    response = request.response
    response.headers["Cache-Control"] = FOREVER
    response.etag = row.sha256
    response.headers["Content-Security-Policy"] = CAGE
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if row.sha256 in request.if_none_match and "If-None-Match" in request.headers:
        response.status_int = 304
        response.content_type = None
        return response
    with ExitStack() as stack:
        pieces = stack.enter_context(store.stream(row.key))
        first = next(pieces, b"")
        response.app_iter = _Pieces(first, pieces, stack.pop_all())
    response.content_type = row.content_type if row.content_type in IMAGES else "application/octet-stream"
    response.content_length = row.size
    inline = "inline" if row.content_type in IMAGES else "attachment"
    response.headers["Content-Disposition"] = disposition(inline, row.name)
    return response
