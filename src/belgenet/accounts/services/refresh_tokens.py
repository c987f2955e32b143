"""What a refresh token is, and how one follows from another.

A token is ``session id || family || leaf``. The family stays the same as long as the session lives, the leaf changes with each
rotation. The database keeps SHA-256 of the family, of the newest leaf and of the one before, so it can tell three things apart:
the newest token, the one just replaced, and any older one (right family, strange leaf), which only a thief or a victim of one has.

The next leaf is ``HMAC-SHA256(leaf, salt)`` with a random salt that is kept beside the hashes. Whoever comes a second time with a
leaf that was replaced a moment ago (two tabs, or an answer lost on the way) therefore gets the *same* successor instead of a
competing one, and neither the salt without the token nor the token without the salt gives it away.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Self
from uuid import UUID

SECRET_BYTES = 32
_LENGTH = 16 + 2 * SECRET_BYTES


class MalformedTokenError(ValueError):
    """Not one of our refresh tokens."""


@dataclass(frozen=True, slots=True, repr=False)
class RefreshToken:
    """A token in parts."""

    session_id: UUID
    family: bytes
    leaf: bytes

    @classmethod
    def first(cls, session_id: UUID) -> Self:
        """The first token of a session."""
        return cls(session_id, secrets.token_bytes(SECRET_BYTES), secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """:raises MalformedTokenError: wrong length or not base64url."""
        try:
            data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except ValueError as error:
            raise MalformedTokenError from error
        if len(data) != _LENGTH:
            raise MalformedTokenError
        return cls(UUID(bytes=data[:16]), data[16 : 16 + SECRET_BYTES], data[16 + SECRET_BYTES :])

    def encode(self) -> str:
        """As clients hold it."""
        return urlsafe_b64encode(self.session_id.bytes + self.family + self.leaf).rstrip(b"=").decode()

    def next(self, salt: bytes) -> Self:
        """The token that replaces this one."""
        return type(self)(self.session_id, self.family, hmac.digest(self.leaf, salt, "sha256"))

    @property
    def csrf(self) -> str:
        """Proof that a request was made by our page, not only by a browser that holds the cookie. Bound to the session, so that
        a cookie planted from a neighbouring sub-domain does not pass.
        """
        return hmac.new(self.family, b"belgenet-csrf", hashlib.sha256).hexdigest()[:32]


def digest(secret: bytes) -> bytes:
    """How secrets are kept. They are random, so a plain hash is enough."""
    return hashlib.sha256(secret).digest()
