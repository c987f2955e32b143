"""POST /admin/sms/{id}/retry: what certainly did not go out is sent again when an administrator says so, and nothing else."""

import uuid
from typing import Any

import pytest
from tests.api.accounts.helpers import together
from tests.api.notifications.test_sms import NUMBER, deliveries, due_now, queue, states

from belgenet.core.security import Role
from belgenet.core.sms import SmsRefused, SmsUnavailable
from belgenet.core.sms.netgsm import NetgsmSmsSender


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


def fail(system: Any, tenant: Any, monkeypatch: Any, error: Exception, attempts: int = 1) -> str:
    """An SMS that the provider will not take; its id."""

    def refuse(_self: Any, _number: str, _text: str) -> str:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(NetgsmSmsSender, "send", refuse)
        queue(system, tenant, uuid.uuid4().hex)
        for _ in range(attempts):
            system.drain()
            due_now(system)
    return str(system.sql("SELECT id FROM sms_messages ORDER BY id DESC LIMIT 1")[0][0])


def acts(system: Any) -> list[Any]:
    return [tuple(row) for row in system.sql("SELECT action, target_id, before, after FROM audit_events ORDER BY id")]


def test_one_that_was_refused_goes_out_once_the_cause_was_mended(
    system: Any, tenant: Any, admin: Any, mail_sink: Any, monkeypatch: Any
) -> None:
    sms = fail(system, tenant, monkeypatch, SmsRefused("text_refused", "netgsm 20"))
    assert (states(system), deliveries(system)) == ([("failed", "text_refused (netgsm 20)")], ["done"])
    assert admin.get("/admin/sms").json["items"][0]["repeatable"] is True
    answer = admin.post(f"/admin/sms/{sms}/retry", status=200).json
    assert (answer["id"], answer["state"], answer["last_error"], answer["sending_since"]) == (sms, "queued", None, None)
    system.drain()
    assert states(system) == [("sent", None)]
    assert len(mail_sink.sms(NUMBER)) == 1
    before = {"state": "failed", "last_error": "text_refused (netgsm 20)"}
    assert acts(system) == [("sms.retry", sms, before, {"state": "queued"})]


def test_one_that_was_given_up_gets_all_its_attempts_again(
    system: Any, tenant: Any, admin: Any, mail_sink: Any, monkeypatch: Any
) -> None:
    attempts = system.settings.tasks.max_attempts
    sms = fail(system, tenant, monkeypatch, SmsUnavailable("sender_unknown", "netgsm 40"), attempts)
    assert (states(system), deliveries(system)) == ([("failed", "sender_unknown (netgsm 40)")], ["dead"])
    admin.post(f"/admin/sms/{sms}/retry", status=200)
    system.drain()
    assert states(system) == [("sent", None)]
    # What lies among the failed tasks may be tried again too; it finds nothing left to do.
    letter = admin.get("/admin/dead-letters").json["items"][0]["id"]
    admin.post(f"/admin/dead-letters/{letter}/retry", status=200)
    system.drain()
    assert set(deliveries(system)) == {"done"}
    assert len(mail_sink.sms(NUMBER)) == 1


def test_asking_twice_is_asking_once(system: Any, tenant: Any, admin: Any, mail_sink: Any, monkeypatch: Any) -> None:
    sms = fail(system, tenant, monkeypatch, SmsRefused("request_refused"))
    answers = together(*(lambda: admin.post(f"/admin/sms/{sms}/retry", status=200).json["state"] for _ in range(4)))
    assert answers == ["queued"] * 4
    system.drain()
    assert admin.post(f"/admin/sms/{sms}/retry", status=200).json["state"] == "sent"
    system.drain()
    assert len(mail_sink.sms(NUMBER)) == 1
    assert len(acts(system)) == 1
    assert len(deliveries(system)) == 2


def test_it_may_fail_and_be_tried_any_number_of_times(system: Any, tenant: Any, admin: Any, monkeypatch: Any) -> None:
    sms = fail(system, tenant, monkeypatch, SmsRefused("request_refused"))
    system.sql("UPDATE sms_messages SET recipient = '+905010000020'")
    for _ in range(3):
        admin.post(f"/admin/sms/{sms}/retry", status=200)
        system.drain()
        assert states(system) == [("failed", "text_refused (netgsm 20)")]
    assert len(acts(system)) == 3


@pytest.mark.parametrize(
    "change",
    [
        "state = 'unknown', last_error = 'no_answer (ReadTimeout)'",
        "last_error = 'invalid_number'",
        "forgotten_at = now(), last_error = 'request_refused'",
    ],
)
def test_what_may_have_gone_out_or_cannot_is_not_repeated(
    system: Any, tenant: Any, admin: Any, mail_sink: Any, monkeypatch: Any, change: str
) -> None:
    sms = fail(system, tenant, monkeypatch, SmsRefused("request_refused"))
    system.sql(f"UPDATE sms_messages SET {change}")
    assert admin.get("/admin/sms").json["items"][0]["repeatable"] is False
    before = states(system)
    answer = admin.post(f"/admin/sms/{sms}/retry", status=409, headers={"Accept-Language": "tr"}).json
    assert (answer["code"], answer["title"]) == ("sms_not_repeatable", "SMS yeniden gönderilemez")
    system.drain()
    assert states(system) == before
    assert mail_sink.sms() == []
    assert acts(system) == []


def test_one_under_way_is_left_alone(system: Any, tenant: Any, admin: Any) -> None:
    queue(system, tenant)
    ((sms,),) = system.sql("SELECT id FROM sms_messages")
    for state in ("queued", "sending", "sent"):
        system.sql("UPDATE sms_messages SET state = :s", s=state)
        assert admin.post(f"/admin/sms/{sms}/retry", status=200).json["state"] == state
    assert len(system.sql("SELECT 1 FROM outbox WHERE topic = 'sms.queued'")) == 1


def test_of_another_tenant_there_are_none(system: Any, tenant: Any, other_tenant: Any, monkeypatch: Any) -> None:
    sms = fail(system, tenant, monkeypatch, SmsRefused("request_refused"))
    system.sign_in(other_tenant, Role.TENANT_ADMIN).client.post(f"/admin/sms/{sms}/retry", status=404)
    system.sign_in(tenant, Role.OPERATOR).client.post(f"/admin/sms/{sms}/retry", status=403)
    assert states(system) == [("failed", "request_refused")]


def test_the_number_and_the_text_stay_out_of_answer_and_audit(
    system: Any, tenant: Any, admin: Any, monkeypatch: Any
) -> None:
    sms = fail(system, tenant, monkeypatch, SmsRefused("request_refused"))
    told = admin.post(f"/admin/sms/{sms}/retry", status=200).text + admin.get("/admin/audit", status=200).text
    assert "5321234567" not in told
    assert "VKF-K-2026" not in told
