"""One realistic context for each template."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from belgenet.core.money import Money
from belgenet.core.traversal import TenantInfo

TENANT = TenantInfo(
    id=UUID(int=7),
    slug="vakif",
    name="Rahmet Vakfı",
    kind="charity",
    locale="tr",
    currency="TRY",
    time_zone="Europe/Istanbul",
    branding={"primary_color": "#0b7285"},
)
URL = "https://vakif.example.org"
ORDER = {"full_name": "Şükrü Iğdırlıoğlu", "order_number": "VKF-2026-000123", "order_url": f"{URL}/orders/1"}
SAMPLES: dict[str, dict[str, Any]] = {
    "invitation": {"full_name": "Şükrü Iğdırlıoğlu", "action_url": f"{URL}/reset-password#token=abc", "hours": 48},
    "verify_email": {"full_name": "Şükrü Iğdırlıoğlu", "action_url": f"{URL}/verify-email#token=abc", "hours": 48},
    "account_exists": {
        "full_name": "Şükrü Iğdırlıoğlu",
        "action_url": f"{URL}/sign-in",
        "reset_url": f"{URL}/reset-password",
    },
    "reset_password": {"full_name": "Ayşe", "action_url": f"{URL}/reset-password#token=abc", "minutes": 60},
    "password_changed": {
        "full_name": "Ayşe",
        "changed_at": datetime(2026, 5, 27, 21, 30, tzinfo=UTC),
        "reset_url": f"{URL}/reset-password",
    },
    "order_paid": {
        **ORDER,
        "lines": [
            {"title": "Büyükbaş hisse, Erzurum", "quantity": 2, "total": Money(2_500_000, "TRY")},
            {"title": "Küçükbaş", "quantity": 1, "total": {"amount": "9750.50", "currency": "TRY"}},
        ],
        "total": Money(3_475_050, "TRY"),
    },
    "certificate_ready": {
        "full_name": "Ayşe",
        "title": "2026 Kurban Vekâleti",
        "number": "VKF-K-2026-000045",
        "download_url": f"{URL}/me/certificates",
        "verify_url": f"{URL}/verify/AB12-CD34-EF56",
    },
    "order_refunded": {**ORDER, "amount": Money(1_250_000, "TRY"), "reason": "Talebiniz üzerine"},
    "payment_problem": {**ORDER, "total": Money(3_475_050, "TRY"), "reason": "Bankanız ödemeyi onaylamadı."},
}
