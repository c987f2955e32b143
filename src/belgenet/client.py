"""Serves the built web client: hashed assets for a year, the shell for every page. Behind nginx only the shell gets here."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import FileResponse, Response

from belgenet.core.security import PUBLIC

ROOT = Path(str(files("belgenet"))) / "static" / "web"
YEAR = 365 * 24 * 3600
_NEVER_SHELL = ("/api/", "/assets/", "/ws", "/s3/", "/health", "/metrics", "/problems/")


def shell(request: Any) -> Response:
    """``index.html`` for any address that is a page of the client; files at the top level as themselves."""
    if request.path.startswith(_NEVER_SHELL):
        raise HTTPNotFound
    name = request.matchdict.get("path") or "index.html"
    if isinstance(name, tuple):
        name = "/".join(name) or "index.html"
    path = _file(name) or ROOT / "index.html"
    if not path.is_file():
        return Response("client not built: run bin/build", status=503, content_type="text/plain")
    response = FileResponse(str(path), request=request)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _file(name: str) -> Path | None:
    """The file of that name below the client's folder; names no file can have are not an error."""
    candidate = ROOT / name
    try:
        found = candidate.is_file() and candidate.resolve().is_relative_to(ROOT.resolve())
    except OSError:
        return None
    return candidate if found else None


def includeme(config: Any) -> None:
    if (ROOT / "assets").is_dir():
        config.add_static_view("assets", str(ROOT / "assets"), cache_max_age=YEAR)
    config.add_route("shell", "/*path")
    config.add_view(shell, route_name="shell", permission=PUBLIC, request_method="GET")
