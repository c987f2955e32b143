"""A worker of the product with one consumer more: it dies in the middle of its work when the event tells it to.

Reads pickled settings from standard input; the event says in which file to note each run.
"""

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any

from belgenet.app import configure
from belgenet.cli import processes
from belgenet.core import audit
from belgenet.core.outbox import Consumer, Event


def fragile(request: Any, event: Event) -> None:
    """Die ``deaths`` times, by ``kill -9`` and by leaving without a word in turn; then do the work."""
    audit.record(request, "test.effect", "event", event.payload["name"])
    request.db.flush()
    runs = Path(event.payload["file"])
    with runs.open("a") as file:
        file.write(f"{event.attempt}\n")
    died = len(runs.read_text().splitlines())
    if died <= event.payload["deaths"]:
        if died % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(3)


FRAGILE = Consumer("test.fragile", "test.fragile", "default", fragile)

if __name__ == "__main__":
    config = configure(pickle.load(sys.stdin.buffer))
    config.make_wsgi_app()
    config.registry["belgenet.consumers"][FRAGILE.name] = FRAGILE
    processes.registry_of = lambda *_args, **_options: config.registry
    processes.worker.main(["--concurrency", "1", "--queues", "default"])
