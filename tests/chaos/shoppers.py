"""People who order and pay over HTTP and, as people and browsers do, try again when something breaks."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE_SECONDS = 150


@dataclass
class Shopper:
    """One guest of the charity, with or without a telephone; every POST keeps its Idempotency-Key over all tries.

    An answer with ``Retry-After`` is no refusal: a server that died while it asked the provider leaves an attempt nobody can
    speak for until it is old enough to be asked about (``payment_in_progress``), and too many requests end by waiting.
    """

    web: str
    psp: str
    host: str
    name: str
    phone: str | None = None
    email: str = field(default_factory=lambda: f"{uuid.uuid4().hex[:12]}@example.org")
    token: str = ""

    def call(self, method: str, path: str, body: Any = None) -> Any:
        key = str(uuid.uuid4())
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = self._send(method, path, body, key)
                if answer.status_code < 500 and "Retry-After" not in answer.headers:
                    assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
                    return answer.json()
            except httpx.TransportError:
                pass
            assert time.monotonic() < until, f"{method} {path}: no answer in {PATIENCE_SECONDS} s"
            time.sleep(0.3)

    def _send(self, method: str, path: str, body: Any, key: str) -> httpx.Response:
        headers = {"Host": self.host, "Idempotency-Key": key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return httpx.request(
            method, f"{self.web}/api/v1{path}", json=body, headers=headers, timeout=20, trust_env=False
        )

    def buy(self, line: dict[str, Any], provider: str) -> str:
        """Order, go to the provider, pay there; the order's id."""
        guest = {"full_name": self.name, "email": self.email, "phone": self.phone}
        self.token = self.call("POST", "/auth/guest", guest)["access_token"]
        order = self.call("POST", "/orders", {"lines": [line]})
        begun = self.call("POST", f"/orders/{order['id']}/payments", {"provider": provider})
        self._pay(begun["redirect_url"])
        return str(order["id"])

    def _pay(self, page: str) -> None:
        token = page.rstrip("/").split("?")[0].rsplit("/", 1)[1]
        answer = httpx.post(f"{self.psp}/_control/pay", json={"token": token}, timeout=30, trust_env=False)
        assert answer.status_code == 200, answer.text
