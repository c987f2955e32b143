"""Which web processes and workers run, and which end."""

import pytest
from tests.unit.deploy.roles import DEPLOY, rendered, task, value, variable

ENDS = "Those that the settings name no longer end"
WORKERS = ("main", "documents")


def wanted(webs=2, workers=WORKERS):
    given = {"app_web_instances": webs, "app_workers": [{"name": name} for name in workers]}
    given["app__webs"] = list(variable("app", "app__webs", **given))
    given["app__services"] = list(variable("app", "app__services", **given))
    return variable("app", "app__wanted", **given)


def known(webs, workers):
    units = [f"belgenet-web@{number}.{kind}" for number in range(1, webs + 1) for kind in ("service", "socket")]
    units += [f"belgenet-worker@{name}.service" for name in workers]
    return {"stdout_lines": [f"{unit}  loaded active running BelgeNet x" for unit in units]}


def ended(webs_before, workers_before, **now):
    before = known(webs_before, workers_before)
    return value(task("app", ENDS)["belgenet_units"]["units"], app__known=before, app__wanted=wanted(**now))


def test_all_that_are_named_go_on():
    assert ended(2, WORKERS) == []


def test_fewer_web_processes():
    assert ended(4, WORKERS) == [
        "belgenet-web@4.socket",
        "belgenet-web@4.service",
        "belgenet-web@3.socket",
        "belgenet-web@3.service",
    ]


def test_a_worker_less():
    assert ended(2, (*WORKERS, "exports")) == ["belgenet-worker@exports.service"]
    assert ended(2, WORKERS, workers=("main",)) == ["belgenet-worker@documents.service"]


def test_whatever_is_started_is_also_wanted():
    starts = task("app", "Everything runs")["belgenet_units"]["units"]
    given = {"app__webs": ["belgenet-web@1"], "app__services": ["belgenet-beat", "belgenet-worker@main"]}
    started = [unit if unit.endswith("socket") else unit.removesuffix(".service") for unit in value(starts, **given)]
    there = variable("app", "app__wanted", **given)
    assert [unit if unit.endswith("socket") else unit.removesuffix(".service") for unit in there] == started


def test_no_door_is_left_behind_where_nobody_answers():
    assert "RemoveOnStop=yes" in (DEPLOY / "roles/app/templates/belgenet-web@.socket.j2").read_text().splitlines()


def test_each_web_process_listens_on_the_sockets_of_all():
    webs = ["belgenet-web@1", "belgenet-web@2", "belgenet-web@3"]
    unit = rendered("app", "belgenet-web@.service.j2", app__webs=webs, app_web_threads=4, app_web_memory_max="700M")
    assert "Sockets=belgenet-web@1.socket belgenet-web@2.socket belgenet-web@3.socket" in unit.splitlines()
    assert "StartLimitIntervalSec=0" in unit.splitlines(), (
        "systemd closes all sockets of a service that reached its limit"
    )
    (start,) = (line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert " serve --systemd --own %t/belgenet-web-%i/own.sock " in start


def test_nginx_gives_no_web_socket_up():
    site = (DEPLOY / "roles/nginx/templates/belgenet.conf.j2").read_text()
    assert "server unix:/run/belgenet/web-{{ loop.index }}.sock max_fails=0;" in site


def test_they_stop_and_stay_off():
    ends = task("app", ENDS)["belgenet_units"]
    assert (ends["state"], ends["enabled"]) == ("stopped", False)


def test_looking_is_done_when_nothing_may_be_changed():
    looks = task("app", "Web processes and workers that systemd knows")
    assert (looks["check_mode"], looks["changed_when"]) == (False, False)


@pytest.mark.parametrize(
    ("there", "gone"), [(("main", "documents"), []), (("main", "exports"), ["/etc/belgenet/workers/exports"])]
)
def test_what_a_worker_was_told_goes_with_it(there, gone):
    goes = task("app", "Nothing is kept of those that are gone")["belgenet_files"]["absent"]
    files = {"files": [{"path": f"/etc/belgenet/workers/{name}"} for name in there]}
    assert value(goes, app__told=files, app_workers=[{"name": name} for name in WORKERS]) == gone
