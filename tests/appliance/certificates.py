"""What the stories about TLS need: an ACME server outside of the machine, what visitors are shown, and visitors who count."""

import json
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from cryptography import x509
from tests.appliance.doors import Doors
from tests.appliance.installation import DOMAIN, Installation

from belgenet.testing.acme.server import AcmeServer
from belgenet.testing.servers.ports import free_port

ACME_PORT = 14000
SITE = "/etc/belgenet/site.yml"


class Authority:
    """An ACME server with TLS on this computer's end of the cable, which asks the machine whether it holds a name."""

    def __init__(self, site: Installation) -> None:
        here = site.server.outside
        there = f"{site.server.address}:80"
        url = f"https://{here}:{ACME_PORT}"
        self.acme = AcmeServer({DOMAIN: there, f"*.{DOMAIN}": there}, port=free_port(), url=url)
        self.directory = f"{url}/directory"
        self._doors = Doors((here, ACME_PORT, self.acme.port, site.outside.authority.server(here)))

    def __enter__(self) -> Self:
        self.acme.__enter__()
        self._doors.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._doors.close()
        self.acme.__exit__()


def choose(site: Installation, mode: str, **more: object) -> list[str]:
    """Answer differently where the certificate comes from, and apply that; what was changed."""
    answers = yaml.safe_load(site.server.read(SITE)) | {"belgenet_tls_mode": mode}
    answers |= {f"belgenet_tls_{name}": value for name, value in more.items()}
    site.server.write(SITE, yaml.safe_dump(answers, allow_unicode=True))
    return apply(site)


def apply(site: Installation) -> list[str]:
    """What the operator does after a change of the answers."""
    said = site.server.run("belgenet apply --only tls", timeout=600).stdout.splitlines()
    return [line.strip() for line in said[1:]] if said[0] == "changed:" else []


def shown(site: Installation, name: str = DOMAIN) -> x509.Certificate:
    """The certificate that a visitor of a name sees."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((site.server.address, 443), 10) as line,
        context.wrap_socket(line, server_hostname=name) as safe,
    ):
        return x509.load_der_x509_certificate(safe.getpeercert(binary_form=True) or b"")


def trusted(site: Installation, root: str, name: str) -> None:
    """A visitor who trusts this authority and no other is served. :raises httpx.ConnectError: they are not."""
    context = ssl.create_default_context(cadata=root)
    with httpx.Client(verify=context, timeout=30) as visitor:
        target = f"https://{site.server.address}/health"
        answer = visitor.get(target, headers={"Host": name}, extensions={"sni_hostname": name})
        assert answer.status_code in {200, 404}, answer.text  # the door for files shows nothing of its own


def state(site: Installation) -> dict[str, Any]:
    """What ``belgenet tls show`` knows."""
    return dict(json.loads(site.server.run(["belgenet", "tls", "show", "--json"], check=False).stdout))


def forget_last_success(site: Installation) -> None:
    """As if the last certificate had been got a day ago: new names need not wait for others."""
    known = json.loads(site.server.read("/var/lib/belgenet/tls/state.json")) | {"last_success": ""}
    site.server.write("/var/lib/belgenet/tls/state.json", json.dumps(known))


def refused(site: Installation, folder: Path, *options: str, **texts: str) -> set[str]:
    """Offer files to ``belgenet tls install``, which must not take them; the codes it gives."""
    done = _install(site, options, texts)
    assert done.returncode == 2, done.stdout
    return {line.split("[")[1].split("]")[0] for line in done.stderr.splitlines() if line.startswith("ERROR [")}


def install(site: Installation, **texts: str) -> str:
    """Offer files that must be taken; what it said."""
    done = _install(site, (), texts)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def _install(site: Installation, options: tuple[str, ...], texts: dict[str, str]) -> Any:
    for name, text in texts.items():
        site.server.write(f"/root/{name}.pem", text)
    words = [
        *("belgenet", "tls", "--lang", "en", "install", "/root/certificate.pem"),
        *(("--key", "/root/key.pem") if "key" in texts else ()),
        *(("--chain", "/root/chain.pem") if "chain" in texts else ()),
        *options,
    ]
    return site.server.run(words, check=False)


class Visitors:
    """People who come and go all the time, each with a new connection. ``with Visitors(site) as visitors: ...``"""

    def __init__(self, site: Installation, number: int = 2) -> None:
        self._site = site
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._visit) for _ in range(number)]
        self.served = 0
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _visit(self) -> None:
        while not self._stop.is_set():
            try:
                with self._site.browser("vakif") as visitor:
                    code = visitor.send("GET", f"{visitor.address}/health").status_code
                if code != httpx.codes.OK:
                    self.failures.append(str(code))
                self.served += 1
            except httpx.HTTPError as error:
                self.failures.append(repr(error))


class Download:
    """Somebody with a slow line who fetches a large file through the door for files."""

    def __init__(self, site: Installation, url: str, seconds: float) -> None:
        self._site, self._url, self._seconds = site, url, seconds
        self.content = b""
        self._thread = threading.Thread(target=self._fetch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _fetch(self) -> None:
        address = httpx.URL(self._url)
        host = address.host
        with (
            httpx.Client(verify=False, timeout=60) as client,
            client.stream(
                "GET",
                address.copy_with(host=self._site.server.address),
                headers={"Host": host},
                extensions={"sni_hostname": host},
            ) as answer,
        ):
            answer.raise_for_status()
            length, started = int(answer.headers["Content-Length"]), time.monotonic()
            for block in answer.iter_bytes(256 * 1024):
                self.content += block
                ahead = len(self.content) / length * self._seconds - (time.monotonic() - started)
                time.sleep(max(0.0, ahead))
