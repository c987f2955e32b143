"""For stories in which no request may fail: many plain visitors through Nginx and TLS while something happens to the server.

Beside them ``people.py`` has people whose sessions and files must last, ``visitors.py`` visitors who may be refused for a while."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from tests.appliance.installation import DOMAIN, Installation

READS = ("/api/v1/campaigns", "/api/v1/site", "/sign-in", "/health")


@dataclass
class Counted:
    """What the visitors saw."""

    answered: int = 0
    written: int = 0
    failed: list[str] = field(default_factory=list)
    """Requests that got no answer, or one of 5xx."""
    reused: int = 0
    """Kept connections that the server had closed before the next request was sent on them; asked again, as browsers do."""
    slowest: float = 0.0
    """Seconds that the answer took for which somebody waited longest."""
    quiet: float = 0.0
    """Seconds of the longest stretch in which nobody at all was answered."""


class Load:
    """``with Load(site) as load: ...``; some visitors keep their connection, some open one for each request, one registers guests.

    :param keeping: visitors of the first kind.
    :param opening: of the second.
    :param pause: seconds between a visitor's requests: on two cores visitors who never wait are all that the server does.
    """

    def __init__(self, site: Installation, *, keeping: int = 4, opening: int = 3, pause: float = 0.1) -> None:
        self._pause = pause
        self._base = f"https://{site.server.address}"
        self.counted = Counted()
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._last = 0.0
        self._threads = [threading.Thread(target=self._keep, args=(number,)) for number in range(keeping)]
        self._threads += [threading.Thread(target=self._open, args=(number,)) for number in range(opening)]
        self._threads += [threading.Thread(target=self._write)]

    def __enter__(self) -> Self:
        self._last = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def at_least(self, requests: int, seconds: float = 120) -> None:
        """Go on until so many were answered."""
        until = time.monotonic() + seconds
        while self.counted.answered < requests and time.monotonic() < until:
            time.sleep(0.1)

    def _keep(self, number: int) -> None:
        with self._client() as client:
            while not self._stop.wait(self._pause):
                self._one(client, "GET", READS[number % len(READS)], kept=True)

    def _open(self, number: int) -> None:
        while not self._stop.wait(self._pause):
            with self._client() as client:
                self._one(client, "GET", READS[number % len(READS)])

    def _write(self) -> None:
        number = 0
        while not self._stop.wait(0.3):
            number += 1
            guest = {"full_name": "Yük Deneyi", "email": f"yuk-{time.time_ns()}-{number}@example.org"}
            with self._client() as client:
                self._one(client, "POST", "/api/v1/auth/guest", json=guest)

    def _client(self) -> httpx.Client:
        # Longer than a service may take to come back: callers wait in its socket meanwhile.
        return httpx.Client(base_url=self._base, verify=False, timeout=70)

    def _one(self, client: httpx.Client, method: str, path: str, *, kept: bool = False, **body: Any) -> None:
        name = f"vakif.{DOMAIN}"
        began = time.monotonic()
        problem, again = "", 0
        while True:
            try:
                answer = client.request(method, path, headers={"Host": name}, extensions={"sni_hostname": name}, **body)
                problem = f"{answer.status_code}" if answer.status_code >= httpx.codes.BAD_REQUEST else ""
            except httpx.RemoteProtocolError as error:
                # Closed between two requests: nothing was sent yet that anybody read (RFC 9112, 9.3.1).
                if kept and not again and "without sending a response" in str(error):
                    again = 1
                    continue
                problem = f"{type(error).__name__}: {error}"
            except httpx.HTTPError as error:
                problem = f"{type(error).__name__}: {error}"
            break
        with self._lock:
            seen, now = self.counted, time.monotonic()
            took = now - began
            seen.reused += again
            seen.slowest = max(seen.slowest, took)
            if problem:
                seen.failed.append(f"{method} {path}: {problem} after {took:.1f} s")
            else:
                seen.answered += 1
                seen.written += method == "POST"
                seen.quiet, self._last = max(seen.quiet, now - self._last), now
