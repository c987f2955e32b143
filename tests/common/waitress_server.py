"""A real HTTP server in a thread, ended without a trace."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import waitress


@contextmanager
def waitress_server(application: Any, **options: Any) -> Iterator[int]:
    """Serve on loopback; gives the port. ``options`` are waitress's own."""
    server = waitress.create_server(application, **{"host": "127.0.0.1", "port": 0, "threads": 2, **options})
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()

    def stop() -> None:
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.close()

    try:
        yield server.effective_port
    finally:
        # In the server's own thread: it may be waiting for the very sockets that are closed here.
        server.trigger.pull_trigger(stop)
        thread.join(10)
        server.task_dispatcher.shutdown()
        gc.collect()  # a file or socket that nobody closed is remarked upon here, not in whatever test runs next
    assert not thread.is_alive()
