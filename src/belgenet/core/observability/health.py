"""``/health`` for load balancers (is this process up), ``/health/detailed`` for people and monitors (does everything work)."""

import ipaddress
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import redis
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from sqlalchemy import text

import belgenet
from belgenet.core.db.types import utcnow
from belgenet.core.outbox.hold import Hold
from belgenet.core.security import PUBLIC
from belgenet.settings import Settings

HEARTBEAT = "heartbeat"
WORKER_SILENT = timedelta(seconds=90)


def _database(registry: Any) -> dict[str, Any]:
    with registry["belgenet.engine"].begin() as connection:
        version = connection.scalar(text("SHOW server_version"))
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return {"version": version, "revision": revision}


def _redis(registry: Any) -> dict[str, Any]:
    settings: Settings = registry.settings["belgenet"]
    for url in {settings.cache.url.get_secret_value(), settings.tasks.broker_url.get_secret_value()}:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    return {}


def _storage(registry: Any) -> dict[str, Any]:
    registry["belgenet.storage"].check()
    return {}


def _workers(registry: Any) -> dict[str, Any]:
    """Workers and relay write a heartbeat row of their own every few seconds."""
    with registry["belgenet.engine"].begin() as connection:
        rows = connection.execute(text("SELECT kind, max(seen_at) FROM heartbeats GROUP BY kind")).all()
    seen = {kind: utcnow() - at < WORKER_SILENT for kind, at in rows}
    silent = [kind for kind in ("worker", "relay", "beat") if not seen.get(kind)]
    if silent:
        raise RuntimeError("silent: " + ", ".join(silent))
    return {"kinds": sorted(seen)}


def _disk(registry: Any) -> dict[str, Any]:
    """Room left to this process's user (bytes) where uploads wait, logs grow and, on a server that holds everything, data lie.

    Of a small filesystem a tenth is enough: Debian's ``/tmp``, half of the memory, never has a gigabyte free on some machines.
    """
    settings = registry.settings["belgenet"].observability
    found = {folder: shutil.disk_usage(folder) for folder in settings.disk_folders}
    wanted = {folder: min(settings.disk_free_bytes, disk.total // 10) for folder, disk in found.items()}
    scarce = [f"{name} {disk.free} of {wanted[name]}" for name, disk in found.items() if disk.free < wanted[name]]
    if scarce:
        raise RuntimeError(f"too few bytes free: {', '.join(scarce)}")
    return {"free_bytes": {folder: disk.free for folder, disk in found.items()}}


def _scanner(registry: Any) -> dict[str, Any]:
    """Whether clamd answers; an installation without it says that nobody looks."""
    path = registry.settings["belgenet"].files.clamd_socket
    if not path:
        return {"scanner": "none"}
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(path)
        line.sendall(b"zPING\0")
        if (said := line.recv(64)) != b"PONG\0":
            raise RuntimeError(f"clamd said {said!r}")
    return {"scanner": "clamd"}


CHECKS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "database": _database,
    "redis": _redis,
    "storage": _storage,
    "scanner": _scanner,
    "workers": _workers,
    "disk": _disk,
}


def run_checks(registry: Any, checks: Mapping[str, Callable[[Any], dict[str, Any]]] = CHECKS) -> dict[str, Any]:
    """Every check's verdict, duration in milliseconds and findings; ``status`` is ok only when all are.

    ``held``: queues that wait because the server was restored and nobody has released them.
    """
    results: dict[str, Any] = {}
    for name, check in checks.items():
        started = time.perf_counter()
        try:
            results[name] = {"status": "ok", **check(registry)}
        except Exception as error:  # noqa: BLE001 - a broken part must not hide the others
            results[name] = {"status": "failed", "error": f"{type(error).__name__}: {error}"[:300]}
        results[name]["ms"] = round((time.perf_counter() - started) * 1000, 1)
    healthy = all(item["status"] == "ok" for item in results.values())
    status = "ok" if healthy else "failed"
    held = sorted(Hold(registry.settings["belgenet"].tasks.hold_file).queues())
    return {"status": status, "version": belgenet.__version__, "held": held, "checks": results}


def health(_request: Any) -> Response:
    """This process answers."""
    return _json({"status": "ok", "version": belgenet.__version__}, 200)


def detailed(request: Any) -> Response:
    """Every part, for operators only."""
    _operators_only(request)
    result = run_checks(request.registry)
    return _json(result, 200 if result["status"] == "ok" else 503)


def metrics(request: Any) -> Response:
    """Prometheus text, joined over this server's processes when ``observability.metrics_dir`` is set."""
    _operators_only(request)
    response = Response(exposition(request.settings.observability.metrics_dir))
    response.headers["Content-Type"] = CONTENT_TYPE_LATEST
    return response


def exposition(folder: str) -> bytes:
    """What the processes that share ``folder`` have counted, or this process alone when it is empty."""
    if not folder:
        return generate_latest()
    _forget_the_dead(Path(folder))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_the_dead(folder: Path) -> None:
    """What a process held when it died, it holds no more. What it counted stays."""
    for file in folder.glob("gauge_live*.db"):
        try:
            os.kill(int(file.stem.rpartition("_")[2]), 0)
        except ProcessLookupError:
            file.unlink(missing_ok=True)
        except PermissionError:  # lives, as somebody else
            continue


def _operators_only(request: Any) -> None:
    token = request.settings.observability.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token:
        allowed = secrets.compare_digest(given.encode(), token.encode())
    else:
        peer = request.environ.get("REMOTE_ADDR", "")
        allowed = _is_here(peer) and "X-Forwarded-For" not in request.headers
    if not allowed:
        raise HTTPNotFound


def _is_here(peer: str) -> bool:
    """Whether the peer is on this machine; "localhost" is what waitress calls whoever comes over a Unix socket."""
    return peer == "localhost" or (bool(peer) and ipaddress.ip_address(peer).is_loopback)


def _json(body: dict[str, Any], status: int) -> Response:
    response = Response(orjson.dumps(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def includeme(config: Any) -> None:
    for name, path, view in (
        ("health", "/health", health),
        ("health_detailed", "/health/detailed", detailed),
        ("metrics", "/metrics", metrics),
    ):
        config.add_route(name, path)
        config.add_view(view, route_name=name, request_method="GET", permission=PUBLIC)
