"""For stories that change secrets: people with something in hand, a session, a file, an order, a certificate, and none may fail.

Beside them ``load.py`` counts requests, and ``visitors.py`` has visitors who may be refused for a while."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from tests.appliance import institution
from tests.appliance.errands import certificate_of, make_room, share
from tests.appliance.installation import DOMAIN, Installation

from belgenet.cli.story.browser import Browser


@dataclass
class Done:
    """How often each thing went well, and what went wrong."""

    well: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


class Session:
    """Somebody who signed in once and stays: the access token is renewed with the refresh token when it ends."""

    def __init__(self, browser: Browser, opened: dict[str, Any]) -> None:
        self.browser = browser
        self._take(opened)

    def renew(self) -> None:
        """Trade the refresh token for a new pair."""
        self._take(self.browser.api("POST", "/auth/refresh", {"refresh_token": self._refresh}))

    def wake(self) -> None:
        """Renew the access token in time: an answer may take long while a service starts anew."""
        if time.monotonic() > self._until:
            self.renew()

    def ask(self, path: str) -> Any:
        """Read something that only a signed-in person may."""
        self.wake()
        return self.browser.api("GET", path)

    def _take(self, opened: dict[str, Any]) -> None:
        self.browser.token, self._refresh = opened["access_token"], opened["refresh_token"]
        self._until = time.monotonic() + opened["expires_in"] * 0.4


def signed_in(site: Installation, slug: str) -> Session:
    """A tenant's administrator, as a native client."""
    browser = site.browser(slug)
    words = {"email": institution.email(slug), "password": institution.PASSWORD, "client": "native"}
    return Session(browser, browser.api("POST", "/auth/login", words))


class People:
    """``with People(site) as people: ...``; each does one thing over and over, also across the change."""

    def __init__(self, site: Installation, pause: float = 0.5) -> None:
        self._site, self._pause = site, pause
        self._stop, self._lock = threading.Event(), threading.Lock()
        self.done = Done()
        self._wanted = share(site)
        make_room(site)
        self._sessions = {slug: signed_in(site, slug) for slug in institution.TENANTS}
        self._clerk, self._keeper = signed_in(site, "vakif"), signed_in(site, "vakif")
        donor, self._certificate = certificate_of(site)
        self._open = [donor, *(session.browser for session in (*self._sessions.values(), self._clerk, self._keeper))]
        deeds: dict[str, Callable[[], object]] = {
            "session held": lambda: [session.ask("/me") for session in self._sessions.values()],
            "sign-in": self._sign_in,
            "order": self._order,
            "file up and down": self._file,
        }
        self._threads = [threading.Thread(target=self._over_and_over, args=deed) for deed in deeds.items()]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
        for browser in self._open:
            browser.__exit__()

    def still_signed_in(self) -> bool:
        """Whether a session that was opened before anything changed, and not used since, goes on."""
        self._keeper.renew()
        return bool(self._keeper.ask("/me")["email"])

    def certificate(self) -> bytes:
        """The donor's certificate, as the administrator sees it."""
        self._keeper.renew()
        found: bytes = self._keeper.browser.api("GET", self._certificate, raw=True)
        return found

    def _over_and_over(self, name: str, deed: Callable[[], object]) -> None:
        while not self._stop.wait(self._pause):
            try:
                deed()
            except Exception as error:  # noqa: BLE001 -- whatever it is, somebody was not served
                with self._lock:
                    self.done.failed.append(
                        f"{time.strftime('%H:%M:%S')} {name}: {type(error).__name__}: {error}"[:300]
                    )
            else:
                with self._lock:
                    self.done.well[name] = self.done.well.get(name, 0) + 1

    def _sign_in(self) -> None:
        with self._site.browser("akademi") as person:
            institution.sign_in(person, institution.email("akademi"))
            person.api("GET", "/me")

    def _order(self) -> None:
        with self._site.browser("vakif") as donor:
            guest = {"full_name": "Ayşe Yılmaz", "email": f"{uuid.uuid4().hex[:12]}@example.org"}
            donor.token = donor.api("POST", "/auth/guest", guest)["access_token"]
            order = donor.api("POST", "/orders", {"lines": [self._wanted]})
            donor.api("POST", f"/orders/{order['id']}/cancel", {})

    def _file(self) -> None:
        """Put a file there and read it back by its signed address, past the application."""
        self._clerk.wake()
        person, text = self._clerk.browser, f"Kesim listesi {uuid.uuid4()}".encode()
        headers = {"Authorization": f"Bearer {person.token}"}
        files = {"file": ("liste.txt", text, "text/plain")}
        answer = person.send("POST", f"{person.address}/api/v1/files/upload", headers=headers, files=files)
        assert answer.is_success, f"upload: {answer.status_code} {answer.text[:200]}"
        address = httpx.URL(self._clerk.ask(f"/files/{answer.json()['id']}")["download_url"])
        name = f"files.{DOMAIN}"
        with httpx.Client(verify=False, timeout=70) as visitor:
            got = visitor.get(
                address.copy_with(host=self._site.server.address),
                headers={"Host": name},
                extensions={"sni_hostname": name},
            )
        assert got.content == text, f"download: {got.status_code} {got.text[:200]}"
        assert address.host == name
