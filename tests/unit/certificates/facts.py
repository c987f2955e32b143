"""Facts to print in tests."""

import subprocess
import uuid
from datetime import date
from typing import Any

from belgenet.certificates.interfaces import CertificateFacts, Fact, Line
from belgenet.certificates.services.documents import context_of
from belgenet.core.traversal import TenantInfo

TENANT = TenantInfo(
    uuid.UUID(int=1),
    "vakif",
    "İyilik Vakfı",
    "charity",
    "tr",
    "TRY",
    "Europe/Istanbul",
    branding={"primary_color": "#aa0000", "tagline": {"tr": "Emanet"}},
)


def context(
    *,
    tenant: TenantInfo = TENANT,
    recipient: str = "Ayşe Işıl Yılmaz",
    kind: str = "kurban_order",
    locale: str = "tr",
    lines: int = 2,
    facts: int = 2,
) -> dict[str, Any]:
    """A certificate's facts with so many lines and labelled values."""
    printed = CertificateFacts(
        "Büyükbaş kurban",
        "Özet",
        tuple(Fact(f"Etiket {number}", f"Değer {number}") for number in range(1, facts + 1)),
        tuple(Line(f"Kişi {number}", "vacip") for number in range(1, lines + 1)),
    )
    return context_of(
        tenant,
        printed,
        recipient=recipient,
        code="K7QM2X4TB9WR3HNC",
        number="V-2026-000001",
        issued_on=date(2026, 11, 21),
        kind=kind,
        locale=locale,
    )


def words_of(pdf: bytes) -> str:
    """The text of a file, in reading order."""
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
