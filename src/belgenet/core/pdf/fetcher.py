"""The only door through which a template may ask for a resource."""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from weasyprint.urls import URLFetcher, URLFetcherResponse

FONTS = Path(__file__).parent / "fonts"
MAX_DATA_URL = 700_000
"""Characters of a ``data:`` address; half a megabyte of picture in base64."""

_DATA_URL = re.compile(r"data:(image/(?:png|jpeg|gif|webp|svg\+xml))((?:;[a-z0-9=-]+)*?)(;base64)?,", re.IGNORECASE)
_Serve = Callable[[str], URLFetcherResponse]
_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"<svg": "image/svg+xml",
    b"<?xml": "image/svg+xml",
}


def sniff_image(data: bytes) -> str | None:
    """Media type of a picture by its first bytes; ``None`` when it is none we draw."""
    head = data[:64].lstrip()
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


class FontFetcher(URLFetcher):
    """Serves ``font:FILE`` from the package.

    Never given to templates: font faces outlive the document they came with, so a template that could declare
    one would change the letters of every tenant after it.
    """

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002
        """Return the packaged font ``url`` names."""
        name = url.removeprefix("font:")
        return URLFetcherResponse(url, (FONTS / name).read_bytes(), {"Content-Type": "font/ttf"})


class SealedFetcher(URLFetcher):
    """Serves pictures from ``asset:`` (bytes given) and small ``data:`` addresses; notes refusals.

    Deriving from WeasyPrint's fetcher keeps its calling contract; none of its handlers is ever reached.
    """

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._assets = assets
        self._schemes: dict[str, _Serve] = {"asset": self._asset, "data": self._data}
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002
        """Return the resource, or note the address and raise ``ValueError``: WeasyPrint leaves it out."""
        serve = self._schemes.get(url.partition(":")[0].lower(), self._refuse)
        try:
            return serve(url)
        except ValueError:
            self.refused.append(url[:200])
            raise

    @staticmethod
    def _refuse(url: str) -> URLFetcherResponse:
        raise ValueError(f"refused: {url[:200]}")

    def _asset(self, url: str) -> URLFetcherResponse:
        data = self._assets.get(unquote(url.partition(":")[2]))
        kind = sniff_image(data or b"")
        if data is None or kind is None:
            raise ValueError("no such picture")
        return URLFetcherResponse(url, data, {"Content-Type": kind})

    def _data(self, url: str) -> URLFetcherResponse:
        match = _DATA_URL.match(url)
        if match is None or len(url) > MAX_DATA_URL:
            raise ValueError("data address is not a small picture")
        body = unquote_to_bytes(url[match.end() :])
        if match.group(3):
            try:
                body = b64decode(body, validate=True)
            except binascii.Error as error:
                raise ValueError("data address is not base64") from error
        if sniff_image(body) is None:
            raise ValueError("data address is not a picture")
        return URLFetcherResponse(url[:60], body, {"Content-Type": match.group(1).lower()})
