"""The test payment provider as a child process, for tests and the demonstration."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from belgenet.testing.servers.process import ManagedProcess

_START_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """The keys both sides know; worth nothing outside this machine."""

    iyzico_key: str = "sandbox-belgenet-test-key"
    iyzico_secret: str = field(default="sandbox-belgenet-test-secret", repr=False)
    stripe_key: str = field(default="sk_test_belgenet", repr=False)
    stripe_webhook_secret: str = field(default="whsec_belgenet_test", repr=False)


class PspProcess:
    """`python -m belgenet.testing.psp` with its state below `folder`.

    :param port: on loopback; None takes a free one and keeps it over restarts.
    :param options: further command line words, e.g. ``("--webhook-delay-ms", "50")``.
    """

    name = "psp"

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        merchant: Merchant | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.port = port
        self.merchant = merchant or Merchant()
        self.options = tuple(options)
        self.process: ManagedProcess | None = None
        self._client = httpx.Client(timeout=30, trust_env=False)

    @property
    def url(self) -> str:
        """Its address, for the adapters as for browsers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers.

        :raises ServerError: when it cannot be started.
        """
        address = self.folder / "psp.json"
        address.unlink(missing_ok=True)
        # What this process was told goes on to the child, so that a test of the refusal is one of the real thing.
        environment = {"BELGENET_APP_ENVIRONMENT": os.environ.get("BELGENET_APP_ENVIRONMENT", "test")}
        self.process = ManagedProcess("psp", self._command(), log=self.folder / "psp.log", env=environment)
        self.process.start()
        self.process.wait_ready(lambda: self._ready(address), _START_TIMEOUT)

    def stop(self) -> None:
        """Stop it in order; its charges stay on disk."""
        if self.process is not None:
            self.process.stop()

    def kill(self) -> None:
        """Kill it with signal 9."""
        if self.process is not None:
            self.process.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._client.close()

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the control API and return its answer.

        :raises httpx.HTTPStatusError: when it refuses.
        """
        arguments: dict[str, Any] = {} if body is None else {"json": body}
        if method == "POST" and body is None:
            arguments = {"json": {}}
        response = self._client.request(method, f"{self.url}/_control/{path}", **arguments)
        response.raise_for_status()
        return dict(response.json())

    def arm(self, operation: str, fault: str, *, times: int | None = 1, contains: str = "", **params: Any) -> None:
        """Let `fault` happen to the next `times` operations that match."""
        body = {"operation": operation, "fault": fault, "times": times, "contains": contains, "params": params}
        self.control("POST", "faults", body)

    def pay(self, token: str, card: str | None = None) -> dict[str, Any]:
        """Pay a hosted page without a browser; return its status and where the payer would go next."""
        return self.control("POST", "pay", {"token": token, **({"card": card} if card else {})})

    def _command(self) -> list[str]:
        merchant = self.merchant
        return [
            *(sys.executable, "-m", "belgenet.testing.psp", "--port", str(self.port or 0)),
            *("--state", str(self.folder)),
            *("--iyzico-key", merchant.iyzico_key, "--iyzico-secret", merchant.iyzico_secret),
            *("--stripe-key", merchant.stripe_key),
            *("--stripe-webhook-secret", merchant.stripe_webhook_secret),
            *self.options,
        ]

    def _ready(self, address: Path) -> bool:
        try:
            self.port = int(json.loads(address.read_text())["port"])
            return self._client.get(f"{self.url}/_control/health").is_success
        except (OSError, ValueError, httpx.HTTPError):
            return False
