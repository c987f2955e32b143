"""A tenant's signing keys in the database: made when first needed, renewed in time, published for good."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from belgenet.certificates.models import SigningKey
from belgenet.core.signing.keys import (
    KeyPair,
    KeyPurpose,
    KeyState,
    make_pdf_signer,
    make_qr_signer,
    make_root,
)
from belgenet.core.signing.published import KeySet, PublishedCertificate, PublishedJwk
from belgenet.core.signing.secretbox import SecretBox
from belgenet.core.traversal import TenantInfo

RENEW_BEFORE = timedelta(days=365)
"""A key this close to its end is replaced; it stays published."""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('signing_keys'), hashtext(:tenant))")


class NoSuchKeyError(LookupError):
    """The tenant has no key of that id."""


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A key in use: its id, what is published of it, and the private part in clear. Never log or store one."""

    kid: str
    public: str
    private: bytes


@dataclass(frozen=True, slots=True)
class KeyStore:
    """The keys of one tenant, within the caller's transaction."""

    session: Session
    tenant: TenantInfo
    box: SecretBox

    def active(self, purposes: Sequence[KeyPurpose], now: datetime) -> list[OpenKey]:
        """The keys that sign now, one for each purpose; the tenant's first keys are made on the way."""
        wanted = select(SigningKey).where(SigningKey.purpose.in_(purposes), SigningKey.state == KeyState.ACTIVE)
        found = {row.purpose: row for row in self.session.scalars(wanted)}
        return [self._open(found.get(purpose) or self._make(purpose, now)) for purpose in purposes]

    def maintain(self, now: datetime) -> list[str]:
        """Make missing keys, renew those near their end, seal anew what an old master key sealed.

        :returns: what was done, for the log.
        """
        done = []
        for purpose in KeyPurpose:
            row = self._active_row(purpose)
            if row is None or row.not_after - now < RENEW_BEFORE:
                done.append(f"made {self.rotate(purpose, now)}")
        for row in self.session.scalars(select(SigningKey)):
            if not self.box.is_current(row.secret):
                row.secret = self.box.seal(self._open(row).private, self._place(row.kid))
                done.append(f"sealed {row.kid}")
        return done

    def reseal(self, limit: int = 100) -> int:
        """Seal anew, at most ``limit`` of them, what an old master key sealed; how many were. 0: the old one is needed no more.

        :raises belgenet.core.signing.secretbox.SealBrokenError: one does not open.
        """
        old = ~SigningKey.secret.startswith(self.box.current_mark, autoescape=True)
        rows = list(self.session.scalars(select(SigningKey).where(old).limit(limit).with_for_update()))
        for row in rows:
            row.secret = self.box.seal(self._open(row).private, self._place(row.kid))
        self.session.flush()
        return len(rows)

    def rotate(self, purpose: KeyPurpose, now: datetime) -> str:
        """Retire the active key of ``purpose`` and make its successor. What the old one signed stays good.

        :returns: the new key's id.
        """
        self._lock()
        row = self._active_row(purpose)
        if row is not None:
            row.state, row.retired_at = KeyState.RETIRED, now
            self.session.flush()
        if purpose is KeyPurpose.ROOT:
            # A certificate of the old root would not lead to the new one.
            self._make(purpose, now)
            return self.rotate(KeyPurpose.PDF, now)
        return self._make(purpose, now).kid

    def withdraw(self, kid: str, now: datetime) -> None:
        """Trust a key no more, as after a theft: everything it signed fails from now on.

        :raises NoSuchKeyError: the tenant has no such key.
        """
        self._lock()
        row = self.session.scalar(select(SigningKey).where(SigningKey.kid == kid))
        if row is None:
            raise NoSuchKeyError(kid)
        row.state, row.retired_at = KeyState.WITHDRAWN, now
        self.session.flush()

    def published(self, issuer: str, now: datetime) -> KeySet:
        """Everything the tenant ever signed with, for anyone to verify; ``issuer`` is its address."""
        self.active((KeyPurpose.QR, KeyPurpose.PDF), now)
        rows = list(self.session.scalars(select(SigningKey).order_by(SigningKey.id)))
        of = {purpose: [row for row in rows if row.purpose == purpose] for purpose in KeyPurpose}
        return KeySet(
            issuer=issuer,
            name=self.tenant.name,
            generated_at=now,
            keys=[
                PublishedJwk.of(row.kid, bytes.fromhex(row.public), KeyState(row.state)) for row in of[KeyPurpose.QR]
            ],
            pdf_roots=[_certificate(row) for row in of[KeyPurpose.ROOT]],
            pdf_signers=[_certificate(row) for row in of[KeyPurpose.PDF]],
        )

    def _active_row(self, purpose: KeyPurpose) -> SigningKey | None:
        wanted = select(SigningKey).where(SigningKey.purpose == purpose, SigningKey.state == KeyState.ACTIVE)
        return self.session.scalar(wanted)

    def _make(self, purpose: KeyPurpose, now: datetime) -> SigningKey:
        self._lock()
        # Whoever held the lock before us may have made it.
        if row := self._active_row(purpose):
            return row
        if purpose is KeyPurpose.PDF:
            pair = make_pdf_signer(self.tenant.name, self._root_pair(now), now)
        else:
            pair = make_root(self.tenant.name, now) if purpose is KeyPurpose.ROOT else make_qr_signer(now)
        row = SigningKey(
            kid=pair.kid,
            purpose=pair.purpose,
            state=KeyState.ACTIVE,
            public=pair.public,
            secret=self.box.seal(pair.private, self._place(pair.kid)),
            not_before=pair.not_before,
            not_after=pair.not_after,
        )
        self.session.add(row)
        self.session.flush()
        return row

    def _root_pair(self, now: datetime) -> KeyPair:
        row = self._active_row(KeyPurpose.ROOT) or self._make(KeyPurpose.ROOT, now)
        private = self._open(row).private
        return KeyPair(KeyPurpose.ROOT, row.kid, private, row.public, row.not_before, row.not_after)

    def _open(self, row: SigningKey) -> OpenKey:
        return OpenKey(row.kid, row.public, self.box.open(row.secret, self._place(row.kid)))

    def _place(self, kid: str) -> str:
        return key_place(self.tenant.id, kid)

    def _lock(self) -> None:
        self.session.execute(_LOCK, {"tenant": str(self.tenant.id)})


def key_place(tenant_id: uuid.UUID, kid: str) -> str:
    """Where a private key is sealed for: a secret copied into another tenant's row does not open."""
    return f"{tenant_id}/{kid}"


def _certificate(row: SigningKey) -> PublishedCertificate:
    serial = x509.load_pem_x509_certificate(row.public.encode()).serial_number
    return PublishedCertificate(
        kid=row.kid,
        state=KeyState(row.state),
        serial=f"{serial:x}",
        not_before=row.not_before,
        not_after=row.not_after,
        pem=row.public,
    )
