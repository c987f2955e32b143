"""How the checks look at the server, and what they find. Tests give another root, clock and programs."""

import os
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be. The texts belong to the code, see texts/."""

    code: str
    severity: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Space:
    """Room on the file system that holds a folder."""

    device: int
    free_bytes: int
    inodes: int
    """0: the file system makes them as needed."""
    free_inodes: int
    read_only: bool = False


def program(command: Sequence[str]) -> tuple[int, str]:
    """Exit code and all output; 127 when there is no such program."""
    environment = {**os.environ, "LC_ALL": "C"}
    environment.pop("LD_LIBRARY_PATH", None)
    try:
        done = subprocess.run(
            list(command), capture_output=True, text=True, errors="replace", timeout=20, check=False, env=environment
        )
    except FileNotFoundError:
        return 127, ""
    except subprocess.TimeoutExpired:
        return 124, ""
    return done.returncode, done.stdout + done.stderr


def fetch(url: str, authority: str) -> str:
    """What keeps this server from an address; empty: it answers.

    :param authority: PEM file of who may sign for it; empty: the system's.
    """
    try:
        context = ssl.create_default_context(cafile=authority or None)
        with urllib.request.urlopen(url, timeout=10, context=context):  # noqa: S310 -- https, which was looked at
            return ""
    except (OSError, ValueError) as problem:
        return str(getattr(problem, "reason", problem))


def space(path: Path) -> Space:
    """Room for a folder, which need not exist yet."""
    while not path.exists():
        path = path.parent
    found = os.statvfs(path)
    read_only = bool(found.f_flag & os.ST_RDONLY)
    return Space(path.stat().st_dev, found.f_bavail * found.f_frsize, found.f_files, found.f_favail, read_only)


@dataclass(frozen=True)
class Probe:
    """The server."""

    root: Path = Path("/")
    run: Callable[[Sequence[str]], tuple[int, str]] = program
    space: Callable[[Path], Space] = space
    fetch: Callable[[str, str], str] = fetch
    now: Callable[[], float] = time.time

    def path(self, name: str) -> Path:
        """An absolute path on the server."""
        return self.root / name.lstrip("/")

    def read(self, name: str) -> str:
        """A file's text; empty when it cannot be read."""
        try:
            return self.path(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def names(self, name: str) -> list[str]:
        """What lies in a folder, in order; nothing when there is no such folder."""
        try:
            return sorted(entry.name for entry in self.path(name).iterdir())
        except OSError:
            return []
