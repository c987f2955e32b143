"""Ordering shares over HTTP: what is refused, what is recorded."""

import uuid
from datetime import timedelta

import pytest
from tests.common.catalogue import make_shop, settle

from belgenet.core.db import utcnow
from belgenet.kurban.consents import services as consents
from belgenet.kurban.consents.schemas import ConsentTextIn

NEW_TEXT = "Kurbanımı satın almaya, kesmeye ve dağıtmaya vekil tayin ettim."


@pytest.fixture
def shop(system, tenant):
    return make_shop(system, tenant)


@pytest.fixture
def donor(system, tenant):
    return system.sign_in(tenant)


def order(donor, *lines, **options):
    return donor.client.post("/orders", {"lines": list(lines)}, **options)


def test_an_order_holds_shares_and_names_their_price(system, shop, donor):
    placed = order(donor, shop.line(3), status=201).json
    assert placed["total"] == {"amount": "25500.00", "currency": "TRY"}
    (line,) = placed["lines"]
    assert line["title"] == "Vacip Kurban – Büyükbaş hisse"
    assert line["tax_minor"] == 0 if "tax_minor" in line else True
    rows = system.sql(
        "SELECT state, order_line_id FROM animal_shares WHERE option_id = :o ORDER BY share_no", o=shop.cattle
    )
    assert [row.state for row in rows] == ["held"] * 3 + ["free"] * 4
    assert {str(row.order_line_id) for row in rows[:3]} == {line["id"]}


def test_each_share_has_its_own_consent(system, shop, donor):
    line = shop.line(2)
    line["details"]["participants"] = [
        {"full_name": "Fatma Şahin", "intention": "vacip", "relation": "Annem"},
        {"full_name": "محمد علي", "intention": "adak", "relation": None},
    ]
    placed = order(donor, line, status=201, headers={"User-Agent": "Mozilla/5.0 (Test)"}).json
    rows = system.sql("SELECT * FROM consents ORDER BY id")
    assert [row.shareholder_name for row in rows] == ["Fatma Şahin", "محمد علي"]
    assert [row.intention for row in rows] == ["vacip", "adak"]
    assert rows[0].relation == "Annem"
    for row in rows:
        assert str(row.order_id) == placed["id"]
        assert row.giver_account_id == donor.account_id
        assert (row.text_version, row.sha256.strip(), row.locale) == (1, shop.sha256, "tr")
        assert (row.method, str(row.address), row.user_agent) == ("web", "127.0.0.9", "Mozilla/5.0 (Test)")
        assert abs(row.given_at - utcnow()) < timedelta(minutes=1)


def test_consents_and_texts_cannot_be_changed_even_by_the_database_owner(system, shop, donor):
    order(donor, shop.line(1), status=201)
    for statement in (
        "UPDATE consents SET shareholder_name = 'x'",
        "DELETE FROM consents",
        "UPDATE consent_texts SET body = 'x'",
        "DELETE FROM consent_texts",
    ):
        with pytest.raises(Exception, match=r"append-only|permission denied"):
            system.sql(statement)


def test_a_very_long_user_agent_is_cut(system, shop, donor):
    order(donor, shop.line(1), status=201, headers={"User-Agent": "x" * 3000})
    (row,) = system.sql("SELECT user_agent FROM consents")
    assert len(row.user_agent) == 400


def test_more_than_a_cattle_spreads_over_two(system, tenant, donor):
    shop = make_shop(system, tenant, cattle=3, slug="buyuk")
    order(donor, shop.line(10), status=201)
    counted = system.sql(
        "SELECT count(*) FROM animal_shares WHERE option_id = :o AND state = 'held' GROUP BY animal_id ORDER BY 1",
        o=shop.cattle,
    )
    assert [row[0] for row in counted] == [3, 7]


def test_too_many_are_refused_with_how_many_are_left(system, shop, donor):
    refused = order(donor, shop.line(8), status=409).json
    assert refused["code"] == "out_of_stock"
    assert "7" in refused["detail"]
    assert system.sql("SELECT count(*) FROM animal_shares WHERE state <> 'free'")[0][0] == 0
    assert system.sql("SELECT count(*) FROM orders")[0][0] == 0
    assert system.sql("SELECT count(*) FROM consents")[0][0] == 0


def test_two_lines_of_one_option_hold_different_shares(system, shop, donor):
    order(donor, shop.line(3), shop.line(4), status=201)
    assert system.sql("SELECT count(DISTINCT order_line_id) FROM animal_shares WHERE state = 'held'")[0][0] == 2
    assert system.sql("SELECT count(*) FROM animal_shares WHERE state = 'held'")[0][0] == 7


def test_names_must_match_the_quantity(shop, donor):
    line = {**shop.line(2), "quantity": 3}
    refused = order(donor, line, status=400).json
    assert refused["code"] == "participants_mismatch"
    assert refused["errors"][0]["message"] == "3 shares need 3 names."


def test_an_old_version_of_the_text_is_refused(system, tenant, shop, donor):
    with system.request(tenant) as request:
        consents.publish(request.db, ConsentTextIn(locale="tr", title="Vekâlet", body=NEW_TEXT), None)
    assert order(donor, shop.line(1), status=409).json["code"] == "consent_outdated"


def test_other_words_under_a_known_id_are_refused(shop, donor):
    assert order(donor, shop.line(1, sha256="0" * 64), status=409).json["code"] == "consent_outdated"
    assert order(donor, shop.line(1, text_id=str(uuid.uuid4())), status=409).json["code"] == "consent_outdated"


def test_a_text_in_another_language_is_fine_when_it_is_current(system, tenant, shop, donor):
    with system.request(tenant) as request:
        row = consents.publish(
            request.db, ConsentTextIn(locale="en", title="Proxy", body="I appoint you as my proxy."), None
        )
        text_id, sha256 = str(row.id), row.sha256
    order(donor, shop.line(1, text_id=text_id, sha256=sha256), status=201)
    assert system.sql("SELECT locale FROM consents")[0].locale == "en"


def test_without_consent_there_is_no_order(shop, donor):
    assert order(donor, shop.line(1, accepted=False), status=400).json["code"] == "consent_required"
    line = shop.line(1)
    del line["details"]["consent"]
    assert order(donor, line, status=400).json["code"] == "invalid_input"


def test_a_closed_campaign_sells_nothing(system, shop, donor):
    system.sql("UPDATE campaigns SET status = 'closed'")
    assert order(donor, shop.line(1), status=409).json["code"] == "campaign_closed"
    system.sql("UPDATE campaigns SET status = 'published', closes_at = :then", then=utcnow() - timedelta(seconds=1))
    assert order(donor, shop.line(1), status=409).json["code"] == "campaign_closed"


def test_a_draft_and_an_unknown_option_are_not_found(system, shop, donor):
    for ref in (str(uuid.uuid4()), "inek", ""):
        line = {**shop.line(1), "ref": ref}
        assert order(donor, line).json["code"] in {"sellable_not_found", "invalid_input"}
    system.sql("UPDATE campaigns SET status = 'draft'")
    assert order(donor, shop.line(1), status=404).json["code"] == "sellable_not_found"


def test_an_option_taken_from_sale_is_refused(system, shop, donor):
    system.sql("UPDATE campaign_options SET active = false WHERE id = :id", id=shop.cattle)
    assert order(donor, shop.line(1), status=409).json["code"] == "not_for_sale"


def test_another_tenants_option_is_not_found(system, other_tenant, shop):
    stranger = system.sign_in(other_tenant)
    assert order(stranger, shop.line(1), status=404).json["code"] == "sellable_not_found"


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "a", "", "x" * 201, "Ali\x00Veli", "Ali\nVeli", "Ali\x1bVeli", "   "],
)
def test_hostile_names_are_refused(system, shop, donor, name):
    line = shop.line(1)
    line["details"]["participants"][0]["full_name"] = name
    refused = order(donor, line, status=400).json
    assert refused["code"] == "invalid_input"
    assert system.sql("SELECT count(*) FROM share_participants")[0][0] == 0


@pytest.mark.parametrize(
    "name",
    [
        "عبد الرحمن بن عوف",
        "\u202eİlhan\u202c Çağ",
        "Ñandú O'Brien-Şahin",
        "Ä" * 200,
        "'; DROP TABLE consents; --",
        "李小龙",
    ],
)
def test_names_of_all_the_world_are_kept_as_written(system, tenant, shop, donor, name):
    line = shop.line(1)
    line["details"]["participants"][0]["full_name"] = name
    order(donor, line, status=201)
    (row,) = system.sql("SELECT full_name FROM share_participants")
    assert row.full_name == name


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"participants": "x", "consent": None},
        {"participants": [], "consent": {}},
        {"participants": [{"full_name": "Ali Can", "intention": "et"}], "consent": {}},
        {
            "participants": [{"full_name": 7, "intention": "vacip"}],
            "consent": {"text_id": 1, "sha256": [], "accepted": "yes"},
        },
        {"participants": [{"full_name": "Ali Can", "intention": "vacip", "admin": True}]},
    ],
)
def test_wrong_shapes_are_explained(shop, donor, details):
    refused = order(donor, {**shop.line(1), "details": details}, status=400).json
    assert refused["code"] == "invalid_input"
    assert refused["errors"]


def test_the_price_is_the_catalogues_not_the_buyers(system, shop, donor):
    line = {**shop.line(1)}
    line["details"]["price"] = {"amount": "1.00", "currency": "TRY"}
    assert order(donor, line, status=400).json["code"] == "invalid_input"


def test_a_later_price_does_not_change_an_order(system, shop, donor):
    placed = order(donor, shop.line(1), status=201).json
    system.sql("UPDATE campaign_options SET price_minor = 1")
    assert donor.client.get(f"/orders/{placed['id']}").json["total"]["amount"] == "8500.00"


def test_fulfilled_shares_are_sold_and_one_certificate_is_asked_for(system, tenant, shop, donor):
    placed = order(donor, shop.line(3), shop.line(1, shop.small), status=201).json
    assert settle(system, tenant, uuid.UUID(placed["id"])) is None
    rows = system.sql("SELECT state, sold_at FROM animal_shares WHERE order_line_id IS NOT NULL")
    assert len(rows) == 4
    assert {row.state for row in rows} == {"sold"}
    assert all(row.sold_at for row in rows)
    (certificate,) = system.sql("SELECT kind, subject_id, owner_id, recipient FROM certificates")
    assert (certificate.kind, str(certificate.subject_id)) == ("kurban_order", placed["id"])
    assert certificate.owner_id == donor.account_id
