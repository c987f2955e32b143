"""What of a restoration is done, on the disk: who starts it again goes on where it was."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from belgenet.appliance.restore.errors import RestoreError

FILE: Final = Path("/var/lib/belgenet/restore/state.json")


@dataclass(frozen=True)
class State:
    """One restoration.

    :param backup: its id.
    :param done: steps that need not be taken again.
    :param missing: keys of objects that are lost.
    :param facts: figures about it.
    :param ended: UTC, ISO 8601; empty while it is under way.
    :param released: when outgoing mail was let go.
    """

    backup: str
    address: str
    began: str
    done: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    ended: str = ""
    released: str = ""

    def taken(self, step: str, **facts: Any) -> "State":
        """With a step done."""
        return replace(self, done=(*self.done, step), facts=self.facts | facts)

    def again(self, step: str) -> "State":
        """With a step that is to be taken once more."""
        return replace(self, done=tuple(name for name in self.done if name != step))

    def without(self, keys: Iterable[str]) -> "State":
        """With the objects that are lost."""
        return replace(self, missing=tuple(sorted(keys)))


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read(file: Path | None = None) -> State | None:
    """None: nothing was ever restored here."""
    try:
        told = json.loads((file or FILE).read_text(encoding="utf-8"))
        return State(**{**told, "done": tuple(told["done"]), "missing": tuple(told["missing"])})
    except FileNotFoundError:
        return None


def write(state: State, file: Path | None = None) -> State:
    """On the disk when this returns."""
    store(asdict(state), file or FILE)
    return state


def store(told: dict[str, Any], file: Path) -> None:
    """As JSON, for root alone; a crash leaves the old file or the new one."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as text:
        json.dump(told, text, indent=1)
        text.flush()
        os.fsync(text.fileno())
    draft.replace(file)


def begin(backup: str, address: str, file: Path | None = None) -> State:
    """Go on with the restoration of this backup, or begin it.

    :raises RestoreError: another one was begun here, and its database came back.
    """
    known = read(file)
    if known is None or known.ended:
        return write(State(backup, address, now()), file)
    if known.backup != backup:
        _require_replaceable(known, backup)
        # What was set aside is not ours; what came since then is.
        told = {name: known.facts[name] for name in ("aside",) if name in known.facts}
        return write(State(backup, address, now(), tuple({"aside"} & {*known.done}), facts=told), file)
    return known


def _require_replaceable(known: State, asked: str) -> None:
    """One whose database could not be brought back gives way to another; afterwards there is an institution here."""
    if "database" in known.done:
        raise RestoreError("other_backup", begun=known.backup, asked=asked)


def under_way(file: Path | None = None) -> str:
    """Id of the backup whose restoration was begun here and did not end; empty: none."""
    known = read(file)
    return known.backup if known is not None and not known.ended else ""


def copy_under_way(file: Path | None = None) -> str:
    """Which copy of the database's part the restoration that did not end has brought here; empty: none."""
    known = read(file)
    return str(known.facts.get("copy", "")) if known is not None and not known.ended else ""


def require_copy(copy: str, file: Path | None = None) -> None:
    """Another copy may be tried as long as the database did not come back; then there is an institution here.

    :raises RestoreError: it came back from another one.
    """
    known = read(file)
    if known is None or known.ended or "database" not in known.done or known.facts.get("copy", copy) == copy:
        return
    raise RestoreError("other_backup", begun=known.facts["copy"][:8], asked=copy[:8])


def require_free(backup: str, places: Iterable[Path], file: Path | None = None) -> None:
    """A restoration would overwrite what an institution has here, unless it is the one that was cut off.

    :param places: of a release, of secrets and of data; what was uninstalled has left some of them.
    :raises RestoreError: there is something here.
    """
    known = read(file)
    if known is not None and not known.ended:
        if known.backup != backup:
            _require_replaceable(known, backup)
        return
    for place in places:
        if place.is_symlink() or (place.is_dir() and any(place.iterdir())):
            raise RestoreError("not_empty", where=place)
