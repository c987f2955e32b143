"""Base classes of what comes in and goes out, and the check between."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem

M = TypeVar("M", bound=BaseModel)


class In(BaseModel):
    """Input: strict types, no unknown keys, blanks stripped."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, str_max_length=100_000)


class Patch(In):
    """Changed fields only: what is left out stays. ``null`` empties a field, so it is refused unless the field is named in
    ``nullable``.
    """

    nullable: ClassVar[frozenset[str]] = frozenset()

    # After, not before: a validator before would turn JSON into Python objects, and strictness would refuse dates as text.
    @model_validator(mode="after")
    def _no_null(self) -> Self:
        for name in sorted(self.model_fields_set - self.nullable):
            if getattr(self, name) is None:
                raise PydanticCustomError("null_not_allowed", "{name} cannot be empty", {"name": name})
        return self


class Out(BaseModel):
    """Output, read from rows or keyword arguments."""

    model_config = ConfigDict(from_attributes=True)


class Empty(Out):
    """Nothing to say; 204 answers have it as their ``out``."""


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[datetime, PlainSerializer(_iso, return_type=str)]
"""ISO 8601 in UTC with ``Z``, milliseconds."""

Id = UUID

_NAME = re.compile(r"^[^\x00-\x1f<>]+$")


def _name_characters(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise PydanticCustomError("name_characters", "control characters and angle brackets cannot be in a name")
    return value


# A check of its own instead of ``pattern``: its finding says which characters to leave out.
PersonName = Annotated[
    str,
    Field(min_length=2, max_length=200, json_schema_extra={"pattern": _NAME.pattern}),
    AfterValidator(_name_characters),
]
"""A person's name as they write it, in any script; no control characters or angle brackets."""

ShortText = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
LongText = Annotated[str, Field(max_length=50_000)]
Slug = Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


def check_json(model: type[M], raw: bytes) -> M:
    """Validate a JSON body.

    :raises Problem: ``invalid_json`` or ``invalid_input`` with a finding per field.
    """
    if b"\\u0000" in raw or b"\x00" in raw:
        raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("", "nul_character")])
    try:
        return model.model_validate_json(raw or b"null", strict=True)
    except ValidationError as error:
        if any(item["type"] == "json_invalid" for item in error.errors(include_url=False)):
            raise Problem(ErrorCode.INVALID_JSON, 400) from None
        raise Problem(ErrorCode.INVALID_INPUT, 400, fields=_findings(error)) from None


def check_query(model: type[M], query: dict[str, str]) -> M:
    """Validate a query string.

    :raises Problem: ``invalid_input`` with a finding per field.
    """
    if any("\x00" in value for value in query.values()):
        raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("", "nul_character")])
    try:
        return model.model_validate_strings(query)
    except ValidationError as error:
        raise Problem(ErrorCode.INVALID_INPUT, 400, fields=_findings(error)) from None


def _findings(error: ValidationError) -> list[FieldProblem]:
    return [
        FieldProblem(_path(item), item["type"], _plain(item.get("ctx", {})))
        for item in error.errors(include_url=False, include_input=False)[:50]
    ]


def _path(item: Any) -> str:
    """Dotted path of a finding; a check of the whole model may name its field in the context."""
    named = [item["ctx"]["name"]] if item["type"] == "null_not_allowed" else []
    return ".".join(str(part) for part in [*item["loc"], *named])


def _plain(context: dict[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, int | float | str) else str(value) for key, value in context.items()}
