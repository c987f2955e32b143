"""A server with one release that runs."""

import pytest
from tests.unit.appliance.upgrade.ground import make

from belgenet.appliance.upgrade.release import Releases


@pytest.fixture
def releases(tmp_path):
    found = Releases(tmp_path / "opt")
    found.folder.mkdir(parents=True)
    make(found, "1.0.0")
    found.current.symlink_to("releases/1.0.0")
    return found
