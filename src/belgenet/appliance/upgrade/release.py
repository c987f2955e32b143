"""Releases that lie on the server, and what each says of itself."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

BASE: Final = Path("/opt/belgenet")
KEPT: Final = 3
"""Releases that stay on the server, the running and the previous one among them."""
_FINAL: Final = "z"
"""Sorts behind a, b and rc: 1.2.0rc1 comes before 1.2.0."""

Key = tuple[tuple[int, ...], str, int]


class Failure(Exception):  # noqa: N818 -- what callers say to people
    """A step cannot do its work. ``code`` names the text, ``params`` what stands in it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code, self.params = code, params


def version_key(version: str) -> Key:
    """What versions are ordered by. :raises ValueError: it is none of ours."""
    match = re.fullmatch(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?(?:\+.*)?", version)
    if not match:
        raise ValueError(f"not a version: {version}")
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), match[2] or _FINAL, int(match[3] or 0)


@dataclass(frozen=True)
class Release:
    """One release's folder, ``/opt/belgenet/releases/<version>``, or an unpacked bundle seen as one."""

    folder: Path

    @property
    def version(self) -> str:
        """Its name."""
        return self.folder.name

    @property
    def bundle(self) -> Path:
        """What it came in."""
        return self.folder / "bundle"

    @property
    def program(self) -> Path:
        """Its ``belgenet``."""
        return self.folder / "venv/bin/belgenet"

    @property
    def is_whole(self) -> bool:
        """Whether bundle and both environments are complete."""
        venvs = (self.folder / "venv", self.folder / "ansible/venv")
        return (self.bundle / "manifest.json").is_file() and all((venv / ".complete").is_file() for venv in venvs)

    def facts(self) -> "Facts":
        """What its manifest says."""
        return Facts.read(self.bundle)


@dataclass(frozen=True)
class Facts:
    """The part of a manifest that upgrades follow.

    :param rollback_to: the oldest release that runs on this one's database.
    :param breaking: ``{"version", "tr", "en"}``: what an operator must know, or do, before.
    """

    version: str
    rollback_to: str
    needs_maintenance: bool
    breaking: tuple[dict[str, str], ...]

    @classmethod
    def read(cls, bundle: Path) -> "Facts":
        """From an unpacked bundle. :raises Failure: ``no_manifest``."""
        try:
            found: dict[str, Any] = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
            version = str(found["version"])
        except (OSError, ValueError, KeyError):
            raise Failure("no_manifest", path=bundle) from None
        return cls(
            version,
            str(found.get("rollback_to", version)),
            bool(found.get("needs_maintenance")),
            tuple(found.get("breaking", ())),
        )

    def breaking_since(self, installed: str) -> list[dict[str, str]]:
        """Changes that came after the installed release."""
        return [item for item in self.breaking if version_key(item["version"]) > version_key(installed)]

    def serves(self, older: str) -> bool:
        """Whether that release runs on this one's database."""
        return version_key(older) >= version_key(self.rollback_to)


class Releases:
    """Those on this server."""

    def __init__(self, base: Path = BASE) -> None:
        self.base = base
        self.folder = base / "releases"
        self.current = base / "current"

    def running(self) -> Release:
        """The one ``current`` points at. :raises Failure: ``not_installed``."""
        try:
            return self.of(self.current.readlink().name)
        except OSError:
            raise Failure("not_installed", path=self.current) from None

    def of(self, version: str) -> Release:
        """The one of a version, there or not."""
        return Release(self.folder / version)

    def kept(self) -> list[Release]:
        """Complete ones, the newest first."""
        found = [Release(path) for path in self.folder.iterdir() if path.is_dir() and _is_version(path.name)]
        whole = [release for release in found if release.is_whole]
        return sorted(whole, key=lambda release: version_key(release.version), reverse=True)

    def remove(self, version: str) -> None:
        """Take a release away. :raises Failure: ``runs``: not the one that runs."""
        if self.running().version == version:
            raise Failure("runs", version=version)
        shutil.rmtree(self.of(version).folder, ignore_errors=True)

    def prune(self, previous: str, keep: int = KEPT) -> list[str]:
        """Remove what is not needed any more: all but the newest ``keep``, the running and the previous one counted first."""
        running = self.running().version
        first = [running, *([previous] if previous != running else [])]
        others = [release.version for release in self.kept() if release.version not in first]
        gone = others[max(0, keep - len(first)) :]
        whole = {*first, *others}
        gone += [path.name for path in self.folder.iterdir() if path.is_dir() and path.name not in whole]
        for version in gone:
            shutil.rmtree(self.folder / version, ignore_errors=True)
        return gone


def _is_version(name: str) -> bool:
    try:
        version_key(name)
    except ValueError:
        return False
    return True
