"""One institution for all tests of a file: making a cluster takes longer than most of them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.appliance.backup.server import Institution, missing

from belgenet.appliance.backup.plan import Plan


@pytest.fixture(scope="module")
def institution() -> Iterator[Institution]:
    """It runs; 40 objects, no backup yet, repositories made."""
    if lacking := missing():
        pytest.skip(f"not installed: {', '.join(lacking)} (bin/test installs them)")
    folder = Path(tempfile.mkdtemp(prefix="belgenet-backup-test-"))  # pytest's own folders keep other users out
    made = Institution(folder)
    try:
        made.found()
        for number in range(40):
            made.source.objects[f"tenant/certificates/{number} ş%\n.pdf"] = f"object {number}".encode() * number
        yield made
    finally:
        made.end()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kept(institution: Institution) -> Institution:
    """With a place elsewhere, and nothing there yet."""
    plan = institution.plan
    away = {"type": "folder", "path": str(institution.folder / "elsewhere")}
    institution.plan = Plan(plan.folder, plan.major, away, plan.etc)
    return institution
