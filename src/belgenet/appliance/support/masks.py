"""Patterns of what must not leave the server."""

import re
from collections.abc import Iterable
from typing import Final

_UUID: Final = r"(?P<kept>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)"
_GROUPS: Final = "[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*"
_PART: Final = r"[^\s<>\"'(),;:=\[\]]"
_UNIT: Final = r"(?:belgenet-[a-z]+|redis-server|postgresql)"
"""Instances of systemd's units look like addresses."""
_PATTERNS: Final = (
    ("e-mail", re.compile(rf"(?<!{_PART})(?!{_UNIT}@){_PART}+(?:@|%40){_PART}+")),
    ("iban", re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){3,7}(?:[ -]?[A-Z0-9]{1,3})?\b")),
    ("token", re.compile(rf"{_UUID}|\b(?=[\w+/=-]*\d)[A-Za-z0-9_+/=-]{{24,}}")),
    ("token", re.compile(r"\b(?:sk|rk|pk|whsec)_\w+")),
    ("number", re.compile(rf"{_UUID}|(?<![\w.+-])(?:\+|00)?\d(?:[ ()-]?\d){{9,18}}(?![\w.:-])")),
)
_ADDRESSES: Final = (
    re.compile(r"(?<![\d.])(?!127\.0\.0\.1(?![\d.])|0\.0\.0\.0(?![\d.]))(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"),
    re.compile(rf"(?<!\w)(?:(?:[0-9a-fA-F]{{1,4}}:){{7}}[0-9a-fA-F]{{1,4}}|(?:{_GROUPS})::(?:{_GROUPS})?)(?!\w)"),
)
LEAST: Final = 8
"""Shorter ones are too likely to be part of something else; every secret we make is longer."""


class Masks:
    """Replaces secrets and personal data by what they were.

    :param secrets: what is a secret on this server, in plain text.
    :param addresses: whether IP addresses may stay.
    """

    def __init__(self, secrets: Iterable[str], *, addresses: bool = False) -> None:
        self._secrets = sorted({part for text in secrets for part in parts(text)}, key=len, reverse=True)
        self._addresses = addresses

    def __call__(self, text: str) -> str:
        """The text without them."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        for name, pattern in _PATTERNS:
            text = pattern.sub(lambda found, name=name: found.groupdict().get("kept") or f"[{name}]", text)  # type: ignore[misc]
        for pattern in () if self._addresses else _ADDRESSES:
            text = pattern.sub("[address]", text)
        return text

    def leaks(self, text: str) -> bool:
        """Whether a secret stands in it."""
        return any(secret in text for secret in self._secrets)


def parts(secret: str) -> set[str]:
    """A secret and its pieces: ``id:key``, the lines of a key, the fields of a JSON text."""
    pieces = {secret, *re.split(r"[\s:,;\"'{}@]+", secret)}
    return {piece for piece in pieces if len(piece) >= LEAST}
