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
from sqlalchemy import CHAR, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db.base import Base, TenantOwned
from belgenet.core.db.session import execute_dml
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
    row = _claim(request, scope, key, digest, identity.account_id if identity else None)
    if row.request_hash != digest:
        raise Problem(ErrorCode.IDEMPOTENCY_KEY_REUSED, 422)
    if row.status is not None:
        replay = Response(row.body, status=row.status, content_type="application/json")
        replay.headers.update({**(row.headers or {}), "Idempotent-Replayed": "true", "Cache-Control": "no-store"})
        return replay
    row_id = row.id
    response = answer()
    row = request.db.get_one(IdempotencyKey, row_id)
    row.status, row.body = response.status_int, response.body
    row.headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    request.db.flush()
    return response


def _claim(request: Any, scope: str, key: str, digest: str, account_id: UUID | None) -> IdempotencyKey:
    values = {
        "tenant_id": request.tenant.id,
        "scope": scope,
        "key": key,
        "request_hash": digest,
        "account_id": account_id,
    }
    execute_dml(request.db, insert(IdempotencyKey).values(**values).on_conflict_do_nothing())
    where = (IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    row: IdempotencyKey = request.db.scalars(select(IdempotencyKey).where(*where).with_for_update()).one()
    return row
