"""Everything about campaigns that an administrator changes."""

import hashlib

import pytest
from tests.common.catalogue import make_shop, place_order

from belgenet.core.security import Role

NEW = {
    "title": "Şükür Kurbanı",
    "kind": "sukur",
    "region": "Türkiye",
    "slaughter_date": "2030-04-14",
    "closes_at": "2030-04-12T20:59:00Z",
}
PRICE = {"amount": "9000.00", "currency": "TRY"}


@pytest.fixture
def admin(system, tenant):
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


@pytest.fixture
def shop(system, tenant):
    return make_shop(system, tenant)


def if_match(version):
    return {"If-Match": f'"v{version}"'}


def test_from_nothing_to_an_open_campaign(system, tenant, admin, app):
    made = admin.post("/admin/campaigns", NEW, status=201).json
    assert (made["slug"], made["status"], made["version"]) == ("sukur-kurbani", "draft", 1)
    base = f"/admin/campaigns/{made['id']}"
    publish = {"status": "published"}
    assert admin.patch(base, publish, headers=if_match(1), status=409).json["code"] == "not_for_sale"
    option = {"title": "Hisse", "animal_class": "cattle", "price": PRICE}
    option = admin.post(f"{base}/options", option, status=201).json
    assert option["shares_per_animal"] == 7
    assert admin.patch(base, publish, headers=if_match(1), status=409).json["code"] == "consent_required"
    text = {"locale": "tr", "title": "Vekâlet", "body": "Kurbanımı kesmeye vekil tayin ettim."}
    text = admin.post("/admin/consent-texts", text, status=201).json
    assert text["sha256"] == hashlib.sha256(text["body"].encode()).hexdigest()
    added = admin.post(f"/admin/campaign-options/{option['id']}/animals", {"count": 3}, status=201).json
    assert added == {"added": 3, "animals": 3, "available": 21}
    done = admin.patch(base, publish, headers=if_match(1), status=200)
    assert done.headers["ETag"] == '"v2"'
    assert (done.json["total_shares"], done.json["sold_shares"]) == (21, 0)
    assert app.get("/campaigns/sukur-kurbani", status=200).json["options"][0]["available"] == 21


def test_the_same_title_twice_gets_another_slug(admin):
    slugs = [admin.post("/admin/campaigns", NEW, status=201).json["slug"] for _ in range(3)]
    assert slugs == ["sukur-kurbani", "sukur-kurbani-2", "sukur-kurbani-3"]


def test_a_slug_asked_for_must_be_free(admin, shop):
    refused = admin.post("/admin/campaigns", {**NEW, "slug": shop.slug}, status=409).json
    assert refused["code"] == "slug_taken"
    made = admin.post("/admin/campaigns", NEW, status=201).json
    path = f"/admin/campaigns/{made['id']}"
    assert admin.patch(path, {"slug": shop.slug}, headers=if_match(1), status=409).json["code"] == "slug_taken"


def test_a_text_belongs_to_the_language_it_is_written_in(admin, app):
    made = admin.post("/admin/campaigns", NEW, headers={"Accept-Language": "tr"}, status=201).json
    path = f"/admin/campaigns/{made['id']}"
    changed = admin.patch(path, {"title": "Qurban of Thanks"}, headers=if_match(1), status=200).json
    assert changed["translations"]["title"] == {"tr": "Şükür Kurbanı", "en": "Qurban of Thanks"}
    assert changed["title"] == "Qurban of Thanks"
    both = {"title": {"tr": "Şükür", "en": "Thanks"}}
    assert admin.patch(path, both, headers=if_match(2), status=200).json["translations"]["title"] == both["title"]
    assert admin.patch(path, {"title": {}}, headers=if_match(3), status=400).json["code"] == "invalid_input"


def test_changes_need_the_version_they_change(admin, shop):
    path = f"/admin/campaigns/{shop.campaign_id}"
    assert admin.patch(path, {"kind": "adak"}, status=428).json["code"] == "version_required"
    assert admin.patch(path, {"kind": "adak"}, headers=if_match(9), status=412).json["code"] == "version_mismatch"
    option = f"/admin/campaign-options/{shop.cattle}"
    assert admin.patch(option, {"active": False}, status=428).json["code"] == "version_required"


def test_a_new_price_counts_at_once(admin, app, shop):
    path = f"/admin/campaign-options/{shop.cattle}"
    assert admin.patch(path, {"price": PRICE}, headers=if_match(1), status=200).json["version"] == 2
    assert app.get(f"/campaigns/{shop.slug}").json["options"][0]["price"] == PRICE


@pytest.mark.parametrize("amount", ["-1.00", "0.00", "0", "1.001", "1e5", "", "9" * 20])
def test_a_price_that_is_none_is_refused(system, admin, shop, amount):
    body = {"price": {"amount": amount, "currency": "TRY"}}
    refused = admin.patch(f"/admin/campaign-options/{shop.cattle}", body, headers=if_match(1), status=400).json
    assert refused["code"] == "invalid_input"
    assert system.sql("SELECT min(price_minor) FROM campaign_options")[0][0] == 850000


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"kind": "tavuk"},
        {"slaughter_date": "dün"},
        {"closes_at": "2030-01-01T00:00:00"},
        {"image_url": "javascript:alert(1)"},
        {"slug": "Büyük Harf"},
        {"unknown": 1},
    ],
)
def test_wrong_fields_are_named(admin, change):
    refused = admin.post("/admin/campaigns", {**NEW, **change}, status=400).json
    assert refused["code"] == "invalid_input"
    assert refused["errors"][0]["field"].split(".")[0] == next(iter(change))


def test_who_holds_what(system, tenant, admin, shop):
    donor = system.sign_in(tenant)
    line = shop.line(2)
    line["details"]["participants"][0]["full_name"] = "Fatma Şahin"
    order_id = place_order(system, tenant, donor.account_id, line)
    rows = admin.get(f"/admin/campaigns/{shop.campaign_id}/animals", status=200).json["items"]
    assert [row["tag"] for row in rows] == ["B-001", "K-002", "K-003"]
    first, second, third = rows[0]["shares"][:3]
    assert first == {
        "number": 1,
        "state": "held",
        "holder": "Ayşe Işık",
        "participant": "Fatma Şahin",
        "intention": "vacip",
        "order_id": str(order_id),
    }
    assert second["participant"] == "Hissedar 2"
    assert third == {**dict.fromkeys(third), "number": 3, "state": "free"}


def test_the_list_of_animals_costs_the_same_however_long(system, tenant, admin, shop):
    path = f"/admin/campaigns/{shop.campaign_id}/animals"
    with system.count_queries() as few:
        admin.get(path, status=200)
    admin.post(f"/admin/campaign-options/{shop.cattle}/animals", {"count": 30}, status=201)
    with system.count_queries() as many:
        assert len(admin.get(path, status=200).json["items"]) == 33
    assert len(many) == len(few)


def test_the_list_of_campaigns_costs_the_same_however_long(system, tenant, admin, shop):
    with system.count_queries() as few:
        admin.get("/admin/campaigns", status=200)
    for number in range(4):
        make_shop(system, tenant, slug=f"kampanya-{number}")
    with system.count_queries() as many:
        assert len(admin.get("/admin/campaigns", status=200).json["items"]) == 5
    assert len(many) == len(few)


def test_stock_in_use_cannot_be_taken_away(system, tenant, admin, shop):
    place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(1))
    rows = admin.get(f"/admin/campaigns/{shop.campaign_id}/animals").json["items"]
    cattle, small = rows[0]["id"], rows[1]["id"]
    assert admin.delete(f"/admin/animals/{cattle}", status=409).json["code"] == "stock_in_use"
    assert admin.patch(f"/admin/animals/{cattle}", {"state": "slaughtered"}, status=409).json["code"] == "stock_in_use"
    admin.delete(f"/admin/animals/{small}", status=204)
    assert admin.delete(f"/admin/animals/{small}").status_int == 404
    assert len(admin.get(f"/admin/campaigns/{shop.campaign_id}/animals").json["items"]) == 2


def test_an_ear_tag_hangs_on_one_animal(admin, shop):
    rows = admin.get(f"/admin/campaigns/{shop.campaign_id}/animals").json["items"]
    first, second = (f"/admin/animals/{row['id']}" for row in rows[:2])
    assert admin.patch(first, {"ear_tag": "TR 34 1234567", "state": "purchased"}, status=200).json["ear_tag"]
    assert admin.patch(second, {"ear_tag": "TR 34 1234567"}, status=409).json["errors"][0]["code"] == "ear_tag_taken"
    assert admin.patch(first, {"ear_tag": None}, status=200).json["ear_tag"] is None


def test_texts_are_versions_and_the_newest_counts(system, tenant, admin, app, shop):
    place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(2))
    body = {"locale": "tr", "title": "Vekâlet", "body": "Yeni metin: kurbanımı kesmeye vekil tayin ettim."}
    assert admin.post("/admin/consent-texts", body, status=201).json["version"] == 2
    rows = admin.get("/admin/consent-texts?locale=tr", status=200).json["items"]
    assert [(row["version"], row["current"], row["consent_count"]) for row in rows] == [(2, True, 0), (1, False, 2)]
    assert app.get(f"/campaigns/{shop.slug}").json["consent_text"]["version"] == 2
    assert admin.get("/admin/consent-texts?locale=en").json["items"] == []


def test_every_change_is_on_record(system, admin, shop):
    admin.patch(f"/admin/campaign-options/{shop.cattle}", {"price": PRICE}, headers=if_match(1), status=200)
    admin.post(f"/admin/campaign-options/{shop.cattle}/animals", {"count": 1}, status=201)
    rows = system.sql("SELECT action, before, after, actor_id FROM audit_events ORDER BY id")
    assert [row.action for row in rows] == ["campaign_option.update", "animal.add"]
    assert rows[0].before == {"price_minor": 850000, "currency": "TRY"}
    assert rows[0].after == {"price_minor": 900000, "currency": "TRY"}
    assert all(row.actor_id for row in rows)


@pytest.mark.parametrize("role", [Role.DONOR, Role.STUDENT, Role.GUEST, Role.INSTRUCTOR, Role.OPERATOR])
def test_others_change_nothing(system, tenant, shop, role):
    client = system.sign_in(tenant, role).client
    assert client.get("/admin/campaigns").status_int == 403
    assert client.post("/admin/campaigns", NEW).status_int == 403
    assert client.patch(f"/admin/campaigns/{shop.campaign_id}", {}, headers=if_match(1)).status_int == 403
    assert client.post(f"/admin/campaign-options/{shop.cattle}/animals", {"count": 1}).status_int == 403


def test_strangers_and_other_tenants_reach_nothing(system, app, other_tenant, shop):
    assert app.get(f"/admin/campaigns/{shop.campaign_id}").status_int == 401
    boss = system.sign_in(other_tenant, Role.TENANT_ADMIN).client
    for path in (f"/admin/campaigns/{shop.campaign_id}", f"/admin/campaigns/{shop.campaign_id}/animals"):
        assert boss.get(path).status_int == 404
    assert boss.post(f"/admin/campaign-options/{shop.cattle}/animals", {"count": 1}).status_int == 404


@pytest.mark.parametrize("count", [0, -1, 501, "3", 1.5, None])
def test_a_number_of_animals_that_makes_no_sense(admin, shop, count):
    path = f"/admin/campaign-options/{shop.cattle}/animals"
    assert admin.post(path, {"count": count}, status=400).json["code"] == "invalid_input"
