"""The scan of all operations: nothing public by accident, no placeholder that could climb out of its node."""

import re

from cornice.service import get_services
from openapi_spec_validator import validate
from tests.security.expectations import PUBLIC_OPERATIONS

from belgenet.core.security.permissions import PUBLIC, Permission
from belgenet.core.web.openapi import document, operations
from belgenet.core.web.service import TenantService


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
