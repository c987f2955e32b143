"""The story's browser: which address a name leads to, and which certificates it takes."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from tests.common.authority import Authority

from belgenet.cli.story.browser import Browser


class _Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'"%s"' % self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def site(tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Answers with the host it was asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_site_is_where_it_was_said_to_be():
    with site() as port, Browser(f"http://vakif.okul.example:{port}", resolve="127.0.0.1") as browser:
        assert browser.api("GET", "/site") == f"vakif.okul.example:{port}"


def test_other_names_are_looked_up():
    """The page of a payment provider and the reader of mails are not on the site's server."""
    with site() as port, Browser("http://vakif.okul.example", resolve="192.0.2.1") as browser:
        assert browser.send("GET", f"http://127.0.0.1:{port}/").json() == f"127.0.0.1:{port}"


def test_names_below_localhost_are_this_machine():
    with site() as port, Browser(f"http://vakif.localhost:{port}") as browser:
        assert browser.api("GET", "/site") == f"vakif.localhost:{port}"


def test_a_stranger_finds_the_same_site_without_being_signed_in(tmp_path: Path):
    tls = Authority(tmp_path).server("vakif.okul.example")
    with site(tls) as port:
        address = f"https://vakif.okul.example:{port}"
        with Browser(address, resolve="127.0.0.1", verify=False) as browser:
            browser.token = "somebody"
            with browser.stranger() as stranger:
                assert stranger.api("GET", "/site") == f"vakif.okul.example:{port}"
                assert stranger.token is None


def refused() -> pytest.RaisesExc[httpx.ConnectError]:
    return pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED")


def test_a_certificate_of_an_unknown_authority_is_not_taken(tmp_path: Path):
    tls = Authority(tmp_path).server("vakif.okul.example")
    with site(tls) as port, Browser(f"https://vakif.okul.example:{port}", resolve="127.0.0.1") as browser, refused():
        browser.api("GET", "/site")
