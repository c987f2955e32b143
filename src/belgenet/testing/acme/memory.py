"""What the authority remembers: accounts, orders, and the questions it asked."""

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from belgenet.testing.acme.jws import Jwk, thumbprint
from belgenet.testing.acme.problems import AcmeProblem


@dataclass
class Account:
    """Somebody who asks for certificates."""

    id: str
    jwk: Jwk
    contact: list[str]
    kid: str = ""
    """Of the external account it is bound to."""


@dataclass
class Question:
    """One name that is to be proven. ``status``: pending, processing, valid, invalid."""

    id: str
    name: str
    account: Account
    token: str
    status: str = "pending"
    problem: dict[str, Any] | None = None


@dataclass
class Order:
    """Names somebody wants a certificate for."""

    id: str
    account: Account
    questions: list[Question]
    certificate: str = ""

    @property
    def names(self) -> list[str]:
        """What the certificate has to be for."""
        return [question.name for question in self.questions]

    @property
    def status(self) -> str:
        """As RFC 8555 section 7.1.6 has it."""
        if self.certificate:
            return "valid"
        states = {question.status for question in self.questions}
        if "invalid" in states:
            return "invalid"
        return "ready" if states == {"valid"} else "pending"


@dataclass
class Memory:
    """Everything, by identifier."""

    accounts: dict[str, Account] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    _nonces: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def nonce(self) -> str:
        """A number that may be used once."""
        made = secrets.token_urlsafe(16)
        with self._lock:
            self._nonces.add(made)
        return made

    def spend(self, nonce: object) -> None:
        """Take a number back. :raises AcmeProblem: ``badNonce``."""
        with self._lock:
            if nonce not in self._nonces:
                raise AcmeProblem("badNonce", "unknown or used nonce")
            self._nonces.discard(str(nonce))

    def account_of(self, jwk: Jwk) -> Account | None:
        """The account with a key."""
        wanted = thumbprint(jwk)
        return next((one for one in self.accounts.values() if thumbprint(one.jwk) == wanted), None)

    def register(self, jwk: Jwk, contact: list[str], kid: str) -> Account:
        """Add an account."""
        made = Account(secrets.token_hex(8), jwk, contact, kid)
        self.accounts[made.id] = made
        return made

    def order(self, account: Account, names: list[str]) -> Order:
        """Add an order, with a question for each name."""
        questions = [Question(secrets.token_hex(8), name, account, secrets.token_urlsafe(24)) for name in names]
        self.questions |= {question.id: question for question in questions}
        made = Order(secrets.token_hex(8), account, questions)
        self.orders[made.id] = made
        return made
