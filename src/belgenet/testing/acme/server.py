"""The authority as a server in a thread."""

import threading
from typing import Any, Self

from pyramid.config import Configurator
from waitress.server import create_server

from belgenet.testing.acme import views
from belgenet.testing.acme.issuing import Issuer
from belgenet.testing.acme.jws import Jwk
from belgenet.testing.acme.memory import Memory
from belgenet.testing.acme.problems import AcmeProblem

HOST = "127.0.0.1"
_ROUTES = {
    "directory": "/directory",
    "new_nonce": "/new-nonce",
    "new_account": "/new-account",
    "account": "/account/{id}",
    "new_order": "/new-order",
    "authorization": "/authz/{id}",
    "challenge": "/challenge/{id}",
    "order": "/order/{id}",
    "finalize": "/finalize/{id}",
    "certificate": "/cert/{id}",
}


class AcmeServer:
    """``with AcmeServer(addresses={"okul.example": "10.0.0.2:80"}) as acme: ... acme.url``

    :param addresses: name -> host and port to ask whether it is held; ``*.name`` stands for everything below. No other name exists.
    :param url: what clients reach it by, when something with TLS stands before it.
    :param bindings: key identifiers and keys (base64url) of external accounts; any given: an account needs one.
    """

    def __init__(
        self, addresses: dict[str, str], *, port: int = 0, url: str = "", bindings: dict[str, str] | None = None
    ) -> None:
        self.addresses, self.bindings = addresses, bindings or {}
        self.memory, self.issuer = Memory(), Issuer()
        self.down = False
        """Every operation is answered with 503."""
        self.stale_nonces = 0
        """So many requests are answered as if their nonce had been too old."""
        self._served: Any = create_server(self._application(), host=HOST, port=port, threads=8, ident="test-acme")
        self.port = int(self._served.effective_port)
        self.url = url or f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._served.run, name="acme", daemon=True)

    @property
    def orders(self) -> list[list[str]]:
        """Names of every order there was, in order."""
        return [order.names for order in self.memory.orders.values()]

    def address_of(self, name: str) -> str:
        """Where a name is asked for; empty: it does not exist."""
        return self.addresses.get(name) or self.addresses.get(f"*.{name.partition('.')[2]}", "")

    def key_of(self, account: str) -> Jwk:
        """The key of an account's address. :raises AcmeProblem: ``accountDoesNotExist``."""
        found = self.memory.accounts.get(account.removeprefix(f"{self.url}/account/"))
        if found is None:
            raise AcmeProblem("accountDoesNotExist", f"no account {account}", 400)
        return found.jwk

    def take_nonce(self, nonce: object) -> None:
        """Use it up. :raises AcmeProblem: ``badNonce``."""
        self.memory.spend(nonce)
        if self.stale_nonces:
            self.stale_nonces -= 1
            raise AcmeProblem("badNonce", "too old")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._served.trigger.pull_trigger(self._served.close)
        self._served.task_dispatcher.shutdown()

    def _application(self) -> Any:
        config = Configurator()
        config.registry["acme"] = self
        for name, path in _ROUTES.items():
            config.add_route(name, path)
            config.add_view(getattr(views, name), route_name=name)
        return config.make_wsgi_app()
