"""The ACME client, certbot: a user of its own asks for the certificate and never sees a key of the server.

It reads a request that root wrote, answers the authority's questions from a folder that Nginx shows, and leaves a certificate.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from belgenet.appliance.run import CommandError, run
from belgenet.appliance.tls import files
from belgenet.appliance.tls.layout import Layout
from belgenet.appliance.tls.settings import SYSTEM_AUTHORITIES, TlsSettings

UNIT: Final = "belgenet-acme.service"
PATIENCE: Final = 600.0
_REFUSED: Final = re.compile(r"^\s*(?:Domain|Identifier): (\S+)\n\s*Type:\s+(\S+)\n\s*Detail: (.+)$", re.MULTILINE)
_NOISE: Final = re.compile(
    r"Saving debug log|Ask for help|Some challenges|Hint:|See the logfile|Unable to change owner"
)


class AcmeError(Exception):
    """The authority gave no certificate.

    :param refused: names it could not confirm -> why.
    """

    def __init__(self, detail: str, refused: dict[str, str]) -> None:
        super().__init__(detail)
        self.detail, self.refused = detail, refused


class Client:
    """Asks the ACME server of the settings.

    :param start: runs a unit to its end; raises ``CommandError`` when it failed.
    """

    def __init__(self, layout: Layout, settings: TlsSettings, start: Callable[[str], None] | None = None) -> None:
        self._at, self._settings = layout, settings
        self._start = start or _start

    def ask(self, csr: str, *, eab_key: str = "") -> str:
        """A certificate with its chain, PEM.

        :raises AcmeError: the authority refused, or could not be reached.
        """
        self._write(csr, eab_key)
        try:
            self._start(UNIT)
            return files.read_foreign(self._at.client / "out" / "fullchain.pem")
        except (CommandError, OSError) as error:
            said = self._said()
            raise AcmeError(essence(said) or str(error), refusals(said)) from None
        finally:
            (self._at.request / "certbot.ini").unlink(missing_ok=True)  # it may hold a key for the account

    def _write(self, csr: str, eab_key: str) -> None:
        folder = self._at.request
        files.write(folder / "request.csr", csr, 0o644)
        trusted = Path(self._settings.authority or SYSTEM_AUTHORITIES)
        shutil.copyfile(trusted, folder / "authorities.pem")
        (folder / "authorities.pem").chmod(0o644)
        files.write(folder / "certbot.ini", self._ini(eab_key), 0o640)  # its group is the folder's, which hands it on

    def _ini(self, eab_key: str) -> str:
        home, wanted = self._at.client, self._settings
        lines = {
            "server": wanted.directory,
            "email": wanted.email,
            "csr": self._at.request / "request.csr",
            "webroot-path": self._at.webroot,
            "config-dir": home / "config",
            "work-dir": home / "work",
            "logs-dir": home / "logs",
            "cert-path": home / "out" / "cert.pem",
            "chain-path": home / "out" / "chain.pem",
            "fullchain-path": home / "out" / "fullchain.pem",
        }
        if wanted.eab_kid and eab_key:
            lines |= {"eab-kid": wanted.eab_kid, "eab-hmac-key": eab_key}
        flags = ("webroot", "non-interactive", "agree-tos", "no-eff-email")
        return "".join(
            [*(f"{name} = {value}\n" for name, value in lines.items()), *(f"{name} = true\n" for name in flags)]
        )

    def _said(self) -> str:
        try:
            return self._at.said.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


def refusals(said: str) -> dict[str, str]:
    """Names that the authority could not confirm -> its reason, from what certbot prints."""
    return {name: f"{kind}: {detail}"[:300] for name, kind, detail in _REFUSED.findall(said)}


def essence(said: str) -> str:
    """What certbot printed without what helps nobody, at most 600 letters."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not _NOISE.match(line.strip())]
    return " ".join(lines)[-600:]


def _start(unit: str) -> None:
    run(["systemctl", "start", unit], timeout=PATIENCE)
