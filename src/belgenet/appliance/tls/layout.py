"""Where keys, certificates and what is known about them lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from belgenet.appliance import places

MODES: Final = ("self_signed", "provided", "internal_ca", "acme_http01", "internal_acme")
ACME: Final = frozenset({"acme_http01", "internal_acme"})
GIVEN: Final = frozenset({"provided", "internal_ca"})
"""Modes in which a person brings the certificate."""


@dataclass(frozen=True)
class Layout:
    """Files of one server, below other folders in tests."""

    etc: Path = places.ETC
    state: Path = Path("/var/lib/belgenet")

    @property
    def settings(self) -> Path:
        """What the role wrote of the operator's answers."""
        return self.etc / "tls.json"

    @property
    def folder(self) -> Path:
        """Of root alone: its files ``server.pem`` and ``server.key`` are what Nginx reads."""
        return self.etc / "tls"

    @property
    def live(self) -> Path:
        """A link to the set in use; moving it changes certificate and key at one instant."""
        return self.folder / "live"

    @property
    def sets(self) -> Path:
        """Pairs of a certificate and its key, one folder each."""
        return self.folder / "sets"

    @property
    def pending(self) -> Path:
        """A key whose certificate is awaited, and the request for it."""
        return self.folder / "pending"

    @property
    def knowledge(self) -> Path:
        """State that ``doctor`` and the figures read."""
        return self.state / "tls" / "state.json"

    @property
    def request(self) -> Path:
        """What the unprivileged ACME client is told; it reads here and cannot write."""
        return self.state / "tls" / "request"

    @property
    def said(self) -> Path:
        """What the ACME client printed."""
        return self.state / "tls" / "said.txt"

    @property
    def client(self) -> Path:
        """The ACME client's own folder: its account and what it was given."""
        return self.state / "acme-client"

    @property
    def webroot(self) -> Path:
        """Nginx answers challenges from here."""
        return self.state / "acme"
