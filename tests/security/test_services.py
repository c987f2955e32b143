"""The scan of all operations: nothing public by accident, no placeholder that could climb out of its node."""

import re

import pytest
from cornice.service import get_services
from openapi_spec_validator import validate
from tests.common.system import System
from tests.security.expectations import PERIODIC_WHILE_SUSPENDED, PUBLIC_OPERATIONS, SERVED_WHILE_SUSPENDED

from belgenet.core.security.permissions import PUBLIC, Permission
from belgenet.core.web.openapi import document, operations
from belgenet.core.web.service import PlatformService, TenantService


def test_every_service_is_one_of_ours(system: object) -> None:
    assert all(isinstance(service, TenantService) for service in get_services())


def test_every_placeholder_is_constrained(system: object) -> None:
    assert [item.path for item in get_services() if re.search(r"\{[A-Za-z_]\w*\}", item.path)] == []


def test_every_operation_names_its_permission_and_context(system: object) -> None:
    for operation in operations():
        assert operation.permission == PUBLIC or isinstance(operation.permission, Permission), operation.id
        assert operation.context is not None, operation.id


def test_public_operations_are_exactly_the_intended_ones(system: object) -> None:
    assert {item.id for item in operations() if item.permission == PUBLIC} == PUBLIC_OPERATIONS


def test_operation_ids_are_unique(system: object) -> None:
    ids = [item.id for item in operations()]
    assert len(ids) == len(set(ids))


def test_creating_and_paying_need_an_idempotency_key(system: object) -> None:
    creating = {item.id for item in operations() if item.method == "POST" and item.status == 201}
    without = {item.id for item in operations() if item.id in creating and not item.idempotent}
    assert without <= {"uploadFile", "presignUpload", "createPlatformTenant"}, (
        "uploads are content-addressed: the same bytes are the same object; a tenant's slug is its key"
    )


def test_the_document_is_valid_openapi(system: object) -> None:
    validate(document())


def test_dots_do_not_climb(app: object) -> None:
    for path in (
        "/api/v1/orders/..",
        "/api/v1/certificates/../site",
        "/api/v1/orders/%2e%2e",
        "/api/v1/orders/..%2fsite",
    ):
        assert app.get(path).status_int in {400, 401, 404, 405}  # type: ignore[attr-defined]


def test_only_the_doors_of_payments_stay_open_when_a_tenant_is_suspended(system: object) -> None:
    unclosed = {item for item in operations() if item.service.suspended == "serve"}
    assert {item.id for item in unclosed} == SERVED_WHILE_SUSPENDED
    assert {item.permission for item in unclosed} == {PUBLIC}, "a closed site signs nobody in"


def test_a_service_of_the_platform_cannot_serve_a_suspended_tenant() -> None:
    with pytest.raises(ValueError, match="only a tenant's own"):
        PlatformService("nobody", "/nobody", traverse="/", tag="platform", suspended="serve")


def test_periodic_work_that_goes_on_for_a_suspended_tenant(system: System) -> None:
    found = {item.name for item in system.registry["belgenet.periodic"].values() if item.suspended == "serve"}
    assert found == PERIODIC_WHILE_SUSPENDED


def test_what_must_be_forgotten_is_forgotten_of_a_suspended_tenant_too(system: System) -> None:
    """A closed site is no reason to keep people's mails, addresses and files longer than promised."""
    cleaning = [
        item
        for item in system.registry["belgenet.periodic"].values()
        if item.scope == "tenant" and re.search(r"purge|sweep", item.name)
    ]
    assert {item.name for item in cleaning} >= {"notifications.purge", "accounts.purge_sessions", "files.sweep"}
    assert [item.name for item in cleaning if item.suspended != "serve"] == []
