"""Who gave a telephone number with an order is told by SMS when the certificate is there, once."""

from typing import Any

import pytest
from tests.common.catalogue import make_shop, settle

from belgenet.core.security import Role
from belgenet.core.sms.netgsm import NetgsmSmsSender

NUMBER = "+905321234567"


@pytest.fixture
def shop(system: Any, tenant: Any) -> Any:
    return make_shop(system, tenant, cattle=2)


def buy(system: Any, tenant: Any, shop: Any, phone: str | None, shares: int = 1) -> Any:
    """A donor with this number buys shares; the certificate is made."""
    donor = system.sign_in(tenant)
    if phone is not None:
        # Older rows and other writers are not bound to what the API lets through today.
        system.sql("UPDATE accounts SET phone = :p WHERE id = :a", p=phone, a=donor.account_id)
    order = donor.client.post("/orders", {"lines": [shop.line(shares)]}, status=201).json
    settle(system, tenant, order["id"])
    system.drain()
    (certificate,) = donor.client.get(f"/orders/{order['id']}").json["certificates"]
    assert certificate["status"] == "READY"
    return donor, certificate


def cost_of_making(system: Any, tenant: Any, shop: Any, phone: str | None) -> tuple[int, int]:
    """Statements and deliveries of an order's certificate and messages."""
    system.sql("TRUNCATE outbox CASCADE")
    with system.count_queries() as seen:
        buy(system, tenant, shop, phone)
    return len(seen), system.sql("SELECT count(*) FROM outbox_deliveries")[0][0]


def test_one_sms_with_the_address_that_verifies(system: Any, tenant: Any, shop: Any, mail_sink: Any) -> None:
    donor, certificate = buy(system, tenant, shop, NUMBER, shares=3)
    (sms,) = mail_sink.sms()
    assert sms.number == NUMBER
    address = sms.text.rpartition(" ")[2]
    assert address == f"https://vakif.localhost/verify/{certificate['code']}"
    checked = system.client(tenant).get(f"/certificates/verify/{certificate['code']}", status=200).json
    assert checked["status"] == "valid"
    assert checked["number"] in sms.text
    assert len(mail_sink.mails(donor.email)) == 1
    system.sql("UPDATE outbox_deliveries SET state = 'pending', attempts = 0, available_at = now()")
    system.drain()
    assert len(mail_sink.sms()) == 1, "delivered twice, sent once"


def test_the_number_of_the_profile_is_read_as_people_write_it(
    system: Any, tenant: Any, shop: Any, mail_sink: Any
) -> None:
    donor = system.sign_in(tenant)
    donor.client.patch("/me", {"phone": "0532 123 45 67"}, status=200)
    order = donor.client.post("/orders", {"lines": [shop.line(1)], "locale": "en"}, status=201).json
    settle(system, tenant, order["id"])
    system.drain()
    (sms,) = mail_sink.sms(NUMBER)
    assert "is ready" in sms.text


def test_who_gave_no_number_costs_nothing(system: Any, tenant: Any, shop: Any, mail_sink: Any) -> None:
    buy(system, tenant, shop, None)
    assert mail_sink.sms() == []
    assert system.sql("SELECT * FROM sms_messages") == []
    assert "sms.queued" not in {row[0] for row in system.sql("SELECT topic FROM outbox")}


def test_without_a_provider_a_number_costs_nothing(
    system: Any, tenant: Any, shop: Any, mail_sink: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(NetgsmSmsSender, "active", False)
    cost_of_making(system, tenant, shop, None)  # fills what is cached
    assert cost_of_making(system, tenant, shop, NUMBER) == cost_of_making(system, tenant, shop, None)
    assert mail_sink.sms() == []
    monkeypatch.undo()
    with_sms, without = cost_of_making(system, tenant, shop, NUMBER), cost_of_making(system, tenant, shop, None)
    assert with_sms[1] == without[1] + 1


@pytest.mark.parametrize("phone", ["0212 555 12 12", "x" * 300, "<b>'; --", "+905010000070"])
def test_a_number_nobody_can_reach_never_hurts_the_certificate(
    system: Any, tenant: Any, shop: Any, mail_sink: Any, phone: str
) -> None:
    donor, _ = buy(system, tenant, shop, phone)
    assert len(mail_sink.mails(donor.email)) == 1
    assert mail_sink.sms() == []
    assert [row[0] for row in system.sql("SELECT state FROM sms_messages")] == ["failed"]


def test_a_certificate_issued_anew_is_told_of_as_well(system: Any, tenant: Any, shop: Any, mail_sink: Any) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN)
    donor, certificate = buy(system, tenant, shop, NUMBER)
    admin.client.post(f"/admin/certificates/{certificate['id']}/reissue", {"reason": "ad düzeltildi"})
    system.drain()
    (fresh,) = [c for c in donor.client.get("/me/certificates").json["items"] if c["code"] != certificate["code"]][:1]
    first, second = mail_sink.sms(NUMBER)
    assert certificate["code"] in first.text
    assert fresh["code"] in second.text


def test_the_number_stays_out_of_what_others_see(system: Any, tenant: Any, shop: Any) -> None:
    _, certificate = buy(system, tenant, shop, NUMBER)
    admin = system.sign_in(tenant, Role.TENANT_ADMIN)
    for who, path in (
        (system.client(tenant), f"/certificates/verify/{certificate['code']}"),
        (admin.client, "/admin/certificates"),
        (admin.client, "/admin/sms"),
        (admin.client, "/admin/audit"),
    ):
        assert "5321234567" not in who.get(path, status=200).text
