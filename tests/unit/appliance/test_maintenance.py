"""Closing and opening the site: what Nginx is told, and what is left when it refuses."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from belgenet.appliance.maintenance import MaintenanceError, Switch, overdue, parse_until
from belgenet.appliance.maintenance.pages import configuration
from belgenet.appliance.run import CommandError
from belgenet.appliance.words import texts

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def switch(tmp_path):
    return Switch(tmp_path / "maintenance", lambda: None)


def bodies(text):
    """``kind/language`` -> body of the answer."""
    found = re.findall(r'location = /_closed/(\S+) \{.*?return 503 "((?:\\.|[^"\\])*)";', text, re.DOTALL)
    return {name: body.replace('\\"', '"').replace("\\\\", "\\") for name, body in found}


def test_people_get_a_page_and_programs_a_problem_in_both_languages():
    found = bodies(configuration(None, ""))
    assert sorted(found) == ["api/en", "api/tr", "page/en", "page/tr"]
    assert '<html lang="tr">' in found["page/tr"]
    assert "Bakım çalışması" in found["page/tr"]
    problem = json.loads(found["api/en"])
    assert (problem["status"], problem["code"], problem["title"]) == (503, "maintenance", "Maintenance")


def test_who_asks_is_told_when_to_come_back():
    assert configuration(None, "").count('Retry-After "600" always') == 4
    text = configuration(NOW + timedelta(hours=2), "")
    assert text.count('Retry-After "Sun, 22 Nov 2026 14:00:00 GMT" always') == 4
    assert "22 Kasım 2026, saat 17:00" in bodies(text)["page/tr"]
    assert "22 November 2026 at 17:00" in bodies(text)["page/en"]


def test_the_server_itself_still_reaches_everything():
    text = configuration(None, "")
    assert 'if ($remote_addr = 127.0.0.1) { set $belgenet_closed ""; }' in text


@pytest.mark.parametrize("message", ['"; } return 200 "x', "<script>$host</script>", "a\\", "çok\nsatır"])
def test_words_of_an_operator_are_text_and_nothing_else(switch, tmp_path, message):
    switch.on(now=NOW, message=message)
    text = (tmp_path / "maintenance/closed.conf").read_text(encoding="utf-8")
    page = bodies(text)
    assert len(page) == 4
    assert "<script>" not in page["page/tr"]
    assert "$host" not in "".join(page.values())
    assert json.loads(page["api/tr"])["detail"].endswith(" ".join(message.split()))
    assert max(len(body.encode()) for body in page.values()) < 4000


def test_the_longest_message_still_fits(switch, tmp_path):
    switch.on(now=NOW, until=NOW + timedelta(days=1), message="ş&" * 200)
    found = bodies((tmp_path / "maintenance/closed.conf").read_text(encoding="utf-8"))
    assert max(len(body.encode()) for body in found.values()) < 4000
    with pytest.raises(MaintenanceError, match="message_long"):
        switch.on(now=NOW, message="x" * 401)


def test_on_and_off(switch, tmp_path):
    assert switch.state() == {}
    switch.on(now=NOW, message="Disk değişiyor")
    assert switch.state() == {"since": "2026-11-22T12:00:00+00:00", "until": None, "message": "Disk değişiyor"}
    switch.on(now=NOW + timedelta(hours=1), until=NOW + timedelta(hours=2))
    assert switch.state()["since"] == "2026-11-22T12:00:00+00:00", "it has been closed all the time"
    assert switch.off()
    assert not switch.off()
    assert list((tmp_path / "maintenance").iterdir()) == []


def test_what_nginx_refuses_changes_nothing(tmp_path):
    def refuse():
        raise CommandError("nginx", 1, "unknown directive")

    folder = tmp_path / "maintenance"
    with pytest.raises(MaintenanceError, match="nginx"):
        Switch(folder, refuse).on(now=NOW)
    assert list(folder.iterdir()) == []
    Switch(folder, lambda: None).on(now=NOW, message="eski")
    with pytest.raises(MaintenanceError):
        Switch(folder, refuse).on(now=NOW, message="yeni")
    assert Switch(folder).state()["message"] == "eski"
    assert "eski" in (folder / "closed.conf").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+90m", NOW + timedelta(minutes=90)),
        ("+2h", NOW + timedelta(hours=2)),
        ("2026-11-22T15:00:00+00:00", NOW + timedelta(hours=3)),
        ("2026-12-01T06:00:00+03:00", datetime(2026, 12, 1, 3, tzinfo=UTC)),
    ],
)
def test_times_that_are_understood(text, expected):
    assert parse_until(text, NOW) == expected


def test_an_hour_is_the_next_one_of_that_name():
    for offset in (-1, 1):
        wanted = (NOW + timedelta(hours=offset)).astimezone()
        assert parse_until(f"{wanted:%H:%M}", NOW) == NOW + timedelta(hours=offset + (24 if offset < 0 else 0))


@pytest.mark.parametrize(
    ("text", "code"),
    [("soon", "until_unreadable"), ("+x", "until_unreadable"), ("+5d", "until_unreadable"), ("2020-01-01 00:00", "until_past")],
)  # fmt: skip
def test_times_that_are_not(text, code):
    with pytest.raises(MaintenanceError) as caught:
        parse_until(text, NOW)
    assert texts("maintenance", "tr")[caught.value.code].format(**caught.value.params)
    assert caught.value.code == code


def test_a_site_that_was_forgotten():
    since = {"since": NOW.isoformat(), "until": None}
    assert not overdue(since, NOW + timedelta(hours=4))
    assert overdue(since, NOW + timedelta(hours=5))
    assert not overdue(since | {"until": (NOW + timedelta(days=2)).isoformat()}, NOW + timedelta(days=1))
