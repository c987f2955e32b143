"""Steps of one story: a step that needs another one is not tried when that failed on the same system."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from tests.appliance.installation import DOMAIN, Installation
from tests.appliance.machine import CHOSEN, machine
from tests.appliance.outside import Outside

NEEDED = ("systemd-nspawn", "mmdebstrap", "ssh", "ip")
_failed: set[tuple[str, object]] = set()


def pytest_runtest_setup(item: pytest.Function) -> None:
    """Say in one line what is missing, and leave out what cannot succeed any more."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"boots servers: needs root and {', '.join(NEEDED)} (bin/test-appliance)")
    for mark in item.iter_markers("after"):
        for name in mark.args:
            if (name, _system(item)) in _failed:
                pytest.skip(f"{name} failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function, call: pytest.CallInfo[None]) -> Any:
    """Remember the steps that failed, and those that were not tried because of them."""
    report = yield
    if report.failed or (report.skipped and call.when == "setup"):
        _failed.add((item.originalname, _system(item)))
    return report


def _system(item: pytest.Function) -> object:
    return item.callspec.params.get("site") if hasattr(item, "callspec") else None


@pytest.fixture(scope="session", params=CHOSEN)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A machine with an unpacked bundle, and the world outside of it. What ``test_install`` installs, later files use."""
    folder = tmp_path_factory.mktemp("outside")
    with machine(request.param) as server, Outside(server, folder, DOMAIN) as outside:
        yield Installation(server, outside)
