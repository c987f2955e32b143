"""OpenAPI 3.1, generated from the registered operations and their pydantic models; the committed document is diffed in CI."""

import re
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

import belgenet
from belgenet.core.security.permissions import PUBLIC
from belgenet.core.web.errors import ErrorCode
from belgenet.core.web.pagination import Page
from belgenet.core.web.schema import Out
from belgenet.core.web.service import API, NO_CONTENT, Operation, PlatformService, registered_services

_REF = "#/components/schemas/{model}"
_PLACEHOLDER = re.compile(r"\{(\w+):((?:[^{}]|\{[^{}]*\})+)\}")

_REDIRECT = {
    "description": "See other",
    "headers": {
        "Location": {"description": "Where to go on", "required": True, "schema": {"type": "string", "format": "uri"}}
    },
}
_NEXT = {
    "Link": {
        "description": 'Where the next page is, as `<address>; rel="next"` (RFC 8288); absent on the last page',
        "schema": {"type": "string"},
    }
}


class ProblemField(Out):
    """One finding about one field."""

    field: str
    code: str
    message: str


class ProblemOut(Out):
    """RFC 9457 problem."""

    type: str
    title: str
    status: int
    code: ErrorCode
    detail: str
    errors: list[ProblemField]
    request_id: str


def operations() -> list[Operation]:
    """Every operation of the API, sorted by path and method."""
    found = [operation for service in registered_services() for operation in service.operations.values()]
    return sorted(found, key=lambda operation: (operation.service.path, operation.method))


def document() -> dict[str, Any]:
    """The whole API."""
    found = operations()
    models = _models(found)
    adapters = {key: TypeAdapter(key[0]) for key in models}
    keys, definitions = TypeAdapter.json_schemas(
        [(str(number), mode, adapters[model, mode]) for number, (model, mode) in enumerate(models)], ref_template=_REF
    )
    schemas = {key: keys[str(number), key[1]] for number, key in enumerate(models)}
    paths: dict[str, Any] = {}
    for operation in found:
        path = _PLACEHOLDER.sub(r"{\1}", operation.service.path)
        paths.setdefault(path, {})[operation.method.lower()] = _describe(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "BelgeNet",
            "version": belgenet.__version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"bearer": []}],
    }


def _models(found: list[Operation]) -> dict[tuple[Any, Any], None]:
    models: dict[tuple[Any, Any], None] = {(ProblemOut, "serialization"): None}
    for operation in found:
        if operation.out and operation.status != NO_CONTENT:
            models[operation.out, "serialization"] = None
        for model in (operation.body, operation.query):
            if model:
                models[model, "validation"] = None
    return models


def _describe(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    doc = (operation.view.__doc__ or "").strip().split("\n\n", 1)
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.service.tag],
        "summary": " ".join(doc[0].split()),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": _responses(operation, schemas),
    }
    if len(doc) > 1:
        described["description"] = " ".join(doc[1].split())
    if operation.body:
        content = {operation.body_media_type: {"schema": schemas[operation.body, "validation"]}}
        described["requestBody"] = {"required": True, "content": content}
    elif operation.body_media_type == "multipart/form-data":
        properties = {"file": {"type": "string", "contentMediaType": "application/octet-stream"}}
        schema = {"type": "object", "properties": properties, "required": ["file"]}
        described["requestBody"] = {"required": True, "content": {operation.body_media_type: {"schema": schema}}}
    if operation.permission == PUBLIC:
        described["security"] = []
    if isinstance(operation.service, PlatformService):
        described["x-platform"] = True
    return described


def _responses(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    found = {} if operation.status == HTTPStatus.SEE_OTHER else {str(operation.status): _success(operation, schemas)}
    if operation.redirects or not found:
        found[str(HTTPStatus.SEE_OTHER.value)] = _REDIRECT
    return {**found, "default": _failure(schemas)}


def _success(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    if operation.status == NO_CONTENT or operation.out is None:
        plain = {"type": "string", "contentMediaType": operation.media_type}
        content = (
            {} if operation.media_type == "application/json" else {"content": {operation.media_type: {"schema": plain}}}
        )
        return {"description": "Done", **content}
    paged = {"headers": _NEXT} if issubclass(operation.out, Page) else {}
    content = {"application/json": {"schema": schemas[operation.out, "serialization"]}}
    return {"description": "OK", **paged, "content": content}


def _failure(schemas: dict[Any, Any]) -> dict[str, Any]:
    return {
        "description": "Problem",
        "content": {"application/problem+json": {"schema": schemas[ProblemOut, "serialization"]}},
    }


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{pattern}$"}}
        for name, pattern in _PLACEHOLDER.findall(operation.service.path)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    if not operation.query:
        return []
    schema = operation.query.model_json_schema(ref_template=_REF)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inline(part, schema)}
        for name, part in schema["properties"].items()
    ]


def _inline(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        inlined: dict[str, Any] = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
        return inlined
    if "anyOf" in part:
        return {**part, "anyOf": [_inline(choice, schema) for choice in part["anyOf"]]}
    return part


def _header_parameters(operation: Operation) -> list[dict[str, Any]]:
    if not operation.idempotent:
        return []
    schema = {"type": "string", "minLength": 8, "maxLength": 255}
    return [{"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema}]


def _view(request: Any) -> dict[str, Any]:
    described: dict[str, Any] = request.registry.setdefault("belgenet.openapi", None) or document()
    request.registry["belgenet.openapi"] = described
    return described


def includeme(config: Any) -> None:
    config.add_route("openapi", f"{API}/openapi.json")
    config.add_view(_view, route_name="openapi", renderer="json", request_method="GET", permission=PUBLIC)
