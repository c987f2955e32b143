"""A folder in memory for the time of one command: passwords that restic reads, and secrets on their way into a snapshot."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from belgenet.appliance import recovery_key
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.plan import STATE, Plan
from belgenet.appliance.backup.restic import Restic

MEMORY: Final = Path("/run")
_PREFIX: Final = "belgenet-backup-held-"
"""Whose owner holds a lock on it as long as it lives. Earlier releases named theirs otherwise and hold none: during an upgrade one
of their commands may be at work still, so those are left to the next start of the server."""
_OURS: Final = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")
"""Names as :mod:`tempfile` makes them."""
OFFSITE_S3: Final = ("backup.offsite_key_id", "backup.offsite_key")
OFFSITE_SSH: Final = "backup.offsite_ssh_key"


@dataclass(frozen=True)
class Workspace:
    """:param folder: in memory, root's alone, gone afterwards."""

    folder: Path
    here: Restic
    _open_elsewhere: Callable[[], Restic | None]

    @cached_property
    def elsewhere(self) -> Restic | None:
        """None where nothing is kept off-site. Opened when it is asked for: what is wrong with it holds up nothing on this server.

        :raises BackupError: its keys are missing.
        """
        return self._open_elsewhere()


@contextmanager
def workspace(
    plan: Plan, secrets: Mapping[str, str], *, state: Path = STATE, memory: Path = MEMORY
) -> Iterator[Workspace]:
    """Open the repositories with what the vault holds.

    :param secrets: the vault's, by name.
    :raises BackupError: there is no recovery key.
    """
    key = secrets.get(recovery_key.NAME)
    if not key:
        raise BackupError("no_recovery_key")
    _sweep(memory)
    folder, hold = _claimed(memory)
    try:
        password = secret_file(folder / "restic", recovery_key.derive(key, recovery_key.FILES))
        elsewhere = partial(_elsewhere, plan, secrets, folder, password, state)
        yield Workspace(folder, Restic(plan.files, password, state), elsewhere)
    finally:
        shutil.rmtree(folder)
        os.close(hold)


def _claimed(memory: Path) -> tuple[Path, int]:
    """A new folder, 0700, and the lock on it that says that its owner lives: the kernel takes it back with the process."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=memory))
        hold = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(hold, fcntl.LOCK_EX)
        if folder.exists():
            return folder, hold
        os.close(hold)  # somebody who swept was here before the lock was


def _sweep(memory: Path) -> None:
    """Take away what commands that were killed have left: keys lie in it."""
    for folder in memory.iterdir():
        if not _OURS.fullmatch(folder.name):
            continue
        try:
            hold = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # gone meanwhile, or no folder
            continue
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(hold)


def secret_file(file: Path, text: str) -> Path:
    """Write a secret that nobody else can read, not even for a moment."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(text)
    return file


def _elsewhere(plan: Plan, secrets: Mapping[str, str], folder: Path, password: Path, state: Path) -> Restic | None:
    if not plan.files_offsite:
        return None
    env: dict[str, str] = {}
    options: list[str] = []
    match plan.offsite["type"]:
        case "s3":
            key_id, key = (secrets.get(name, "") for name in OFFSITE_S3)
            if not key_id or not key:
                raise BackupError("offsite_secret_missing", names=" ".join(OFFSITE_S3))
            text = f"[default]\naws_access_key_id={key_id}\naws_secret_access_key={key}\n"
            env["AWS_SHARED_CREDENTIALS_FILE"] = str(secret_file(folder / "s3", text))
            env["AWS_DEFAULT_REGION"] = str(plan.offsite.get("region", "us-east-1"))
        case "sftp":
            ssh_key = secrets.get(OFFSITE_SSH, "")
            if not ssh_key:
                raise BackupError("offsite_secret_missing", names=OFFSITE_SSH)
            options = ["--option", f"sftp.command={_ssh(plan, folder, ssh_key)}"]
    return Restic(plan.files_offsite, password, state, env=env, options=options)


def _ssh(plan: Plan, folder: Path, ssh_key: str) -> str:
    where = plan.offsite
    identity = secret_file(folder / "ssh", ssh_key.rstrip() + "\n")
    known = secret_file(folder / "known_hosts", f"{_host(where)} {where['host_key']}\n")
    strict = "-o StrictHostKeyChecking=yes -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=30"
    target = f"-p {where.get('port', 22)} {where['user']}@{where['host']}"
    return f"ssh -i {identity} -o UserKnownHostsFile={known} {strict} {target} -s sftp"


def _host(where: Mapping[str, object]) -> str:
    port = where.get("port", 22)
    return str(where["host"]) if port == 22 else f"[{where['host']}]:{port}"  # noqa: PLR2004
