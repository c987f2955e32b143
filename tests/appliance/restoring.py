"""Bringing an institution back on an empty server, as the stories about it do it."""

import subprocess
from collections.abc import Mapping

import httpx
from tests.appliance.installation import Installation

from belgenet.cli.story.browser import Browser

KIT = "/root/kit.txt"
_KEPT = ("/opt/belgenet", "/etc/belgenet", "/var/lib/belgenet", "/var/log/belgenet")


def line(site: Installation, source: str, kit: str = KIT) -> list[str]:
    """The installer's words. :param source: a folder on the server, or an address elsewhere."""
    return [f"{site.folder}/install.sh", "--restore-from", source, "--kit", kit, "--yes", "--lang", "en"]


def restore(
    site: Installation, source: str, *words: str, kit: str = KIT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the installer.

    :param source: see :func:`line`.
    :param env: what the operator has exported.
    """
    exported = [f"{name}={text}" for name, text in (env or {}).items()]
    return site.server.run(["env", *exported, *line(site, source, kit), *words], check=False, timeout=1200)


def untouched(site: Installation) -> bool:
    """Whether nothing was changed on the server."""
    return all(site.server.run(["test", "-e", path], check=False).returncode for path in _KEPT)


def found(person: Browser, path: str) -> bool:
    """Whether somebody who is signed in gets it."""
    answer = person.send("GET", f"{person.address}/api/v1{path}", headers={"Authorization": f"Bearer {person.token}"})
    return answer.status_code == httpx.codes.OK
