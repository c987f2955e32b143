"""Campaigns as donors see them."""

from datetime import timedelta

from tests.common.catalogue import make_shop, place_order

from belgenet.core.db import utcnow


def test_a_stranger_sees_open_campaigns_with_their_lowest_price(system, tenant, app):
    shop = make_shop(system, tenant)
    page = app.get("/campaigns", status=200).json
    assert page["next"] is None
    (card,) = page["items"]
    assert card["slug"] == shop.slug
    assert card["title"] == "Obligatory Qurban"
    assert card["region"] == "Chad"
    assert card["from_price"] == {"amount": "8500.00", "currency": "TRY"}
    assert card["closes_at"].endswith("Z")


def test_texts_follow_the_reader(system, tenant, app):
    shop = make_shop(system, tenant)
    found = app.get(f"/campaigns/{shop.slug}", headers={"Accept-Language": "tr"}, status=200).json
    assert found["title"] == "Vacip Kurban"
    assert found["options"][0]["title"] == "Büyükbaş hisse"
    assert found["consent_text"]["locale"] == "tr"


def test_a_text_without_a_translation_shows_the_one_there_is(system, tenant, app):
    shop = make_shop(system, tenant)
    found = app.get(f"/campaigns/{shop.slug}", status=200).json
    assert found["summary"] == "Özet"
    assert found["consent_text"]["sha256"] == shop.sha256


def test_detail_by_slug_and_by_id_are_the_same(system, tenant, app):
    shop = make_shop(system, tenant)
    assert app.get(f"/campaigns/{shop.slug}").json == app.get(f"/campaigns/{shop.campaign_id}").json


def test_detail_counts_what_is_left(system, tenant, app):
    shop = make_shop(system, tenant, cattle=2, small=3)
    place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(4))
    options = {item["animal_class"]: item for item in app.get(f"/campaigns/{shop.slug}").json["options"]}
    assert options["cattle"]["available"] == 10
    assert options["cattle"]["shares_per_animal"] == 7
    assert options["small"]["available"] == 3
    assert options["small"]["shares_per_animal"] == 1


def test_a_draft_does_not_exist_for_donors(system, tenant, app):
    shop = make_shop(system, tenant)
    system.sql("UPDATE campaigns SET status = 'draft'")
    assert app.get("/campaigns").json["items"] == []
    assert app.get(f"/campaigns/{shop.slug}").status_int == 404
    assert app.get(f"/campaigns/{shop.campaign_id}").status_int == 404


def test_a_campaign_past_its_day_is_readable_but_sells_nothing(system, tenant, app):
    shop = make_shop(system, tenant)
    system.sql("UPDATE campaigns SET closes_at = :then", then=utcnow() - timedelta(minutes=1))
    assert app.get("/campaigns").json["items"] == []
    found = app.get(f"/campaigns/{shop.slug}", status=200).json
    assert found["open"] is False
    assert [item["available"] for item in found["options"]] == [0, 0]


def test_an_option_that_is_not_for_sale_is_not_shown(system, tenant, app):
    shop = make_shop(system, tenant)
    system.sql("UPDATE campaign_options SET active = false WHERE id = :id", id=shop.cattle)
    found = app.get(f"/campaigns/{shop.slug}").json
    assert [item["animal_class"] for item in found["options"]] == ["small"]
    assert app.get("/campaigns").json["items"][0]["from_price"]["amount"] == "12000.00"


def test_campaigns_of_another_tenant_do_not_exist(system, tenant, other_tenant):
    shop = make_shop(system, tenant)
    stranger = system.client(other_tenant)
    assert stranger.get("/campaigns").json["items"] == []
    assert stranger.get(f"/campaigns/{shop.slug}").status_int == 404
    assert stranger.get(f"/campaigns/{shop.campaign_id}").status_int == 404


def test_paging_visits_every_campaign_once(system, tenant, app):
    for number in range(5):
        make_shop(system, tenant, cattle=0, small=0, slug=f"kampanya-{number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = app.get(f"/campaigns?limit=2{cursor}", status=200).json
        seen += [item["slug"] for item in page["items"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert sorted(seen) == [f"kampanya-{number}" for number in range(5)]
    assert len(seen) == 5


def test_the_number_of_queries_does_not_grow(system, tenant, app):
    make_shop(system, tenant, slug="bir")
    with system.count_queries() as few:
        app.get("/campaigns", status=200)
    for number in range(6):
        make_shop(system, tenant, slug=f"kampanya-{number}")
    with system.count_queries() as many:
        app.get("/campaigns", status=200)
    assert len(many) == len(few) <= 3
    with system.count_queries() as detail:
        app.get("/campaigns/bir", status=200)
    assert len(detail) <= 5


def test_odd_keys_are_simply_not_found(system, tenant, app):
    make_shop(system, tenant)
    for key in ("yok", "0" * 36, "00000000-0000-4000-8000-000000000000", "VACIP", "vacip--x", "..", "%00"):
        assert app.get(f"/campaigns/{key}").status_int in {400, 404}, key
