"""A shop at the counter: tickets on sale, the real test payment provider as a process, and the moves of a sale."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from tests.common.tickets import SCHEMA, Tickets
from tests.common.waitress_server import waitress_server

from belgenet.commerce.desk import Desk, desk_of
from belgenet.commerce.orders.interfaces import Sellables
from belgenet.commerce.payments.services.providers import Providers
from belgenet.core.security import Role
from belgenet.testing.psp.process import PspProcess
from belgenet.testing.psp.signing import iyzico_webhook, stripe_webhook
from belgenet.testing.servers.ports import free_port

QUICK = ("--webhook-delay-ms", "0", "--webhook-retry-ms", "300", "--token-seconds", "1800")
DECLINED = {"iyzico": "4111111111111129", "stripe": "4000000000009995"}


@dataclass
class Till:
    """One tenant's counter."""

    system: Any
    tenant: Any
    psp: PspProcess
    tickets: Tickets
    buyer: Any
    admin: Any

    # -- the moves of a sale -----------------------------------------------------------------------------------------

    def stock(self, ref: str, free: int, price: int = 12_500, currency: str = "TRY", tax: str = "20") -> None:
        self.tickets.prices[ref] = (price, currency, Decimal(tax))
        self.sql("INSERT INTO shop.stock VALUES (:ref, :n)", ref=ref, n=free)

    def order(self, *wanted: tuple[str, int], client: Any = None, status: int = 201) -> dict[str, Any]:
        lines = [{"kind": "ticket", "ref": ref, "quantity": n} for ref, n in wanted or [("A", 1)]]
        answer: dict[str, Any] = (client or self.buyer.client).post("/orders", {"lines": lines}, status=status).json
        return answer

    def pay(self, order: dict[str, Any], provider: str = "iyzico", *, status: int | None = 200, **options: Any) -> Any:
        return self.buyer.client.post(
            f"/orders/{order['id']}/payments", {"provider": provider}, status=status, **options
        )

    def begin(self, order: dict[str, Any], provider: str = "iyzico") -> str:
        """Begin a payment; the provider's token."""
        self.pay(order, provider)
        return self.token(order, provider)

    def token(self, order: dict[str, Any], provider: str = "iyzico") -> str:
        found: str = self.sql(
            "SELECT token FROM payment_attempts WHERE order_id = :o AND provider = :p ORDER BY id DESC LIMIT 1",
            o=order["id"],
            p=provider,
        )[0][0]
        return found

    def attempt(self, order: dict[str, Any], provider: str = "iyzico") -> Any:
        return self.sql(
            "SELECT id, state, error, decline FROM payment_attempts WHERE order_id = :o AND provider = :p ORDER BY id DESC",
            o=order["id"],
            p=provider,
        )[0]

    def come_back(self, token: str, provider: str = "iyzico", **options: Any) -> Any:
        """What the payer's browser does at the end: no session, no cookie."""
        anonymous = self.system.client(self.tenant)
        if provider == "stripe":
            return anonymous.get(f"/payments/stripe/return?session_id={token}", **options)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://sandbox.iyzipay.com"}
        return anonymous.post("/payments/iyzico/return", raw=f"token={token}".encode(), headers=headers, **options)

    def bought(self, *wanted: tuple[str, int], provider: str = "iyzico") -> dict[str, Any]:
        """An order that is paid, through the provider's page and the return."""
        order = self.order(*wanted)
        token = self.begin(order, provider)
        self.psp.pay(token)
        self.come_back(token, provider, status=303)
        return self.see(order)

    def see(self, order: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.buyer.client.get(f"/orders/{order['id']}", status=200).json
        return found

    def admin_view(self, order: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.admin.client.get(f"/admin/orders/{order['id']}", status=200).json
        return found

    def refund(
        self, order: dict[str, Any], amount: str | None = None, *, status: int | None = 201, **options: Any
    ) -> Any:
        body: dict[str, Any] = {"reason": "müşteri istedi"}
        if amount is not None:
            body["amount"] = {"amount": amount, "currency": order["currency"]}
        return self.admin.client.post(f"/admin/orders/{order['id']}/refunds", body, status=status, **options)

    # -- webhooks ----------------------------------------------------------------------------------------------------

    def notices(self, provider: str = "iyzico") -> list[dict[str, Any]]:
        """What the provider wanted to tell us, oldest first."""
        found = [n for n in self.psp.control("GET", "webhooks")["webhooks"] if n["provider"] == provider]
        return sorted(found, key=lambda notice: notice["due"])

    def notify(
        self, notice: dict[str, Any], *, secret: str | None = None, body: bytes | None = None, status: int | None = 200
    ) -> Any:
        """Deliver a notice to the webhook, signed as the provider signs."""
        raw = body if body is not None else notice["body"].encode()
        merchant, headers = self.psp.merchant, {"Content-Type": "application/json"}
        if notice["provider"] == "iyzico":
            headers["X-IYZ-SIGNATURE-V3"] = iyzico_webhook(secret or merchant.iyzico_secret, json.loads(notice["body"]))
        else:
            signature = stripe_webhook(secret or merchant.stripe_webhook_secret, raw, int(time.time()))
            headers["Stripe-Signature"] = signature
        return self.system.client(self.tenant).post(
            f"/webhooks/{notice['provider']}", raw=raw, headers=headers, status=status
        )

    # -- inside ------------------------------------------------------------------------------------------------------

    def sql(self, statement: str, **parameters: Any) -> list[Any]:
        """As the schema's owner, who sees the shop too; row level security is off for it by a switch."""
        with self.system._owner.begin() as connection:
            connection.execute(text("SELECT set_config('app.tenant_id', :t, true)"), {"t": str(self.tenant.id)})
            result = connection.execute(text(statement), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

    def free(self, ref: str = "A") -> int:
        return int(self.sql("SELECT free FROM shop.stock WHERE ref = :r", r=ref)[0][0])

    def events(self, order: dict[str, Any], topic: str) -> int:
        statement = "SELECT count(*) FROM outbox WHERE topic = :t AND payload->>'order_id' = :o"
        return int(self.sql(statement, t=topic, o=order["id"])[0][0])

    def entries(self, order: dict[str, Any]) -> list[str]:
        found = self.sql("SELECT kind FROM ledger_entries WHERE order_id = :o ORDER BY id", o=order["id"])
        return [row[0] for row in found]

    def balances(self, order: dict[str, Any]) -> dict[str, int]:
        found = self.sql(
            "SELECT l.account, sum(l.amount_minor) FROM ledger_lines l JOIN ledger_entries e ON e.id = l.entry_id "
            "WHERE e.order_id = :o GROUP BY l.account HAVING sum(l.amount_minor) <> 0",
            o=order["id"],
        )
        return {account: int(amount) for account, amount in found}

    def ledger_sum(self) -> int:
        return int(self.sql("SELECT coalesce(sum(amount_minor), 0) FROM ledger_lines")[0][0])

    def reviews(self, order: dict[str, Any]) -> list[str]:
        return [review["kind"] for review in self.admin_view(order)["reviews"]]

    def backdate(self, order: dict[str, Any], minutes: int) -> None:
        """Let time pass for an order and its attempts."""
        self.sql(
            "UPDATE orders SET created_at = created_at - :m * interval '1 minute', "
            "hold_expires_at = hold_expires_at - :m * interval '1 minute' WHERE id = :o",
            m=minutes,
            o=order["id"],
        )
        self.sql(
            "UPDATE payment_attempts SET created_at = created_at - :m * interval '1 minute', "
            "expires_at = expires_at - :m * interval '1 minute', check_after = now() - interval '1 second' WHERE order_id = :o",
            m=minutes,
            o=order["id"],
        )

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        with self.system.request(self.tenant) as request:
            yield desk_of(request)

    def sweep(self) -> None:
        """What beat starts every half minute."""
        from belgenet.commerce.payments.tasks import sweep

        with self.system.request(self.tenant) as request:
            sweep(request)


@pytest.fixture(scope="session")
def psp_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PspProcess]:
    with PspProcess(tmp_path_factory.mktemp("psp"), options=QUICK) as process:
        yield process


@pytest.fixture
def psp(psp_process: PspProcess) -> PspProcess:
    """The provider, empty; it tells nobody anything unless the test says otherwise."""
    if psp_process.process is None or not psp_process.process.alive:
        psp_process.start()
    psp_process.control("POST", "reset")
    psp_process.arm("webhook.*", "lose", times=None)
    return psp_process


@pytest.fixture
def till(system: Any, tenant: Any, psp: PspProcess) -> Iterator[Till]:
    """A counter with ticket A (ten of them, 125.00 TRY with 20 % KDV)."""
    with system._owner.begin() as connection:
        connection.execute(text(SCHEMA))
    registry, tickets = system.registry, Tickets()
    kept = registry["belgenet.payment_providers"], registry["belgenet.sellables"]
    registry["belgenet.payment_providers"] = providers_at(system.settings.payments, psp)
    registry["belgenet.sellables"] = Sellables({**kept[1], "ticket": tickets})
    buyer, admin = system.sign_in(tenant, Role.DONOR), system.sign_in(tenant, Role.TENANT_ADMIN)
    made = Till(system, tenant, psp, tickets, buyer, admin)
    made.stock("A", 10)
    yield made
    registry["belgenet.payment_providers"].close()
    registry["belgenet.payment_providers"], registry["belgenet.sellables"] = kept


def providers_at(settings: Any, psp: PspProcess, timeout: float = 3.0) -> Providers:
    """Our real adapters, pointed at the test provider."""
    merchant = psp.merchant
    return Providers.of(
        settings.model_copy(
            update={
                "timeout_seconds": timeout,
                "iyzico_base_url": psp.url,
                "iyzico_api_key": SecretStr(merchant.iyzico_key),
                "iyzico_secret_key": SecretStr(merchant.iyzico_secret),
                "iyzico_accept_unsigned_webhooks": False,
                "stripe_api_base": psp.url,
                "stripe_secret_key": SecretStr(merchant.stripe_key),
                "stripe_webhook_secret": SecretStr(merchant.stripe_webhook_secret),
            }
        )
    )


@contextmanager
def served(system: Any) -> Iterator[int]:
    """The application behind a real HTTP server on a free port of loopback, which its settings name as its public address."""
    port, before = free_port(), system.settings
    public = before.app.model_copy(update={"public_scheme": "http", "public_port": port})
    system.registry.settings["belgenet"] = before.model_copy(update={"app": public})
    try:
        with waitress_server(system.wsgi, port=port, threads=8):
            yield port
    finally:
        system.registry.settings["belgenet"] = before


def together(*actions: Any) -> list[Any]:
    """Run the actions at the same moment, each in its thread; their results or exceptions."""
    barrier, results = threading.Barrier(len(actions)), [None] * len(actions)

    def run(at: int, action: Any) -> None:
        barrier.wait()
        try:
            results[at] = action()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[at] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(at, action)) for at, action in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def wait_for(condition: Any, seconds: float) -> None:
    """Poll until the condition holds. :raises AssertionError: it never did."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.1)
