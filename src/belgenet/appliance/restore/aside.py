"""Backups that lie where those of the restored institution will: somebody's, perhaps all they have."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

PARTS: Final = ("postgres", "files", "releases")
"""What a folder of backups holds."""


def set_aside(repository: Path, source: Path | None) -> list[Path]:
    """Move what is there out of the way, under a name that says since when; nothing is merged, nothing deleted.

    :param repository: the folder where this server is going to keep its backups.
    :param source: the folder the restoration reads from; None: it is elsewhere. Where both are one, nothing is moved.
    :returns: the new places.
    :raises OSError: it cannot be moved, for one because it is a file system of its own.
    """
    if source is not None and repository.is_dir() and source.samefile(repository):
        return []
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    held = [place for place in (repository / name for name in PARTS) if _holds(place)]
    return [place.rename(place.with_name(f"{place.name}.before-restore-{stamp}")) for place in held]


def _holds(place: Path) -> bool:
    return place.is_symlink() or place.is_file() or (place.is_dir() and any(place.iterdir()))
