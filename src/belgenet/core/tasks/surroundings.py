"""A request without HTTP: what a worker or a command gives our services to stand on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog
import transaction
from pyramid.scripting import prepare

from belgenet.core.db.session import bind_tenant
from belgenet.core.traversal import TenantDirectory, TenantInfo, TenantRequiredError


@contextmanager
def task_request(registry: Any, tenant_id: UUID | None) -> Iterator[Any]:
    """A request bound to a tenant (None: the platform), inside its own transaction: raise = roll back, return = commit.

    :raises TenantRequiredError: the tenant does not exist.
    """
    environment = prepare(registry=registry)
    request = environment["request"]
    request.tm = transaction.TransactionManager(explicit=True)
    try:
        with request.tm:
            request.tenant = _bind(request, tenant_id)
            with structlog.contextvars.bound_contextvars(tenant=request.tenant.slug if request.tenant else None):
                yield request
    finally:
        request._process_finished_callbacks()  # noqa: SLF001 - pyramid offers no other way outside the router
        environment["closer"]()


def _bind(request: Any, tenant_id: UUID | None) -> TenantInfo | None:
    if tenant_id is None:
        return None
    tenant = request.service(TenantDirectory).by_id(tenant_id)
    if tenant is None:
        raise TenantRequiredError(str(tenant_id))
    settings = request.settings.app
    host = f"{tenant.slug}.{settings.base_domain}"
    request.environ.update(
        {
            "wsgi.url_scheme": settings.public_scheme,
            "HTTP_HOST": f"{host}:{settings.public_port}" if settings.public_port else host,
        }
    )
    request.locale_name = tenant.locale
    bind_tenant(request.db, tenant.id)
    found: TenantInfo = tenant
    return found
