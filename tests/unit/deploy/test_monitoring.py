"""Figures of the server: which parts are asked, where the operator's Prometheus and the door agree on it."""

import re

import pytest
import yaml
from tests.unit.deploy.roles import DEPLOY, rendered, settings, task, value
from tests.unit.deploy.systemd import Systemd

ALWAYS = ["node", "postgres", "redis-cache", "redis-broker"]
VARS = yaml.safe_load((DEPLOY / "roles/monitoring/vars/main.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("backend", "more"), [("seaweedfs", ["objects"]), ("minio", ["objects"]), ("external_s3", [])])
def test_the_door_opens_for_what_prometheus_asks(backend, more):
    given = {"belgenet_objectstore_backend": backend, "belgenet_monitoring_networks": ["192.0.2.0/28"]}
    given["monitoring__targets"] = value(VARS["monitoring__targets"], **VARS | settings(**given))
    asks = [
        job["metrics_path"]
        for job in yaml.safe_load(rendered("monitoring", "prometheus.yml.j2", **given))["scrape_configs"]
    ]
    opens = re.findall(r"location = (\S+)", rendered("monitoring", "door.conf.j2", **given))
    assert asks == opens == [f"/metrics/{name}" for name in ("web", *ALWAYS, *more)]


def test_the_door_leads_to_where_minio_tells_its_figures():
    (target,) = VARS["monitoring__objects"]["minio"]
    ours = yaml.safe_load((DEPLOY / "roles/objectstore/vars/main.yml").read_text(encoding="utf-8"))["objectstore__ours"]
    assert target["to"] == f"http://{ours['minio']}/minio/v2/metrics/cluster"


def test_every_file_of_rules_is_told_to_prometheus():
    told = yaml.safe_load(rendered("monitoring", "prometheus.yml.j2", monitoring__targets=[]))["rule_files"]
    files = task("monitoring", "Rules about the server, dashboards, and how all is to be asked", "tasks/present.yml")
    placed = [name for item in files["belgenet_files"]["files"] for name in item.get("for_each", ())]
    assert placed == sorted(path.name for path in (DEPLOY / "roles/monitoring/files").glob("*.yml"))
    assert told == [f"belgenet/{name}" for name in ("product.yml", *placed)]


HANDLERS = [
    {"name": "Read the exporters' units", "ansible.builtin.command": "systemctl daemon-reload"},
    {"name": "Reload nginx", "ansible.builtin.command": "systemctl start nginx.service"},
]
OURS = [*(f"belgenet-metrics-{name}.service" for name in ("node", "postgres", "redis")), "belgenet-figures.timer"]
LAID = [
    *(f"systemd/system/{name}" for name in [*OURS, "belgenet-figures.service"]),
    "nginx/snippets/belgenet-metrics.conf",
    "nginx/sites-enabled/belgenet-figures",
    "nginx/sites-available/belgenet-figures",
    "nginx/belgenet-metrics.password",
]
OTHERS = ["systemd/system/belgenet-web@.service", "nginx/sites-enabled/belgenet"]


@pytest.fixture
def systemd(controller):
    return Systemd(controller)


def test_a_server_that_had_it_is_rid_of_it(systemd, controller):
    """And a look changes nothing before, and a second run finds nothing to do."""
    etc = controller.folder / "etc"
    for name in [*LAID, *OTHERS]:
        (etc / name).parent.mkdir(parents=True, exist_ok=True)
        (etc / name).touch()
    for name in [*OURS, "belgenet-web@1.service"]:
        systemd.has(name)
    systemd.has("nginx.service")
    tasks = yaml.safe_load(
        (DEPLOY / "roles/monitoring/tasks/absent.yml").read_text(encoding="utf-8").replace("/etc/", f"{etc}/")
    )

    looked = controller.play(*tasks, handlers=HANDLERS, words=("--check", "--diff"))
    assert (looked.code, systemd.told()) == (0, []), looked.text
    assert all(f"{name}: inactive, disabled" in looked.text for name in OURS), looked.text
    assert all((etc / name).exists() for name in LAID)

    ran = controller.play(*tasks, handlers=HANDLERS)
    assert ran.code == 0, ran.text
    assert [name for name in [*LAID, *OTHERS] if (etc / name).exists()] == OTHERS
    assert {name for name, state in systemd.now().items() if state == ("inactive", "disabled")} == set(OURS)
    assert systemd.told()[-2:] == ["daemon-reload", "start nginx.service"]

    again = controller.play(*tasks, handlers=HANDLERS)
    assert (again.code, again.changed) == (0, 0), again.text


@pytest.mark.parametrize(("wanted", "ports"), [(True, True), (False, False)])
def test_the_firewall_knows_its_users_only_while_there_are_any(wanted, ports):
    """A name that no user has is a mistake for which the firewall loads no rule at all."""
    walls = rendered("firewall", "nftables.conf.j2", belgenet_monitoring=wanted, firewall__seaweedfs=True)
    assert ("belgenet-metrics-redis" in walls, "19187" in walls) == (wanted, ports)
