"""Base roots: a fresh Debian server as its installer leaves it, built once from the mirror this machine's own apt uses."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from belgenet.testing.paths import var_folder
from belgenet.testing.servers.process import ServerError

PACKAGES = (
    "ca-certificates",
    "dbus",
    "iproute2",
    "openssh-server",
    "python3",
    "sudo",
    "systemd",
    "systemd-sysv",
)
"""On top of what Debian calls required: a server that somebody can sign in to, and nothing else. Python is in Debian's standard
system."""
_PREPARE = """
set -e
rm -rf etc/hostname etc/resolv.conf etc/ssh/ssh_host_* var/lib/apt/lists var/cache/apt/archives
: >etc/machine-id
: >etc/resolv.conf
install -d -m 700 root/.ssh
install -d var/lib/apt/lists/partial var/cache/apt/archives/partial
ln -s /usr/lib/systemd/system/systemd-networkd.service etc/systemd/system/multi-user.target.wants/
"""
"""What must not be the same on two servers goes; so do the package lists, which a server without a network does not have."""
_VERSION = 1
"""Raised when a root of the same packages must be built anew."""


def home() -> Path:
    """Where roots and machines are kept."""
    return var_folder() / "appliance"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Wait for, and hold, a lock that ends with its holder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def mirror() -> str:
    """The Debian mirror of this machine's own apt sources.

    :raises ServerError: it has none.
    """
    words = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)", "Created-By: Packages"]
    for line in subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("Debian Debian "):
            return line.split()[2]
    raise ServerError("apt on this machine knows no Debian mirror (apt-get indextargets); run apt-get update first")


def base_root(suite: str) -> Path:
    """The root of a fresh server of a Debian release, from the cache if it was built before. Nobody writes to it.

    :param suite: ``bookworm`` or ``trixie``.
    :raises ServerError: it cannot be built.
    """
    content = hashlib.sha256(repr((suite, PACKAGES, _PREPARE, _VERSION)).encode()).hexdigest()[:12]
    target = home() / "roots" / f"{suite}-{content}"
    with locked(home() / "roots" / f"{suite}.lock"):
        if not target.exists():
            _build(suite, target)
    return target


def _build(suite: str, target: Path) -> None:
    draft, log = target.with_suffix(".draft"), target.with_suffix(".log")
    shutil.rmtree(draft, ignore_errors=True)
    words = ["nice", "mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", suite, str(draft), mirror()]
    with log.open("wb") as out:
        built = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    if built.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise ServerError(f"no root of {suite}, see {log}:\n{log.read_text(errors='replace')[-2000:]}")
    subprocess.run(["sh", "-c", _PREPARE], cwd=draft, check=True)
    draft.rename(target)
