"""The panel's first page: what was sold, what runs out."""

from tests.common.catalogue import course_line, make_course, make_shop, place_order, settle

from belgenet.core.security import Role


def dashboard(system, tenant):
    found = system.sign_in(tenant, Role.TENANT_ADMIN).client.get("/admin/dashboard", status=200).json
    return {card["key"]: card for card in found["cards"]}, {item["kind"]: item for item in found["attention"]}


def test_sold_shares_are_counted_and_held_ones_are_not(system, tenant):
    shop = make_shop(system, tenant, cattle=2)
    person = system.sign_in(tenant).account_id
    settle(system, tenant, place_order(system, tenant, person, shop.line(3)))
    place_order(system, tenant, person, shop.line(2))
    cards, attention = dashboard(system, tenant)
    assert cards["shares_sold"]["title"] == "Shares sold"
    assert "enrollments" not in cards, "a foundation without courses hears nothing of them"
    assert cards["shares_sold"]["value"] == 3
    assert attention["low_stock"]["count"] == 1, "the small animals: two are left"


def test_enrollments_and_completions(system, tenant):
    course_id = make_course(system, tenant, lessons=1)
    learner = system.sign_in(tenant)
    settle(system, tenant, place_order(system, tenant, learner.account_id, course_line(course_id)))
    cards, _ = dashboard(system, tenant)
    assert (cards["enrollments"]["value"], cards["completions"]["value"]) == (1, 0)
    assert "shares_sold" not in cards
