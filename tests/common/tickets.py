"""Something to sell in tests of commerce: tickets with a stock, in a real table, that can be told to misbehave."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from belgenet.commerce.orders.interfaces import AllocationFailed, OrderOwner, Quote
from belgenet.commerce.orders.models import Order, OrderLine
from belgenet.core.web.errors import ErrorCode, Problem

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS shop;
CREATE TABLE IF NOT EXISTS shop.stock (ref text PRIMARY KEY, free int NOT NULL CHECK (free >= 0));
CREATE TABLE IF NOT EXISTS shop.tickets (line uuid PRIMARY KEY, ref text NOT NULL, quantity int NOT NULL, state text NOT NULL);
GRANT USAGE ON SCHEMA shop TO belgenet_app;
GRANT ALL ON shop.stock, shop.tickets TO belgenet_app;
TRUNCATE shop.stock, shop.tickets;
"""


class Tickets:
    """Sellable ``ticket``: ``ref`` names a stock, prices and faults are set by the test."""

    kind = "ticket"

    def __init__(self) -> None:
        self.prices: dict[str, tuple[int, str, Decimal]] = {}
        self.certificate_follows = False
        self.fulfil_error: Exception | None = None
        self.calls: list[str] = []

    def quote(self, session: Session, ref: str, quantity: int, details: Mapping[str, Any], owner: OrderOwner) -> Quote:
        if ref not in self.prices:
            raise Problem(ErrorCode.SELLABLE_NOT_FOUND, 404)
        price, currency, rate = self.prices[ref]
        return Quote(
            title=f"Bilet {ref}",
            unit_price_minor=price,
            currency=currency,
            revenue_account="course_revenue_deferred",
            tax_rate_percent=rate,
            category="ticket",
            certificate_follows=self.certificate_follows,
            details={"given": dict(details)},
        )

    def hold(self, session: Session, order: Order, line: OrderLine, until: datetime) -> None:
        if self._state(session, line) in {"held", "sold"}:
            return
        took = text("UPDATE shop.stock SET free = free - :n WHERE ref = :ref AND free >= :n RETURNING free")
        if session.execute(took, {"n": line.quantity, "ref": line.ref}).first() is None:
            raise AllocationFailed("out_of_stock")
        write = text(
            "INSERT INTO shop.tickets VALUES (:line, :ref, :n, 'held') ON CONFLICT (line) DO UPDATE SET state = 'held'"
        )
        session.execute(write, {"line": line.id, "ref": line.ref, "n": line.quantity})

    def release(self, session: Session, order: Order, line: OrderLine) -> None:
        self._free(session, line, "held", "released")

    def fulfil(self, session: Session, order: Order, line: OrderLine) -> None:
        self.calls.append("fulfil")
        if self.fulfil_error is not None:
            raise self.fulfil_error
        sold = text("UPDATE shop.tickets SET state = 'sold' WHERE line = :line AND state = 'held' RETURNING line")
        if session.execute(sold, {"line": line.id}).first() is None:
            raise AllocationFailed("hold_lost")

    def revoke(self, session: Session, order: Order, line: OrderLine) -> None:
        self._free(session, line, "sold", "revoked")

    def _free(self, session: Session, line: OrderLine, state: str, after: str) -> None:
        gone = text("UPDATE shop.tickets SET state = :after WHERE line = :line AND state = :state RETURNING quantity")
        if session.execute(gone, {"line": line.id, "state": state, "after": after}).first():
            back = text("UPDATE shop.stock SET free = free + :n WHERE ref = :ref")
            session.execute(back, {"n": line.quantity, "ref": line.ref})

    def _state(self, session: Session, line: OrderLine) -> str | None:
        return session.scalar(text("SELECT state FROM shop.tickets WHERE line = :line"), {"line": line.id})
