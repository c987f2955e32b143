"""Other people's work in the handbook's site. Nothing of it runs on a server, but it is handed over with the bundle."""

import re
from collections.abc import Mapping
from email.parser import Parser
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from bundler.components import Component, licence_of
from bundler.run import BuildError
from bundler.wheels import read_lock

EMBEDDED: Final = (
    ("gumshoejs", "MIT", "pkg:npm/gumshoejs@", "_static/scripts/furo.js.LICENSE.txt", r"\bgumshoejs v(\d[\d.]*\d)"),
    ("normalize.css", "MIT", "pkg:npm/normalize.css@", "_static/styles/furo.css", r"\bnormalize\.css v(\d[\d.]*\d)"),
    (
        "snowball",
        "BSD-3-Clause",
        "pkg:github/snowballstem/snowball@v",
        "_static/turkish-stemmer.js",
        r"\bby Snowball (\d[\d.]*\d)",
    ),
)
"""What Furo and Sphinx have in their files: name, licence, address without the version, and where its version stands."""


def of_site(site: Path, site_packages: Path, lock: Path, known: Mapping[str, str]) -> list[Component]:
    """The packages whose terms the built site carries, and what they have taken in themselves.

    :param site_packages: of the environment that built it. :param lock: what that environment was made of.
    :raises BuildError: it was made of something else, or a part no longer stands where it stood.
    """
    locked: dict[str, str] = {
        canonicalize_name(line.requirement.name): line.pin.rpartition("==")[2] for line in read_lock(lock)
    }
    packages = {terms.stem for terms in (site / "licences").glob("*.txt")} - {name for name, *_ in EMBEDDED}
    found = [_package(name, site_packages, locked, known) for name in packages]
    return sorted([*found, *(_embedded(site / "tr", *part) for part in EMBEDDED)])


def _package(name: str, site_packages: Path, locked: Mapping[str, str], known: Mapping[str, str]) -> Component:
    (metadata,) = site_packages.glob(f"{name}-*.dist-info/METADATA")
    about = Parser().parsestr(metadata.read_text(encoding="utf-8"))
    name, version = canonicalize_name(about["Name"]), about["Version"]
    if locked.get(name) != version:
        raise BuildError(f"the handbook was built with {name} {version}, the lock says {locked.get(name)}")
    return Component(name, version, f"pkg:pypi/{name}@{version}", licence_of(about, known))


def _embedded(site: Path, name: str, licence: str, address: str, file: str, version: str) -> Component:
    stands = re.search(version, (site / file).read_text(encoding="utf-8"))
    if not stands:
        raise BuildError(f"{name} is not in the handbook's {file} any more: see EMBEDDED in bundler/site.py")
    return Component(name, stands[1], f"{address}{stands[1]}", licence)
