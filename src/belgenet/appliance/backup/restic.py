"""restic: encrypted, deduplicated snapshots of files."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from belgenet.appliance.backup import reach
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.run import CommandError, run

_LONG: Final = 6 * 3600.0
_REASONS: Final = 5
_ANSWER: Final = 60.0
"""For the first word of a place. restic since 0.17 would try wrong keys and wrong names again for a quarter of an hour."""
_NO_REPOSITORY: Final = 10
"""Exit code of restic 0.17 and later; older ones have words only."""
_ABSENT: Final = (
    "Is there a repository at the following location",
    "repository does not exist",
)
_DAMAGED: Final = re.compile(
    r".*(?:ciphertext verification failed|is damaged|invalid data returned|does not match|repository contains errors"
    r"|<(?:data|index|snapshot)/\w+>.*(?:no such file|does not exist|is too short|EOF$)).*",
    re.MULTILINE,
)
"""The lines that tell of it. Those of a file that is restored tell nothing: they follow from others."""


READ_ONLY: Final = ("--no-lock",)
"""For a place that is only read: it may be a disk nobody can write to, or keep the lock of a server that burnt while it wrote."""


class Restic:
    """One repository.

    :param password_file: in memory, readable by root alone; for as long as this object is used.
    :param state: restic's cache lies there.
    :param options: of restic, in each call.
    :param env: for repositories elsewhere: the name of a file with their keys, never a key.
    """

    def __init__(
        self,
        address: str,
        password_file: Path,
        state: Path,
        *,
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.address = address
        self._password = password_file
        self._state = state
        self._env = dict(env or {})
        self._words = ["restic", "--cache-dir", str(state / "cache"), "--repo", address]
        self._words += ["--password-file", str(password_file), *options]

    def at(self, address: str) -> "Restic":
        """A copy of it on this server."""
        return Restic(address, self._password, self._state, env=self._env)

    def exists(self) -> bool:
        """:raises BackupError: it cannot be reached, is damaged, or another key opens it."""
        try:
            self._do("cat", "config", timeout=_ANSWER)
        except BackupError as error:
            if error.code == "repository_absent":
                return False
            raise
        return True

    def make(self) -> None:
        """Make it."""
        self._do("init")

    def backup(self, folder: Path, name: str, tags: Sequence[str], *options: str) -> str:
        """Keep ``folder/name`` as ``/name``; the snapshot's id."""
        words = [word for tag in tags for word in ("--tag", tag)]
        said = self._do("backup", "--json", "--host", "belgenet", *options, *words, name, cwd=folder)
        return _summary(said)

    def backup_output(self, command: Sequence[str], name: str, tags: Sequence[str]) -> str:
        """Keep what a program prints as ``/name``; the snapshot's id.

        :raises BackupError: one of both failed; half of it may be kept.
        """
        words = [word for tag in tags for word in ("--tag", tag)]
        ours = [*self._words, "backup", "--json", "--host", "belgenet", "--stdin", "--stdin-filename", name, *words]
        line = f"{shlex.join(command)} | {shlex.join(ours)}"
        try:
            return _summary(run(["bash", "-o", "pipefail", "-c", line], env=self._env, cwd="/", timeout=_LONG))
        except CommandError as error:
            raise self._translated(error) from None

    def snapshots(self, *tags: str, locked: bool = True) -> list[dict[str, Any]]:
        """Those that have all the tags, oldest first.

        :param locked: nobody gives up any meanwhile; fails while somebody does.
        """
        words = [*(["--tag", ",".join(tags)] if tags else []), *(() if locked else READ_ONLY)]
        found = json.loads(self._do("snapshots", "--json", *words)) or []
        return sorted(
            found, key=lambda snapshot: datetime.fromisoformat(snapshot["time"])
        )  # each in the zone of its day

    def restore(self, snapshot: str, target: Path, *paths: str) -> None:
        """Put a snapshot, or paths of it, below ``target``."""
        words = [word for path in paths for word in ("--include", path)]
        self._do("restore", snapshot, "--target", str(target), *words)

    def size(self, snapshot: str) -> int:
        """Bytes of its files, once restored."""
        return int(json.loads(self._do("stats", "--json", "--mode", "restore-size", snapshot))["total_size"])

    def copy_from(self, source: "Restic", *snapshots: str) -> None:
        """Bring over snapshots of ``source``, by id there; those that are here already are left.

        The source is not locked, for hours perhaps: a backup could not give up old ones meanwhile. What it gives up while it is
        brought over makes this fail, and the next one catches up. The place itself is locked.
        """
        words = ["--from-repo", source.address, "--from-password-file", str(self._password)]
        self._do("copy", "--no-lock", *words, *snapshots)

    def check(self, subset: str = "") -> None:
        """:param subset: how much of the data is read and not only looked up: ``1/8``, ``100%``."""
        if missing := self._missing():
            # restic before 0.17 would ask for a quarter of an hour for each.
            raise BackupError("files_damaged", where=self.address, said=f"{len(missing)} packs, {missing[0]}")
        self._do("check", *(["--read-data-subset", subset] if subset else []))

    def _missing(self) -> list[str]:
        """Packs that an index names and nobody has."""
        named: set[str] = set()
        for index in self._do("list", "index").split():
            named |= {pack["id"] for pack in json.loads(self._do("cat", "index", index))["packs"]}
        return sorted(named - set(self._do("list", "packs").split()))

    def forget(self, *snapshots: str) -> None:
        """Snapshots, by id."""
        if snapshots:
            self._do("forget", *snapshots)

    def forget_old(self, tag: str, *keep: str) -> None:
        """Snapshots with a tag that no rule of ``keep`` keeps."""
        self._do("forget", "--tag", tag, "--group-by", "host", *keep)

    def prune(self) -> None:
        """Give back the room of what was forgotten."""
        self._do("prune")

    def unlock(self, *, everybody: bool = False) -> None:
        """Take away the locks of runs that were killed; those of living ones stay.

        :param everybody: those too, in a repository that nobody else uses: restic takes a lock of another server for living.
        """
        self._do("unlock", *(["--remove-all"] if everybody else []), timeout=120)

    def _do(self, *words: str, cwd: Path | None = None, timeout: float = _LONG) -> str:
        try:
            return run([*self._words, *words], env=self._env, cwd=cwd or "/", timeout=timeout)
        except CommandError as error:
            raise self._translated(error) from None

    def _translated(self, error: CommandError) -> BackupError:
        where, said = self.address, error.said
        if "wrong password" in said or "no key found" in said:
            return BackupError("wrong_key", where=where)
        if far := reach.why(where, said):  # restic before 0.17 asks whether there is a repository in any case
            return far
        if error.code == _NO_REPOSITORY or any(words in said for words in _ABSENT):
            return BackupError("repository_absent", where=where)
        if reasons := _DAMAGED.findall(error.whole):
            return BackupError("files_damaged", where=where, said="\n".join(list(dict.fromkeys(reasons))[:_REASONS]))
        if "no space left" in error.whole:
            return BackupError("disk_full", where=where)
        return BackupError("files_failed", where=where, said=said)


def _summary(said: str) -> str:
    for line in reversed(said.splitlines()):
        if line.startswith("{") and (told := json.loads(line)).get("message_type") == "summary":
            return str(told["snapshot_id"])
    raise BackupError("files_failed", where="restic", said="no summary")
