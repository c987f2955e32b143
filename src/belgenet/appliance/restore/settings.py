"""A backup's settings on their way back to where they were; what the roles write they write again."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from belgenet.appliance.backup import own
from belgenet.appliance.restore.written import Written

_NOT_SETTINGS: Final = {"credentials", "outgoing-held"}


class Settings:
    """:param folder: of the backup, with ``etc``, ``named`` and ``own`` in it. :param root: of this server."""

    def __init__(self, folder: Path, written: Written, root: Path = Path("/")) -> None:
        self._folder, self._written, self._root = folder, written, root

    def put(self) -> None:
        """All but what belongs into the database's folder. What somebody named or added stays as it is here."""
        named, added = list(self._named()), list(own.pairs(self._folder / "own", self._root))
        inside = [pair for entry, target in self._etc() for pair in _files(entry, target)]
        self._written.files([*named, *added, *inside])
        for source, target in [*named, *added]:
            own.put(source, target)
        for entry, target in self._etc():
            if entry.is_dir() or not target.is_symlink():
                _bring(entry, target)

    def put_database(self, major: int, owner: str = "postgres") -> None:
        """What was added to the database's settings, once its cluster is there, which reads it when it starts.

        See :func:`own.database_pairs`.
        """
        found = list(own.database_pairs(self._folder / "own", major, self._root))
        self._written.files(found)
        for source, target in found:
            own.put(source, target, owner)

    def _named(self) -> Iterator[tuple[Path, Path]]:
        place = self._folder / "named"
        return ((file, self._root / file.relative_to(place)) for file in sorted(place.rglob("*")) if file.is_file())

    def _etc(self) -> Iterator[tuple[Path, Path]]:
        for folder in sorted((self._folder / "etc").iterdir()):
            for entry in (entry for entry in sorted(folder.iterdir()) if entry.name not in _NOT_SETTINGS):
                yield entry, self._root / "etc" / folder.name / entry.name


def _files(entry: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """Files and links in a folder, or the one it is."""
    inside = entry.rglob("*") if entry.is_dir() and not entry.is_symlink() else [entry]
    return ((file, target / file.relative_to(entry)) for file in inside if file.is_symlink() or file.is_file())


def _bring(entry: Path, target: Path) -> None:
    """A file, a link, or a folder with all that is in it, into what is there."""
    if entry.is_symlink() or not entry.is_dir():
        own.bring(entry, target)
        return
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for inside in sorted(entry.iterdir()):
        _bring(inside, target / inside.name)
    shutil.copystat(entry, target)
