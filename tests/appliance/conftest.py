"""Steps of one story: a step is not tried when an earlier one of its class failed on the same system."""

import os
import shutil
from typing import Any

import pytest

NEEDED = ("systemd-nspawn", "mmdebstrap", "ssh", "ip")
_failed: dict[tuple[object, str], str] = {}


def _story(item: Any) -> tuple[object, str] | None:
    if item.get_closest_marker("steps") is None:
        return None
    return item.cls, item.callspec.params.get("site", "")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say in one line what is missing, and leave out what cannot succeed any more."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"boots servers: needs root and {', '.join(NEEDED)} (bin/test-appliance)")
    if (story := _story(item)) and story in _failed:
        pytest.skip(f"the step before failed: {_failed[story]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Remember the first step that failed."""
    report = yield
    if report.failed and (story := _story(item)):
        _failed.setdefault(story, item.name)
    return report
