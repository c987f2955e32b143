"""Real threads, real connections: who gets a share when many want it at once."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from tests.common.catalogue import make_shop, place_order, settle

from belgenet.commerce.desk import desk_of
from belgenet.commerce.payments.services.endings import expire_orders
from belgenet.core.db import utcnow
from belgenet.core.web.errors import Problem


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment; an exception is that call's result."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - the test looks at what it was
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def shares(system) -> Counter[str]:
    return Counter(row.state for row in system.sql("SELECT state FROM animal_shares"))


def assert_nothing_sold_twice(system) -> None:
    lines = system.sql(
        "SELECT l.id, l.quantity, count(s.id) AS held, count(p.id) AS named FROM order_lines l "
        "JOIN animal_shares s ON s.order_line_id = l.id LEFT JOIN share_participants p ON p.share_id = s.id "
        "GROUP BY l.id, l.quantity"
    )
    assert all(line.quantity == line.held == line.named for line in lines)


@pytest.mark.parametrize("_round", range(3))
def test_eight_buyers_for_seven_shares(system, tenant, _round):
    shop = make_shop(system, tenant, cattle=1, small=0)
    buyers = [system.sign_in(tenant).client for _ in range(8)]
    body = {"lines": [shop.line(1)]}
    answers = at_once(*[lambda buyer=buyer: buyer.post("/orders", body) for buyer in buyers])
    assert Counter(answer.status_int for answer in answers) == {201: 7, 409: 1}
    refused = next(answer.json for answer in answers if answer.status_int == 409)
    assert refused["code"] == "out_of_stock"
    assert refused["detail"].startswith("0 left")
    assert shares(system) == {"held": 7}
    assert_nothing_sold_twice(system)


def test_those_who_want_several_are_not_refused_while_there_are_enough(system, tenant):
    """Two that grab rows turn by turn must not end up with half each and both be sent away."""
    shop = make_shop(system, tenant, cattle=0, small=8)
    people = [system.sign_in(tenant).account_id for _ in range(4)]
    line = shop.line(5, shop.small)
    results = at_once(*[lambda person=person: place_order(system, tenant, person, line) for person in people])
    assert sum(isinstance(result, uuid.UUID) for result in results) == 1
    assert [result.params["left"] for result in results if isinstance(result, Problem)] == [3, 3, 3]
    assert shares(system) == {"held": 5, "free": 3}


def test_families_stay_together_under_pressure(system, tenant):
    shop = make_shop(system, tenant, cattle=4, small=0)
    people = [system.sign_in(tenant).account_id for _ in range(7)]
    results = at_once(*[lambda person=person: place_order(system, tenant, person, shop.line(4)) for person in people])
    placed = [result for result in results if isinstance(result, uuid.UUID)]
    assert len(placed) == 7
    per_line = (
        "SELECT count(DISTINCT animal_id) AS animals FROM animal_shares WHERE state = 'held' GROUP BY order_line_id"
    )
    spread = Counter(row.animals for row in system.sql(per_line))
    # 4 cattle hold 4 families whole; the other three live in the rests of 3.
    assert spread[1] == 4
    assert shares(system) == {"held": 28}
    assert_nothing_sold_twice(system)


def test_a_refusal_waits_for_the_one_who_may_still_let_go(system, tenant):
    """The last share is held by a transaction that rolls back: the next one gets it instead of hearing "sold out"."""
    shop = make_shop(system, tenant, cattle=0, small=1)
    second = system.sign_in(tenant).account_id
    holding, waiting = threading.Event(), threading.Event()

    def holds_and_fails() -> None:
        from belgenet.kurban.campaigns.models import CampaignOption
        from belgenet.kurban.shares.services.reserve import _lock

        with system.request(tenant) as request:
            option = request.db.get_one(CampaignOption, shop.small)
            assert len(_lock(request.db, option.id, 1)) == 1
            holding.set()
            waiting.wait(5)
            raise RuntimeError("the buyer gave up")

    with ThreadPoolExecutor(2) as pool:
        failing = pool.submit(holds_and_fails)
        holding.wait(5)
        lucky = pool.submit(place_order, system, tenant, second, shop.line(1, shop.small))
        waiting.set()
        with pytest.raises(RuntimeError, match="gave up"):
            failing.result(10)
        assert isinstance(lucky.result(10), uuid.UUID)
    assert shares(system) == {"held": 1}


def test_many_buyers_one_share_each(system, tenant):
    shop = make_shop(system, tenant, cattle=3, small=0)
    people = [system.sign_in(tenant).account_id for _ in range(12)]
    sizes = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 1, 1]
    calls = [
        lambda person=person, size=size: place_order(system, tenant, person, shop.line(size))
        for person, size in zip(people, sizes, strict=True)
    ]
    results = at_once(*calls)
    assert all(isinstance(result, uuid.UUID) for result in results)
    assert shares(system) == {"held": 21}
    assert_nothing_sold_twice(system)


def test_expiry_against_payment_leaves_the_donor_with_shares_or_the_stock_whole(system, tenant):
    shop = make_shop(system, tenant, cattle=1, small=0)
    order_id = place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(3))
    system.sql("UPDATE orders SET hold_expires_at = :then", then=utcnow() - timedelta(minutes=1))

    def expire() -> int:
        with system.request(tenant) as request:
            return expire_orders(desk_of(request))

    results = at_once(expire, lambda: settle(system, tenant, order_id))
    assert not [result for result in results if isinstance(result, Exception)]
    counted = shares(system)
    assert counted in ({"sold": 3, "free": 4}, {"free": 7})
    assert_nothing_sold_twice(system)


def test_paid_after_the_hold_ran_out_gets_other_shares(system, tenant):
    shop = make_shop(system, tenant, cattle=1, small=0)
    late, quick = (system.sign_in(tenant).account_id for _ in range(2))
    late_order = place_order(system, tenant, late, shop.line(3))
    settle(system, tenant, late_order, "release")
    place_order(system, tenant, quick, shop.line(4))
    assert settle(system, tenant, late_order) is None
    assert shares(system) == {"sold": 3, "held": 4}
    assert system.sql("SELECT count(*) FROM consents")[0][0] == 7, (
        "the consent given first still stands; none is invented"
    )
    assert_nothing_sold_twice(system)


def test_paid_after_everything_went_is_a_case_for_a_person(system, tenant):
    shop = make_shop(system, tenant, cattle=1, small=0)
    late, quick = (system.sign_in(tenant).account_id for _ in range(2))
    late_order = place_order(system, tenant, late, shop.line(3))
    settle(system, tenant, late_order, "release")
    place_order(system, tenant, quick, shop.line(5))
    assert settle(system, tenant, late_order) == "out_of_stock"
    assert shares(system) == {"held": 5, "free": 2}, "what was tried in vain leaves no trace"
    assert system.sql("SELECT count(*) FROM certificates")[0][0] == 0


def test_two_confirmations_at_once_sell_once(system, tenant):
    shop = make_shop(system, tenant, cattle=1, small=0)
    order_id = place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(2))
    results = at_once(lambda: settle(system, tenant, order_id), lambda: settle(system, tenant, order_id))
    assert results.count(None) >= 1
    assert shares(system) == {"sold": 2, "free": 5}
    assert system.sql("SELECT count(*) FROM certificates")[0][0] == 1


def test_the_database_itself_refuses_to_pass_a_share_on(system, tenant):
    shop = make_shop(system, tenant, cattle=1, small=0)
    first = place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(1))
    second = place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(1))
    lines = {row.order_id: row.id for row in system.sql("SELECT id, order_id FROM order_lines")}
    with pytest.raises(Exception, match="belongs to another order line"):
        system.sql(
            "UPDATE animal_shares SET order_line_id = :new WHERE order_line_id = :old",
            new=lines[second],
            old=lines[first],
        )
    with pytest.raises(Exception, match="ck_animal_shares_holder"):
        system.sql("UPDATE animal_shares SET state = 'free' WHERE order_line_id = :old", old=lines[first])
    with pytest.raises(Exception, match="ck_animal_shares_sold_at"):
        system.sql("UPDATE animal_shares SET state = 'sold' WHERE order_line_id = :old", old=lines[first])
    with pytest.raises(Exception, match="uq_share_participants_tenant_id_share_id"):
        system.sql(
            "UPDATE share_participants SET share_id = (SELECT id FROM animal_shares WHERE order_line_id = :old)",
            old=lines[first],
        )
