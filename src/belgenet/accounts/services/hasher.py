import secrets
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from belgenet.settings.modules import Security


class Hasher:
    """Passwords as argon2id (RFC 9106) with the costs of ``security.argon2_*``."""

    def __init__(self, settings: Security) -> None:
        self._argon2 = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_parallelism,
        )

    def hash(self, password: str) -> str:
        """A salted hash in PHC form."""
        return self._argon2.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. Without a hash it takes as long as with one, so time tells nobody who has an account."""
        try:
            self._argon2.verify(password_hash or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(password_hash)

    def outdated(self, password_hash: str) -> bool:
        """Whether the settings have changed since the hash was made."""
        return self._argon2.check_needs_rehash(password_hash)

    @cached_property
    def _nobodys(self) -> str:
        return self._argon2.hash(secrets.token_hex())
