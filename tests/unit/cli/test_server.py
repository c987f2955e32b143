"""Whom the server believes about the peer's address."""

import http.client
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from tests.common.waitress_server import waitress_server

from belgenet.cli.server import server_options

SPOOFED = {
    "X-Forwarded-For": "198.51.100.9, 203.0.113.5",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
}


class Echo:
    """Answers with what the server made of the request."""

    def __init__(self, trusted_proxy: str) -> None:
        storage, app = (
            SimpleNamespace(max_upload_bytes=1),
            SimpleNamespace(max_body_bytes=1, trusted_proxy=trusted_proxy),
        )
        self.registry = SimpleNamespace(settings={"belgenet": SimpleNamespace(storage=storage, app=app)})

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        names = ("REMOTE_ADDR", "HTTP_HOST", "wsgi.url_scheme")
        return [json.dumps({name: environ[name] for name in names}).encode()]


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Iterator[Any]:
    application = Echo(request.param)

    def get(headers: dict[str, str]) -> dict[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/", headers={"Host": "vakif.localhost", **headers})
        seen: dict[str, str] = json.loads(connection.getresponse().read())
        connection.close()
        return seen

    with waitress_server(application, threads=1, **server_options(application)) as port:
        yield get


@pytest.mark.parametrize("ask", ["127.0.0.1"], indirect=True)
def test_the_proxys_own_word_counts_and_nobody_elses(ask: Any) -> None:
    """A proxy appends the peer it sees; what stood there before came from the peer."""
    assert ask(SPOOFED) == {"REMOTE_ADDR": "203.0.113.5", "HTTP_HOST": "vakif.localhost", "wsgi.url_scheme": "https"}


@pytest.mark.parametrize("ask", ["192.0.2.1"], indirect=True)
def test_a_peer_that_is_not_the_proxy_speaks_for_itself_only(ask: Any) -> None:
    assert ask(SPOOFED) == {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "vakif.localhost", "wsgi.url_scheme": "http"}
