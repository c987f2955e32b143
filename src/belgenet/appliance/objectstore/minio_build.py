"""Whether a MinIO program may be used: is it the file the operator means, and which of its holes are known to be open.

MinIO's community edition ended with RELEASE.2025-10-15; who still builds it, does so from a fork. A date later than a fix does not
prove that a fork has it, an earlier one proves that it has not.
"""

import hashlib
import os
import re
import stat
import subprocess
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

_RELEASE: Final = re.compile(r"RELEASE\.(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z)")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Hole:
    """A published weakness.

    :param since: first release that has it; empty: all.
    :param until: first release of which it is not known; for the community edition, whose last was 2025-10-15, that is no fix.
    """

    name: str
    since: str
    until: str


HOLES: Final = (
    Hole("CVE-2025-62506", "", "2025-10-15T17-29-55Z"),
    Hole("CVE-2026-40344", "2023-05-18T00-05-36Z", "2026-04-11T03-20-12Z"),
    Hole("CVE-2026-41145", "2023-05-18T00-05-36Z", "2026-04-11T03-20-12Z"),
    Hole("GHSA-3rh2-v3gr-35p9", "", "2025-10-15T17-29-56Z"),
)
"""Privileges beyond a key's own; twice writing with the mere name of a key (fixed in AIStor alone, whose dates these are); objects
that become unreadable (every release of the community edition)."""


class RefusedError(Exception):
    """The program may not be used; ``code`` names the text."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Build:
    """A program.

    :param release: ``2025-09-07T16-13-09Z``.
    :param holes: names of those known to be open in it.
    """

    sha256: str
    release: str
    holes: list[str]


def holes_of(release: str) -> list[str]:
    """Known holes of a release. Its name is its time, so that names compare as times do."""
    return [hole.name for hole in HOLES if hole.since <= release < hole.until]


def inspect(program: Path, sha256: str, *, accept_unpatched: bool = False) -> Build:
    """Look at a program before it is installed. It is run, for its version and as nobody, only when it is the file that is meant.

    :raises RefusedError: it is not that file, others may change it, it is not MinIO, or it has known holes.
    """
    if not program.is_file():
        raise RefusedError("minio_no_program", program=program)
    with program.open("rb") as file:
        digest = _digest(program, file, sha256.lower().removeprefix("sha256:"))
        said = _RELEASE.search(_version(program, file.fileno()))
    if said is None:
        raise RefusedError("minio_not_minio", program=program)
    build = Build(digest, said[1], holes_of(said[1]))
    if build.holes and not accept_unpatched:
        raise RefusedError("minio_unpatched", release=build.release, holes=", ".join(build.holes))
    return build


def _digest(program: Path, file: BufferedReader, wanted: str) -> str:
    if not _SHA256.fullmatch(wanted):
        raise RefusedError("minio_no_digest", program=program)
    state = os.fstat(file.fileno())
    if state.st_uid != 0 or state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise RefusedError("minio_writable", program=program)
    found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wanted:
        raise RefusedError("minio_other_digest", program=program, found=found, wanted=wanted)
    return found


def _version(program: Path, handle: int) -> str:
    """What it says, read from the very file that was hashed; nobody may not be able to reach it by its name."""
    try:
        done = subprocess.run(  # noqa: S603 -- the file whose digest the operator gave
            [f"/proc/self/fd/{handle}", "--version"],
            pass_fds=(handle,),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            user="nobody",
            group="nogroup",
            extra_groups=[],
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
            cwd="/",
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RefusedError("minio_does_not_run", program=program, why=error) from None
    return done.stdout + done.stderr
