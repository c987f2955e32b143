"""SMS from the domain that asks for it to the provider, over real HTTP."""

from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError
from tests.api.accounts.helpers import together

from belgenet.core.security import Role
from belgenet.core.sms import SmsUnavailable
from belgenet.core.sms.netgsm import NetgsmSmsSender
from belgenet.notifications.interfaces import Notifier

NUMBER = "+905321234567"
CONTEXT = {"number": "VKF-K-2026-000045", "verify_url": "https://vakif.example.org/verify/AB12CD34"}


def queue(system: Any, tenant: Any, key: str = "k1", to: str = NUMBER, locale: str = "tr", **context: str) -> bool:
    with system.request(tenant) as request:
        queued: bool = request.service(Notifier).sms("certificate_ready", to, locale, {**CONTEXT, **context}, key)
        return queued


def states(system: Any) -> list[tuple[str, Any]]:
    return [tuple(row) for row in system.sql("SELECT state, last_error FROM sms_messages ORDER BY id")]


def deliveries(system: Any) -> list[str]:
    return [row[0] for row in system.sql("SELECT state FROM outbox_deliveries")]


def due_now(system: Any) -> None:
    system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")


def test_an_sms_arrives_once_per_key(system: Any, tenant: Any, mail_sink: Any) -> None:
    assert queue(system, tenant) is True
    assert queue(system, tenant) is False
    assert queue(system, tenant, "k2", locale="en") is True
    system.drain()
    turkish, english = (sms.text for sms in mail_sink.sms(NUMBER))
    address = CONTEXT["verify_url"]
    assert turkish == f"Vakif Kurumu: VKF-K-2026-000045 numaralı belgeniz hazır. Doğrulama adresi: {address}"
    assert english == f"Vakif Kurumu: your certificate VKF-K-2026-000045 is ready. Check it at {address}"
    assert states(system) == [("sent", None), ("sent", None)]
    rows = system.sql("SELECT segments, provider_id, recipient FROM sms_messages ORDER BY id")
    assert [tuple(row) for row in rows] == [(1, sms.job, NUMBER) for sms in mail_sink.sms(NUMBER)]


def test_turkish_letters_cost_room(system: Any, tenant: Any, mail_sink: Any) -> None:
    long = "https://vakif.example.org/verify/" + "A" * 52
    queue(system, tenant, "tr", verify_url=long)
    queue(system, tenant, "en", locale="en", verify_url=long)
    system.drain()
    turkish, english = mail_sink.sms(NUMBER)
    assert max(len(turkish.text), len(english.text)) <= 160
    assert [row[0] for row in system.sql("SELECT segments FROM sms_messages ORDER BY id")] == [2, 1]


def test_what_rolls_back_is_never_sent(system: Any, tenant: Any, mail_sink: Any) -> None:
    def queue_and_fail() -> None:
        with system.request(tenant) as request:
            request.service(Notifier).sms("certificate_ready", NUMBER, "tr", CONTEXT, "k1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        queue_and_fail()
    system.drain()
    assert mail_sink.sms() == []
    assert queue(system, tenant) is True


def test_two_who_queue_one_key_at_once_queue_one_sms(system: Any, tenant: Any, mail_sink: Any) -> None:
    answers = together(*(lambda: queue(system, tenant) for _ in range(5)))
    assert sorted(answers) == [False, False, False, False, True]
    system.drain()
    assert len(mail_sink.sms()) == 1


def test_one_key_in_two_tenants_is_two_sms(system: Any, tenant: Any, other_tenant: Any, mail_sink: Any) -> None:
    assert queue(system, tenant)
    assert queue(system, other_tenant)
    system.drain()
    assert sorted(sms.text.split(":")[0] for sms in mail_sink.sms()) == ["Akademi Kurumu", "Vakif Kurumu"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0212 123 45 67", "0212 123 45 67"),
        ("", ""),
        ("\x00\x00+90\x00", "+90"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("+90532\r\nX-Injected: 1", "+90532 X-Injected: 1"),
        ("9" * 5000, "9" * 40),
        ("0532 123 45 67'; DROP TABLE sms_messages; --", "0532 123 45 67'; DROP TABLE sms_messages"),
        ("\u202e7654321", "7654321"),
        ("\ud83d", ""),
    ],
)
def test_a_wrong_number_is_a_note_and_no_crash(system: Any, tenant: Any, mail_sink: Any, given: str, kept: str) -> None:
    assert queue(system, tenant, to=given) is False
    assert queue(system, tenant, to=given) is False
    system.drain()
    assert system.sql("SELECT recipient, state, last_error FROM sms_messages") == [(kept, "failed", "invalid_number")]
    assert deliveries(system) == []
    assert mail_sink.sms() == []


@pytest.mark.parametrize(
    ("number", "state", "error"),
    [
        ("0501 000 00 20", "failed", "text_refused (netgsm 20)"),
        ("0501 000 00 70", "failed", "request_refused (netgsm 70)"),
        ("+49 170 1234567", "failed", "abroad"),
        ("0501 000 00 90", "unknown", "unreadable_answer (http 200)"),
        ("0501 000 00 91", "unknown", "unreadable_answer (http 500)"),
    ],
)
def test_what_is_refused_or_open_is_not_tried_again(
    system: Any, tenant: Any, number: str, state: str, error: str
) -> None:
    queue(system, tenant, to=number)
    system.drain()
    assert states(system) == [(state, error)]
    assert deliveries(system) == ["done"]


def test_a_limit_is_waited_for_until_the_last_attempt(
    system: Any, tenant: Any, mail_sink: Any, monkeypatch: Any
) -> None:
    queue(system, tenant, to="0501 000 00 80")
    for state in ("queued", "queued", "queued", "failed"):
        system.drain()
        assert states(system) == [(state, "rate_limited (netgsm 80)")]
        due_now(system)
    assert deliveries(system) == ["dead"]
    # The administrator starts it again once the provider takes messages again.
    system.sql("UPDATE sms_messages SET recipient = :n", n=NUMBER)
    system.sql("UPDATE outbox_deliveries SET state = 'pending', attempts = 0, available_at = now()")
    system.drain()
    assert states(system) == [("sent", None)]
    assert len(mail_sink.sms(NUMBER)) == 1


@pytest.mark.parametrize("after_the_provider_took_it", [True, False])
def test_a_worker_that_dies_half_way_leaves_it_unknown(
    system: Any, tenant: Any, mail_sink: Any, monkeypatch: Any, after_the_provider_took_it: bool
) -> None:
    """Nobody can tell the two apart, so neither is sent again."""
    real = NetgsmSmsSender.send

    def die(self: Any, number: str, text: str) -> str:
        if after_the_provider_took_it:
            real(self, number, text)
        raise SystemExit("kill -9")

    queue(system, tenant)
    monkeypatch.setattr(NetgsmSmsSender, "send", die)
    with pytest.raises(SystemExit):
        system.drain()
    monkeypatch.setattr(NetgsmSmsSender, "send", real)
    assert states(system) == [("sending", None)]
    due_now(system)
    system.drain()
    assert states(system) == [("sending", None)], "somebody may still be at it"
    system.sql("UPDATE sms_messages SET sending_since = now() - interval '2 minutes'")
    due_now(system)
    system.drain()
    assert states(system) == [("unknown", "interrupted")]
    assert len(mail_sink.sms()) == int(after_the_provider_took_it)
    assert deliveries(system) == ["done"]


def test_one_whose_last_attempt_died_half_way_ends_although_nobody_delivers_it_again(
    system: Any, tenant: Any, other_tenant: Any
) -> None:
    for place in (tenant, other_tenant):
        queue(system, place)
    system.sql("UPDATE outbox_deliveries SET state = 'dead'")
    system.sql("UPDATE sms_messages SET state = 'sending', sending_since = now()")

    def settle(place: Any) -> None:
        with system.request(place) as request:
            system.registry["belgenet.periodic"]["notifications.settle"].function(request)

    settle(tenant)
    assert states(system) == [("sending", None), ("sending", None)], "somebody may still be at it"
    system.sql("UPDATE sms_messages SET sending_since = now() - interval '2 minutes'")
    settle(tenant)
    assert sorted(states(system)) == [("sending", None), ("unknown", "interrupted")]
    settle(other_tenant)
    assert states(system) == [("unknown", "interrupted")] * 2


def test_a_time_limit_in_the_middle_leaves_it_unknown(system: Any, tenant: Any, monkeypatch: Any) -> None:
    def interrupted(_self: Any, _number: str, _text: str) -> str:
        raise RuntimeError("SoftTimeLimitExceeded")

    queue(system, tenant)
    monkeypatch.setattr(NetgsmSmsSender, "send", interrupted)
    for _ in range(2):
        system.drain()
        due_now(system)
        assert states(system) == [("unknown", "interrupted")]
    assert deliveries(system) == ["done"]


def test_no_transaction_is_open_while_the_provider_thinks(system: Any, tenant: Any, monkeypatch: Any) -> None:
    seen = []

    def look(_self: Any, _number: str, _text: str) -> str:
        pool = system.registry["belgenet.engine"].pool
        seen.append((pool.checkedout(), states(system)))
        return "job"

    queue(system, tenant)
    monkeypatch.setattr(NetgsmSmsSender, "send", look)
    system.drain()
    assert seen == [(0, [("sending", None)])]


def test_an_event_whose_sms_went_out_or_is_gone_does_nothing(system: Any, tenant: Any, mail_sink: Any) -> None:
    for key in ("k1", "k2", "k3"):
        queue(system, tenant, key)
    system.sql("UPDATE sms_messages SET state = 'sent' WHERE dedupe_key = 'k1'")
    system.sql("UPDATE sms_messages SET state = 'unknown' WHERE dedupe_key = 'k2'")
    system.sql("DELETE FROM sms_messages WHERE dedupe_key = 'k3'")
    system.drain()
    assert mail_sink.sms() == []
    assert set(deliveries(system)) == {"done"}


def test_old_texts_are_forgotten_their_keys_are_not(system: Any, tenant: Any, mail_sink: Any) -> None:
    from belgenet.notifications.tasks import purge

    queue(system, tenant)
    system.drain()
    queue(system, tenant, "late")
    queue(system, tenant, "young")
    system.sql("UPDATE sms_messages SET created_at = now() - interval '91 days' WHERE dedupe_key <> 'young'")
    with system.request(tenant) as request:
        purge(request)
    kept = dict(map(tuple, system.sql("SELECT dedupe_key, text LIKE '%VKF-K%' FROM sms_messages")))
    assert kept == {"k1": False, "late": False, "young": True}
    assert queue(system, tenant) is False
    mail_sink.clear()
    system.drain()
    assert [sms.text.count("VKF-K") for sms in mail_sink.sms()] == [1], "nobody gets what remains of a forgotten text"
    assert states(system) == [("sent", None), ("failed", "too_old"), ("sent", None)]


def test_without_a_provider_nothing_is_kept(system: Any, tenant: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(NetgsmSmsSender, "active", False)
    with system.count_queries() as seen:
        assert queue(system, tenant) is False
    assert not [statement for statement in seen if "sms_messages" in statement or "outbox" in statement]
    assert states(system) == []


def test_what_was_queued_when_the_provider_was_taken_away_waits(system: Any, tenant: Any, monkeypatch: Any) -> None:
    from belgenet.core.sms.interfaces import NullSmsSender

    queue(system, tenant)
    monkeypatch.setattr(NetgsmSmsSender, "send", lambda _self, *message: NullSmsSender().send(*message))
    system.drain()
    assert states(system) == [("queued", "not_configured")]


@pytest.mark.parametrize(("template", "context"), [("lost", CONTEXT), ("certificate_ready", {"number": "1"})])
def test_a_template_error_fails_the_caller_not_the_sender(
    system: Any, tenant: Any, template: str, context: dict[str, str]
) -> None:
    with pytest.raises(KeyError), system.request(tenant) as request:
        request.service(Notifier).sms(template, NUMBER, "tr", context, "k")
    assert states(system) == []


def test_names_cannot_add_lines_or_fields(system: Any, other_tenant: Any, mail_sink: Any) -> None:
    tenant = system.create_tenant("uzun", "charity", name="{verify_url} " + "Çok Uzun Adlı Bir Vakıf " * 5)
    queue(system, tenant, number="A\r\nB\x00{tenant_name}", verify_url="https://x")
    system.drain()
    (sms,) = mail_sink.sms()
    name = sms.text.partition(":")[0]
    assert name.startswith("{verify_url} Çok Uzun")
    assert len(name) <= 40
    assert ": A B {tenant_name} numaralı" in sms.text


def test_the_application_cannot_see_or_write_another_tenants_sms(system: Any, tenant: Any, other_tenant: Any) -> None:
    from sqlalchemy import text

    queue(system, tenant)
    with system.session(other_tenant) as session:
        assert session.execute(text("SELECT count(*) FROM sms_messages")).scalar() == 0
        assert session.execute(text("UPDATE sms_messages SET state = 'sent' RETURNING id")).all() == []
    with pytest.raises(ProgrammingError, match="permission denied"), system.session(tenant) as session:
        session.execute(text("DELETE FROM sms_messages"))


class TestLog:
    """What the administrator sees of it."""

    def test_shows_states_but_neither_texts_nor_numbers(self, system: Any, tenant: Any) -> None:
        admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
        queue(system, tenant)
        queue(system, tenant, "k2", to="0501 000 00 20")
        queue(system, tenant, "k3", to="evde yok")
        system.drain()
        wrong, refused, sent = admin.get("/admin/sms", status=200).json["items"]
        assert (sent["recipient"], sent["state"], sent["segments"]) == ("+905*******67", "sent", 1)
        assert sent["sent_at"].endswith("Z")
        assert (refused["state"], refused["last_error"]) == ("failed", "text_refused (netgsm 20)")
        assert (wrong["recipient"], wrong["last_error"]) == ("********", "invalid_number")
        assert "text" not in sent.keys() | refused.keys()
        assert admin.get("/admin/sms?state=sent").json["items"] == [sent]
        admin.get("/admin/sms?state=lost", status=400)

    def test_pages(self, system: Any, tenant: Any) -> None:
        admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
        for number in range(3):
            queue(system, tenant, f"k{number}")
        first = admin.get("/admin/sms?limit=2").json
        second = admin.get(f"/admin/sms?limit=2&cursor={first['next']}").json
        assert len({item["id"] for item in first["items"] + second["items"]}) == 3
        assert second["next"] is None

    def test_is_the_tenants_own(self, system: Any, tenant: Any, other_tenant: Any) -> None:
        queue(system, tenant)
        assert system.sign_in(other_tenant, Role.TENANT_ADMIN).client.get("/admin/sms").json["items"] == []

    @pytest.mark.parametrize("role", [Role.DONOR, Role.INSTRUCTOR, Role.OPERATOR, Role.GUEST])
    def test_is_for_administrators(self, system: Any, tenant: Any, role: Role) -> None:
        system.sign_in(tenant, role).client.get("/admin/sms", status=403)

    def test_costs_the_same_however_many_there_are(self, system: Any, tenant: Any) -> None:
        admin = system.sign_in(tenant, Role.TENANT_ADMIN).client

        def cost() -> int:
            with system.count_queries() as seen:
                admin.get("/admin/sms", status=200)
            return len(seen)

        cost()
        before = cost()
        for number in range(8):
            queue(system, tenant, f"k{number}")
        assert cost() == before


def test_a_provider_that_is_down_is_tried_again(system: Any, tenant: Any, mail_sink: Any, monkeypatch: Any) -> None:
    real = NetgsmSmsSender.send

    def down(_self: Any, _number: str, _text: str) -> str:
        raise SmsUnavailable("unreachable", "ConnectError")

    monkeypatch.setattr(NetgsmSmsSender, "send", down)
    queue(system, tenant)
    system.drain()
    assert states(system) == [("queued", "unreachable (ConnectError)")]
    monkeypatch.setattr(NetgsmSmsSender, "send", real)
    due_now(system)
    system.drain()
    assert states(system) == [("sent", None)]
    assert len(mail_sink.sms(NUMBER)) == 1
