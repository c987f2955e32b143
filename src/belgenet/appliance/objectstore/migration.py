"""Moving the objects to another S3 server while the site runs.

prepare: Nginx and the server learn of the target, as second choice. copy: pass after pass, until little is left. switch: writing
pauses, the last objects follow, the services start anew with place and keys of the target. settle: what reached the old server
during the switch follows, the playbook makes the target the first choice everywhere. The journal and the phase are on the disk, so
that whoever is killed goes on where he was; the old server keeps its objects.
"""

import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from belgenet.appliance.objectstore.copying import Copier, Pass
from belgenet.appliance.objectstore.journal import Journal
from belgenet.appliance.objectstore.place import Keys, Place
from belgenet.appliance.objectstore.siteedit import rewrite

PREFIX: Final = "belgenet_objectstore_"
PASSES: Final = 20
PROGRESS_SECONDS: Final = 10
LITTLE: Final = 50
"""Objects that the last pass may have found, for the rest to be copied while writing pauses."""


class MigrationError(Exception):
    """It stops here and can be continued; ``code`` names the text."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass
class State:
    """How far it is. ``phase``: prepare, copy, switch, settle, done."""

    file: Path
    source: Place
    target: Place
    phase: str = "prepare"

    @classmethod
    def read(cls, file: Path) -> "State | None":
        """From its file; None: there is none, or what it speaks of is done."""
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        state = cls(file, Place(**said["source"]), Place(**said["target"]), said["phase"])
        return None if state.phase == "done" else state

    def enter(self, phase: str) -> None:
        """Be in a phase; on the disk before anything else happens."""
        self.phase = phase
        said = {"source": self.source.plain(), "target": self.target.plain(), "phase": phase}
        draft = self.file.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as handle:
            json.dump(said, handle)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(self.file)


@dataclass(frozen=True)
class Ground:
    """What the migration stands on.

    :param site: the operator's file.
    :param journal: file of the journal; its folder belongs to who copies.
    :param known: the places that the roles have told the server of.
    :param keys: of a place, such that every object can be read and written.
    :param fit: raises MigrationError when a place does not keep the contract.
    :param apply: runs the playbook; says whether it came to its end.
    :param change: services start anew with a place, and another one as second choice; says whether all came back.
    :param pause: writing pauses inside; gives a function that says whether it still does.
    :param alone: no other verb changes the server inside.
    :param work: runs a function as a user with fewer rights.
    :param tell: a code and its parameters, for the administrator.
    """

    site: Path
    journal: Path
    known: Callable[[], tuple[Place, Place | None]]
    keys: Callable[[Place], Keys]
    fit: Callable[[Place], None]
    apply: Callable[[], bool]
    change: Callable[[Place, Place], bool]
    pause: Callable[[], AbstractContextManager[Callable[[], bool]]]
    alone: Callable[[], AbstractContextManager[None]]
    work: Callable[[Callable[[], Any]], Any]
    tell: Callable[..., None]


class Migration:
    """One move, from its state to its end."""

    def __init__(self, state: State, ground: Ground) -> None:
        self._state, self._ground = state, ground

    def run(self) -> None:
        """Go on until it is done.

        :raises MigrationError: it stopped; the same call goes on.
        """
        if self._state.phase == "prepare":
            self._prepare()
        if self._state.phase == "copy":
            self._catch_up()
        if self._state.phase in {"copy", "switch"}:
            with self._ground.alone():
                self._switch()
        with self._ground.alone():
            self._copy(removing=False)
            if not self._ground.apply():
                raise MigrationError("migrate.not_settled")
            self._copy(removing=False)
        self._state.enter("done")

    def abort(self) -> None:
        """Stay where the objects are. What was copied stays at the target, unused.

        :raises MigrationError: the switch has begun; it can only be finished, and followed by a move back.
        """
        if self._state.phase not in {"prepare", "copy"}:
            raise MigrationError("migrate.too_late")
        with self._ground.alone():
            self._describe(self._state.source, None)
            if not self._ground.apply():
                raise MigrationError("migrate.not_applied")
        self._state.enter("done")

    def _prepare(self) -> None:
        target = self._state.target
        if not target.local:
            try:
                self._ground.fit(target)
            except Exception:
                self._state.enter("done")  # nothing has begun
                raise
        if self._ground.known() != (self._state.source, target):  # on the way back, it is known already
            with self._ground.alone():
                self._describe(self._state.source, target)
                self._ground.tell("migrate.prepare")
                if not self._ground.apply():
                    self._describe(self._state.source, None)
                    raise MigrationError("migrate.not_applied")
        if target.local:
            self._ground.fit(target)
        self._state.enter("copy")

    def _catch_up(self) -> None:
        for _ in range(PASSES):
            done = self._copy(removing=True)
            if done.copied <= LITTLE:
                return
        # More is written than copied: the pause is longer then, but it comes.

    def _switch(self) -> None:
        begun = time.monotonic()
        with self._ground.pause() as holds:
            self._copy(removing=self._state.phase == "copy")
            if self._state.phase == "copy":  # later, the site may have deleted some at the target
                self._verify()
            if not holds():
                raise MigrationError("migrate.pause_lost")
            self._state.enter("switch")
            self._describe(self._state.target, self._state.source)
            self._ground.tell("migrate.switch")
            if not self._ground.change(self._state.target, self._state.source):
                self._back()
        self._state.enter("settle")
        self._ground.tell("migrate.switched", seconds=round(time.monotonic() - begun))

    def _back(self) -> None:
        """A service did not come back with the target: the source again."""
        self._describe(self._state.source, self._state.target)
        if not self._ground.change(self._state.source, self._state.target):
            raise MigrationError("migrate.not_back")
        self._state.enter("copy")
        raise MigrationError("migrate.went_back")

    def _describe(self, main: Place, other: Place | None) -> None:
        values = main.variables()
        if other:
            values[f"{PREFIX}other"] = {name.removeprefix(PREFIX): value for name, value in other.variables().items()}
        rewrite(self._ground.site, PREFIX, values)

    def _copy(self, *, removing: bool) -> Pass:
        keys = self._keys()
        done = Pass(**self._ground.work(lambda: asdict(self._copier(keys, lambda one: one.run(removing=removing)))))
        self._ground.tell(
            "migrate.pass", seen=done.seen, copied=done.copied, mib=done.bytes >> 20, removed=done.removed
        )
        if done.failures:
            raise MigrationError("migrate.failed", count=done.failures, keys="\n  ".join(done.failed))
        return done

    def _verify(self) -> None:
        keys = self._keys()
        found = self._ground.work(lambda: self._copier(keys, Copier.verify))
        self._ground.tell("migrate.verified", objects=found["objects"], mib=found["bytes"] >> 20, extra=found["extra"])
        if found["missing"]:
            raise MigrationError("migrate.missing", count=found["missing"])

    def _keys(self) -> tuple[Keys, Keys]:
        return self._ground.keys(self._state.source), self._ground.keys(self._state.target)

    def _progress(self) -> Callable[[Pass], None]:
        told = time.monotonic()

        def tell(done: Pass) -> None:
            nonlocal told
            if time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                self._ground.tell("migrate.progress", seen=done.seen, copied=done.copied, mib=done.bytes >> 20)

        return tell

    def _copier(self, keys: tuple[Keys, Keys], act: Callable[[Copier], Any]) -> Any:
        source, target = self._state.source, self._state.target
        clients = (source.client(keys[0]), source.bucket), (target.client(keys[1]), target.bucket)
        with Journal(self._ground.journal) as journal:
            return act(Copier(*clients, journal, self._progress()))
