"""What the bundle takes from this tree as it is."""

from pathlib import Path
from typing import Final

from bundler import product

PROGRAMS: Final = ("install.sh", "upgrade.sh", "preflight.py", "checks")
"""Of packaging/, what works on the server."""
PAGES: Final = ("docs/operator", "docs/adr")
"""The handbook, and what it links to. A server without internet has no other copy: the doctor names its pages."""


def collect(root: Path, bundle: Path) -> None:
    """Copy the playbooks, what starts them, and the handbook."""
    for source, names, target in (
        (root / "deploy/ansible", (".",), bundle / "ansible/deploy"),
        (root / "packaging", PROGRAMS, bundle),
        (root, PAGES, bundle),
    ):
        product.copy(source, product.tracked(source, *names), target)
