"""Begins runs, and takes them up again. The new release's wheel begins an upgrade here: ``upgrade.sh`` of its bundle."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from belgenet.appliance.exclusive import PATIENCE, Busy, exclusive
from belgenet.appliance.upgrade import programs
from belgenet.appliance.upgrade.journal import Journal, Run
from belgenet.appliance.upgrade.machine import Machine, Outcome, Plan
from belgenet.appliance.upgrade.release import BASE, Facts, Failure, Releases, version_key
from belgenet.appliance.upgrade.steps import Work, rollback_plan, upgrade_plan
from belgenet.appliance.upgrade.telling import Teller
from belgenet.appliance.words import Words

STATE: Final = Path("/var/lib/belgenet/upgrade")
INCOMING: Final = BASE / "incoming"
UNIT: Final = "belgenet-upgrade"
OK, NO, BROKEN, BUSY = 0, 1, 2, 3
UPGRADE, ROLLBACK = "upgrade", "rollback"
_GIVEN: Final = ("LANG", "LC_ALL", "LC_MESSAGES", PATIENCE)
"""Environment that the unit gets from who asked for it."""
LIMITS: Final = ("MemoryMax=75%", "TasksMax=2048")
"""Wide: a backup, packages and the roles are among its work, and killed it would be as cut short as before."""
PLANS: Final[dict[str, Callable[[Work], Plan]]] = {UPGRADE: upgrade_plan, ROLLBACK: rollback_plan}


def as_unit(command: Sequence[str], *, incoming: Path | None = None) -> NoReturn:
    """Become a unit of systemd's, and wait for it: it outlives the terminal, and when it is killed, so is all that it started.

    :param incoming: our copy of the bundle, which the unit removes; when it never ran, it goes here.
    :raises Busy: another verb is at work.
    """
    with exclusive(UPGRADE):  # whatever an earlier one still has running is an orphan
        programs.run_all([["systemctl", "stop", UNIT], ["systemctl", "reset-failed", UNIT]])
    given = [f"--setenv={name}={os.environ[name]}" for name in _GIVEN if name in os.environ]
    words = ["systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--service-type=exec", f"--unit={UNIT}"]
    words += [f"--property={limit}" for limit in LIMITS]
    words += ["--property=KillMode=mixed", "--property=TimeoutStopSec=20", *given, "--", *command]
    sys.stdout.flush()
    try:
        code = subprocess.run(words, check=False).returncode  # noqa: S603 -- our own words
    except KeyboardInterrupt:  # nobody waits any more; the unit works on
        sys.exit(128 + signal.SIGINT)
    if incoming and code and not _at_work() and not Journal(STATE).unfinished():
        _drop(incoming)
    sys.exit(code)


def _at_work() -> bool:
    """Whether the unit runs; it does not where systemd gives no answer."""
    words = ["systemctl", "show", "--property=ActiveState", "--value", UNIT]
    state = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return state in {"active", "activating", "deactivating", "reloading"}


def upgrade(
    bundle: Path, *, incoming: Path | None, accept: str, language: str, check: bool, state: Path = STATE
) -> int:
    """Take this server to the bundle's release; exit code."""

    def begin(tell: Teller, journal: Journal) -> int:
        nothing_unfinished(journal)
        try:
            facts, installed = Facts.read(bundle), Releases().running().version
            _refuse(tell, facts, bundle, accept=accept, installed=installed)
        except Failure:
            _drop(incoming)
            raise
        if check:
            _drop(incoming)
            return OK
        options = {"by": facts.version, "source": str(bundle), "incoming": str(incoming or "")}
        return _begin(tell, journal, Run(UPGRADE, installed, facts.version, options))

    return _alone(UPGRADE, language, state, begin)


def _drop(incoming: Path | None) -> None:
    """Nothing has begun: our own copy of the bundle, with the program that runs, would lie there until the next upgrade."""
    if incoming:
        shutil.rmtree(incoming, ignore_errors=True)


def rollback(to: str, *, language: str, state: Path = STATE) -> int:
    """Take this server to an older release that is kept; exit code."""

    def begin(tell: Teller, journal: Journal) -> int:
        nothing_unfinished(journal)
        releases = Releases()
        running = releases.running().version
        return _begin(tell, journal, Run(ROLLBACK, running, rollback_target(releases, to), {"by": running}))

    return _alone(ROLLBACK, language, state, begin)


def resume(*, language: str, state: Path = STATE) -> int:
    """Bring a run that was cut short to its end; exit code."""

    def take_up(tell: Teller, journal: Journal) -> int:
        run = journal.unfinished()
        if run is None:
            journal.forget()
            tell("nothing_unfinished")
            return OK
        tell.begin_log(run.kind)
        tell("resume", old=run.old, new=run.new, began=run.began)
        return _drive(run, journal, tell, lambda machine: machine.resume(run))

    return _alone("upgrade --resume", language, state, take_up)


def rollback_target(releases: Releases, to: str) -> str:
    """The version to go back to; the newest older one when ``to`` is empty.

    :raises Failure: there is none, or it does not run on today's database.
    """
    running = releases.running()
    older = [kept for kept in releases.kept() if version_key(kept.version) < version_key(running.version)]
    if to:
        older = [kept for kept in older if kept.version == to]
    if not older:
        raise Failure("no_such_release" if to else "no_release", version=to)
    target, facts = older[0].version, running.facts()
    if not facts.serves(target):
        raise Failure("contracted", version=target, running=running.version, least=facts.rollback_to)
    return target


def _alone(verb: str, language: str, state: Path, work: Callable[[Teller, Journal], int]) -> int:
    tell = Teller(Words("upgrade", language))
    try:
        with exclusive(verb):
            return work(tell, Journal(state))
    except Busy as error:
        tell("busy", reason=error.told(language))
        return BUSY
    except (Failure, OSError) as error:
        tell("refused", reason=tell.of(error))
        return NO


def nothing_unfinished(journal: Journal) -> None:
    """Who holds the lock and finds a run that did not come to its end must not begin another. :raises Failure: ``unfinished``."""
    if run := journal.unfinished():
        raise Failure("unfinished", old=run.old, new=run.new)


def _refuse(tell: Teller, facts: Facts, bundle: Path, *, accept: str, installed: str) -> None:
    """Everything that speaks against it, before anything is changed."""
    if facts.version == installed:
        raise Failure("same", version=installed)
    code, said = programs.preflight(bundle, tell.say.language)
    tell.line(said)
    if code:
        raise Failure("preflight", status=code)
    breaking = facts.breaking_since(installed)
    for item in breaking:
        tell.line(f"  {item['version']}: {item[tell.say.language]}")
    if facts.needs_maintenance:
        tell("closes")
    if not facts.serves(installed):
        tell("one_way", old=installed)
    if (breaking or not facts.serves(installed)) and accept != facts.version:
        raise Failure("not_accepted", version=facts.version)


def _begin(tell: Teller, journal: Journal, run: Run) -> int:
    tell.begin_log(run.kind)
    journal.begin(run.kind, run.old, run.new, run.options)
    tell(f"begin_{run.kind}", old=run.old, new=run.new, log=tell.file)
    return _drive(run, journal, tell, Machine.run)


def _drive(run: Run, journal: Journal, tell: Teller, go: Callable[[Machine], Outcome]) -> int:
    machine = Machine(plan_of(run, tell), journal, tell.step)
    _mind_signals(machine)
    outcome = go(machine)
    tell(f"outcome_{run.kind}_{outcome}", old=run.old, new=run.new, log=tell.file)
    return OK if outcome is Outcome.DONE else BROKEN


def plan_of(run: Run, tell: Teller) -> Plan:
    """The steps of a run, new or taken up again."""
    releases = Releases()
    source, incoming = (Path(text) if (text := run.options.get(name)) else None for name in ("source", "incoming"))
    new = releases.of(run.new)
    places = [place for place in (new.bundle, source) if place and (place / "manifest.json").is_file()]
    # Neither is there: killed while it was copied, and what it was copied from has gone. Then nothing has begun.
    facts = Facts.read(places[0]) if places else Facts(run.new, run.old, needs_maintenance=False, breaking=())
    work = Work(
        releases=releases,
        old=releases.of(run.old),
        new=new,
        facts=facts,
        source=source,
        incoming=incoming,
        language=tell.say.language,
        log=tell.log,
        note=tell,
    )
    return PLANS[run.kind](work)


def _mind_signals(machine: Machine) -> None:
    """A hang-up never ends it. Whoever wants to stop it may until the switch; from then on it must come to its end."""

    def stop(*_: object) -> None:
        if not machine.committed:
            raise KeyboardInterrupt

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def main(words: list[str] | None = None) -> int:
    """What ``upgrade.sh`` of a bundle calls."""
    parser = argparse.ArgumentParser(prog="upgrade.sh")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--incoming", type=Path)
    parser.add_argument("--accept", default="")
    parser.add_argument("--lang", choices=("tr", "en"), default="")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(words)
    return upgrade(asked.bundle, incoming=asked.incoming, accept=asked.accept, language=asked.lang, check=asked.check)
