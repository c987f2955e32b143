"""What has been copied: a file that survives whatever ends the copying."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Copied:
    """An object that is on both servers with the same bytes. ``etag`` is the source's; ``size`` in bytes."""

    key: str
    etag: str
    size: int
    sha256: str


class Journal:
    """SQLite in ``file``; one process uses it. What :meth:`note` has returned from is on the disk."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS copied (key TEXT PRIMARY KEY, etag TEXT NOT NULL, size INTEGER NOT NULL, "
            "sha256 TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
        )

    def begin(self) -> None:
        """A new pass: nothing has been seen at the source yet."""
        self._db.execute("UPDATE copied SET seen = 0")

    def unchanged(self, found: Iterable[tuple[str, str, int]]) -> set[str]:
        """Of objects at the source (key, etag, size), those that are copied already. Marks them as seen."""
        known = set()
        self._db.execute("BEGIN")
        for key, etag, size in found:
            done = self._db.execute(
                "UPDATE copied SET seen = 1 WHERE key = ? AND etag = ? AND size = ?", (key, etag, size)
            )
            if done.rowcount:
                known.add(key)
        self._db.execute("COMMIT")
        return known

    def note(self, copied: Iterable[Copied]) -> None:
        """Remember."""
        rows = [(one.key, one.etag, one.size, one.sha256) for one in copied]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO copied VALUES (?, ?, ?, ?, 1)", rows)
        self._db.execute("COMMIT")

    def unseen(self) -> list[str]:
        """Keys that this pass did not find at the source: they were deleted meanwhile."""
        return [key for (key,) in self._db.execute("SELECT key FROM copied WHERE seen = 0 ORDER BY key")]

    def forget(self, key: str) -> None:
        """It is on neither server any more."""
        self._db.execute("DELETE FROM copied WHERE key = ?", (key,))

    def size_of(self, key: str) -> int | None:
        """Bytes of a copied object; None: it is not one."""
        row = self._db.execute("SELECT size FROM copied WHERE key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def totals(self) -> tuple[int, int]:
        """Objects and bytes."""
        objects, size = self._db.execute("SELECT count(*), coalesce(sum(size), 0) FROM copied").fetchone()
        return int(objects), int(size)

    def __iter__(self) -> Iterator[Copied]:
        rows = self._db.execute("SELECT key, etag, size, sha256 FROM copied ORDER BY key")
        return (Copied(*row) for row in rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
