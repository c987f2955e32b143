"""Mail from the domain that asks for it to the recipient's mailbox, over a real SMTP server."""

import uuid
from typing import Any

import pytest
from prometheus_client import REGISTRY
from tests.api.accounts.helpers import together
from tests.unit.notifications.samples import SAMPLES

from belgenet.core.mail import Mailer, MailUnavailable
from belgenet.core.security import Role
from belgenet.core.storage import ObjectStore, tenant_key
from belgenet.core.tasks.deliver import deliver
from belgenet.notifications.interfaces import Attachment, Notifier

TO = "ayse@example.org"


def queue(system: Any, tenant: Any, key: str = "k1", template: str = "certificate_ready", **options: Any) -> bool:
    with system.request(tenant) as request:
        queued: bool = request.service(Notifier).email(template, TO, "tr", SAMPLES[template], key, **options)
        return queued


def states(system: Any) -> list[tuple[str, Any]]:
    return system.sql("SELECT state, last_error FROM mail_messages ORDER BY id")


class Broken:
    """A mailer that fails a number of times, then works."""

    def __init__(self, real: Any, failures: int) -> None:
        self.real, self.failures, self.sent = real, failures, 0

    def send(self, message: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise MailUnavailable("smtp: connection refused")
        self.sent += 1
        self.real.send(message)


@pytest.fixture
def broken(system: Any, monkeypatch: Any, settings: Any) -> Any:
    """Replace the SMTP connection (not the application's code) by one that fails on demand."""
    from belgenet.core.mail.smtp import SmtpMailer

    mailer = Broken(SmtpMailer(settings.mail), 0)
    monkeypatch.setattr(SmtpMailer, "send", lambda _self, message: Broken.send(mailer, message))
    mailer.real = _Direct(settings.mail)
    return mailer


class _Direct:
    def __init__(self, settings: Any) -> None:
        self._settings = settings

    def send(self, message: Any) -> None:
        import smtplib

        with smtplib.SMTP(self._settings.host, self._settings.port, timeout=10) as connection:
            connection.send_message(message)


def due_now(system: Any) -> None:
    system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")


def test_a_mail_arrives_once_per_key(system: Any, tenant: Any, mail_sink: Any) -> None:
    assert queue(system, tenant) is True
    assert queue(system, tenant) is False
    assert queue(system, tenant, "k2") is True
    system.drain()
    assert [mail.subject for mail in mail_sink.mails(TO)] == ["Belgeniz hazır: 2026 Kurban Vekâleti"] * 2
    assert states(system) == [("sent", None), ("sent", None)]


def test_an_operator_sees_whether_mail_goes_out(system: Any, tenant: Any, mail_sink: Any, broken: Any) -> None:
    def count(state: str) -> float:
        return REGISTRY.get_sample_value("belgenet_mails_total", {"state": state}) or 0

    before = count("sent"), count("queued")
    broken.failures = 1
    queue(system, tenant)
    system.drain(rounds=1)
    assert (count("sent"), count("queued")) == (before[0], before[1] + 1)
    system.sql("UPDATE outbox_deliveries SET available_at = now()")
    system.drain()
    assert (count("sent"), count("queued")) == (before[0] + 1, before[1] + 1)


def test_the_sender_is_the_tenant(system: Any, tenant: Any, mail_sink: Any) -> None:
    queue(system, tenant)
    system.drain()
    (mail,) = mail_sink.mails(TO)
    sender = mail.message["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == (tenant.name, "noreply@localhost")
    ((message_id,),) = system.sql("SELECT message_id FROM mail_messages")
    assert mail.message["Message-ID"] == message_id


def test_what_rolls_back_is_never_sent(system: Any, tenant: Any, mail_sink: Any) -> None:
    def queue_and_fail() -> None:
        with system.request(tenant) as request:
            request.service(Notifier).email("certificate_ready", TO, "tr", SAMPLES["certificate_ready"], "k1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        queue_and_fail()
    system.drain()
    assert mail_sink.mails(TO) == []
    assert queue(system, tenant) is True


def test_two_who_queue_one_key_at_once_queue_one_mail(system: Any, tenant: Any, mail_sink: Any) -> None:
    answers = together(*(lambda: queue(system, tenant) for _ in range(5)))
    assert sorted(answers) == [False, False, False, False, True]
    system.drain()
    assert len(mail_sink.mails(TO)) == 1


def test_one_key_in_two_tenants_is_two_mails(system: Any, tenant: Any, other_tenant: Any, mail_sink: Any) -> None:
    assert queue(system, tenant)
    assert queue(system, other_tenant)
    system.drain()
    assert {mail.message["From"].addresses[0].display_name for mail in mail_sink.mails(TO)} == {
        tenant.name,
        other_tenant.name,
    }


def test_a_certificate_travels_along(system: Any, tenant: Any, mail_sink: Any) -> None:
    key = tenant_key(tenant.id, "certificates", "x")
    with system.request(tenant) as request:
        request.service(ObjectStore).put(key, b"%PDF-1.7", 8, "application/pdf")
    queue(system, tenant, attachments=[Attachment("Vekâlet.pdf", "application/pdf", key)])
    system.drain()
    (mail,) = mail_sink.mails(TO)
    (attached,) = mail.attachments()
    assert (attached.filename, attached.content_type, attached.content) == (
        "Vekâlet.pdf",
        "application/pdf",
        b"%PDF-1.7",
    )


def test_a_server_that_is_down_is_tried_again(system: Any, tenant: Any, broken: Any, mail_sink: Any) -> None:
    broken.failures = 2
    queue(system, tenant)
    for expected in (("queued", "smtp: connection refused"), ("queued", "smtp: connection refused"), ("sent", None)):
        system.drain()
        assert states(system) == [expected]
        due_now(system)
    assert len(mail_sink.mails(TO)) == 1


def test_after_the_last_attempt_it_is_failed_and_an_administrator_can_retry(
    system: Any, tenant: Any, broken: Any, mail_sink: Any
) -> None:
    broken.failures = 4
    queue(system, tenant)
    for _ in range(4):
        system.drain()
        due_now(system)
    assert states(system) == [("failed", "smtp: connection refused")]
    assert system.sql("SELECT state FROM outbox_deliveries") == [("dead",)]
    system.sql("UPDATE outbox_deliveries SET state = 'pending', attempts = 0, available_at = now()")
    system.drain()
    assert states(system) == [("sent", None)]
    assert len(mail_sink.mails(TO)) == 1


def test_a_worker_that_dies_after_the_server_took_it_sends_the_same_message_again(
    system: Any, tenant: Any, broken: Any, mail_sink: Any, monkeypatch: Any
) -> None:
    """SMTP has no way to ask; the same Message-ID makes it one mail to every mail program."""
    from belgenet.notifications.services.sending import Sending

    queue(system, tenant)
    real = Sending.finish

    def die(_self: Any, _mail_id: Any) -> None:
        raise SystemExit("kill -9")

    monkeypatch.setattr(Sending, "finish", die)
    with pytest.raises(SystemExit):
        system.drain()
    assert states(system) == [("sending", None)]
    monkeypatch.setattr(Sending, "finish", real)
    system.sql("UPDATE mail_messages SET sending_since = now() - interval '2 minutes'")
    due_now(system)
    system.drain()
    assert states(system) == [("sent", None)]
    first, second = mail_sink.mails(TO)
    assert first.message["Message-ID"] == second.message["Message-ID"]


def test_of_two_workers_one_sends(system: Any, tenant: Any, mail_sink: Any) -> None:
    queue(system, tenant)
    from belgenet.core.db.session import make_engine
    from belgenet.core.outbox.relay import Relay

    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    due: list[uuid.UUID] = []
    Relay(engine, system.registry["belgenet.consumers"], lambda row: due.append(row.id), 60).step()
    engine.dispose()
    together(*(lambda: deliver(system.registry, due[0], tenant.id) for _ in range(4)))
    assert len(mail_sink.mails(TO)) == 1
    assert states(system) == [("sent", None)]


def test_a_mail_that_another_worker_is_sending_waits(system: Any, tenant: Any, mail_sink: Any) -> None:
    queue(system, tenant)
    system.sql("UPDATE mail_messages SET state = 'sending', sending_since = now()")
    system.drain()
    assert mail_sink.mails(TO) == []
    assert system.sql("SELECT state FROM outbox_deliveries") == [("pending",)]
    system.sql("UPDATE mail_messages SET sending_since = now() - interval '2 minutes'")
    due_now(system)
    system.drain()
    assert len(mail_sink.mails(TO)) == 1


def test_an_event_whose_mail_went_out_or_is_gone_does_nothing(system: Any, tenant: Any, mail_sink: Any) -> None:
    queue(system, tenant)
    queue(system, tenant, "k2")
    system.sql("UPDATE mail_messages SET state = 'sent' WHERE dedupe_key = 'k1'")
    system.sql("DELETE FROM mail_messages WHERE dedupe_key = 'k2'")
    system.drain()
    assert mail_sink.mails(TO) == []
    assert set(system.sql("SELECT state FROM outbox_deliveries")) == {("done",)}


def test_secrets_are_forgotten_once_sent_other_texts_are_kept(system: Any, tenant: Any) -> None:
    queue(system, tenant, template="reset_password")
    queue(system, tenant, "k2")
    assert "#token=abc" in system.sql("SELECT html FROM mail_messages WHERE template = 'reset_password'")[0][0]
    system.drain()
    rows = dict(system.sql("SELECT template, html || text FROM mail_messages"))
    assert "token" not in rows["reset_password"]
    assert "VKF-K-2026-000045" in rows["certificate_ready"]


def test_old_texts_are_forgotten_their_keys_are_not(system: Any, tenant: Any) -> None:
    from belgenet.notifications.tasks import purge

    queue(system, tenant)
    system.drain()
    system.sql("UPDATE mail_messages SET created_at = now() - interval '91 days'")
    with system.request(tenant) as request:
        purge(request)
    assert "VKF-K" not in system.sql("SELECT html FROM mail_messages")[0][0]
    assert queue(system, tenant) is False


def test_a_failed_mail_whose_text_is_forgotten_is_not_sent_without_it(
    system: Any, tenant: Any, broken: Any, mail_sink: Any
) -> None:
    from belgenet.notifications.tasks import purge

    broken.failures = 4
    queue(system, tenant)
    for _ in range(4):
        system.drain()
        due_now(system)
    system.sql("UPDATE mail_messages SET created_at = now() - interval '91 days'")
    with system.request(tenant) as request:
        purge(request)
    system.sql("UPDATE outbox_deliveries SET state = 'pending', attempts = 0, available_at = now()")
    system.drain()
    assert states(system) == [("failed", "too_old")]
    assert mail_sink.mails(TO) == []


def test_a_template_error_fails_the_caller_not_the_mailer(system: Any, tenant: Any) -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError), system.request(tenant) as request:
        request.service(Notifier).email("order_paid", TO, "tr", {}, "k")
    assert states(system) == []


def test_both_interfaces_are_served(system: Any, tenant: Any) -> None:
    from belgenet.accounts.interfaces import AccountMailer

    with system.request(tenant) as request:
        assert type(request.service(Notifier)) is type(request.service(AccountMailer))
        assert callable(request.service(Mailer).send)


class TestLog:
    """What the administrator sees of it."""

    def test_shows_states_but_no_texts(self, system: Any, tenant: Any) -> None:
        admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
        queue(system, tenant)
        (item,) = admin.get("/admin/mails", status=200).json["items"]
        assert item["state"] == "queued"
        system.drain()
        (item,) = admin.get(f"/admin/mails?state=sent&recipient={TO}", status=200).json["items"]
        assert (item["recipient"], item["template"], item["sent_at"] is None) == (TO, "certificate_ready", False)
        assert not {"html", "text"} & item.keys()
        assert admin.get("/admin/mails?state=failed").json["items"] == []
        admin.get("/admin/mails?state=lost", status=400)

    def test_is_the_tenants_own(self, system: Any, tenant: Any, other_tenant: Any) -> None:
        queue(system, tenant)
        assert system.sign_in(other_tenant, Role.TENANT_ADMIN).client.get("/admin/mails").json["items"] == []

    @pytest.mark.parametrize("role", [Role.DONOR, Role.INSTRUCTOR, Role.OPERATOR, Role.GUEST])
    def test_is_for_administrators(self, system: Any, tenant: Any, role: Role) -> None:
        system.sign_in(tenant, role).client.get("/admin/mails", status=403)

    def test_costs_the_same_however_many_mails_there_are(self, system: Any, tenant: Any) -> None:
        admin = system.sign_in(tenant, Role.TENANT_ADMIN).client

        def cost() -> int:
            with system.count_queries() as seen:
                admin.get("/admin/mails", status=200)
            return len(seen)

        cost()
        before = cost()
        for number in range(8):
            queue(system, tenant, f"k{number}")
        assert cost() == before
