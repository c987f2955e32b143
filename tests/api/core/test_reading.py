"""Reads on the shortest way stand behind the same walls, and a request's session still belongs to its transaction."""

import uuid

import psycopg
import pytest
import transaction
from pyramid.scripting import prepare
from sqlalchemy import insert, literal, select, update

from belgenet.accounts.models import Account, Membership
from belgenet.core.db import Reading, bind_tenant, fetch, one_of, utcnow
from belgenet.core.db.session import TenantRebindError

MEMBERS = Reading(select(Membership.id, Membership.account_id, Membership.roles).where(one_of(Membership.account_id)))
ACCOUNTS = Reading(
    select(Account.id, Account.full_name, Account.created_at).where(one_of(Account.id)).order_by(Account.full_name)
)


@pytest.fixture
def two(system):
    return system.create_tenant("akademi", "academy"), system.create_tenant("vakif", "charity")


def test_rows_are_named_and_typed(system, two):
    person = system.sign_in(two[0])
    with system.session(two[0]) as session:
        (row,) = fetch(session, ACCOUNTS, ids=[person.account_id])[0]
    assert (row.id, row.full_name) == (person.account_id, "Ayşe Işık")
    assert row.created_at.utcoffset().total_seconds() == 0


def test_several_are_answered_in_the_order_asked(system, two):
    people = [system.sign_in(two[0]) for _ in range(3)]
    ids = [person.account_id for person in people]
    with system.session(two[0]) as session:
        accounts, members, none = fetch(session, ACCOUNTS, MEMBERS, MEMBERS, ids=ids)
        assert {row.id for row in accounts} == set(ids) == {row.account_id for row in members}
        assert len(none) == 3
        assert fetch(session, ACCOUNTS, ids=[]) == [[]]


def test_another_tenants_rows_are_not_read(system, two):
    person = system.sign_in(two[0])
    with system.session(two[1]) as session:
        assert fetch(session, MEMBERS, ids=[person.account_id]) == [[]]


def test_what_the_session_has_not_yet_written_is_seen(system, two):
    person = system.sign_in(two[0])
    with system.session(two[0]) as session:
        session.get(Account, person.account_id).full_name = "Çağrı Öz"
        assert fetch(session, ACCOUNTS, ids=[person.account_id])[0][0].full_name == "Çağrı Öz"


def test_whoever_counts_statements_counts_these_too(system, two):
    with system.session(two[0]) as session, system.count_queries() as seen:
        fetch(session, ACCOUNTS, MEMBERS, ids=[uuid.uuid4()])
    assert len([statement for statement in seen if "ANY" in statement]) == 2


def test_an_error_of_one_leaves_the_connection_usable(system, two):
    broken = Reading(select(Account.id, (literal(1) / literal(0)).label("x")))
    person = system.sign_in(two[0])
    with pytest.raises(psycopg.Error), system.session(two[0]) as session:
        fetch(session, broken, ids=[person.account_id])
    with system.session(two[0]) as session:
        assert len(fetch(session, ACCOUNTS, ids=[person.account_id])[0]) == 1


# -- the session of a request ----------------------------------------------------------------------------------------


@pytest.fixture
def request_of(system, two):
    """A request bound to a tenant inside a transaction of its own; ended by the test through its ``tm``."""
    closers = []

    def make(tenant):
        environment = prepare(registry=system.registry)
        request = environment["request"]
        request.tm = transaction.TransactionManager(explicit=True)
        request.tm.begin()
        bind_tenant(request.db, tenant.id)
        closers.append(environment["closer"])
        return request

    yield make
    for close in closers:
        close()


def name_of(system, account_id):
    return system.sql("SELECT full_name FROM accounts WHERE id = :a", a=account_id)[0][0]


def rename_by_orm(session, account_id):
    session.get(Account, account_id).full_name = "Yeni Ad"


def rename_by_statement(session, account_id):
    session.execute(update(Account).where(Account.id == account_id).values(full_name="Yeni Ad"))


def rename_by_query(session, account_id):
    session.query(Account).filter(Account.id == account_id).update({"full_name": "Yeni Ad"})


@pytest.mark.parametrize("rename", [rename_by_orm, rename_by_statement, rename_by_query])
def test_every_way_of_writing_is_committed_with_the_transaction(system, two, request_of, rename):
    person = system.sign_in(two[0])
    request = request_of(two[0])
    rename(request.db, person.account_id)
    assert name_of(system, person.account_id) == "Ayşe Işık"
    request.tm.commit()
    assert name_of(system, person.account_id) == "Yeni Ad"


def test_an_inserted_row_alone_is_committed(system, two, request_of):
    request = request_of(two[0])
    key = uuid.uuid4()
    values = {"id": key, "email": "yeni@example.org", "full_name": "Yeni", "locale": "tr", "sessions_since": utcnow()}
    request.db.execute(insert(Account).values(**values))
    request.tm.commit()
    assert name_of(system, key) == "Yeni"


@pytest.mark.parametrize("rename", [rename_by_orm, rename_by_statement, rename_by_query])
def test_nothing_is_left_when_the_transaction_is_given_up(system, two, request_of, rename):
    person = system.sign_in(two[0])
    request = request_of(two[0])
    rename(request.db, person.account_id)
    request.tm.abort()
    assert name_of(system, person.account_id) == "Ayşe Işık"


def test_nobody_commits_past_the_transaction_manager(two, request_of):
    request = request_of(two[0])
    request.db.connection()
    with pytest.raises(RuntimeError, match="transaction manager"):
        request.db.commit()
    request.tm.abort()


def test_a_savepoint_may_end_by_itself(system, two, request_of):
    person = system.sign_in(two[0])
    request = request_of(two[0])
    with request.db.begin_nested():
        rename_by_orm(request.db, person.account_id)
    request.tm.commit()
    assert name_of(system, person.account_id) == "Yeni Ad"


def test_a_session_serves_one_tenant(two, request_of):
    request = request_of(two[0])
    with pytest.raises(TenantRebindError):
        bind_tenant(request.db, two[1].id)
    request.tm.abort()


class Nobody:
    """An interface without an implementation."""


def test_services_are_made_once_a_request(two, request_of):
    from belgenet.accounts.interfaces import AccountDirectory

    first, second = request_of(two[0]), request_of(two[0])
    assert first.service(AccountDirectory) is first.service(AccountDirectory)
    assert first.service(AccountDirectory) is not second.service(AccountDirectory)
    with pytest.raises(LookupError):
        first.service(Nobody)
    first.tm.abort()
    second.tm.abort()
