"""What is left of a message after ninety days, and what a night of forgetting costs."""

from typing import Any

import pytest
from tests.api.certificates.test_admin_list import touched
from tests.api.notifications.test_mail import queue as queue_mail
from tests.api.notifications.test_sms import NUMBER, queue, states

from belgenet.core.security import Role
from belgenet.core.sms import masked
from belgenet.notifications.tasks import purge

OLD = 3000
"""Rows forgotten in nights before."""


def age(system: Any, days: int) -> None:
    for table in ("mail_messages", "sms_messages"):
        system.sql(f"UPDATE {table} SET created_at = now() - make_interval(days => {days})")


def forget(system: Any, tenant: Any) -> None:
    with system.request(tenant) as request:
        purge(request)


@pytest.mark.parametrize("given", [NUMBER, "+491701234567", "evde yok", "0212", "", "0212 123 45 67", "9" * 40])
def test_an_old_number_is_masked_as_people_saw_it_before(system: Any, tenant: Any, given: str) -> None:
    queue(system, tenant, to=given)
    ((recipient,),) = system.sql("SELECT recipient FROM sms_messages")
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    before = admin.get("/admin/sms").json["items"][0]["recipient"]
    age(system, 91)
    forget(system, tenant)
    assert system.sql("SELECT recipient FROM sms_messages") == [(masked(recipient),)]
    assert admin.get("/admin/sms").json["items"][0]["recipient"] == before


def test_a_young_number_is_kept_to_be_sent_to(system: Any, tenant: Any, mail_sink: Any) -> None:
    queue(system, tenant)
    age(system, 89)
    forget(system, tenant)
    assert system.sql("SELECT recipient FROM sms_messages") == [(NUMBER,)]
    system.drain()
    assert len(mail_sink.sms(NUMBER)) == 1


def test_a_masked_one_is_neither_sent_nor_queued_again(system: Any, tenant: Any, mail_sink: Any) -> None:
    queue(system, tenant)
    age(system, 91)
    forget(system, tenant)
    assert queue(system, tenant) is False
    system.drain()
    assert states(system) == [("failed", "too_old")]
    assert mail_sink.sms() == []


def test_names_of_mails_whose_secrets_were_wiped_are_forgotten_too(system: Any, tenant: Any) -> None:
    queue_mail(system, tenant, template="reset_password")
    system.drain()
    assert system.sql("SELECT recipient_name FROM mail_messages") == [("Ayşe",)]
    age(system, 91)
    forget(system, tenant)
    assert system.sql("SELECT recipient_name FROM mail_messages") == [("",)]


@pytest.mark.parametrize(
    ("table", "columns", "values"),
    [
        ("sms_messages", "recipient, segments", "'+905*******67', 1"),
        (
            "mail_messages",
            "recipient, recipient_name, subject, html, attachments, message_id",
            "'', '', '', '', '[]', ''",
        ),
    ],
)
def test_a_night_costs_what_a_day_brought(system: Any, tenant: Any, table: str, columns: str, values: str) -> None:
    """Not a walk over everything that was ever sent."""
    queue(system, tenant)
    queue_mail(system, tenant)
    age(system, 91)
    system.sql(
        f"""INSERT INTO {table} (id, tenant_id, dedupe_key, template, locale, text, state, created_at, forgotten_at, {columns})
        SELECT gen_random_uuid(), :tenant, 'old' || n, 't', 'tr', '', 'sent', now() - interval '200 days', now(), {values}
        FROM generate_series(1, {OLD}) AS n""",
        tenant=tenant.id,
    )
    with system.superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ANALYZE {table}")
    with system.session(tenant) as session:
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) UPDATE {table} SET forgotten_at = now() "
            "WHERE created_at < now() - interval '90 days' AND forgotten_at IS NULL"
        )
        assert touched(plan.scalar_one()[0]["Plan"]) < 10
    assert system.sql(f"SELECT count(*) FROM {table} WHERE forgotten_at IS NULL") == [(0,)]
