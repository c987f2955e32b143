"""What lies in the repository of this server and not elsewhere yet.

Each call of restic asks for its key, which is made slow on purpose, and loads the index of the place. So both places are listed
once, and restic is called to copy only when something is new.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from belgenet.appliance.backup.records import Backup
from belgenet.appliance.backup.restic import Restic

_SETTINGS = "settings"


class Missing:
    """As it is when something of it is asked for first; what comes later is for the next time.

    :param here: not locked meanwhile, and read although others lock it: what it gives up while it is brought over is not brought.
    """

    def __init__(self, here: Restic, elsewhere: Restic) -> None:
        self._here = here
        self._elsewhere = elsewhere
        self._brought: set[str] = set()

    def bring_keys(self) -> None:
        """Settings that were kept once more, of backups that are there: see :mod:`belgenet.appliance.backup.masters`."""
        self._bring(self._again)

    def bring_rest(self) -> None:
        """Settings last: a backup of which they are there is whole, whenever this is cut off.

        Of those that were kept once more the last come first, with every master key.
        """
        self._bring(snapshot for snapshot in self._snapshots if not _is_settings(snapshot))
        self._bring(snapshot for snapshot in reversed(self._snapshots) if _is_settings(snapshot))

    def _bring(self, snapshots: Iterable[Mapping[str, Any]]) -> None:
        if ids := [name for snapshot in snapshots if (name := str(snapshot["id"])) not in self._brought]:
            self._elsewhere.copy_from(self._here, *ids)
            self._brought.update(ids)

    @cached_property
    def _there(self) -> list[dict[str, Any]]:
        return self._elsewhere.snapshots()

    @cached_property
    def _snapshots(self) -> list[dict[str, Any]]:
        brought = {_original(snapshot) for snapshot in self._there}
        here = self._here.snapshots(locked=False)  # a backup may be giving up old ones for a while
        return [snapshot for snapshot in here if _original(snapshot) not in brought]

    @cached_property
    def _again(self) -> list[dict[str, Any]]:
        known = {backup.id for backup in Backup.among(filter(_is_settings, self._there))}
        last = {backup.snapshot for backup in Backup.among(filter(_is_settings, self._snapshots)) if backup.id in known}
        return [snapshot for snapshot in self._snapshots if snapshot["id"] in last]


def _is_settings(snapshot: Mapping[str, Any]) -> bool:
    return _SETTINGS in (snapshot.get("tags") or ())


def _original(snapshot: Mapping[str, Any]) -> str:
    """Of a snapshot that was copied from another repository its id there: a copy of a copy keeps the first."""
    return str(snapshot.get("original") or snapshot["id"])
