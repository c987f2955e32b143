"""Faults on order: what shall go wrong, in which operation, how often."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

HEADER = "X-Test-Psp-Fault"

TRANSPORT = {
    "delay": "answer after params.seconds",
    "drop_before": "close the connection without doing anything",
    "drop_after_commit": "do it, then close the connection without an answer",
    "error_before": "answer params.status (503) without doing anything",
    "error_after_commit": "do it, then answer 500",
    "garbage": "do it, then answer 200 with something that is not JSON",
    "bad_signature": "do it, but sign the answer wrongly (iyzico)",
}
PAYMENT = {
    "decline": "refuse the card with params.code",
    "fraud_review": "charge with fraudStatus 0 until POST /_control/fraud (iyzico)",
    "fraud_reject": "charge with fraudStatus -1 (iyzico)",
    "wrong_amount": "charge params.factor (2) times the amount",
    "wrong_currency": "charge in params.currency (USD)",
    "webhook_first": "deliver the webhook before the payer's browser gets its answer",
}
WEBHOOK = {
    "lose": "never deliver",
    "duplicate": "deliver params.count (2) times",
    "forge": "deliver with a wrong signature",
    "unsigned": "deliver without a signature",
    "hold": "deliver only after the next event of the same provider (out of order)",
    "delay": "deliver params.seconds later",
}
KNOWN = TRANSPORT | PAYMENT | WEBHOOK


@dataclass(slots=True)
class Fault:
    """One fault for operations matching the `operation` pattern, `times` times (None: for ever).

    `contains` limits it to requests whose body or payment mentions that text.
    """

    operation: str
    fault: str
    times: int | None = 1
    contains: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


class Faults:
    """The armed faults, used up in the order they were armed."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        """Arm a fault. Raises ValueError for an unknown one, so that a typing error cannot make a test
        pass.
        """
        if fault.fault not in KNOWN:
            raise ValueError(f"unknown fault {fault.fault!r}, known: {', '.join(sorted(KNOWN))}")
        with self._lock:
            self._armed.append(fault)

    def take(self, operation: str, subject: str = "") -> dict[str, Mapping[str, Any]]:
        """Return and use up what shall go wrong now: fault name -> parameters, at most one of each name."""
        taken: dict[str, Mapping[str, Any]] = {}
        with self._lock:
            for fault in list(self._armed):
                if not fnmatchcase(operation, fault.operation) or fault.contains not in subject:
                    continue
                if fault.fault in taken:
                    continue
                taken[fault.fault] = fault.params
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._armed.remove(fault)
        return taken

    def armed(self) -> Iterable[Fault]:
        """Return what is armed now."""
        with self._lock:
            return list(self._armed)

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()


def from_header(value: str | None) -> dict[str, Mapping[str, Any]]:
    """Read faults asked for by a request header: `drop_after_commit, delay:2` (seconds)."""
    found: dict[str, Mapping[str, Any]] = {}
    for part in filter(None, (part.strip() for part in (value or "").split(","))):
        name, _, argument = part.partition(":")
        if name not in TRANSPORT:
            raise ValueError(f"unknown fault {name!r}, known: {', '.join(sorted(TRANSPORT))}")
        found[name] = {"seconds": float(argument)} if argument else {}
    return found
