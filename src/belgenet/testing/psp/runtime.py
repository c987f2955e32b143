"""What every view of the provider works with, and the one wrapper that makes operations fail on request."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from socket import SHUT_RDWR, socket
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp.config import PspConfig
from belgenet.testing.psp.faults import HEADER, Faults, from_header
from belgenet.testing.psp.notify import Notifier
from belgenet.testing.psp.store import Store

View = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Psp:
    """The running provider: its settings, memory, armed faults and webhook sender."""

    config: PspConfig
    store: Store
    faults: Faults
    notifier: Notifier


def psp_of(request: Request) -> Psp:
    """Return the provider a request came to."""
    psp: Psp = request.registry["psp"]
    return psp


def now() -> float:
    """Return the time in seconds since 1970."""
    return time.time()


def iso(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def faults_of(request: Request) -> Mapping[str, Mapping[str, Any]]:
    """Return what shall go wrong in this request."""
    faults: Mapping[str, Mapping[str, Any]] = request.environ.get("psp.faults", {})
    return faults


def operation(name: str) -> Callable[[View], View]:
    """Name a view for the fault switches and let transport faults happen around it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: Request) -> Response:
            subject = f"{request.path_qs} {request.body.decode('utf-8', 'replace')}"
            faults = psp_of(request).faults.take(name, subject) | from_header(request.headers.get(HEADER))
            request.environ["psp.faults"] = faults
            if "delay" in faults:
                time.sleep(float(faults["delay"].get("seconds", 1.0)))
            if "drop_before" in faults:
                return dropped(request)
            if "error_before" in faults:
                return Response(status=int(faults["error_before"].get("status", 503)), body=b"unavailable")
            response = view(request)
            if "drop_after_commit" in faults:
                return dropped(request)
            if "error_after_commit" in faults:
                return Response(status=500, body=b"internal error")
            if "garbage" in faults:
                return Response(body=b"<html>\x00 not what you asked for", content_type="text/html")
            return response

        return run

    return decorate


def dropped(request: Request) -> Response:
    """Close the caller's connection at once; the response returned never reaches anybody."""
    connection: socket = request.environ["psp.socket"]
    connection.shutdown(SHUT_RDWR)
    return Response(status=500, body=b"")
