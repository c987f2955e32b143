"""Reads on the shortest way, for what is asked most: statements are compiled once and several travel in one round trip."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from psycopg.rows import namedtuple_row
from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.orm import Session

from belgenet.core.db.session import driver_of

_DIALECT: Final = dialect.dialect()  # type: ignore[no-untyped-call]


class Reading:
    """A SELECT of columns with named parameters.

    The driver runs it as it is: rows are named tuples with the driver's types, nothing is tracked, expired or flushed back.
    SQLAlchemy's own way costs four times the CPU time for a handful of rows; see ``benchmarks/RESULTS.md``.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement

    @cached_property
    def sql(self) -> str:
        """The statement in the driver's notation."""
        return str(self._statement.compile(dialect=_DIALECT))


def one_of(column: Any, parameter: str = "ids") -> ColumnElement[bool]:
    """``column = ANY(:ids)``: one statement, and one plan, however many ids are asked for."""
    condition: ColumnElement[bool] = column == any_(bindparam(parameter, type_=ARRAY(Uuid)))
    return condition


def fetch(session: Session, *readings: Reading, **parameters: Any) -> list[list[Any]]:
    """The rows of each reading, all asked for in one round trip of the session's transaction.

    :raises psycopg.Error: as the server or the connection says.
    """
    session.flush()
    connection = session.connection()
    driver = driver_of(connection)
    named: Mapping[str, Any] = parameters
    for item in readings:  # who counts statements hears of these too
        connection.dispatch.before_cursor_execute(connection, None, item.sql, named, None, False)
    with driver.pipeline():
        cursors = [driver.cursor(row_factory=namedtuple_row).execute(item.sql, named) for item in readings]
    return [cursor.fetchall() for cursor in cursors]
