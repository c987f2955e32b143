"""Put the provider together as a WSGI application and serve it on loopback."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

from belgenet.testing.psp.config import PspConfig
from belgenet.testing.psp.faults import Faults
from belgenet.testing.psp.notify import Notifier
from belgenet.testing.psp.runtime import Psp
from belgenet.testing.psp.store import Store

HOST = "127.0.0.1"


class PspTask(WSGITask):
    """A request that can reach its own socket, so that a view can hang up on the caller."""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment with the socket in it."""
        environ: dict[str, Any] = super().get_environment()
        environ["psp.socket"] = self.channel.socket
        return environ


class PspChannel(HTTPChannel):
    """A connection whose requests are `PspTask`s."""

    task_class = PspTask


def build(config: PspConfig) -> Psp:
    """Return the provider with its memory loaded; the notifier is not started."""
    store, faults = Store(config.state), Faults()
    return Psp(config, store, faults, Notifier(config, store, faults))


def wsgi(psp: Psp) -> Any:
    """Return the WSGI application of a provider."""
    config = Configurator()
    config.registry["psp"] = psp
    for module in ("iyzico", "stripe", "hosted", "control"):
        config.include(f"belgenet.testing.psp.{module}")
    config.add_notfound_view(_not_found)
    return config.make_wsgi_app()


def server(application: Any, port: int, threads: int = 16, scheme: str = "http") -> Any:
    """Return a waitress server bound to loopback; port 0 takes a free one.

    :param scheme: what payers reach it by; something in front of it may speak TLS to them.
    """
    made = create_server(application, host=HOST, port=port, threads=threads, ident="test-psp", url_scheme=scheme)
    made.channel_class = PspChannel
    return made


def _not_found(request: Request) -> Response:
    body = {"error": {"type": "invalid_request_error", "message": f"Unrecognized request URL ({request.path})"}}
    return Response(status=404, json_body=body)
