"""Serves the built web client: hashed assets for a year, the shell for every page, the manifest with the tenant's name and
colour. Behind nginx only shell and manifest get here.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import FileResponse, Response

from belgenet.core.security import PUBLIC
from belgenet.core.traversal import TenantDirectory
from belgenet.tenancy.services import tenant_out

ROOT = Path(str(files("belgenet"))) / "static" / "web"
YEAR = 365 * 24 * 3600
SHORT = 15
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
        return _not_built()
    response = FileResponse(str(path), request=request)
    response.headers["Cache-Control"] = "no-cache"
    return response


def manifest(request: Any) -> Response:
    """What the site is called and how it looks on a phone it is installed on: the client's own manifest, and the tenant's words."""
    path = ROOT / "manifest.webmanifest"
    if not path.is_file():
        return _not_built()
    told = orjson.loads(path.read_bytes())
    host = request.domain.lower()
    # Nobody lives there, and a host that is not known is looked for in the database each time.
    bare = host == request.settings.app.base_domain
    tenant = None if bare else request.service(TenantDirectory).by_host(host)
    if tenant is not None:
        colour = tenant_out(tenant).branding.primary_color
        told |= {
            "name": tenant.name,
            "short_name": short_name(tenant.name),
            "lang": tenant.locale,
            "theme_color": colour,
        }
    response = Response(orjson.dumps(told), content_type="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


def short_name(name: str) -> str:
    """As many whole words as fit under an icon on a home screen (``SHORT`` characters); a long first word is cut."""
    if len(name) <= SHORT:
        return name
    words = name[: SHORT + 1].rpartition(" ")[0].rstrip(" -–,")
    return words or name[: SHORT - 1] + "…"


def _not_built() -> Response:
    return Response("client not built: run bin/build", status=503, content_type="text/plain")


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
    config.add_route("manifest", "/manifest.webmanifest")
    config.add_view(manifest, route_name="manifest", permission=PUBLIC, request_method="GET")
    config.add_route("shell", "/*path")
    config.add_view(shell, route_name="shell", permission=PUBLIC, request_method="GET")
