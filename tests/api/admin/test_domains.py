"""What the real domains put on the panel's first page."""

from typing import Any

import pytest

from belgenet.core.i18n import LOCALES, catalogue
from belgenet.core.security import Role


@pytest.fixture
def answer(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN).client.get("/admin/dashboard", status=200).json


def test_sales_certificates_and_members_have_cards(answer: Any) -> None:
    cards = {item["key"]: item for item in answer["cards"]}
    assert cards["revenue"]["money"] == {"amount": "0.00", "currency": "TRY"}
    assert cards["orders"]["value"] == cards["certificates"]["value"] == 0
    assert cards["members"]["value"] == 1


def test_nothing_waits_in_an_empty_tenant(answer: Any) -> None:
    assert answer["attention"] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_card_and_finding_has_a_title(answer: Any, locale: str) -> None:
    texts = catalogue(locale)
    kinds = ("payment_reviews", "unallocated_orders", "unmatched_webhooks", "certificates_failed", "dead_letters")
    expected = {f"dashboard.card.{item['key']}" for item in answer["cards"]} | {
        f"dashboard.attention.{kind}" for kind in kinds
    }
    assert expected <= texts.keys()
