"""Keyset paging: ``?limit=&cursor=`` -> ``{"items": [...], "next": cursor | null}``. A page costs the same however deep it lies."""

import base64
import binascii
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import orjson
from pydantic import Field
from sqlalchemy import Row, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.schema import In, Out

T = TypeVar("T")
S = TypeVar("S")


class PageQuery(In):
    """What every list takes."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=300)


class Page(Out, Generic[T]):
    """One page; ``next`` is None at the end."""

    items: list[T]
    next: str | None = None


def keyset(
    session: Session,
    statement: Select[T],
    query: PageQuery,
    order: tuple[InstrumentedAttribute[Any], ...],
    *,
    descending: bool = True,
) -> tuple[Sequence[T], str | None]:
    """Objects of one page, and the cursor of the next.

    :param order: columns that together are unique, the last the id.
    :raises Problem: ``invalid_cursor``.
    """
    found: Sequence[T] = session.scalars(_one_page(statement, query, order, descending)).all()
    return _cut(found, query, order)


def keyset_rows(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    query: PageQuery,
    order: tuple[InstrumentedAttribute[Any], ...],
    *,
    descending: bool = True,
) -> tuple[Sequence[Row[*tuple[Any, ...]]], str | None]:
    """As :func:`keyset` for a selection of columns, those of ``order`` among them."""
    found = session.execute(_one_page(statement, query, order, descending)).all()
    return _cut(found, query, order)


def _one_page(
    statement: Select[*tuple[Any, ...]],
    query: PageQuery,
    order: tuple[InstrumentedAttribute[Any], ...],
    descending: bool,
) -> Select[*tuple[Any, ...]]:
    if query.cursor:
        after = tuple_(
            *(literal(value, column.type) for value, column in zip(_decode(query.cursor, order), order, strict=True))
        )
        columns = tuple_(*order)
        statement = statement.where(columns < after if descending else columns > after)
    statement = statement.order_by(*(column.desc() if descending else column.asc() for column in order))
    return statement.limit(query.limit + 1)


def _cut(
    rows: Sequence[T], query: PageQuery, order: tuple[InstrumentedAttribute[Any], ...]
) -> tuple[Sequence[T], str | None]:
    """One row more than the page was asked for: whether there is a next one."""
    if len(rows) <= query.limit:
        return rows, None
    last = rows[query.limit - 1]
    return rows[: query.limit], encode_cursor([getattr(last, column.key) for column in order])


def page(rows: tuple[Sequence[S], str | None], to_out: Callable[[S], T]) -> Page[T]:
    """A page of output models from :func:`keyset`'s answer."""
    return Page(items=[to_out(row) for row in rows[0]], next=rows[1])


def next_link(path: str, query: Mapping[str, str], cursor: str) -> str:
    """``Link`` header (RFC 8288) to the page after this one: the same list with the same filters. It is relative, because what a
    ``Host`` header says does not belong into an address that somebody follows.
    """
    return f'<{quote(path)}?{urlencode({**query, "cursor": cursor})}>; rel="next"'


def encode_cursor(values: list[Any]) -> str:
    """Opaque text that stands for the last row of a page."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


def _decode(cursor: str, order: tuple[InstrumentedAttribute[Any], ...]) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_parse(value, column) for value, column in zip(values, order, strict=True)]
    except (binascii.Error, ValueError, TypeError):
        raise Problem(ErrorCode.INVALID_CURSOR, 400) from None


def _parse(value: Any, column: InstrumentedAttribute[Any]) -> Any:
    kind = column.type.python_type
    if kind is uuid.UUID:
        return uuid.UUID(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if not isinstance(value, kind):
        raise TypeError
    return value
