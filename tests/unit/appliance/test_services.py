"""Services one after the other, stopping at the first that does not come back."""

import json
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from belgenet.appliance.run import CommandError
from belgenet.appliance.services import RestartError, Services, Unit, answers_on

NAMES = ["belgenet-beat", "belgenet-relay", "belgenet-web@1", "belgenet-web@2", "belgenet-worker@main"]


class Systemd:
    """Knows our units and what happens when one is restarted."""

    def __init__(self, states=None, fails=()):
        self.states = states or dict.fromkeys((f"{name}.service" for name in NAMES), "active")
        self.fails, self.asked, self.folder = fails, [], "belgenet-web-{}"

    def __call__(self, words):
        verb, unit = words[0], words[-1]
        if verb == "list-units":
            return json.dumps(
                [
                    {"unit": name, "load": "loaded" if state else "not-found", "active": state or "inactive"}
                    for name, state in self.states.items()
                ]
            )
        if "--property=RuntimeDirectory" in words:
            return f"{self.folder.format(unit[-9])}\n"
        if verb == "show":
            return (
                "ExecMainStartTimestamp=@1000\nMainPID=7\nFragmentPath=/nowhere/unit\nDropInPaths=/nowhere/a /nowhere/b\n"
                "EnvironmentFiles=/nowhere/env (ignore_errors=no)\n"
            )
        self.asked.append((verb, unit))
        if verb == "restart" and unit in self.fails:
            raise CommandError("systemctl", 1, "Job failed")
        return ""

    def restarted(self):
        return [unit for verb, unit in self.asked if verb == "restart"]


def test_workers_first_and_web_last_one_at_a_time():
    systemd, asked = Systemd(), []

    def answers(place: Path) -> bool:
        asked.append((place, len(systemd.restarted())))
        return True

    told = []
    Services(systemd, answers).restart(told=told.append)
    expected = [f"belgenet-{name}.service" for name in ("worker@main", "relay", "beat", "web@1", "web@2")]
    assert systemd.restarted() == told == expected
    doors = [Path(f"/run/belgenet-web-{number}/own.sock") for number in (1, 2)]
    assert asked == [(doors[0], 4), (doors[1], 5)], "each answers before the next, and none for another"


def test_on_the_way_back_to_a_release_whose_processes_had_a_socket_each():
    systemd, asked = Systemd(), []
    systemd.folder = ""
    Services(systemd, lambda place: asked.append(str(place)) or True).restart(only={"web"})
    assert asked == ["/run/belgenet/web-1.sock", "/run/belgenet/web-2.sock"]


@pytest.mark.parametrize("unit", ["belgenet-worker@main.service", "belgenet-web@1.service"])
def test_the_first_that_does_not_come_back_ends_it(unit):
    systemd = Systemd(fails={unit})
    with pytest.raises(RestartError, match=unit):
        Services(systemd, lambda _: True).restart()
    assert systemd.restarted()[-1] == unit
    assert "belgenet-web@2.service" not in systemd.restarted()


def test_a_web_process_that_starts_and_does_not_answer_ends_it(monkeypatch):
    monkeypatch.setattr("belgenet.appliance.services._ANSWER_SECONDS", 0.05)
    systemd = Systemd()
    with pytest.raises(RestartError, match="no answer"):
        Services(systemd, lambda _: False, pause=0.01).restart()
    assert systemd.restarted()[-1] == "belgenet-web@1.service"


def test_one_that_failed_or_waits_for_its_next_try_is_started_anew_and_one_that_is_off_stays_off():
    states = {
        "belgenet-web@1.service": "activating",
        "belgenet-beat.service": "failed",
        "belgenet-relay.service": "inactive",
    }
    systemd = Systemd(states)
    assert Services(systemd, lambda _: True).restart() == ["belgenet-beat.service", "belgenet-web@1.service"]
    assert ("reset-failed", "belgenet-beat.service") in systemd.asked


def test_before_the_first_installation_there_is_nothing():
    assert Services(Systemd({"belgenet-web@1.service": ""})).restart() == []
    assert Services(lambda _: "").restart() == []


def test_stale_is_who_started_before_what_it_runs_from_was_changed(tmp_path):
    (tmp_path / "unit").write_text("")
    link = tmp_path / "current"
    link.symlink_to("nowhere")
    os.utime(tmp_path / "unit", (1000, 1000))
    os.utime(link, (2000, 2000), follow_symlinks=False)
    files = (tmp_path / "unit", tmp_path / "gone")
    assert Unit("a", 1500, files).is_stale([link])
    assert not Unit("a", 2001, files).is_stale([link])
    assert Unit("a", 2000, files).is_stale([link]), "within one second nobody knows"
    assert not Unit("a", 1500, files).is_stale([])
    assert Unit("a", 0, files).is_stale([])


def test_only_stale_ones(monkeypatch):
    monkeypatch.setattr(Unit, "is_stale", lambda unit: "web" in unit.name)
    systemd = Systemd()
    Services(systemd, lambda _: True).restart(stale_only=True)
    assert systemd.restarted() == ["belgenet-web@1.service", "belgenet-web@2.service"]


def test_only_some_services():
    systemd = Systemd()
    Services(systemd, lambda _: True).restart(only={"web", "beat", "objects"})
    assert systemd.restarted() == ["belgenet-beat.service", "belgenet-web@1.service", "belgenet-web@2.service"]


def test_what_systemd_says_of_a_unit_is_read():
    unit = Services(Systemd()).units()[0]
    assert (unit.name, unit.started) == ("belgenet-worker@main.service", 1000)
    assert [str(file) for file in unit.files] == ["/nowhere/unit", "/nowhere/a", "/nowhere/b", "/nowhere/env"]


@pytest.mark.parametrize("status", [200, 500])
def test_asking_a_real_socket(tmp_path, status):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    class OnSocket(HTTPServer):
        address_family = socket.AF_UNIX

        def server_bind(self):
            self.socket.bind(str(self.server_address))

        def get_request(self):
            return self.socket.accept()[0], ("local", 0)

    place = tmp_path / "web.sock"
    assert not answers_on(place)
    with OnSocket(str(place), Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert answers_on(place) is (status == 200)
        thread.join()
