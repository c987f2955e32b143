"""``belgenet drift`` before what was asked for is there: packages, their units and signatures come with ``belgenet apply``."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.unit.deploy.roles import DEPLOY, task, value

OPTIONAL = ("clamav", "monitoring", "objectstore", "tls")
"""Roles that bring packages or programs which an installed server need not have yet."""


def tasks() -> Iterator[tuple[str, dict[str, Any]]]:
    for role in (*OPTIONAL, "redis"):
        for file in sorted((DEPLOY / "roles" / role).glob("*/*.yml")):
            if file.parent.name in {"tasks", "handlers"}:
                for each in yaml.safe_load(file.read_text(encoding="utf-8")):
                    yield f"{role}: {each['name']}", each


def test_no_unit_must_be_there_to_look_at_it():
    """Ansible's own module fails in check mode where a unit is missing; ours does not."""
    named = [name for name, each in tasks() if "name" in each.get("ansible.builtin.systemd_service", {})]
    assert named == ["redis: Restart Redis"], "those are there from the first installation on"


@pytest.mark.parametrize(("look", "waits"), [(True, False), (False, True)])
def test_a_look_waits_for_no_signatures(look: bool, waits: bool):
    signatures = task("clamav", "Signatures", "tasks/scanner.yml")
    given = {"clamav__signatures": {"matched": 0}, "belgenet_clamav_updates": True, "ansible_check_mode": look}
    assert value(signatures["until"], **given) is not waits
    assert bool(value(task("clamav", "There are some", "tasks/scanner.yml")["when"], **given)) is waits
