"""What the bundle takes from this tree as it is."""

from pathlib import Path
from typing import Final

from bundler import product
from bundler.run import run

PROGRAMS: Final = ("install.sh", "installer", "upgrade.sh", "preflight.py", "checks")
"""Of packaging/, what works on the server."""
PAGES: Final = ("docs/operator", "docs/adr")
"""The handbook, and what it links to. A server without internet has no other copy: the doctor names its pages."""
SPHINX: Final = "var/tools/documents"
"""What the handbook becomes a site with (bin/_documents)."""


def collect(root: Path, bundle: Path) -> None:
    """Copy the playbooks, what starts them, and the handbook."""
    for source, names, target in (
        (root / "deploy/ansible", (".",), bundle / "ansible/deploy"),
        (root / "packaging", PROGRAMS, bundle),
        (root, PAGES, bundle),
    ):
        product.copy(source, product.tracked(source, *names), target)


def build_site(root: Path, target: Path) -> None:
    """Make the handbook a site, to be opened from the disk. bin/bundle has installed what it takes."""
    run(root / ".venv/bin/python", root / "bin/_docs.py", root / SPHINX / "bin/sphinx-build", target)


def sphinx_packages(root: Path) -> Path:
    """Where the packages are that the site is built with."""
    (found,) = (root / SPHINX).glob("lib/python3*/site-packages")
    return found
