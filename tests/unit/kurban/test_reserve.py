"""Choosing shares: never twice, together when there is room, begun animals first."""

import itertools
import uuid
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.common.catalogue import make_shop, place_order, settle

from belgenet.commerce.orders.interfaces import AllocationFailed
from belgenet.kurban.campaigns.models import CampaignOption
from belgenet.kurban.shares.models import Animal
from belgenet.kurban.shares.schemas import AnimalPatch
from belgenet.kurban.shares.services.animals import change
from belgenet.kurban.shares.services.reserve import _split_needlessly, portions, reserve

_slugs = itertools.count()


@given(st.integers(1, 100))
def test_portions_are_whole_cattle_and_a_rest(quantity):
    parts = list(portions(quantity, 7))
    assert sum(parts) == quantity
    assert all(part == 7 for part in parts[:-1])
    assert 1 <= parts[-1] <= 7


@given(st.integers(1, 100))
def test_small_animals_come_in_one_go(quantity):
    assert list(portions(quantity, 1)) == [quantity]


def test_a_split_is_needless_only_when_one_animal_had_room():
    a, b = uuid.uuid4(), uuid.uuid4()
    assert _split_needlessly([(a, 2), (b, 7)], 3)
    assert not _split_needlessly([(a, 2), (b, 2)], 3)
    assert not _split_needlessly([(a, 7), (a, 7)], 2)
    assert not _split_needlessly([], 3)


def room(system, option_id) -> dict[uuid.UUID, int]:
    rows = system.sql(
        "SELECT animal_id, count(*) FILTER (WHERE state = 'free') AS free FROM animal_shares "
        "WHERE option_id = :o GROUP BY animal_id",
        o=option_id,
    )
    return {row.animal_id: row.free for row in rows}


@settings(max_examples=15)
@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=8), cattle=st.integers(1, 4))
def test_any_order_of_any_sizes(system, tenant, sizes, cattle):
    shop = make_shop(system, tenant, cattle=cattle, small=0, slug=f"kampanya-{next(_slugs)}")
    person = system.sign_in(tenant).account_id
    for size in sizes:
        before = room(system, shop.cattle)
        free = sum(before.values())
        if size > free:
            with pytest.raises(Exception, match="out_of_stock") as refused:
                place_order(system, tenant, person, shop.line(size))
            assert refused.value.params["left"] == free
            assert room(system, shop.cattle) == before
            continue
        place_order(system, tenant, person, shop.line(size))
        after = room(system, shop.cattle)
        taken = {animal: before[animal] - after[animal] for animal in before if before[animal] != after[animal]}
        assert sum(taken.values()) == size
        fitting = [count for count in before.values() if count >= size]
        if size <= 7 and fitting:
            assert len(taken) == 1, "one animal had room for all"
            assert before[next(iter(taken))] == min(fitting), "the fullest animal that still fits"
    rows = system.sql(
        "SELECT id, animal_id, order_line_id FROM animal_shares WHERE option_id = :o AND state = 'held'", o=shop.cattle
    )
    named = system.sql(
        "SELECT share_id FROM share_participants WHERE share_id = ANY(:ids)", ids=[row.id for row in rows]
    )
    assert len({row.share_id for row in named}) == len(rows)


@settings(max_examples=10)
@given(
    steps=st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(["keep", "release", "sell", "refund"])), min_size=2, max_size=8
    )
)
def test_freed_shares_come_back_and_only_those(system, tenant, steps):
    shop = make_shop(system, tenant, cattle=2, small=0, slug=f"kampanya-{next(_slugs)}")
    person = system.sign_in(tenant).account_id
    expected: Counter[str] = Counter(free=14)
    for size, fate in steps:
        if size > expected["free"]:
            continue
        order_id = place_order(system, tenant, person, shop.line(size))
        state = {"keep": "held", "sell": "sold"}.get(fate, "free")
        if fate in {"sell", "refund"}:
            settle(system, tenant, order_id, "fulfil")
        if fate in {"release", "refund"}:
            settle(system, tenant, order_id, "revoke" if fate == "refund" else "release")
        expected["free"] -= size
        expected[state] += size
        found = system.sql("SELECT state FROM animal_shares WHERE option_id = :o", o=shop.cattle)
        assert Counter(row.state for row in found) == +expected


def test_all_or_none_inside_one_transaction(system, tenant):
    """A late payment that cannot be served must not keep the part that could."""
    shop = make_shop(system, tenant, cattle=1, small=1)
    place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(1, shop.small))
    line_id = system.sql("SELECT id FROM order_lines")[0].id
    with system.request(tenant) as request:
        option = request.db.get_one(CampaignOption, shop.cattle)
        with pytest.raises(AllocationFailed) as failed:
            reserve(request.db, option, line_id, 8)
        assert failed.value.params == {"left": 7}
    assert list(room(system, shop.cattle).values()) == [7]


def slaughter(system, tenant, number, state="slaughtered"):
    with system.request(tenant) as request:
        animal = request.db.scalars(select(Animal).where(Animal.number == number)).one()
        change(request.db, animal, AnimalPatch(state=state))


def test_a_slaughter_noted_by_mistake_is_taken_back(system, tenant):
    shop = make_shop(system, tenant, cattle=1, small=0)
    slaughter(system, tenant, 1)
    with pytest.raises(Exception, match="out_of_stock"):
        place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(1))
    slaughter(system, tenant, 1, "ready")
    assert list(room(system, shop.cattle).values()) == [7]


def test_animals_already_slaughtered_are_not_for_sale(system, tenant):
    shop = make_shop(system, tenant, cattle=2, small=0)
    slaughter(system, tenant, 1)
    place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(7))
    held = system.sql(
        "SELECT DISTINCT a.number FROM animal_shares s JOIN animals a ON a.id = s.animal_id WHERE s.state = 'held'"
    )
    assert [row.number for row in held] == [2]


def test_a_refund_after_the_slaughter_frees_nothing(system, tenant):
    shop = make_shop(system, tenant, cattle=1, small=0)
    order_id = place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(2))
    settle(system, tenant, order_id)
    slaughter(system, tenant, 1)
    settle(system, tenant, order_id, "revoke")
    states = Counter(row.state for row in system.sql("SELECT state FROM animal_shares"))
    assert states == {"refunded": 2, "withdrawn": 5}
    assert system.sql("SELECT state FROM certificates")[0].state == "REVOKED"


def test_shares_of_an_order_are_named_in_the_order_given(system, tenant):
    shop = make_shop(system, tenant, cattle=2, small=0)
    place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(9))
    rows = system.sql(
        "SELECT p.position, a.number, s.share_no FROM share_participants p JOIN animal_shares s ON s.id = p.share_id "
        "JOIN animals a ON a.id = s.animal_id ORDER BY p.position"
    )
    by_animal = defaultdict(list)
    for row in rows:
        by_animal[row.number].append(row.share_no)
    assert {number: len(found) for number, found in by_animal.items()} == {1: 7, 2: 2}
    assert by_animal[1] == sorted(by_animal[1])
