import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.common.authority import Authority

from belgenet.testing.psp.config import PspConfig
from belgenet.testing.psp.faults import Faults
from belgenet.testing.psp.notify import Notifier, notify_url
from belgenet.testing.psp.store import Store


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("http://vakif.localhost:8000/api/v1/payments/iyzico/return?x=1", "http://vakif.localhost:8000/hook"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/hook"),
        ("http://localhost/", "http://localhost/hook"),
        ("http://[::1]:8000/", "http://[::1]:8000/hook"),
        ("https://example.org/return", None),
        ("http://localhost.example.org/", None),
        ("http://127.0.0.1.example.org/", None),
        ("", None),
    ],
)
def test_only_this_machine_is_notified_unasked(page, expected):
    assert notify_url(None, page, "/hook") == expected


def test_an_explicit_address_wins():
    assert notify_url("https://example.org/x", "http://localhost/", "/hook") == "https://example.org/x"


class _Site(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.asked.append(self.headers["Host"])
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def site(authority: Authority, name: str) -> Iterator[Any]:
    """An https site of that name on loopback; ``asked`` holds the hosts it was called by."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.asked = []
    server.socket = authority.server(name).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def delivered(folder: Path, url: str, **options: Any) -> int | None:
    """The status that a notification was answered with; 0: by nobody."""
    keys = {"iyzico_key": "k", "iyzico_secret": "s", "stripe_key": "k", "stripe_webhook_secret": "s"}
    config = PspConfig(state=folder, public_url="https://psp.example", webhook_retry=600, **keys, **options)
    store = Store(folder)
    notifier = Notifier(config, store, Faults())
    notifier.start()
    try:
        notifier.send("stripe", url, {"id": "evt_1"}, now=True)
        return store.all("delivery")[0]["status"]
    finally:
        notifier.stop()
        store.close()


def test_a_site_is_notified_at_its_address_by_its_name_trusting_its_authority(tmp_path):
    authority = Authority(tmp_path / "authority")
    with site(authority, "vakif.okul.example") as server:
        url = f"https://vakif.okul.example:{server.server_port}/hook"
        assert delivered(tmp_path, url, resolve="127.0.0.1", authorities=authority.file) == 204
        assert server.asked == [f"vakif.okul.example:{server.server_port}"]


def test_a_site_of_another_name_or_of_an_unknown_authority_is_not_notified(tmp_path):
    authority = Authority(tmp_path / "authority")
    with site(authority, "baska.example") as server:
        url = f"https://vakif.okul.example:{server.server_port}/hook"
        assert delivered(tmp_path / "name", url, resolve="127.0.0.1", authorities=authority.file) == 0
        url = f"https://baska.example:{server.server_port}/hook"
        assert delivered(tmp_path / "unknown", url, resolve="127.0.0.1") == 0
        assert server.asked == []
