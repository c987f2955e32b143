"""May this release follow the one that is installed?"""

import re
from collections.abc import Iterator
from typing import Any

from checks.probe import ERROR, Finding, Probe

CURRENT = "/opt/belgenet/current"
FINAL = "z"
"""Sorts behind a, b and rc: 1.2.0rc1 comes before 1.2.0."""

Key = tuple[tuple[int, ...], str, int]


def version_key(version: str) -> Key:
    """What versions are ordered by. ValueError for something that is none of ours."""
    match = re.fullmatch(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?(?:\+.*)?", version)
    if not match:
        raise ValueError(f"not a version: {version}")
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), match[2] or FINAL, int(match[3] or 0)


def installed_version(probe: Probe) -> str:
    """The release in use; empty on a server without one."""
    try:
        return probe.path(CURRENT).readlink().name
    except OSError:
        return ""


def release(probe: Probe, manifest: dict[str, Any]) -> Iterator[Finding]:
    """Never back, and never past a release that must not be skipped."""
    installed = installed_version(probe)
    if not installed:
        return
    values = {"installed": installed, "version": manifest["version"], "least": manifest["min_upgrade_from"]}
    if version_key(manifest["version"]) < version_key(installed):
        yield Finding("downgrade", ERROR, values)
    elif version_key(installed) < version_key(manifest["min_upgrade_from"]):
        yield Finding("upgrade_skips", ERROR, values)
