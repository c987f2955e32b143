"""What the bundle is made of: names, versions, licences, for people and for scanners."""

import io
import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.parse import quote

from packaging.utils import canonicalize_name

from bundler.repository import Control
from bundler.run import run
from bundler.sums import digest
from bundler.wheels import metadata

CLASSIFIER = "License :: OSI Approved :: "
SHORT = 60
"""A longer ``License`` field holds the text of the licence, not its name."""
IN_COPYRIGHT_FILE = "see its copyright file"


@dataclass(frozen=True, order=True)
class Component:
    """One package of somebody else's (or our own) in the bundle."""

    name: str
    version: str
    purl: str
    licence: str
    """An SPDX expression where the package says one; empty when it says nothing."""
    sha256: str = ""
    source: str = ""
    """Debian's source package, where it is named otherwise."""


def licence_of(about: Message, known: Mapping[str, str]) -> str:
    """Of a Python package, from its metadata; ``known`` says the licence of those that leave it out."""
    classifiers = [
        line.removeprefix(CLASSIFIER) for line in about.get_all("Classifier", []) if line.startswith(CLASSIFIER)
    ]
    field = (about["License"] or "").strip()
    named = field if len(field) <= SHORT and "\n" not in field and field.upper() != "UNKNOWN" else ""
    listed = known.get(canonicalize_name(about["Name"]), "")
    return about["License-Expression"] or named or " AND ".join(sorted(classifiers)) or listed


def of_wheel(wheel: Path, known: Mapping[str, str]) -> Component:
    """A Python package."""
    about = metadata(wheel)
    name, version = canonicalize_name(about["Name"]), about["Version"]
    return Component(name, version, f"pkg:pypi/{name}@{version}", licence_of(about, known), digest(wheel))


def of_lock(lock: Path, known: dict[str, str]) -> list[Component]:
    """npm packages that can get into the built client: all that are not for development only."""
    found = set()
    for place, entry in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        name = place.rpartition("node_modules/")[2]
        if "node_modules/" not in place or entry.get("link") or entry.get("dev") or entry.get("devOptional"):
            continue
        licence = entry.get("license") or known.get(name, "")
        purl = f"pkg:npm/{quote(name, safe='/')}@{entry['version']}"
        found.add(Component(name, entry["version"], purl, licence))
    return sorted(found)


def copyright_of(package: Path) -> str:
    """Text of a Debian package's copyright file; empty when the package links to another one's."""
    content = run("dpkg-deb", "--fsys-tarfile", package)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            if member.isfile() and re.fullmatch(r"\./usr/share/doc/[^/]+/copyright", member.name):
                read = tar.extractfile(member)
                return read.read().decode(errors="replace") if read else ""
    return ""


def licences_in(text: str) -> str:
    """The licences that a machine-readable copyright file names (DEP 5)."""
    if "copyright-format" not in text[:400].lower():
        return IN_COPYRIGHT_FILE
    names = {name.strip() for name in re.findall(r"^License:[ \t]*(\S.*)$", text, re.MULTILINE)}
    return ", ".join(sorted(names)) or IN_COPYRIGHT_FILE


def of_package(control: Control, folder: Path, distribution: str) -> Component:
    """A Debian package of the bundle's repository."""
    name, version = control["package"], control["version"]
    purl = f"pkg:deb/{distribution}/{name}@{quote(version, safe='')}?arch={control['architecture']}"
    licence = licences_in(copyright_of(folder / Path(control["filename"]).name))
    return Component(name, version, purl, licence, control["sha256"], control.get("source", name))
