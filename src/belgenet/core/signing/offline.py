"""The judgement anyone can make without a network: a file or a scanned text against stored documents."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from belgenet.core.signing.published import KeySet, Revocation, RevocationList
from belgenet.core.signing.qr import QrText, QrTextError, parse_qr, recipient_digest


class Outcome(StrEnum):
    """Every answer the verifier can give; each is a different thing to tell a person."""

    VALID = "valid"
    CHANGED = "changed"
    UNKNOWN_ISSUER = "unknown_issuer"
    REVOKED = "revoked"
    REPLACED = "replaced"
    UNKNOWN_CERTIFICATE = "unknown_certificate"
    NOT_A_PDF = "not_a_pdf"
    NOT_SIGNED = "not_signed"
    NOT_A_CODE = "not_a_code"
    OTHER_RECIPIENT = "other_recipient"


class Caution(StrEnum):
    """What a valid answer leaves open."""

    NO_REVOCATIONS = "no_revocations"
    STALE_REVOCATIONS = "stale_revocations"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and what is known about the certificate; ``signer`` and ``signed_at`` only for files."""

    outcome: Outcome
    issuer: str = ""
    code: str = ""
    number: str = ""
    issued_on: date | None = None
    signer: str = ""
    signed_at: datetime | None = None
    revocation: Revocation | None = None
    cautions: tuple[Caution, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class OfflineVerifier:
    """A tenant's published documents, taken at some time, and the time of the judgement."""

    keys: KeySet
    now: datetime
    revocations: RevocationList | None = None

    def check_text(self, text: str, name: str = "") -> Verdict:
        """Judge the text of a QR code; with ``name``, also whether the certificate is that person's."""
        try:
            scanned = parse_qr(text)
        except QrTextError:
            return Verdict(Outcome.NOT_A_CODE)
        problem = self._signature_problem(scanned)
        return self._about(problem or self._standing(scanned, name), scanned)

    def check_file(self, data: bytes, name: str = "") -> Verdict:
        """Judge a PDF file: its bytes, its signer, the certificate it claims to be and its standing."""
        # pyHanko takes half a second to import; texts are checked without it.
        from belgenet.core.signing.pdf_check import PdfState, check_pdf  # noqa: PLC0415

        seal = check_pdf(data, self.keys.trusted_roots())
        if seal.state is not PdfState.INTACT:
            return Verdict(Outcome(seal.state.value))
        if not seal.trusted or seal.serial in self.keys.withdrawn_serials():
            return Verdict(Outcome.UNKNOWN_ISSUER, signer=seal.signer, signed_at=seal.signed_at)
        try:
            scanned = parse_qr(seal.qr_text)
        except QrTextError:
            return Verdict(Outcome.UNKNOWN_CERTIFICATE, signer=seal.signer, signed_at=seal.signed_at)
        # The issuer's seal is good, so a text that does not verify was never one of its certificates.
        outcome = Outcome.UNKNOWN_CERTIFICATE if self._signature_problem(scanned) else None
        return self._about(outcome or self._standing(scanned, name), scanned, seal.signer, seal.signed_at)

    def _signature_problem(self, scanned: QrText) -> Outcome | None:
        public = self.keys.qr_key(scanned.payload.kid)
        if public is None:
            return Outcome.UNKNOWN_ISSUER
        return None if scanned.signed_by(public) else Outcome.CHANGED

    def _standing(self, scanned: QrText, name: str) -> Outcome:
        entry = self._revocation(scanned.payload.code)
        if entry is not None:
            return Outcome(entry.status)
        if name and recipient_digest(scanned.payload.code, name) != scanned.payload.recipient:
            return Outcome.OTHER_RECIPIENT
        return Outcome.VALID

    def _revocation(self, code: str) -> Revocation | None:
        return self.revocations.find(code) if self.revocations else None

    def _about(self, outcome: Outcome, scanned: QrText, signer: str = "", signed_at: datetime | None = None) -> Verdict:
        payload = scanned.payload
        return Verdict(
            outcome,
            issuer=self.keys.name,
            code=payload.code,
            number=payload.number,
            issued_on=payload.issued_on,
            signer=signer,
            signed_at=signed_at,
            revocation=self._revocation(payload.code),
            cautions=self._cautions(),
        )

    def _cautions(self) -> tuple[Caution, ...]:
        if self.revocations is None:
            return (Caution.NO_REVOCATIONS,)
        return (Caution.STALE_REVOCATIONS,) if self.revocations.is_stale(self.now) else ()
