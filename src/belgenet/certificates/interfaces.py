"""What other domains see of certificates: they say what was earned, ask for a certificate, and learn how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session


class CertificateState(StrEnum):
    """PENDING -> GENERATING -> READY -> REVOKED; GENERATING falls back to PENDING for a retry, to FAILED after the last, and FAILED
    to PENDING when somebody asks again. Whatever its state, a certificate can be revoked, once.
    """

    PENDING = "PENDING"
    GENERATING = "GENERATING"
    READY = "READY"
    FAILED = "FAILED"
    REVOKED = "REVOKED"


class RevocationReason(StrEnum):
    """Why a certificate no longer stands; published, so it is a word and never a text about a person."""

    ISSUED_IN_ERROR = "issued_in_error"
    REFUNDED = "refunded"
    REPLACED = "replaced"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value on the certificate, both in the certificate's language: ``Kampanya: Kurban 2027``."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list on the certificate: a share and whose it is. ``detail`` may be empty."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a template prints. ``title`` is what was earned or ordered: a course, a campaign."""

    title: str
    summary: str = ""
    facts: tuple[Fact, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """Somebody has earned a certificate. ``subject_id`` is unique within ``kind``: the order, the enrollment. Who gives a ``phone``
    is also told by SMS, where the installation sends any.
    """

    kind: str
    subject_id: UUID
    owner_id: UUID
    recipient: str
    email: str
    locale: str
    order_id: UUID | None = None
    phone: str | None = None


class Certifiable(Protocol):
    """A kind of thing that earns certificates; register with ``config.add_certifiable(...)``."""

    kind: str
    """Also the name of the templates: ``kurban_order``, ``course_completion``."""

    def facts(self, session: Session, subject_id: UUID, locale: str, zone: tzinfo) -> CertificateFacts:
        """What to print, read when the certificate is made; labels in ``locale``, days and times on the clock of ``zone``."""

    def earned_by_order(self, session: Session, order_id: UUID) -> Sequence[IssueRequest]:
        """What the order has earned by now; empty for an unpaid, unfinished or foreign order."""


@dataclass(frozen=True, slots=True)
class CertificateSummary:
    """How a certificate stands, for the lists of other domains."""

    id: UUID
    subject_id: UUID
    order_id: UUID | None
    state: CertificateState
    code: str


class CertificateIssuer(Protocol):
    """Asks for certificates, in the caller's transaction: ``request.service(CertificateIssuer)`` or the registry's."""

    def request_issue(self, session: Session, wanted: IssueRequest) -> UUID:
        """Make a PENDING certificate and queue its making. Asked again for a subject, the same certificate is named."""

    def revoke(self, session: Session, kind: str, subject_id: UUID, reason: RevocationReason) -> bool:
        """Revoke the subject's current certificate; False when there is none or it was revoked before."""

    def replace(self, session: Session, kind: str, subject_id: UUID) -> UUID | None:
        """What the subject's certificate says is true no longer, after a partial refund for one: it ends at once, and another
        takes its place, made from the facts as they are when this transaction is committed. One that was not READY yet is made
        from them instead. Revoke where nothing remains.

        :returns: the certificate that stands for the subject from now on; None when there is none, or it was revoked.
        """

    def of_orders(self, session: Session, order_ids: Sequence[UUID]) -> Mapping[UUID, list[CertificateSummary]]:
        """Current certificates by order, one query for all orders."""

    def of_subjects(
        self, session: Session, kind: str, subject_ids: Sequence[UUID]
    ) -> Mapping[UUID, CertificateSummary]:
        """Current certificates by subject, one query for all subjects."""


@dataclass(frozen=True, slots=True)
class CertifiableRegistry:
    """All registered kinds; filled while the application is configured."""

    kinds: dict[str, Certifiable] = field(default_factory=dict)

    def add(self, certifiable: Certifiable) -> None:
        """Register a kind. :raises ValueError: the kind is taken."""
        if self.kinds.setdefault(certifiable.kind, certifiable) is not certifiable:
            raise ValueError(f"two certifiables of kind {certifiable.kind}")
