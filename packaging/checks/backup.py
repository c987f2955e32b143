"""The place elsewhere that the operator chose for backups. The installed server looks again, see appliance/backup/plan.py."""

from collections.abc import Iterator
from pathlib import Path

from checks.probe import ERROR, WARNING, Finding, Probe
from checks.site import read_tree

FOLDER = "/var/backups/belgenet"
"""Where nothing was answered; equals group_vars/all.yml."""
OURS = ("/var/lib/belgenet", "/var/lib/postgresql")


def backup(probe: Probe, text: str, *, restoring: bool = False) -> Iterator[Finding]:
    """A folder elsewhere is not one of this server's own, by whatever name.

    :param text: the operator's answers.
    :param restoring: they come with the backup and cannot be changed before.
    """
    answers = read_tree(text)
    said = answers.get("belgenet_backup_offsite")
    if not isinstance(said, dict) or said.get("type") != "folder" or not said.get("path"):
        return
    place = str(said["path"])
    there = real(probe, place)
    for folder in (str(answers.get("belgenet_backup_folder") or FOLDER), *OURS):
        ours = real(probe, folder)
        if there.is_relative_to(ours) or ours.is_relative_to(there):
            yield Finding("backup_offsite_here", WARNING if restoring else ERROR, {"place": place, "other": folder})
            return


def real(probe: Probe, name: str) -> Path:
    """Where a path leads."""
    return probe.path(name).resolve()
