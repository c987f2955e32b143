import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Final, Protocol
from uuid import UUID

from sqlalchemy import Engine, Table, text
from sqlalchemy.engine import Connection

import belgenet
from belgenet.app import import_models
from belgenet.appliance.export.archive import Archive
from belgenet.core.db import Base
from belgenet.core.storage import NoSuchObject, StoredObject

FORMAT: Final = 1
WITHHELD: Final = frozenset({"password_hash", "token_hash", "previous_hash", "family_hash", "salt", "secret"})
"""Columns that open something on this server and are of no use anywhere else."""
_REFERENCED: Final = (
    "select tenant_id || '/files/' || sha256 as key from files where state = 'ready' and deleted_at is null",
    "select object_key as key from certificates where object_key is not null and state <> 'pending'",
)
_ACCOUNTS: Final = """
    select (to_jsonb(a) - :withheld ::text[])::text from accounts a
    where id in (select account_id from memberships union select account_id from orders) order by id"""
_TENANT: Final = "select (to_jsonb(t) - :withheld ::text[])::text from tenants t where id = :tenant"

Progress = Callable[[str, int, int], None]
"""``progress(kind, done, all)``; kind is ``tables`` or ``objects``."""


class Objects(Protocol):
    """The part of the S3 store that is needed."""

    def listed(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose key begins so."""

    def stream(self, key: str) -> Any:
        """Content in pieces. :raises NoSuchObject:"""


@dataclass
class Exported:
    """What is in the archive.

    :ivar missing: objects that a row speaks of and the store does not have.
    :ivar damaged: objects whose content is not what their name says.
    """

    rows: dict[str, int] = field(default_factory=dict)
    objects: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not (self.missing or self.damaged)


class TenantExport:
    """Reads one tenant as the application's own database role: row level security decides what belongs to it, as for its users.

    :param engine: of the application role.
    """

    def __init__(self, engine: Engine, objects: Objects) -> None:
        self._engine = engine
        self._objects = objects

    def run(self, tenant_id: UUID, slug: str, file: BinaryIO, name: str, now: datetime, progress: Progress) -> Exported:
        """Write the archive: ``tables/*.jsonl``, ``objects/...`` and ``manifest.json`` with counts and hashes.

        :param name: of the folder that all of it lies in.

        All rows are of one moment. Objects are never changed, so those that the rows speak of are there afterwards too.

        :raises OSError: no room; what is in the file is nothing then.
        """
        result = Exported()
        with Archive(file, name, int(now.timestamp())) as archive:
            with self._snapshot(tenant_id) as connection:
                self._tables(connection, tenant_id, archive, result, progress)
                referenced = {key for query in _REFERENCED for key in connection.scalars(text(query))}
            self._copy(tenant_id, referenced, archive, result, progress)
            manifest = self._manifest(tenant_id, slug, now, archive, result)
            archive.add_lines("manifest.json", [json.dumps(manifest, ensure_ascii=False, indent=1)])
        return result

    def _snapshot(self, tenant_id: UUID) -> "_Snapshot":
        return _Snapshot(self._engine, tenant_id)

    def _tables(
        self, connection: Connection, tenant_id: UUID, archive: Archive, result: Exported, progress: Progress
    ) -> None:
        import_models()
        owned = [table for table in Base.metadata.sorted_tables if "tenant_id" in table.c]
        queries = {"tenants": _TENANT, "accounts": _ACCOUNTS} | {table.name: _query(table) for table in owned}
        for number, (name, query) in enumerate(queries.items(), 1):
            rows = _lines(connection, query, tenant_id)
            result.rows[name] = archive.add_lines(f"tables/{name}.jsonl", rows)
            progress("tables", number, len(queries))

    def _copy(
        self, tenant_id: UUID, referenced: set[str], archive: Archive, result: Exported, progress: Progress
    ) -> None:
        found = list(self._objects.listed(f"{tenant_id}/"))
        for number, item in enumerate(found, 1):
            name = item.key.partition("/")[2]
            try:
                with self._objects.stream(item.key) as pieces:
                    digest = archive.add_pieces(f"objects/{name}", item.size, pieces)
            except NoSuchObject:  # deleted since it was listed
                continue
            result.objects += 1
            kind, _, last = name.rpartition("/")
            if kind in {"files", "certificates"} and digest != last:
                result.damaged.append(name)
            progress("objects", number, len(found))
        known = {item.key for item in found}
        result.missing = sorted(key.partition("/")[2] for key in referenced - known)

    def _manifest(
        self, tenant_id: UUID, slug: str, now: datetime, archive: Archive, result: Exported
    ) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "release": belgenet.__version__,
            "tenant": {"id": str(tenant_id), "slug": slug},
            "exported_at": now.isoformat(timespec="seconds"),
            "rows": result.rows,
            "objects": result.objects,
            "missing": result.missing,
            "damaged": result.damaged,
            "withheld_columns": sorted(WITHHELD),
            "files": {name: {"sha256": digest, "bytes": size} for name, (digest, size) in archive.sums.items()},
        }


class _Snapshot:
    """A read-only transaction that sees one moment of one tenant."""

    def __init__(self, engine: Engine, tenant_id: UUID) -> None:
        self._engine, self._tenant_id = engine, tenant_id

    def __enter__(self) -> Connection:
        self._connection = self._engine.connect().execution_options(isolation_level="REPEATABLE READ")
        self._connection.execute(text("set transaction read only"))
        self._connection.execute(text("set local statement_timeout = 0"))
        self._connection.execute(
            text("select set_config('app.tenant_id', :tenant, true)"), {"tenant": str(self._tenant_id)}
        )
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.rollback()
        self._connection.close()


def _query(table: Table) -> str:
    order = ", ".join(column.name for column in table.primary_key)
    return f'select (to_jsonb(t) - :withheld ::text[])::text from "{table.name}" t order by {order}'  # noqa: S608


def _lines(connection: Connection, query: str, tenant_id: UUID) -> Iterator[str]:
    """Rows as JSON, some at a time."""
    known = {"withheld": sorted(WITHHELD)} | ({"tenant": tenant_id} if ":tenant" in query else {})
    found = connection.execution_options(yield_per=500).execute(text(query), known)
    yield from found.scalars()
