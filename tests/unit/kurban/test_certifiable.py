"""What stands on a qurban certificate."""

import uuid
from zoneinfo import ZoneInfo

import pytest
from tests.common.catalogue import make_shop, place_order, settle

from belgenet.kurban.shares.services.certifiable import KurbanOrder

ISTANBUL = ZoneInfo("Europe/Istanbul")


@pytest.fixture
def shop(system, tenant):
    return make_shop(system, tenant)


@pytest.fixture
def order_id(system, tenant, shop):
    line = shop.line(2)
    line["details"]["participants"][0]["full_name"] = "Fatma Şahin"
    line["details"]["participants"][1].update(full_name="İsmail Çağ", intention="adak")
    return place_order(system, tenant, system.sign_in(tenant).account_id, line, shop.line(1, shop.small))


def test_names_animals_intentions_and_the_words_agreed_to(system, tenant, shop, order_id):
    settle(system, tenant, order_id)
    with system.request(tenant) as request:
        facts = KurbanOrder().facts(request.db, order_id, "tr", ISTANBUL)
    assert facts.title == "Vacip Kurban"
    assert [(line.name, line.detail) for line in facts.lines] == [
        ("Fatma Şahin", "B-001, 1. hisse · Vacip kurban"),
        ("İsmail Çağ", "B-001, 2. hisse · Adak kurbanı"),
        ("Hissedar 1", "K-002 · Vacip kurban"),
    ]
    given = system.sql("SELECT min(given_at) AS at FROM consents")[0].at.astimezone(ISTANBUL)
    shown = {fact.label: fact.value for fact in facts.facts}
    assert shown["Kesim bölgesi"] == "Çad"
    assert shown["Vekâlet metni"] == "Sürüm 1 (TR)"
    assert shown["Vekâlet özeti (SHA-256)"] == shop.sha256
    assert shown["Vekâlet zamanı"].endswith(f"{given.year} {given:%H:%M}")
    assert shown["Sipariş numarası"] == system.sql("SELECT number FROM orders")[0].number


def test_in_english(system, tenant, order_id):
    settle(system, tenant, order_id)
    with system.request(tenant) as request:
        facts = KurbanOrder().facts(request.db, order_id, "en", ISTANBUL)
    assert facts.title == "Obligatory Qurban"
    assert facts.lines[0].detail == "B-001, share 1 · Obligatory qurban (vacip)"
    assert not any("kurban." in fact.label for fact in facts.facts), "every label is translated"


def test_only_a_paid_order_has_earned_one(system, tenant, order_id):
    with system.request(tenant) as request:
        assert KurbanOrder().earned_by_order(request.db, order_id) == []
        assert KurbanOrder().earned_by_order(request.db, uuid.uuid4()) == []
    settle(system, tenant, order_id)
    with system.request(tenant) as request:
        (wanted,) = KurbanOrder().earned_by_order(request.db, order_id)
    assert (wanted.kind, wanted.subject_id, wanted.order_id) == ("kurban_order", order_id, order_id)


def test_a_refund_revokes_it(system, tenant, order_id):
    settle(system, tenant, order_id)
    settle(system, tenant, order_id, "revoke")
    (row,) = system.sql("SELECT state, revocation_reason FROM certificates")
    assert (row.state, row.revocation_reason) == ("REVOKED", "refunded")
    with system.request(tenant) as request:
        assert KurbanOrder().earned_by_order(request.db, order_id) == []
    assert system.sql("SELECT count(*) FROM consents")[0][0] == 3, "what was agreed stays on record"
