"""The main job under load: ``python -m benchmarks.orders``. Guests order shares and pay, 5 a second for a minute, everything on
this machine; how long after the provider's webhook is the certificate READY, and is nothing lost or doubled?
"""

import argparse
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from belgenet.cli.story.browser import Browser
from belgenet.testing.demo.system import DemoSystem
from benchmarks import machine
from benchmarks.footprint import name_of

CARD = "5528790000000008"


@dataclass(frozen=True)
class Sold:
    """An order that was paid at the provider, and when its payer was charged."""

    order_id: str
    email: str
    paid_at: datetime


class Shop:
    """The charity's site, its provider and its database."""

    def __init__(self, system: DemoSystem) -> None:
        self.system = system
        self.address = f"http://vakif.localhost:{system.state.ports['web']}"
        self._psp = httpx.Client(base_url=system.psp_url, timeout=30, trust_env=False)
        with Browser(self.address, verify=False) as browser:
            cards = browser.api("GET", "/campaigns")["items"]
            self.campaign = browser.api("GET", f"/campaigns/{cards[0]['id']}")
        self.option = next(item for item in self.campaign["options"] if item["animal_class"] == "cattle")

    def stock(self, shares: int) -> None:
        """Enough animals for that many shares, put up for sale by the administrator."""
        admin = next(
            item for item in self.system.state.accounts if item["tenant"] == "vakif" and item["role"] == "TENANT_ADMIN"
        )
        animals = -(-shares // self.option["shares_per_animal"])
        with Browser(self.address, verify=False) as browser:
            wanted = {"email": admin["email"], "password": admin["password"], "client": "web"}
            browser.token = browser.api("POST", "/auth/login", wanted)["access_token"]
            while animals > 0:
                part = min(animals, 50)
                browser.api("POST", f"/admin/campaign-options/{self.option['id']}/animals", {"count": part})
                animals -= part

    def buy(self, number: int) -> Sold:
        """One guest's order of one share, paid."""
        consent = self.campaign["consent_text"]
        name = f"Bağışçı {chr(65 + number % 26)}."
        with Browser(self.address, verify=False) as browser:
            guest = {"full_name": name, "email": f"olcum-{uuid.uuid4().hex[:12]}@example.org"}
            browser.token = browser.api("POST", "/auth/guest", guest)["access_token"]
            details = {
                "participants": [{"full_name": name, "intention": self.campaign["kind"]}],
                "consent": {"text_id": consent["id"], "sha256": consent["sha256"], "accepted": True},
            }
            line = {"kind": "kurban_share", "ref": self.option["id"], "quantity": 1, "details": details}
            order = browser.api("POST", "/orders", {"lines": [line]})
            begun = browser.api("POST", f"/orders/{order['id']}/payments", {"provider": "iyzico"})
        token = begun["redirect_url"].partition("?")[0].rstrip("/").rpartition("/")[2]
        paid_at = datetime.now(UTC)
        answer = self._psp.post("/_control/pay", json={"token": token, "card": CARD})
        answer.raise_for_status()
        return Sold(order["id"], guest["email"], paid_at)

    def charges(self) -> int:
        """How many payments the provider took."""
        return len(self._psp.get("/_control/charges").json()["charges"])


class Books:
    """What the database says, asked as the platform's role."""

    def __init__(self, system: DemoSystem) -> None:
        url = system.environment["BELGENET_DATABASE_PLATFORM_URL"].replace("+psycopg", "")
        self._connection = psycopg.connect(url, autocommit=True)

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows."""
        return self._connection.execute(statement, parameters).fetchall()

    def wait(self, ids: list[str], seconds: float) -> None:
        """Until each order has a READY certificate, or the time is over."""
        until = time.monotonic() + seconds
        wanted = "SELECT count(*) FROM certificates WHERE order_id = ANY(%s::uuid[]) AND state = 'READY'"
        while self.rows(wanted, ids)[0][0] < len(ids) and time.monotonic() < until:
            time.sleep(1)

    def times(self, ids: list[str]) -> dict[str, tuple[datetime | None, datetime | None]]:
        """By order: when the webhook came in, and when the certificate was READY."""
        found = self.rows(
            "SELECT o.id::text, (SELECT min(w.received_at) FROM webhook_inbox w JOIN payment_attempts a ON a.id = w.attempt_id "
            "WHERE a.order_id = o.id), (SELECT min(c.ready_at) FROM certificates c WHERE c.order_id = o.id) "
            "FROM orders o WHERE o.id = ANY(%s::uuid[])",
            ids,
        )
        return {key: (received, ready) for key, received, ready in found}

    def deliveries(self) -> Counter[str]:
        """How many deliveries each consumer had so far."""
        return Counter(dict(self.rows("SELECT consumer, count(*)::int FROM outbox_deliveries GROUP BY consumer")))

    def mistakes(self, ids: list[str]) -> dict[str, int]:
        """Counts that must all be 0."""
        one = {
            "orders not paid": "SELECT count(*) FROM orders WHERE id = ANY(%s::uuid[]) AND status <> 'paid'",
            "orders without exactly one certificate": "SELECT count(*) FROM unnest(%s::uuid[]) o WHERE "
            "(SELECT count(*) FROM certificates c WHERE c.order_id = o AND c.state = 'READY') <> 1",
            "orders without exactly one payment": "SELECT count(*) FROM unnest(%s::uuid[]) o WHERE "
            "(SELECT count(*) FROM payments p WHERE p.order_id = o AND p.state = 'confirmed') <> 1",
            "orders without exactly one share": "SELECT count(*) FROM unnest(%s::uuid[]) o WHERE (SELECT count(*) "
            "FROM animal_shares s JOIN order_lines l ON l.id = s.order_line_id WHERE l.order_id = o AND s.state = 'sold') <> 1",
        }
        found = {title: int(self.rows(statement, ids)[0][0]) for title, statement in one.items()}
        unbalanced = "SELECT count(*) FROM (SELECT 1 FROM ledger_lines GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0) x"
        found["ledger entries that do not balance"] = int(self.rows(unbalanced)[0][0])
        found["dead letters"] = int(self.rows("SELECT count(*) FROM outbox_deliveries WHERE state = 'dead'")[0][0])
        return found


def drive(shop: Shop, rate: float, seconds: float) -> tuple[list[Sold], list[str]]:
    """Start ``rate`` purchases a second, whether or not earlier ones are finished."""
    begun: list[Future[Sold]] = []
    with ThreadPoolExecutor(48) as pool:
        begin = time.monotonic()
        for number in range(int(rate * seconds)):
            time.sleep(max(0.0, begin + number / rate - time.monotonic()))
            begun.append(pool.submit(shop.buy, number))
    failed = [f"{type(error).__name__}: {error}"[:200] for item in begun if (error := item.exception())]
    return [item.result() for item in begun if not item.exception()], failed


def mails(system: DemoSystem, sold: list[Sold], seconds: float) -> int:
    """How many guests did not get exactly one mail with a certificate; waits for the last ones."""
    until = time.monotonic() + seconds
    while True:
        found = httpx.get(f"{system.mail.url.rstrip('/')}/mails.json", timeout=60, trust_env=False).json()
        got = Counter(address for mail in found if mail["attachments"] for address in mail["to"])
        wrong = sum(got[item.email] != 1 for item in sold)
        if not wrong or time.monotonic() > until:
            return wrong
        time.sleep(2)


def cpu_seconds() -> Counter[str]:
    """CPU time used so far, by what a process is; this script is ``load``."""
    used: Counter[str] = Counter()
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        times = process.cpu_times()
        used["load" if process == me else name_of(process.cmdline())] += times.user + times.system
    return used


def say(title: str, seconds: list[float]) -> tuple[float, float]:
    """Print and return p50 and p99."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    print(
        f"{title:42} p50 {cuts[49]:6.2f} s  p95 {cuts[94]:6.2f} s  p99 {cuts[98]:6.2f} s  longest {max(seconds):6.2f} s"
    )
    return cuts[49], cuts[98]


def main() -> int:
    """Measure and say; status 1 when a goal is missed or anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=5)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--patience", type=float, default=600, help="seconds to wait for the last certificate")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="belgenet-orders-") as folder:
        system = DemoSystem(Path(folder) / "demo", lambda words: print(words, flush=True))
        try:
            system.start()
            return measure(system, options.rate, options.seconds, options.patience)
        finally:
            system.stop()


def measure(system: DemoSystem, rate: float, seconds: float, patience: float) -> int:
    """One run against a started system."""
    shop, books = Shop(system), Books(system)
    shop.stock(int(rate * seconds) + 50)
    for number in range(5):
        shop.buy(number)
    time.sleep(5)
    print(f"before: {machine.state()}", flush=True)
    charged, delivered, used = shop.charges(), books.deliveries(), cpu_seconds()
    sold, failed = drive(shop, rate, seconds)
    ids = [item.order_id for item in sold]
    books.wait(ids, patience)
    used = cpu_seconds() - used
    print(
        f"CPU per order, ms: {', '.join(f'{name} {1000 * took / len(sold):.0f}' for name, took in used.most_common())}"
    )
    per_order = [f"{name} {count / len(sold):.1f}" for name, count in (books.deliveries() - delivered).most_common()]
    print(f"deliveries per order: {', '.join(per_order)}")
    times = books.times(ids)
    print(f"{len(sold)} orders charged at the provider, {len(failed)} purchases failed {failed[:3]}")
    print(f"after: {machine.state()}")
    ready = {item.order_id: times[item.order_id][1] for item in sold}
    from_charge = [(at - item.paid_at).total_seconds() for item in sold if (at := ready[item.order_id])]
    from_webhook = [(at - came).total_seconds() for came, at in times.values() if came and at]
    print(
        f"{len(from_webhook)} of {len(sold)} have a webhook and a READY certificate; the others are not in the times below"
    )
    p50, p99 = say("webhook received -> certificate READY", from_webhook)
    say("card charged -> certificate READY", from_charge)
    mistakes = books.mistakes(ids)
    mistakes["guests without exactly one certificate by mail"] = mails(system, sold, 60)
    mistakes["charges without an order"] = shop.charges() - charged - len(sold)
    print("\n".join(f"{title}: {count}" for title, count in mistakes.items()))
    return int(bool(failed) or p50 >= 2 or p99 >= 10 or any(mistakes.values()))


if __name__ == "__main__":
    sys.exit(main())
