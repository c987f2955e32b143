import os
import socket
import threading
from typing import Final

import structlog
from sqlalchemy import Engine, text

from belgenet.core.db.types import utcnow

log = structlog.get_logger(__name__)
EVERY_SECONDS: Final = 10.0
_BEAT = text(
    "INSERT INTO heartbeats (kind, process, seen_at) VALUES (:kind, :process, :now) "
    "ON CONFLICT (kind, process) DO UPDATE SET seen_at = excluded.seen_at"
)
_FORGET = text("DELETE FROM heartbeats WHERE seen_at < now() - interval '1 hour'")


def start_heartbeat(engine: Engine, kind: str) -> threading.Event:
    """Say from a background thread that a ``worker``, ``relay`` or ``beat`` lives; set the event to stop."""
    stop = threading.Event()
    process = f"{socket.gethostname()}:{os.getpid()}"

    def loop() -> None:
        while not stop.is_set():
            try:
                with engine.begin() as connection:
                    connection.execute(_BEAT, {"kind": kind, "process": process, "now": utcnow()})
                    connection.execute(_FORGET)
            except Exception as error:  # noqa: BLE001 - a heartbeat must not end the process it speaks for
                log.warning("heartbeat.failed", error=str(error))
            stop.wait(EVERY_SECONDS)

    threading.Thread(target=loop, name="heartbeat", daemon=True).start()
    return stop
