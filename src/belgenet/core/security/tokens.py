"""Access tokens: JWT (RFC 7519), HS256 with key ids. Short lived; the refresh token (accounts) is opaque and in the database."""

import hashlib
import threading
import time
import uuid
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from belgenet.core.security.keyring import Keyring

ISSUER = "belgenet"
REMEMBERED = 10_000
"""How many verified tokens a process remembers, by their digest."""


class InvalidToken(Exception):  # noqa: N818 - the field's name for it
    """Bad signature, unknown key, expired or malformed."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """``sub`` account, ``tid`` tenant (None: platform), ``sid`` session."""

    account_id: uuid.UUID
    tenant_id: uuid.UUID | None
    session_id: uuid.UUID
    expires_at: int


class AccessTokens:
    """Issues and verifies access tokens with the keyring of ``security.jwt_keys``."""

    def __init__(self, keyring: Keyring, lifetime_seconds: int) -> None:
        self.lifetime_seconds = lifetime_seconds
        self._kid = keyring.current[0]
        self._keys = {kid: OctKey.import_key(key, {"kid": kid}) for kid, key in keyring.keys.items()}
        self._set = KeySet(list(self._keys.values()))
        self._verified: dict[bytes, AccessClaims] = {}
        self._lock = threading.Lock()

    def issue(self, account_id: uuid.UUID, tenant_id: uuid.UUID | None, session_id: uuid.UUID) -> str:
        """A signed token, valid from now for ``lifetime_seconds``."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": str(account_id),
            "tid": str(tenant_id) if tenant_id else None,
            "sid": str(session_id),
            "iat": now,
            "exp": now + self.lifetime_seconds,
        }
        return jwt.encode({"alg": "HS256", "kid": self._kid}, claims, self._keys[self._kid])

    def verify(self, token: str) -> AccessClaims:
        """A token that was good once is good until it expires, because keys do not change while we run.

        :raises InvalidToken: whatever is wrong with it; the caller need not know what.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = self._decode(token)
            self._remember(digest, claims)
        elif claims.expires_at <= time.time():
            raise InvalidToken
        return claims

    def _remember(self, digest: bytes, claims: AccessClaims) -> None:
        with self._lock:
            if len(self._verified) >= REMEMBERED:
                self._verified.clear()
            self._verified[digest] = claims

    def _decode(self, token: str) -> AccessClaims:
        try:
            claims = jwt.decode(token, self._set, algorithms=["HS256"]).claims
            if claims["iss"] != ISSUER or not isinstance(claims["exp"], int) or claims["exp"] <= time.time():
                raise InvalidToken
            tenant = claims["tid"]
            return AccessClaims(
                uuid.UUID(claims["sub"]), uuid.UUID(tenant) if tenant else None, uuid.UUID(claims["sid"]), claims["exp"]
            )
        except (JoseError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise InvalidToken from error
