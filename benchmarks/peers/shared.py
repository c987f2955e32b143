"""What both peers need and no framework brings."""

import base64
import json
import os
import time
import uuid
from datetime import UTC, datetime

import jwt

_KID, _, _KEY = os.environ["PEER_JWT_KEY"].partition(":")
_SECRET = base64.b64decode(_KEY)
PRIVILEGED = {"OPERATOR", "TENANT_ADMIN"}
FRESH_SECONDS = 5.0


def claims_of(header: str) -> dict | None:
    """Claims of a bearer token, None when anything is wrong with it."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return jwt.decode(token, _SECRET, algorithms=["HS256"], issuer="belgenet", options={"require": ["exp", "iss"]})
    except jwt.InvalidTokenError:
        return None


def money(minor: int, currency: str) -> dict:
    return {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": currency}


def timestamp(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cursor_of(last: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(last)]).encode()).rstrip(b"=").decode()


class Tenants:
    """Host -> tenant id, read anew after 5 s."""

    def __init__(self) -> None:
        self.by_host: dict[str, uuid.UUID] = {}
        self._read_at = float("-inf")

    @property
    def stale(self) -> bool:
        return time.monotonic() - self._read_at > FRESH_SECONDS

    def fill(self, rows) -> None:
        self.by_host = {f"{slug}.localhost": tenant_id for slug, tenant_id in rows}
        self._read_at = time.monotonic()


IDENTITY = """
SELECT a.email, a.locale, m.roles
FROM accounts a
JOIN refresh_sessions s ON s.account_id = a.id
JOIN memberships m ON m.account_id = a.id
WHERE s.id = {session} AND s.account_id = {account} AND s.revoked_at IS NULL AND s.expires_at > now()
  AND s.authenticated_at >= a.sessions_since AND a.disabled_at IS NULL
  AND m.tenant_id = {tenant} AND s.tenant_id = {tenant} AND m.disabled_at IS NULL
"""
