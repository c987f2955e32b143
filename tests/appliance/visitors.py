"""For stories that kill and reboot: visitors who read, donors who ask again until they are told their order's number.

Being refused for a while is allowed here and measured; what must not be lost are the numbers that were told. Beside them
``load.py`` counts every request that fails, and ``people.py`` has people whose sessions and files must last."""

import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from tests.appliance import institution
from tests.appliance.errands import make_room, share
from tests.appliance.installation import Installation

from belgenet.cli.story.browser import Browser


@dataclass
class Served:
    """What visitors were answered."""

    asked: int = 0
    failures: list[str] = field(default_factory=list)
    longest: float = 0.0
    """Seconds: the longest stretch in which one visitor was not served."""


class Visitors:
    """Visitors who read and donors who order. ``with Visitors(site) as visitors: ...``

    :param readers: visitors at each tenant, who ask again at once, on connections that stay and on new ones.
    :param donors: guests who order one share after the other, and ask again with the same key until they are told a number.
    """

    def __init__(self, site: Installation, *, readers: int = 1, donors: int = 1, pause: float = 0.1) -> None:
        self._site = site
        self._pause = pause
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.read = Served()
        self.wrote = Served()
        self.orders: list[str] = []
        """Numbers that donors were told."""
        self._threads = [threading.Thread(target=self._donate) for _ in range(donors)]
        for slug in institution.TENANTS:
            self._threads += [threading.Thread(target=self._look, args=(slug,)) for _ in range(readers)]

    def __enter__(self) -> Self:
        make_room(self._site)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _look(self, slug: str) -> None:
        served = time.monotonic()
        while not self._stop.is_set():
            with self._site.browser(slug) as visitor:
                for path in ("/api/v1/site", "/", "/api/v1/site", "/", "/api/v1/site"):
                    served = self._count(self.read, _ask(visitor, "GET", path), served)
                    if self._stop.wait(self._pause):
                        return

    def _donate(self) -> None:
        wanted = share(self._site)
        while not self._stop.wait(self._pause):
            self._order(wanted)

    def _order(self, wanted: dict[str, Any]) -> None:
        with self._site.browser("vakif") as donor:
            served = time.monotonic()
            person = {"full_name": "Ayşe Yılmaz", "email": f"{uuid.uuid4().hex[:12]}@example.org"}
            told: dict[str, Any] = {}
            for path, body in (("/auth/guest", person), ("/orders", {"lines": [wanted]})):
                headers = {"Idempotency-Key": str(uuid.uuid4())}
                if donor.token:
                    headers["Authorization"] = f"Bearer {donor.token}"
                answered: list[httpx.Response] = []
                while not answered:
                    failure = _ask(donor, "POST", f"/api/v1{path}", answered, json=body, headers=headers)
                    served = self._count(self.wrote, failure, served)
                    if failure and self._stop.wait(0.5):
                        return
                told = answered[0].json()
                donor.token = told.get("access_token", donor.token)
        with self._lock:
            self.orders.append(told["number"])

    def _count(self, served: Served, failure: str, last: float) -> float:
        now = time.monotonic()
        with self._lock:
            served.asked += 1
            if not failure:
                return now
            served.failures.append(failure)
            served.longest = max(served.longest, now - last)
        return last


def _ask(browser: Browser, method: str, path: str, answered: list[httpx.Response] | None = None, **options: Any) -> str:
    """Ask once: empty when it went well, else what went wrong."""
    try:
        answer = browser.send(method, f"{browser.address}{path}", **options)
    except httpx.HTTPError as error:
        return f"{type(error).__name__}: {error}"
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        return f"{method} {path}: {answer.status_code} {answer.text[:200]}"
    if answered is not None:
        answered.append(answer)
    return ""
