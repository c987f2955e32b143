"""What anyone may learn: how a certificate stands, and the signed list of those that stand no longer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.certificates.interfaces import CertificateState, RevocationReason
from belgenet.certificates.models import Certificate
from belgenet.certificates.services.codes import plain_code
from belgenet.certificates.services.keys import KeyStore
from belgenet.core.signing.keys import KeyPurpose
from belgenet.core.signing.published import (
    Revocation,
    RevocationList,
    SignedRevocations,
    code_digest,
    sign_revocations,
)

LIST_LIFETIME = timedelta(hours=24)

Standing = Literal["valid", "revoked", "replaced", "unknown"]


@dataclass(frozen=True, slots=True)
class PublicView:
    """A certificate as strangers see it: names are masked, contact data absent."""

    status: Standing
    code: str
    number: str | None = None
    kind: str | None = None
    title: str | None = None
    recipient: str | None = None
    names: tuple[str, ...] = ()
    issued_on: date | None = None
    revoked_at: datetime | None = None
    reason: str | None = None


def mask(name: str) -> str:
    """``Ayşe Nur Yılmaz`` -> ``A*** N*** Y***``: enough to recognise oneself, too little to learn a name."""
    return " ".join(f"{word[0]}***" for word in name.split())


def look_up(session: Session, code: str) -> PublicView:
    """How the certificate of ``code`` stands. A certificate that was never READY is unknown to the public."""
    plain = plain_code(code)
    row = session.scalar(select(Certificate).where(Certificate.code == plain))
    if row is None or row.ready_at is None:
        return PublicView("unknown", plain)
    facts: dict[str, Any] = row.facts or {}
    return PublicView(
        status=_standing(row),
        code=row.code,
        number=row.number,
        kind=row.kind,
        title=facts.get("title"),
        recipient=mask(row.recipient),
        names=tuple(mask(line["name"]) for line in facts.get("lines", ())),
        issued_on=row.issued_on,
        revoked_at=row.revoked_at,
        reason=row.revocation_reason,
    )


def revocation_list(session: Session, store: KeyStore, issuer: str, now: datetime) -> SignedRevocations:
    """The tenant's revocations, signed with its Ed25519 key, good for a day."""
    columns = (Certificate.code, Certificate.revocation_reason, Certificate.revoked_at)
    wanted = select(*columns).where(Certificate.revoked_at.is_not(None), Certificate.ready_at.is_not(None))
    rows: Sequence[Any] = session.execute(wanted.order_by(Certificate.revoked_at, Certificate.id)).all()
    document = RevocationList(
        issuer=issuer,
        issued_at=now,
        next_update=now + LIST_LIFETIME,
        entries=[_entry(row) for row in rows],
    )
    (key,) = store.active((KeyPurpose.QR,), now)
    return sign_revocations(document, key.kid, key.private)


def _entry(row: Any) -> Revocation:
    return Revocation(
        certificate=code_digest(row.code),
        status="replaced" if row.revocation_reason == RevocationReason.REPLACED else "revoked",
        reason=row.revocation_reason or RevocationReason.OTHER,
        at=row.revoked_at,
    )


def _standing(row: Certificate) -> Standing:
    if row.state != CertificateState.REVOKED:
        return "valid"
    replaced = row.revocation_reason == RevocationReason.REPLACED
    return "replaced" if replaced else "revoked"
