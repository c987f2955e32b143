"""PostgreSQL refuses to run as uid 0; this finds a way to run it as ``nobody`` without adding users.

First choice for root is a user namespace (files keep their owner, nothing is chowned). Where namespaces are
forbidden (many containers) the process really becomes ``nobody`` and its folder is handed over to it.
"""

import functools
import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from belgenet.testing.servers.process import ServerError

_NOBODY = "nobody"


@dataclass(frozen=True)
class Unprivileged:
    """How to start a program that refuses root.

    :param prefix: put in front of the command line.
    :param owner: (uid, gid) the program's folder must belong to, or None when nothing changes.
    """

    prefix: tuple[str, ...]
    owner: tuple[int, int] | None

    def own(self, path: Path) -> None:
        """Give `path` to the user the program runs as."""
        if self.owner is not None:
            os.chown(path, *self.owner)

    def reachable(self, path: Path) -> Path:
        """Return `path`, or a stand-in below /var/tmp when that user cannot get there (``/root``)."""
        if self.owner is None or self._can_enter(path):
            return path
        digest = hashlib.sha256(str(path).encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"belgenet-{digest}"

    def _can_enter(self, path: Path) -> bool:
        ancestor = next(p for p in (path, *path.parents) if p.is_dir())
        command = [*self.prefix, "test", "-x", str(ancestor)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


@functools.cache
def unprivileged() -> Unprivileged:
    """Find the way that works here.

    :raises ServerError: when we are root and neither ``unshare`` nor ``setpriv`` can leave it.
    """
    if os.geteuid() != 0:
        return Unprivileged((), None)
    nobody = pwd.getpwnam(_NOBODY)
    ids = (str(nobody.pw_uid), str(nobody.pw_gid))
    namespace = ("unshare", "--user", f"--map-user={ids[0]}", f"--map-group={ids[1]}")
    if _works(namespace):
        return Unprivileged(namespace, None)
    drop = ("setpriv", f"--reuid={ids[0]}", f"--regid={ids[1]}", "--clear-groups", "--")
    if _works(drop):
        return Unprivileged(drop, (nobody.pw_uid, nobody.pw_gid))
    raise ServerError("PostgreSQL does not run as root and neither unshare nor setpriv works here; run as another user")


def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    return subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0
