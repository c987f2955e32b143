"""A tenant's keys and a sealed document, made once."""

from datetime import UTC, date, datetime

import pytest
from tests.unit.core.signing.institution import CODE, NAME, Institution, published_certificate

from belgenet.core.pdf import PdfMetadata
from belgenet.core.pdf.weasy import WeasyPdfRenderer
from belgenet.core.signing.keys import KeyState, load_ed25519, make_pdf_signer, make_qr_signer, make_root
from belgenet.core.signing.pades import SealingKey, seal_pdf
from belgenet.core.signing.published import KeySet, PublishedJwk
from belgenet.core.signing.qr import INFO_KEY, QrPayload, facts_digest, recipient_digest


def found_institution(name: str) -> Institution:
    """An institution with fresh keys of its own."""
    now = datetime.now(UTC)
    root = make_root(name, now)
    pdf, qr = make_pdf_signer(name, root, now), make_qr_signer(now)
    keys = KeySet(
        issuer="https://vakif.example.org",
        name=name,
        generated_at=now,
        keys=[PublishedJwk.of(qr.kid, bytes.fromhex(qr.public), KeyState.ACTIVE)],
        pdf_roots=[published_certificate(root)],
        pdf_signers=[published_certificate(pdf)],
    )
    return Institution(root, pdf, qr, keys)


@pytest.fixture(scope="session")
def institution() -> Institution:
    return found_institution("Örnek İyilik Vakfı")


@pytest.fixture(scope="session")
def stranger() -> Institution:
    return found_institution("Örnek İyilik Vakfı")


@pytest.fixture(scope="session")
def payload(institution: Institution) -> QrPayload:
    return QrPayload(
        code=CODE,
        number="VAKIF-2026-000123",
        issued_on=date(2026, 11, 21),
        recipient=recipient_digest(CODE, NAME),
        facts=facts_digest({"title": "Kurban"}),
        kid=institution.qr.kid,
    )


@pytest.fixture(scope="session")
def qr_text(institution: Institution, payload: QrPayload) -> str:
    return payload.sign("https://vakif.example.org", load_ed25519(institution.qr.private))


@pytest.fixture(scope="session")
def unsealed(qr_text: str) -> bytes:
    metadata = PdfMetadata(title="Belge", custom={INFO_KEY: qr_text})
    return WeasyPdfRenderer().render(f"<h1>Belge</h1><p>{NAME}</p>", metadata=metadata).data


@pytest.fixture(scope="session")
def sealed(institution: Institution, unsealed: bytes) -> bytes:
    return seal_pdf(unsealed, SealingKey(institution.pdf.public, institution.pdf.private), reason="Belge onayı")
