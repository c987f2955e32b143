"""The only file that knows Cornice. An operation says what it needs, what it takes and what it gives; the rest is done here.

Order within a request: traversal -> permission -> rate limit -> body and query checks -> idempotency -> view -> answer.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cornice import Service
from cornice.service import get_services
from pydantic import BaseModel
from pyramid.response import Response

from belgenet.core.security.permissions import Permission
from belgenet.core.traversal import Node, PlatformRoot, Suspended, TenantRoot, host_root, unclosed_root
from belgenet.core.web import idempotency, ratelimit
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.pagination import Page, next_link
from belgenet.core.web.schema import Empty, check_json, check_query

API: Final = "/api/v1"
UUID_RE: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SLUG_RE: Final = "[a-z0-9]+(?:-[a-z0-9]+)*"
NO_CONTENT: Final = 204

View = TypeVar("View", bound=Callable[..., Any])


def path_id(name: str) -> str:
    """Placeholder for a UUID. Every placeholder is constrained: an open one would let ``..`` select the parent node."""
    return f"{{{name}:{UUID_RE}}}"


@dataclass(frozen=True)
class Operation:
    """One verb of one service, as the validator, the OpenAPI document and the security tests see it.

    ``redirects``: it may answer 303 instead.
    """

    service: "TenantService"
    method: str
    view: Callable[[Any], Any]
    permission: str
    context: type[Node]
    out: type[BaseModel] | None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    idempotent: bool = False
    rate: str | None = None
    rate_fail_closed: bool = False
    media_type: str = "application/json"
    body_media_type: str = "application/json"
    redirects: bool = False

    @property
    def id(self) -> str:
        """``operationId``: the view's name in camel case."""
        head, *tail = self.view.__name__.split("_")
        return head + "".join(part.title() for part in tail)

    def validate(self, request: Any, **_: Any) -> None:
        """Cornice validator."""
        if self.rate:
            ratelimit.check(request, self.rate, fail_closed=self.rate_fail_closed)
        limit = request.settings.app.max_body_bytes
        if self.body_media_type != "multipart/form-data" and (request.content_length or 0) > limit:
            raise Problem(ErrorCode.BODY_TOO_LARGE, 413, params={"limit": limit})
        if self.query:
            request.validated["query"] = check_query(self.query, dict(request.GET))
        if self.body:
            if request.content_type not in {"application/json", ""}:
                raise Problem(ErrorCode.UNSUPPORTED_MEDIA_TYPE, 415)
            request.validated["body"] = check_json(self.body, request.body)

    def call(self, request: Any) -> Response:
        """Run the view and turn its answer into a response."""
        if self.idempotent:
            return idempotency.run(request, lambda: self._answer(request))
        return self._answer(request)

    def _answer(self, request: Any) -> Response:
        result = self.view(request)
        response: Response = request.response
        if isinstance(result, Response):
            return result
        if self.status == NO_CONTENT:
            response.status_int = NO_CONTENT
            response.content_type = None
            return response
        if response.status_int == 200:  # noqa: PLR2004 - unless the view chose another
            response.status_int = self.status
        response.content_type = "application/json"
        response.body = result.model_dump_json().encode()
        version = getattr(result, "version", None)
        if isinstance(version, int):
            response.headers["ETag"] = f'"v{version}"'
        if isinstance(result, Page) and result.next:
            response.headers["Link"] = next_link(request.path_info, request.GET, result.next)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class TenantService(Service):
    """A resource of the API on a tenant's host.

    :param path: below ``/api/v1``; every placeholder with its pattern (see :func:`path_id`).
    :param traverse: the way through the tree to the context, e.g. ``/orders/{order_id}``.
    :param suspended: ``serve`` keeps the service open on the host of a suspended tenant; else it answers 404 there.
    """

    root: Callable[[Any], Node] = TenantRoot

    def __init__(
        self,
        name: str,
        path: str,
        *,
        traverse: str,
        tag: str,
        description: str = "",
        suspended: Suspended = "refuse",
    ) -> None:
        if bad := re.search(r"\{[A-Za-z_]\w*\}", path):
            raise ValueError(f"service {name}: placeholder {bad.group()} has no pattern")
        if suspended == "serve" and self.root is not TenantRoot:
            raise ValueError(f"service {name}: only a tenant's own service can serve a suspended tenant")
        self.tag, self.suspended = tag, suspended
        self.module = sys._getframe(1).f_globals["__name__"]  # noqa: SLF001 - who defines it, as venusian asks too
        self.operations: dict[str, Operation] = {}
        root = unclosed_root if suspended == "serve" else self.root
        super().__init__(name=name, path=API + path, description=description, factory=root, traverse=traverse)

    if TYPE_CHECKING:
        # Cornice makes these at run time as partials of ``decorator``.
        def get(self, **options: Any) -> Callable[[View], View]:
            """Declare the GET operation."""

        def post(self, **options: Any) -> Callable[[View], View]:
            """Declare the POST operation."""

        def put(self, **options: Any) -> Callable[[View], View]:
            """Declare the PUT operation."""

        def patch(self, **options: Any) -> Callable[[View], View]:
            """Declare the PATCH operation."""

        def delete(self, **options: Any) -> Callable[[View], View]:
            """Declare the DELETE operation."""

    def decorator(
        self,
        method: str,
        *,
        permission: str | Permission,
        context: type[Node],
        out: type[BaseModel] | None = Empty,
        **options: Any,
    ) -> Callable[[View], View]:
        """``@service.get(permission=..., context=..., out=..., body=..., query=..., status=..., idempotent=..., rate=...)``."""

        def register(view: View) -> View:
            operation = Operation(self, method.upper(), view, permission, context, out, **options)
            self.operations[operation.method] = operation

            def endpoint(request: Any) -> Response:
                return operation.call(request)

            endpoint.__name__ = view.__name__
            endpoint.__doc__ = view.__doc__
            self.add_view(
                method,
                endpoint,
                permission=permission,
                context=context,
                validators=(operation.validate,),
                renderer="string",
            )
            return view

        return register


class PlatformService(TenantService):
    """A resource of the institution's own console, at the bare domain only."""

    root = PlatformRoot


class HostService(TenantService):
    """A resource of both doors: a tenant's host and the bare domain."""

    root = staticmethod(host_root)


def registered_services() -> list[TenantService]:
    """Every service of the process; Cornice keeps them globally."""
    return [service for service in get_services() if isinstance(service, TenantService)]


def add_services(config: Any, module: Any) -> None:
    """``config.add_services(views)``: register every service a module defines."""
    for item in vars(module).values():
        if isinstance(item, TenantService) and item.module == module.__name__:
            config.add_cornice_service(item)


def includeme(config: Any) -> None:
    config.include("cornice")
    config.add_directive("add_services", add_services)
