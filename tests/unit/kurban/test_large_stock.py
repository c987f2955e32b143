"""A foundation with thousands of animals: an order costs about what it costs with ten."""

from contextlib import contextmanager

from sqlalchemy import event
from tests.common.catalogue import make_shop, place_order

from belgenet.kurban.campaigns.models import CampaignOption
from belgenet.kurban.shares.services import animals
from belgenet.kurban.shares.services.reserve import SPARE, _take

CATTLE = 600


@contextmanager
def sent(session):
    """The statements with parameters that go to the database within the block."""
    seen = []

    def note(_connection, _cursor, statement, parameters, *_):
        seen.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plan_of(session, statement, parameters):
    """Every node of the plan the database really runs."""
    question = "EXPLAIN (ANALYZE, FORMAT JSON) " + statement
    found = session.connection().exec_driver_sql(question, parameters).scalar()
    waiting, nodes = [found[0]["Plan"]], []
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        waiting += node.get("Plans", [])
    return nodes


def stock(system, tenant, cattle):
    shop = make_shop(system, tenant, cattle=0, small=0)
    while cattle:
        part = min(500, cattle)
        with system.request(tenant) as request:
            animals.add(request.db, request.db.get_one(CampaignOption, shop.cattle), part)
        cattle -= part
    return shop


def reserved(system, tenant, shop, quantity):
    """What choosing takes after somebody has begun an animal: result, numbers of the shares, nodes of each statement's plan."""
    place_order(system, tenant, system.sign_in(tenant).account_id, shop.line(3))
    with system.request(tenant) as request:
        session = request.db
        option = session.get_one(CampaignOption, shop.cattle)
        with sent(session) as statements:
            taken = _take(session, option.id, quantity, wait=False)
        plans = [plan_of(session, *statement) for statement in statements]
        numbers = {share.share_no for share in taken.shares}
    return taken, numbers, plans


def test_reserving_among_thousands_of_shares_asks_no_more_than_among_seventy(system, tenant, other_tenant):
    small = reserved(system, other_tenant, stock(system, other_tenant, 10), 4)
    taken, numbers, plans = reserved(system, tenant, stock(system, tenant, CATTLE), 4)
    assert (len(taken.shares), taken.needless, taken.saw_all) == (4, False, False)
    assert numbers == {4, 5, 6, 7}, "the animal begun is filled first"
    assert len(plans) == len(small[2]) == 2
    for nodes in plans:
        reads = [node for node in nodes if "Relation Name" in node]
        assert [(node["Relation Name"], node.get("Index Name")) for node in reads] == [
            ("animal_shares", "ix_animal_shares_free")
        ], "one look at the stock, through the index of what is free"
        assert all(node["Actual Loops"] == 1 for node in nodes), "shares are never joined with shares"
    locked = [node["Actual Rows"] for node in plans[1] if node["Node Type"] == "LockRows"]
    assert locked == [4], "nothing is locked that is not taken"
    assert plans[0][0]["Actual Rows"] <= 4 + SPARE, "animals to try are few, however many there are"


def test_a_stock_just_entered_needs_no_statistics(system, tenant):
    """The plan above must not depend on ANALYZE having come by: orders come in the minute after the animals."""
    shop = stock(system, tenant, 100)
    system.sql("DELETE FROM pg_statistic WHERE starelid = 'animal_shares'::regclass")
    *_, plans = reserved(system, tenant, shop, 7)
    assert not [node for nodes in plans for node in nodes if node["Node Type"] == "Seq Scan"]


def test_statements_of_a_whole_order_do_not_grow_with_the_stock(system, tenant, other_tenant):
    counts = []
    for home, cattle in ((other_tenant, 10), (tenant, 300)):
        shop = stock(system, home, cattle)
        account = system.sign_in(home).account_id
        with system.count_queries() as seen:
            place_order(system, home, account, shop.line(3))
        counts.append(len(seen))
    assert counts[0] == counts[1]
