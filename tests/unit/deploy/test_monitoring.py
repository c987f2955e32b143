"""Figures of the server: which parts are asked, where the operator's Prometheus and the door agree on it."""

import re

import pytest
import yaml
from tests.unit.deploy.roles import DEPLOY, rendered, settings, task, value

ALWAYS = ["node", "postgres", "redis-cache", "redis-broker"]
VARS = yaml.safe_load((DEPLOY / "roles/monitoring/vars/main.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("backend", "more"), [("seaweedfs", ["objects"]), ("minio", []), ("external_s3", [])])
def test_the_door_opens_for_what_prometheus_asks(backend, more):
    given = {"belgenet_objectstore_backend": backend, "belgenet_monitoring_networks": ["192.0.2.0/28"]}
    given["monitoring__targets"] = value(VARS["monitoring__targets"], **VARS | settings(**given))
    asks = [
        job["metrics_path"]
        for job in yaml.safe_load(rendered("monitoring", "prometheus.yml.j2", **given))["scrape_configs"]
    ]
    opens = re.findall(r"location = (\S+)", rendered("monitoring", "door.conf.j2", **given))
    assert asks == opens == [f"/metrics/{name}" for name in ("web", *ALWAYS, *more)]


def test_every_file_of_rules_is_told_to_prometheus():
    told = yaml.safe_load(rendered("monitoring", "prometheus.yml.j2", monitoring__targets=[]))["rule_files"]
    files = task("monitoring", "Rules about the server, dashboards, and how all is to be asked", "tasks/present.yml")
    placed = [name for item in files["belgenet_files"]["files"] for name in item.get("for_each", ())]
    assert placed == sorted(path.name for path in (DEPLOY / "roles/monitoring/files").glob("*.yml"))
    assert told == [f"belgenet/{name}" for name in ("product.yml", *placed)]
