"""The site, as visitors and as Nginx see it."""

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from belgenet.appliance.doctor.finding import Finding, error
from belgenet.appliance.doctor.system import System

SECONDS: Final = 8.0


class _Local(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        """See HTTPConnection."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self._path)


def instances(system: System) -> Iterator[Finding]:
    """Each web process answers: on the socket where no other does."""
    folder = system.path("/run/belgenet")
    shared = sorted(folder.glob("web-*.sock")) if folder.is_dir() else []
    for door in shared:
        number = re.sub(r"\D", "", door.stem)
        reason = _ask(_Local(str(system.path(f"/run/belgenet-web-{number}/own.sock"))), system.domain)
        if reason:
            yield error("web_silent", f"belgenet-web@{number}", reason=reason)
    if not shared:
        yield error("web_no_sockets")


def site(system: System, *, address: str = "127.0.0.1", port: int = 443) -> Iterator[Finding]:
    """Nginx passes visitors on."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate has a check of its own
    door = http.client.HTTPSConnection(address, port, timeout=SECONDS, context=context)
    reason = _ask(door, system.domain)
    if reason:
        yield error("site_unreachable", reason=reason)


def _ask(door: http.client.HTTPConnection, domain: str) -> str:
    """Why ``/health`` did not answer; empty when it did."""
    try:
        door.request("GET", "/health", headers={"Host": domain})
        status = door.getresponse().status
    except (OSError, http.client.HTTPException) as failure:
        return f"{type(failure).__name__}: {failure}"
    finally:
        door.close()
    return "" if status == HTTPStatus.OK else f"HTTP {status}"
