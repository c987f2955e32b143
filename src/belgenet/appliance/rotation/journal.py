"""What a rotation has done so far. No secret stands here."""

import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Progress:
    """A rotation that has begun.

    :param done: how many of its steps came to their end.
    :param used_since: when the new values were in use everywhere, in seconds since 1970; 0: they are not yet.
    :param inherited: the values were found, not made by it: who asks for new ones is not served by it.
    """

    names: list[str]
    began: float
    done: int = 0
    used_since: float = 0.0
    inherited: bool = False


@dataclass
class Age:
    """Seconds since 1970; 0: unknown or never."""

    made: float = 0.0
    rotated: float = 0.0


@dataclass
class Journal:
    """Two small files in ``folder``: the rotation under way, and how old each secret is."""

    folder: Path
    _file: Path = field(init=False)
    _ages: Path = field(init=False)

    def __post_init__(self) -> None:
        self._file = self.folder / "rotation.json"
        self._ages = self.folder / "ages.json"

    def read(self) -> Progress | None:
        """The rotation under way; None when there is none."""
        try:
            return Progress(**json.loads(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def begin(self, names: Sequence[str], *, inherited: bool = False) -> Progress:
        """Write down what is going to be rotated."""
        progress = Progress(list(names), time.time(), inherited=inherited)
        self.keep(progress)
        return progress

    def keep(self, progress: Progress) -> None:
        """On the disk when this returns."""
        self._write(self._file, asdict(progress))

    def end(self, progress: Progress) -> None:
        """The rotation is over; its secrets are new, unless they are as old as the backup they came from."""
        if not progress.inherited:
            self.note_rotated(progress.names)
        self._file.unlink(missing_ok=True)

    def note_rotated(self, names: Sequence[str]) -> None:
        """Secrets have new values since just now."""
        known = self.ages()
        for name in names:
            known[name] = Age(known.get(name, Age()).made, time.time())
        self._write(self._ages, {name: asdict(age) for name, age in known.items()})

    def note_made(self, names: Sequence[str]) -> None:
        """Secrets were made just now."""
        known = self.ages() | {name: Age(made=time.time()) for name in names}
        if names:
            self._write(self._ages, {name: asdict(age) for name, age in known.items()})

    def ages(self) -> dict[str, Age]:
        """Name -> age, as far as it was written down."""
        try:
            noted = json.loads(self._ages.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {name: Age(**age) for name, age in noted.items()}

    def _write(self, file: Path, content: object) -> None:
        self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self.folder, prefix=".")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(content, out)
            out.flush()
            os.fsync(out.fileno())
        Path(draft).replace(file)
