"""A merchant's door for the provider under test: remembers every webhook, answers what it is told to."""

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Received:
    path: str
    host: str
    headers: dict[str, str]
    body: bytes
    at: float


class Receiver:
    """Listens on loopback; `statuses` are answered first, then 200."""

    def __init__(self):
        self.received = []
        self.statuses = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                host = self.headers["Host"]
                receiver.received.append(Received(self.path, host, dict(self.headers), body, time.monotonic()))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def of(self, name):
        return [item for item in list(self.received) if item.path == f"/api/v1/webhooks/{name}"]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
