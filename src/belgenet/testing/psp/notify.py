"""Webhook delivery: delayed, repeated until accepted, and kept across restarts."""

import heapq
import itertools
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx

from belgenet.testing.psp.config import PspConfig
from belgenet.testing.psp.faults import Faults
from belgenet.testing.psp.signing import iyzico_webhook, stripe_webhook
from belgenet.testing.psp.store import Store
from belgenet.testing.psp.wire import load, raw_json

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def notify_url(explicit: str | None, page: str, path: str) -> str | None:
    """Return where to send notifications: as configured, else `path` on the host the payer returns to.

    Only hosts on this machine are derived from a request; a test provider has no business elsewhere.
    """
    if explicit:
        return explicit
    parts = urlsplit(page)
    host = parts.hostname or ""
    if host not in LOOPBACK and not host.endswith(".localhost"):
        return None
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


class Notifier:
    """Sends notifications from background threads; every delivery is a document of kind `delivery`."""

    def __init__(self, config: PspConfig, store: Store, faults: Faults) -> None:
        self._config, self._store, self._faults = config, store, faults
        trusted = ssl.create_default_context(cafile=config.authorities) if config.authorities else True
        self._client = httpx.Client(timeout=10, follow_redirects=False, trust_env=False, verify=trusted)
        self._due: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._stopped = False
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="psp-webhook")
        self._thread = threading.Thread(target=self._run, name="psp-webhooks", daemon=True)

    def start(self) -> None:
        """Resume what an earlier process left undelivered, and begin to deliver."""
        for delivery in self._store.all("delivery"):
            if delivery["state"] == "pending":
                self._schedule(delivery["id"], delivery["due"])
        self._thread.start()

    def stop(self) -> None:
        """Stop delivering; what is pending stays pending."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def send(self, provider: str, url: str | None, body: dict[str, Any], *, now: bool = False) -> None:
        """Queue a notification; `now` delivers it before returning (a webhook that beats the HTTP answer)."""
        faults = self._faults.take(f"webhook.{provider}", str(body))
        if url is None or "lose" in faults:
            self._create(provider, url or "", body, "lost", 0.0)
            return
        held = self._release(provider)
        signature = next((name for name in ("forge", "unsigned") if name in faults), "valid")
        delay = float(faults.get("delay", {}).get("seconds", self._config.webhook_delay))
        count = int(faults["duplicate"].get("count", 2)) if "duplicate" in faults else 1
        state = "held" if "hold" in faults else "pending"
        for copy in range(count):
            key = self._create(provider, url, body, state, time.time() + delay, signature)
            if state == "pending" and now and not copy:
                self._deliver(key)
            elif state == "pending":
                self._schedule(key, time.time() + delay)
        for number, key in enumerate(held, 1):
            self._schedule(key, time.time() + delay + 0.2 * number)

    def replay(self, key: str) -> int:
        """Send an old notification again, byte for byte with its old signature; return the status
        answered.
        """
        delivery = self._store.get("delivery", key)
        if delivery is None or not delivery["url"]:
            raise KeyError(key)
        headers = delivery["headers"] or self._headers(delivery)
        return self._post(delivery["url"], delivery["body"].encode(), headers)

    def _create(
        self, provider: str, url: str, body: dict[str, Any], state: str, due: float, signature: str = "valid"
    ) -> str:
        key = f"wh_{uuid4().hex}"
        doc = {"id": key, "provider": provider, "url": url, "body": raw_json(body).decode(), "state": state}
        self._store.put(
            "delivery", key, doc | {"due": due, "signature": signature, "tries": 0, "status": None, "headers": {}}
        )
        return key

    def _release(self, provider: str) -> list[str]:
        """Return the held deliveries of a provider: the one being sent now overtakes them."""
        released = []
        with self._store.lock:
            for delivery in self._store.all("delivery"):
                if delivery["state"] == "held" and delivery["provider"] == provider:
                    self._store.put("delivery", delivery["id"], delivery | {"state": "pending"})
                    released.append(delivery["id"])
        return released

    def _schedule(self, key: str, due: float) -> None:
        with self._wake:
            heapq.heappush(self._due, (due, next(self._order), key))
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._stopped and (not self._due or self._due[0][0] > time.time()):
                    wait = self._due[0][0] - time.time() if self._due else None
                    self._wake.wait(wait)
                if self._stopped:
                    return
                _, _, key = heapq.heappop(self._due)
            self._pool.submit(self._deliver, key)

    def _deliver(self, key: str) -> None:
        delivery = self._store.get("delivery", key)
        if delivery is None:
            return
        headers = self._headers(delivery)
        status = self._post(delivery["url"], delivery["body"].encode(), headers)
        tries = delivery["tries"] + 1
        accepted = httpx.codes.is_success(status)
        done = accepted or tries >= self._config.webhook_tries
        state = ("delivered" if accepted else "given_up") if done else "pending"
        due = time.time() + self._config.webhook_retry
        with self._store.lock:
            if self._store.get("delivery", key) is None:
                return
            self._store.put(
                "delivery",
                key,
                delivery | {"tries": tries, "status": status, "state": state, "headers": headers, "due": due},
            )
        if not done:
            self._schedule(key, due)

    def _headers(self, delivery: dict[str, Any]) -> dict[str, str]:
        raw, headers = delivery["body"].encode(), {"Content-Type": "application/json"}
        if delivery["signature"] == "unsigned":
            return headers
        secret = "not-the-secret" if delivery["signature"] == "forge" else None
        if delivery["provider"] == "iyzico":
            key = secret or self._config.iyzico_secret
            return headers | {"X-IYZ-SIGNATURE-V3": iyzico_webhook(key, load(raw))}
        key = secret or self._config.stripe_webhook_secret
        return headers | {"Stripe-Signature": stripe_webhook(key, raw, int(time.time()))}

    def _post(self, url: str, raw: bytes, headers: dict[str, str]) -> int:
        """POST a notification; 0 means nobody answered. `*.localhost` is this machine whatever the
        resolver says.
        """
        asked = httpx.URL(url)
        target = self._config.resolve or ("127.0.0.1" if asked.host.endswith(".localhost") else "")
        options: dict[str, Any] = {}
        if target:
            headers = headers | {"Host": asked.netloc.decode()}
            options["extensions"] = {"sni_hostname": asked.host}
        try:
            sent = asked.copy_with(host=target or asked.host)
            return self._client.post(sent, content=raw, headers=headers, **options).status_code
        except httpx.HTTPError:
            return 0
