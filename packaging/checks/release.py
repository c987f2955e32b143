"""May this release follow the one that is installed?"""

from collections.abc import Iterator
from typing import Any

from belgenet.appliance.upgrade.release import version_key

from checks.probe import ERROR, Finding, Probe

CURRENT = "/opt/belgenet/current"


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
