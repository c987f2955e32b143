"""Reading the audit log."""

import csv
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from belgenet.admin.schemas import AuditFilter, AuditOut, AuditQuery, ChainOut
from belgenet.core.audit import AuditEvent, chain
from belgenet.core.web.pagination import keyset

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_SLACK_MS: Final = 5 * 60 * 1000
"""How far the time in a row's id may lie from ``created_at``; ids bound the search, ``created_at`` decides."""
EXPORT_ROWS: Final = 100_000
COLUMNS: Final = (
    "id",
    "created_at",
    "action",
    "actor_id",
    "actor_address",
    "target_type",
    "target_id",
    "before",
    "after",
    "request_id",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def find(session: Session, query: AuditQuery) -> tuple[Sequence[AuditEvent], str | None]:
    """One page, newest first."""
    return keyset(session, _filtered(query), query, (AuditEvent.id,))


def latest(session: Session, count: int) -> Sequence[AuditEvent]:
    """The newest events."""
    return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(count)).all()


def actors(rows: Sequence[AuditEvent]) -> Collection[UUID]:
    """Who acted in them."""
    return {row.actor_id for row in rows if row.actor_id is not None}


def event_out(row: AuditEvent, names: Mapping[UUID, str]) -> AuditOut:
    """:param names: of actors; those from outside the tenant (the institution's own staff) have none here."""
    fields = {name: getattr(row, name) for name in COLUMNS}
    return AuditOut(**fields, actor_name=names.get(row.actor_id) if row.actor_id else None)


def verdict(session: Session) -> ChainOut:
    """Walk the chain of hashes."""
    finding = next(chain.verify(session), None)
    return ChainOut(whole=finding is None, sealed=chain.sealed_count(session), finding=finding)


def write_csv(session: Session, wanted: AuditFilter, target: IO[str]) -> int:
    """Write matching events, newest first, as CSV (RFC 4180) that a spreadsheet reads as text only.

    :returns: how many; at most ``EXPORT_ROWS``.
    """
    writer, count = csv.writer(target), 0
    writer.writerow(COLUMNS)
    rows = _filtered(wanted).order_by(AuditEvent.id.desc()).limit(EXPORT_ROWS)
    for row in session.scalars(rows.execution_options(yield_per=1000)):
        writer.writerow([_cell(getattr(row, name)) for name in COLUMNS])
        count += 1
    return count


def _cell(value: Any) -> str:
    """Text of a cell. A leading quote keeps spreadsheets from computing what somebody else wrote (CWE-1236)."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = orjson.dumps(value).decode() if isinstance(value, dict) else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _filtered(wanted: AuditFilter) -> Select[AuditEvent]:
    found = select(AuditEvent)
    if wanted.action:
        domain = AuditEvent.action.startswith(f"{wanted.action}.", autoescape=True)
        found = found.where(or_(AuditEvent.action == wanted.action, domain))
    if wanted.actor:
        found = found.where(AuditEvent.actor_id == wanted.actor)
    if wanted.target:
        kind, _, name = wanted.target.partition(":")
        found = found.where(AuditEvent.target_type == kind)
        found = found.where(AuditEvent.target_id == name) if name else found
    if wanted.since:
        found = found.where(
            AuditEvent.created_at >= wanted.since, AuditEvent.id >= _first_id(wanted.since, -CLOCK_SLACK_MS)
        )
    if wanted.until:
        found = found.where(
            AuditEvent.created_at < wanted.until, AuditEvent.id < _first_id(wanted.until, CLOCK_SLACK_MS)
        )
    return found


def _first_id(moment: datetime, shift: int) -> UUID:
    """The smallest UUIDv7 of a moment, moved by ``shift`` milliseconds: lets an index on ids find a time."""
    milliseconds = int((moment - EPOCH).total_seconds() * 1000) + shift
    return UUID(int=min(max(milliseconds, 0), (1 << 48) - 1) << 80)
