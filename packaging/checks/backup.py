"""The place elsewhere that the operator chose for backups. The installed server looks again, see appliance/backup/plan.py."""

import re
from collections.abc import Iterator
from pathlib import Path

from checks.probe import ERROR, WARNING, Finding, Probe
from checks.site import plain, read_answers

FOLDER = "/var/backups/belgenet"
"""Where nothing was answered; equals group_vars/all.yml."""
OURS = ("/var/lib/belgenet", "/var/lib/postgresql")
BLOCK = re.compile(r"^belgenet_backup_offsite:(?P<block>[^\n]*(?:\n(?:[ \t}#][^\n]*|(?=\n|\Z)))*)", re.MULTILINE)
PAIR = re.compile(
    r"""(?:^|[{,])\s*["']?(?P<name>\w+)["']?\s*:[ \t]*(?P<value>"[^"]*"|'[^']*'|[^,}\n]*)""", re.MULTILINE
)


def backup(probe: Probe, text: str, *, restoring: bool = False) -> Iterator[Finding]:
    """A folder elsewhere is not one of this server's own, by whatever name.

    :param text: the operator's answers.
    :param restoring: they come with the backup and cannot be changed before.
    """
    block = BLOCK.search(text)
    said = {match["name"]: plain(match["value"]) for match in PAIR.finditer(block["block"])} if block else {}
    place = said.get("path", "")
    if said.get("type") != "folder" or not place.startswith("/"):
        return
    folders = [read_answers(text).get("belgenet_backup_folder") or FOLDER, *OURS]
    there = real(probe, place)
    for folder in folders:
        ours = real(probe, folder)
        if there.is_relative_to(ours) or ours.is_relative_to(there):
            values = {"place": place, "other": folder}
            yield Finding("backup_offsite_here", WARNING if restoring else ERROR, values)
            return


def real(probe: Probe, name: str) -> Path:
    """Where a path leads."""
    return probe.path(name).resolve()
