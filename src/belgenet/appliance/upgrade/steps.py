"""What each step of an upgrade, and of a rollback, does on the server."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from belgenet.appliance.run import CommandError, run
from belgenet.appliance.services import RestartError, Services
from belgenet.appliance.upgrade import programs
from belgenet.appliance.upgrade.gate import Gate
from belgenet.appliance.upgrade.machine import Plan, Step
from belgenet.appliance.upgrade.release import Facts, Failure, Release, Releases

_FULL: Final = 16 * 2**20
"""Bytes of a disk with which nothing can be built."""
_TRIES: Final = 5
_TRY_PAUSE: Final = 5.0
_LOCKED: Final = ("LockNotAvailable", "lock timeout", "QueryCanceled")
_BUILD: Final = (
    'release=$2; place=$2/bundle; make_venv "$2/ansible/venv" "$place/ansible/requirements.txt" "$place/ansible/wheels"; '
    'make_venv "$2/venv" "$place/requirements.txt" "$place/wheels"'
)
_LOAD: Final = "import belgenet.app, belgenet.cli.processes, belgenet.cli.server, belgenet; print(belgenet.__version__)"


@dataclass
class Work:
    """From ``old`` to ``new``: the server's folders, and what is needed to speak of it.

    :param source: the unpacked bundle the new release comes from; None: it lies on the server already.
    :param incoming: folder that the archive was unpacked to by us; it goes at the end.
    :param log: hears lines for the log alone.
    :param switched: when the last switch began, UTC.
    """

    releases: Releases
    old: Release
    new: Release
    facts: Facts
    source: Path | None
    incoming: Path | None
    language: str
    log: Callable[[str], None]
    note: Callable[..., None]
    switched: datetime = field(default_factory=lambda: datetime.now(UTC))
    services: Services = field(default_factory=Services)

    # -- before the switch ----------------------------------------------------------------------------------------------

    def place(self) -> None:
        """Copy the bundle beside the old release, and compare the copy with the list that was signed."""
        script = "place_bundle >/dev/null; here=$release/bundle; verify_files"
        self._bundled(script)

    def build(self) -> None:
        """Make both environments, offline, from what the lock files allow."""
        self._bundled(_BUILD, str(self.new.folder))

    def selftest(self) -> None:
        """The new program starts and is what it should be."""
        said = run([str(self.new.program.parent / "python"), "-I", "-c", _LOAD], timeout=120).strip()
        if said != self.new.version:
            raise Failure("selftest", found=said, version=self.new.version)

    def preview(self) -> None:
        """Say what the roles would change. Nothing depends on it: a package that is new cannot be looked up before it is known."""
        report = programs.playbook(self.new, check=True)
        self.log(report.text)
        if report.complete:
            self.note("changes", count=len(report.changes), tasks=", ".join(report.changes))
        else:
            task, reason = programs.why(report.text)
            self.note("no_preview", task=task, reason=reason)

    def backup(self) -> None:
        """Not without a backup: the new release takes it, with a point to come back to."""
        self._inside("backup", f"pre-{self.new.version}")

    def close(self) -> None:
        """Show the maintenance page."""
        self._inside("close")

    def migrate(self) -> None:
        """Expand the schema while the old release serves. A lock that is not given within seconds is asked for again."""
        for left in reversed(range(_TRIES)):
            try:
                self.log(programs.product(self.new.program, "belgenet-owner", "migrate", timeout=1800))
            except CommandError as error:
                if left and any(word in error.said for word in _LOCKED):
                    self.note("locked", left=left)
                    time.sleep(_TRY_PAUSE)
                    continue
                raise Failure("migration", reason=error.said) from None
            return

    def rehearse(self) -> None:
        """The new code with the server's settings, secrets, database, queues and objects, before it serves anybody."""
        programs.product(self.new.program, "belgenet-console", "health")

    # -- the switch, and the way back -------------------------------------------------------------------------------------

    def switch_to(self, release: Release) -> None:
        """The release's roles: its settings and units, the link, its services one after the other."""
        self.switched = datetime.now(UTC)
        try:
            report = programs.applied(release)
        except Failure as error:
            self.log(str(error.params.pop("text", "")))
            raise
        self.log(report.text)
        os.sync()  # when the power goes after the journal's line, this is not done again

    def restart(self) -> None:
        """Whoever still runs from before the change, because the run was cut short in between."""
        try:
            for unit in self.services.restart(stale_only=True):
                self.log(f"restarted {unit}")
        except RestartError as error:
            raise Failure("restart_failed", unit=error.unit, reason=error.reason) from None

    def gate_of(self, release: Release) -> None:
        """Wait until the server is whole with this release."""
        if self.releases.running().version != release.version:
            raise Failure("not_switched", version=release.version, running=self.releases.running().version)
        Gate(release.program, self.switched).wait()

    def open(self) -> None:
        """Take the maintenance page away."""
        self._inside("open")

    def no_way_back(self) -> None:
        """The schema may have lost what the old release needs."""
        raise Failure("no_way_back", old=self.old.version, new=self.new.version)

    # -- the end ----------------------------------------------------------------------------------------------------------

    def prune(self) -> None:
        """Releases nobody goes back to any more."""
        if gone := self.releases.prune(self.old.version):
            self.note("pruned", versions=", ".join(gone))

    def sweep(self) -> None:
        """What was unpacked for this."""
        if self.incoming:
            shutil.rmtree(self.incoming, ignore_errors=True)

    def remove(self) -> None:
        """What was built; never what runs."""
        if self.source and self.releases.running().version != self.new.version:
            self.releases.remove(self.new.version)

    def _bundled(self, script: str, *words: str) -> None:
        try:
            programs.bundle_function(self.source or self.new.bundle, script, *words, language=self.language)
        except CommandError as error:
            # Some programs keep to themselves why they could not write: Python's venv says of pip only that it failed.
            full = "No space left" in error.said or shutil.disk_usage(self.releases.base).free < _FULL
            code = "disk_full" if full else "bundle_step"
            raise Failure(code, reason=error.said) from None

    def _inside(self, *words: str) -> None:
        """Something of the new release that needs more than Python's own library: with the new release's environment."""
        python = str(self.new.program.parent / "python")
        try:
            said = run([python, "-I", "-m", "belgenet.appliance.upgrade.inside", *words], timeout=4 * 3600)
        except CommandError as error:
            raise Failure(f"{words[0]}_failed", reason=error.said) from None
        self.log(said)


def upgrade_plan(work: Work) -> Plan:
    """The steps from a release to a newer one."""
    back_works = work.facts.serves(work.old.version)
    migrate = [Step("migrate", work.migrate), Step("rehearse", work.rehearse)]
    closing = [Step("close", work.close)] if work.facts.needs_maintenance else []
    opening, removing = _opening(work), [Step("remove", work.remove), Step("sweep", work.sweep)]
    prepare = [Step(name, getattr(work, name)) for name in ("place", "build", "selftest", "preview", "backup")]
    commit = [
        Step("switch", lambda: work.switch_to(work.new)),
        Step("restart", work.restart),
        Step("gate", lambda: work.gate_of(work.new)),
    ]
    return Plan(
        prepare=[*prepare, *closing, *(migrate if back_works else [])],
        commit=[*([] if back_works else migrate), *commit, *opening],
        finish=[Step("prune", work.prune), Step("sweep", work.sweep)],
        # What did not do is not kept: nobody should go back to it one day.
        back=[*_back(work), *removing] if back_works else [Step("no_way_back", work.no_way_back)],
        clean=[*opening, *removing],
    )


def rollback_plan(work: Work) -> Plan:
    """The steps to an older release that lies on the server; when it does not do, back to the one that ran."""
    return Plan(
        prepare=[Step("selftest", work.selftest)],
        commit=[
            Step("switch", lambda: work.switch_to(work.new)),
            Step("restart", work.restart),
            Step("gate", lambda: work.gate_of(work.new)),
        ],
        back=_back(work),
    )


def _back(work: Work) -> list[Step]:
    return [
        Step("switch_back", lambda: work.switch_to(work.old)),
        Step("restart_back", work.restart),
        Step("gate_back", lambda: work.gate_of(work.old)),
        *_opening(work),
    ]


def _opening(work: Work) -> list[Step]:
    return [Step("open", work.open)] if work.facts.needs_maintenance else []
