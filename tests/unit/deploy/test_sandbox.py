"""What every unit of ours says of itself, whether tests can start it or not."""

import pytest
from tests.unit.deploy.roles import DEPLOY

from belgenet.appliance.run import SANDBOX

SERVICES = sorted(DEPLOY.glob("roles/*/templates/*service.j2"))


def test_all_are_looked_at():
    assert {"belgenet-web@.service.j2", "belgenet-minio.service.j2", "service.j2"} <= {file.name for file in SERVICES}


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: f"{file.parts[-3]}/{file.name}")
def test_no_service_takes_all_memory_or_all_tasks(file):
    named = {line.partition("=")[0] for line in file.read_text(encoding="utf-8").splitlines()}
    assert {"MemoryMax", "TasksMax"} <= named


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: f"{file.parts[-3]}/{file.name}")
def test_the_sandbox_s_last_line_is_a_line_of_its_own(file):
    """Jinja takes the end of the line after an include away: systemd would read two lines as one, and ignore both."""
    _, _, rest = file.read_text(encoding="utf-8").partition("{% include 'sandbox.j2' %}\n")
    assert rest == "" or rest.startswith("\n")


def test_a_unit_that_systemd_makes_for_us_is_as_closed_as_a_service():
    """But for what its own words or what it runs decide: how it speaks, which calls it makes, and its files' mode."""
    services = (DEPLOY / "templates/sandbox.j2").read_text(encoding="utf-8").split()
    own = {"ProcSubset", "RestrictAddressFamilies", "AmbientCapabilities", "RemoveIPC", "SystemCallFilter", "UMask"}
    wanted = {line for line in services if "=" in line and line.partition("=")[0] not in own}
    assert wanted <= set(SANDBOX)
