"""The institution's objects, one by one through S3, whatever server keeps them.

Objects are named by their content and never written twice, so a backup only has to fetch the ones that came since the last. They
are fetched in batches that fit beside the rest on the disk, each batch is one snapshot of plain files, and an index says for every
object its size, its digest and the batch that holds it. A *generation* is the batches since everything was last fetched afresh;
restic knows the content again, so a new one takes hardly any room, and what was deleted goes away with the old one.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.restic import Restic

NAME: Final = "objects"
BATCH_BYTES: Final = 2 * 1024**3
BATCH_COUNT: Final = 20_000


@dataclass(frozen=True)
class Listed:
    """What the S3 server says of an object."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True)
class Kept:
    """An object in the backup. :param type: its Content-Type. :param batch: tag of the snapshot it lies in."""

    key: str
    size: int
    etag: str
    sha256: str
    type: str
    batch: str


class Source(Protocol):
    """Where objects come from."""

    def list(self) -> Iterable[Listed]:
        """All objects."""

    def fetch(self, key: str, file: Path) -> tuple[str, str] | None:
        """Write one into a file; its SHA-256 and Content-Type. None: it is gone meanwhile."""


class Index:
    """Objects of one generation, by key."""

    def __init__(self, generation: str, kept: Mapping[str, Kept]) -> None:
        self.generation = generation
        self.kept = dict(kept)

    @property
    def size(self) -> int:
        """Bytes of all objects."""
        return sum(entry.size for entry in self.kept.values())

    def write(self, file: Path) -> None:
        """One line of JSON for the generation, one for each object."""
        draft = file.with_suffix(".draft")
        draft.touch(mode=0o600)
        with draft.open("w", encoding="utf-8") as lines:
            lines.write(json.dumps({"generation": self.generation}) + "\n")
            for key in sorted(self.kept):
                lines.write(json.dumps(asdict(self.kept[key])) + "\n")
        draft.replace(file)

    @classmethod
    def read(cls, file: Path) -> "Index | None":
        """None when there is none, or it is damaged."""
        try:
            with file.open(encoding="utf-8") as lines:
                generation = json.loads(next(lines))["generation"]
                entries = [Kept(**json.loads(line)) for line in lines]
        except (OSError, ValueError, KeyError, TypeError, StopIteration):
            return None
        return cls(generation, {entry.key: entry for entry in entries})


def gather(source: Source, restic: Restic, index: Index, stage: Path, name: str) -> Index:
    """Bring what is new into the repository; the index afterwards.

    :param stage: a folder of our own, for one batch at a time.
    :param name: of this backup; its batches are named after it.
    """
    kept: dict[str, Kept] = {}
    new: list[Listed] = []
    for listed in source.list():
        known = index.kept.get(listed.key)
        if known and (known.size, known.etag) == (listed.size, listed.etag):
            kept[listed.key] = known
        else:
            new.append(listed)
    for number, batch in enumerate(_batches(new), start=1):
        kept |= _keep(source, restic, batch, stage, f"{name}-{number}", index.generation)
    return Index(index.generation, kept)


def restore(restic: Restic, index: Index, target: Path) -> Iterator[tuple[Kept, Path]]:
    """Every object with a file of its content below ``target``, batch by batch; a batch's files go away when the next one comes.

    :raises BackupError: one is missing or damaged.
    """
    wanted: dict[str, list[Kept]] = {}
    for entry in index.kept.values():
        wanted.setdefault(entry.batch, []).append(entry)
    for batch, entries in sorted(wanted.items()):
        restic.restore(snapshot_of(restic, batch), target)
        for entry in entries:
            yield entry, proven(entry, target)
        shutil.rmtree(target / NAME, ignore_errors=True)


def sample(restic: Restic, entries: Iterable[Kept], target: Path) -> int:
    """Restore some objects and compare their digests; how many were right.

    :raises BackupError: one is missing or damaged.
    """
    wanted: dict[str, list[Kept]] = {}
    for entry in entries:
        wanted.setdefault(entry.batch, []).append(entry)
    for batch, some in wanted.items():
        restic.restore(snapshot_of(restic, batch), target, *(f"/{NAME}/{_name(entry.key)}" for entry in some))
        for entry in some:
            proven(entry, target)
    return sum(map(len, wanted.values()))


def snapshot_of(restic: Restic, batch: str) -> str:
    """restic's id of a batch. :raises BackupError: it is not there."""
    found = restic.snapshots(NAME, f"batch={batch}")
    if not found:
        raise BackupError("batch_missing", batch=batch, where=restic.address)
    return str(found[-1]["id"])


def proven(entry: Kept, target: Path) -> Path:
    """The restored file of an object. :raises BackupError: it is missing, or not what it was."""
    file = target / NAME / _name(entry.key)
    if not file.is_file():
        raise BackupError("object_missing", key=entry.key, batch=entry.batch)
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != entry.sha256:
        raise BackupError("object_differs", key=entry.key, batch=entry.batch)
    return file


def _batches(new: Iterable[Listed]) -> Iterator[list[Listed]]:
    batch: list[Listed] = []
    size = 0
    for listed in new:
        if batch and (size + listed.size > BATCH_BYTES or len(batch) == BATCH_COUNT):
            yield batch
            batch, size = [], 0
        batch.append(listed)
        size += listed.size
    if batch:
        yield batch


def _keep(
    source: Source, restic: Restic, batch: list[Listed], stage: Path, name: str, generation: str
) -> dict[str, Kept]:
    folder = stage / NAME
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)  # people's files: root's alone, whatever the umask of who asked
    kept: dict[str, Kept] = {}
    try:
        for listed in batch:
            file = folder / _name(listed.key)
            file.parent.mkdir(parents=True, exist_ok=True)
            if fetched := source.fetch(listed.key, file):
                kept[listed.key] = Kept(listed.key, listed.size, listed.etag, *fetched, name)
        if kept:
            restic.backup(stage, NAME, [NAME, f"gen={generation}", f"batch={name}"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return kept


def _name(key: str) -> str:
    """A file's name for a key: two letters of a digest, so that no folder is too full, and the digest. Keys may be anything."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{digest[:2]}/{digest}"
