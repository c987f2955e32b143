"""Where payments may be tests, the public face of the site says so, whoever set it up."""

from typing import Any

import pytest
from pydantic import SecretStr

from belgenet.core.security import Role

REAL = {
    "sandbox": False,
    "iyzico_base_url": "https://api.iyzipay.com",
    "iyzico_api_key": SecretStr("real"),
    "iyzico_secret_key": SecretStr("real"),
    "stripe_api_base": "https://api.stripe.com",
    "stripe_secret_key": SecretStr("sk_live_1"),
}
SANDBOX = "https://sandbox-api.iyzipay.com"


@pytest.fixture
def pays_through(system: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two real providers, but for what the test changes."""

    def use(**changed: Any) -> None:
        payments = system.settings.payments.model_copy(update=REAL | changed)
        settings = system.settings.model_copy(update={"payments": payments})
        monkeypatch.setitem(system.registry.settings, "belgenet", settings)

    return use


@pytest.mark.parametrize(
    ("changed", "sandbox"),
    [
        ({}, False),
        ({"sandbox": True}, True),
        ({"iyzico_base_url": SANDBOX}, True),
        ({"iyzico_base_url": "https://127.0.0.1:8443"}, True),
        ({"iyzico_base_url": "http://psp.example.org"}, True),
        ({"stripe_api_base": "https://localhost:8443"}, True),
        ({"stripe_secret_key": SecretStr("sk_test_1")}, True),
        ({"stripe_secret_key": SecretStr("rk_test_1")}, True),
    ],
)
def test_one_test_provider_is_enough(app: Any, pays_through: Any, changed: dict[str, Any], sandbox: bool) -> None:
    pays_through(**changed)
    answer = app.get("/site", status=200).json
    assert answer["providers"] == ["iyzico", "stripe"]
    assert answer["sandbox"] is sandbox


def test_a_provider_without_keys_takes_no_money_so_its_address_says_nothing(app: Any, pays_through: Any) -> None:
    pays_through(iyzico_base_url=SANDBOX, iyzico_api_key=SecretStr(""))
    answer = app.get("/site", status=200).json
    assert (answer["providers"], answer["sandbox"]) == (["stripe"], False)


def test_nor_does_one_that_the_institution_switched_off(system: Any, tenant: Any, app: Any, pays_through: Any) -> None:
    """Donors who pay real money must not read that none is taken."""
    pays_through(stripe_secret_key=SecretStr("sk_test_1"))
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    for wanted, sandbox in ((["iyzico"], False), (["iyzico", "stripe"], True), (["stripe"], True)):
        changed = admin.patch("/admin/site", {"providers": wanted}, headers={"If-Match": "*"}, status=200).json
        assert (changed["providers"], changed["sandbox"]) == (wanted, sandbox)
        assert app.get("/site", status=200).json["sandbox"] is sandbox


def test_a_site_that_takes_no_payments_says_so_where_it_was_told_to(app: Any, pays_through: Any) -> None:
    none = {"iyzico_api_key": SecretStr(""), "stripe_secret_key": SecretStr("")}
    for sandbox in (False, True):
        pays_through(**none, sandbox=sandbox)
        answer = app.get("/site", status=200).json
        assert (answer["providers"], answer["sandbox"]) == ([], sandbox)
