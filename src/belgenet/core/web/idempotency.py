"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header): one effect and one answer for any number of deliveries.

The key's row is written in the request's own transaction: a second request with the key waits on it and then replays the
stored answer. A row without an answer was left by a use case that committed half-way (``commit_and_continue``) and died; such
use cases can be entered again, so the view simply runs.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from pyramid.response import Response
from sqlalchemy import CHAR, Table, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db.base import Base, TenantOwned
from belgenet.core.db.types import utcnow
from belgenet.core.web.errors import ErrorCode, Problem

_KEY = re.compile(r"[\x21-\x7e]{8,255}")
_KEPT_HEADERS = ("Location", "ETag")


class IdempotencyKey(TenantOwned, Base):
    """A used key. ``scope`` is who + method + path; ``request_hash`` guards against another body under the same key."""

    __tablename__ = "idempotency_keys"
    extra_table_args = (UniqueConstraint("tenant_id", "scope", "key"),)

    scope: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[str] = mapped_column(CHAR(64))
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None]
    account_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


_TABLE: Table = IdempotencyKey.__table__  # type: ignore[assignment]


def run(request: Any, answer: Callable[[], Response]) -> Response:
    """Answer once.

    :raises Problem: key missing or malformed (400), or used for another request (422).
    """
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise Problem(ErrorCode.IDEMPOTENCY_KEY_REQUIRED, 400)
    identity = request.identity
    scope = f"{identity.account_id if identity else 'anonymous'} {request.method} {request.path}"
    digest = hashlib.sha256(request.body).hexdigest()
    row_id, row = _claim(request, scope, key, digest, identity.account_id if identity else None)
    if row is None:
        return _answer(request, row_id, answer)
    if row.request_hash != digest:
        raise Problem(ErrorCode.IDEMPOTENCY_KEY_REUSED, 422)
    if row.status is not None:
        replay = Response(row.body, status=row.status, content_type="application/json")
        replay.headers.update({**(row.headers or {}), "Idempotent-Replayed": "true", "Cache-Control": "no-store"})
        return replay
    return _answer(request, row_id, answer)


def _answer(request: Any, row_id: UUID, answer: Callable[[], Response]) -> Response:
    """Run the view and keep what it answered with the key."""
    response = answer()
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    values = {"status": response.status_int, "body": response.body, "headers": kept}
    request.db.execute(update(_TABLE).where(_TABLE.c.id == row_id).values(values))
    return response


def _claim(
    request: Any, scope: str, key: str, digest: str, account_id: UUID | None
) -> tuple[UUID, IdempotencyKey | None]:
    """The key's row, locked: its id, and the row itself when it was there before."""
    values = {
        "tenant_id": request.tenant.id,
        "scope": scope,
        "key": key,
        "request_hash": digest,
        "account_id": account_id,
    }
    fresh = insert(_TABLE).values(**values).on_conflict_do_nothing().returning(_TABLE.c.id)
    if row_id := request.db.execute(fresh).scalar():
        return row_id, None
    where = (IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    row: IdempotencyKey = request.db.scalars(select(IdempotencyKey).where(*where).with_for_update()).one()
    return row.id, row
