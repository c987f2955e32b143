"""What the operator decided about TLS, as the role ``tls`` wrote it down."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from belgenet.appliance.tls.layout import ACME, MODES

LETS_ENCRYPT: Final = "https://acme-v02.api.letsencrypt.org/directory"
SYSTEM_AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"


class TlsSettingsError(Exception):
    """The role has not run yet, or what it wrote was damaged."""


@dataclass(frozen=True, kw_only=True)
class TlsSettings:
    """Answers. ``directory`` is the ACME server's; ``authority`` a PEM file of those whose certificate it may show."""

    mode: str
    domain: str
    email: str = ""
    directory: str = ""
    authority: str = ""
    eab_kid: str = ""
    self_signed_days: int = 825

    @property
    def acme(self) -> bool:
        """Whether certificates are asked for by this server itself."""
        return self.mode in ACME


def read_settings(file: Path) -> TlsSettings:
    """The settings of this server. :raises TlsSettingsError:"""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        known = {field.name for field in fields(TlsSettings)}
        settings = TlsSettings(**{name: value for name, value in found.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise TlsSettingsError(f"{file}: {error}") from None
    if settings.mode not in MODES or not settings.domain:
        raise TlsSettingsError(f"{file}: mode {settings.mode!r}, domain {settings.domain!r}")
    return settings
