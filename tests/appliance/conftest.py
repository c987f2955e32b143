"""Steps of one story: a step that needs another one is not tried when that failed on the same system."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.appliance.installation import DOMAIN, Installation
from tests.appliance.layers import Layer, older_than_checkout
from tests.appliance.machine import CHOSEN, Machine, machine
from tests.appliance.outside import Outside
from tests.appliance.releases import Forge
from tests.appliance.roots import home

Another = Callable[[], AbstractContextManager[Installation]]
"""What the fixture of this name gives."""
NEEDED = ("systemd-nspawn", "mmdebstrap", "ssh", "ip")
LONG = tuple(
    f"test_{name}.py"
    for name in ("cut_off", "upgrade", "settled", "restore", "backup", "rotation", "scanner", "tls", "survival")
)
"""Stories that take longest: begun first, so that nobody waits for them alone at the end."""
ON_REQUEST = {
    "test_fleet.py",
    "test_killed_install.py",
    "test_package.py",
    "test_restore_ways.py",
    "test_uninstall.py",
}
"""Stories that continuous integration has no time for."""
long = pytest.mark.skipif("APPLIANCE_LONG" not in os.environ, reason="takes long: APPLIANCE_LONG=1")
"""Of a story that is told otherwise."""
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The installation comes first: what it leaves behind is what the other stories begin with. Then the longest.

    :param items: all of the session, those of other folders too.
    """
    stories = Path(__file__).parent
    order = [stories / name for name in ("test_install.py", *LONG)]
    items.sort(key=lambda item: order.index(item.path) if item.path in order else len(order))
    if "APPLIANCE_LONG" not in os.environ:
        for item in items:
            if item.path.parent == stories and item.path.name in ON_REQUEST:
                item.add_marker(pytest.mark.skip(reason="a long story, told on request: APPLIANCE_LONG=1"))


def _system(item: pytest.Function) -> object:
    return item.callspec.params.get("system") if hasattr(item, "callspec") else None


@pytest.fixture(scope="session", params=CHOSEN)
def system(request: pytest.FixtureRequest) -> str:
    """The operating system that is tried."""
    return str(request.param)


@pytest.fixture(scope="session")
def site(system: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A machine with an unpacked bundle, and the world outside of it. What ``test_install`` installs, later files use.

    With ``APPLIANCE_KEEP`` what it has become in the end is kept there as a layer.
    """
    folder = tmp_path_factory.mktemp("outside")
    with machine(system) as server, Outside(server, folder, DOMAIN) as outside:
        made = Installation(server, outside)
        yield made
        if (kept := os.environ.get("APPLIANCE_KEEP")) and made.inhabited:
            made.layer(Path(kept))
    shutil.rmtree(_layer_of(server), ignore_errors=True)  # only now: the site itself stands on it


def _layer_of(server: Machine) -> Path:
    """Where what the site has become is kept for :func:`another`."""
    return home() / "layers" / server.name


@pytest.fixture(scope="session")
def another(system: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Another:
    """Further machines that stand on the inhabited site: ``with another() as site: ...``

    With ``APPLIANCE_LAYER`` they stand on a layer that was kept, and the working copy's code and roles are brought onto them; with
    ``APPLIANCE_AS_IS`` as well they are not.
    """
    if (layer := Layer.given()) is None:
        first: Installation = request.getfixturevalue("site")
        layer = first.layer(_layer_of(first.server))
        first.server.boot()

    @contextmanager
    def make() -> Iterator[Installation]:
        folder = tmp_path_factory.mktemp("outside")
        with machine(system, layer) as server, Outside(server, folder, DOMAIN, layer.authority) as outside:
            made = Installation(server, outside)
            if older_than_checkout():
                made.bring_working_copy()
            made.reopen()
            yield made

    return make


@pytest.fixture(scope="module")
def ours(another: Another) -> Iterator[Installation]:
    """A machine for the stories of one file."""
    with another() as made:
        yield made


@pytest.fixture(scope="module")
def forge(ours: Installation) -> Forge:
    """Makes newer releases of what is installed there."""
    return Forge(ours)
