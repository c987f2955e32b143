"""Who is told of SMS that did not go out, and what is told to find one at the provider."""

from typing import Any

import pytest
from prometheus_client import REGISTRY
from tests.api.notifications.test_sms import NUMBER, due_now, queue, states

from belgenet.core.security import Role
from belgenet.core.sms.netgsm import NetgsmSmsSender


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


def waiting(client: Any, **options: Any) -> dict[str, Any]:
    found = client.get("/admin/dashboard", status=200, **options).json["attention"]
    return {item["kind"]: (item["count"], item["link"], item["title"]) for item in found}


def test_the_first_page_tells_of_failed_and_unknown_ones(
    system: Any, tenant: Any, other_tenant: Any, admin: Any
) -> None:
    assert waiting(admin) == {}
    for number in ("20", "70", "91"):
        queue(system, tenant, number, to=f"0501 000 00 {number}")
    queue(system, tenant)
    queue(system, other_tenant, to="0501 000 00 20")
    system.drain()
    assert waiting(admin, headers={"Accept-Language": "tr"}) == {
        "sms_failed": (2, "/admin/mails?channel=sms&state=failed", "Son 7 günde gönderilemeyen SMS"),
        "sms_unknown": (1, "/admin/mails?channel=sms&state=unknown", "Son 7 günde akıbeti belirsiz SMS"),
    }
    for state, count in (("failed", 2), ("unknown", 1)):
        assert len(admin.get(f"/admin/sms?state={state}").json["items"]) == count
    system.sql("UPDATE sms_messages SET created_at = now() - interval '8 days'")
    assert waiting(admin).keys() == {"sms_failed", "sms_unknown"}, "one that is sent again and fails again is news"
    system.sql("UPDATE sms_messages SET updated_at = now() - interval '8 days'")
    assert waiting(admin) == {}


def test_only_those_who_see_the_list_are_told(system: Any, tenant: Any) -> None:
    queue(system, tenant, to="0501 000 00 20")
    system.drain()
    assert waiting(system.sign_in(tenant, Role.OPERATOR).client) == {}


def counted(state: str) -> float:
    return REGISTRY.get_sample_value("belgenet_sms_total", {"state": state}) or 0.0


@pytest.mark.parametrize(
    ("number", "state"),
    [(NUMBER, "sent"), ("0501 000 00 20", "failed"), ("0501 000 00 80", "queued"), ("0501 000 00 91", "unknown")],
)
def test_what_became_of_each_is_counted(system: Any, tenant: Any, number: str, state: str) -> None:
    states_before = {name: counted(name) for name in ("sent", "failed", "queued", "unknown")}
    queue(system, tenant, to=number)
    system.drain()
    assert {name: counted(name) - was for name, was in states_before.items() if counted(name) != was} == {state: 1.0}


def test_one_that_was_lost_is_counted(system: Any, tenant: Any) -> None:
    queue(system, tenant)
    system.sql("UPDATE sms_messages SET state = 'sending', sending_since = now() - interval '1 hour'")
    before = counted("unknown")
    system.drain()
    assert counted("unknown") == before + 1


def test_a_sent_one_says_what_the_provider_calls_it(system: Any, tenant: Any, admin: Any, mail_sink: Any) -> None:
    queue(system, tenant)
    system.drain()
    (item,) = admin.get("/admin/sms").json["items"]
    assert item["provider_id"] == mail_sink.sms(NUMBER)[0].job


def test_an_unknown_one_says_when_it_left(system: Any, tenant: Any, admin: Any) -> None:
    queue(system, tenant, to="0501 000 00 91")
    system.sql("UPDATE sms_messages SET created_at = now() - interval '3 hours'")
    assert admin.get("/admin/sms").json["items"][0]["sending_since"] is None
    system.drain()
    (item,) = admin.get("/admin/sms").json["items"]
    assert item["provider_id"] is None
    assert item["sending_since"] > item["created_at"]
    assert item["sending_since"].endswith("Z")


class TestLateAnswers:
    """A run that was taken for lost goes on."""

    def lost(self, system: Any, tenant: Any, monkeypatch: Any, answer: Any) -> None:
        """Somebody takes an SMS for lost while its provider still thinks; then the provider answers."""
        real = NetgsmSmsSender.send

        def slow(self: Any, number: str, text: str) -> str:
            system.sql("UPDATE sms_messages SET state = 'unknown', last_error = 'interrupted'")
            return str(answer(self, number, text) if callable(answer) else real(self, answer, text))

        monkeypatch.setattr(NetgsmSmsSender, "send", slow)
        queue(system, tenant)
        system.drain()

    def test_taken_is_taken(self, system: Any, tenant: Any, monkeypatch: Any, mail_sink: Any) -> None:
        self.lost(system, tenant, monkeypatch, NUMBER)
        assert states(system) == [("sent", None)]
        assert len(mail_sink.sms()) == 1

    @pytest.mark.parametrize("ending", ["20", "80", "91"])
    def test_what_was_not_taken_stays_unknown_and_is_not_sent_again(
        self, system: Any, tenant: Any, monkeypatch: Any, mail_sink: Any, ending: str
    ) -> None:
        self.lost(system, tenant, monkeypatch, f"+9050100000{ending}")
        monkeypatch.undo()
        due_now(system)
        system.drain()
        assert states(system) == [("unknown", "interrupted")]
        assert mail_sink.sms() == []


def test_the_longest_run_says_when_one_is_lost(system: Any, tenant: Any, monkeypatch: Any) -> None:
    """A longer time limit of tasks is a longer patience."""
    queue(system, tenant)
    slower = system.settings.tasks.model_copy(update={"soft_time_limit_seconds": 300})
    settings = system.settings.model_copy(update={"tasks": slower})
    monkeypatch.setitem(system.registry.settings, "belgenet", settings)
    system.sql("UPDATE sms_messages SET state = 'sending', sending_since = now() - interval '310 seconds'")
    system.drain()
    assert states(system) == [("sending", None)]
    system.sql("UPDATE sms_messages SET sending_since = now() - interval '316 seconds'")
    due_now(system)
    system.drain()
    assert states(system) == [("unknown", "interrupted")]
