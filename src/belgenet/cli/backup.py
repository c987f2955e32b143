"""``belgenet backup`` and ``belgenet drill``: everything the institution has, kept where fire and thieves do not come, as root."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from belgenet.appliance.backup import Backup, BackupError, notice, state
from belgenet.appliance.backup.database import BaseBackup, Database
from belgenet.appliance.backup.drill import Drill, sweep
from belgenet.appliance.backup.make import Maker, vault_secrets
from belgenet.appliance.backup.offsite import Copy
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.verify import as_json
from belgenet.appliance.backup.verify import verify as verify_all
from belgenet.appliance.backup.workspace import workspace
from belgenet.appliance.exclusive import LOCK, Busy, exclusive
from belgenet.appliance.restore.choice import rows
from belgenet.appliance.vault import VaultError
from belgenet.appliance.words import words
from belgenet.cli.administrator import BUSY, FAILED, NO, require_root

LOOKING: Final = Path("/run/belgenet-backup.lock")
"""Verifying and drills change nothing on the server: an upgrade need not wait for them, but one at a time is enough."""


COPYING: Final = Path("/run/belgenet-offsite.lock")
"""However long a place elsewhere does not answer, it keeps nobody from the server's lock."""


@contextmanager
def _careful(action: str, lock: Path | None = None, *, mail: bool = False) -> Iterator[None]:
    """Failures as texts and exit codes; ``mail`` tells the administrator too."""
    require_root()
    try:
        if lock is None:
            yield
        else:
            with exclusive(f"backup {action}", lock=lock):
                yield
    except Busy as error:
        click.echo(error.told(), err=True)
        sys.exit(BUSY)
    except BackupError as error:
        click.echo(str(error), err=True)
        if mail:
            notice.failed(action, error)
        sys.exit(FAILED)
    except VaultError as error:
        raise click.ClickException(str(error)) from None


@click.group()
def backup() -> None:
    """Backups of this server: the database, objects, settings, secrets and keys, encrypted.

    Exit status: 0 done, 1 something was found, 2 failed, 3 another command is at work.
    """


@backup.command()
@click.option("--check", is_flag=True, help="Change nothing; say what is missing.")
def init(*, check: bool) -> None:
    """Make the repositories that are missing."""
    with _careful("init"):
        made, problems = Maker.here().prepare(check=check)
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(json.dumps({"changed": bool(made), "made": made}))


@backup.command()
@click.option(
    "--full", is_flag=True, help="A new base backup, all objects afresh, and a portable dump of the database."
)
@click.option(
    "--scheduled", is_flag=True, help="Mail the administrator when it fails; the copy off-site has a unit of its own."
)
def run(*, full: bool, scheduled: bool) -> None:
    """Make a backup now, and copy it off-site. The service goes on meanwhile, and goes on if this fails."""
    with _careful("run", LOCK, mail=scheduled):
        made = Maker.here().make(full=full)
    click.echo(words("backup")("done", id=made.id, label=made.label, seconds=state.read()["run"]["seconds"]))
    if not scheduled:
        _copy(told=False)


@backup.command("offsite")
@click.option("--scheduled", is_flag=True, help="Mail the administrator when it fails and did not before.")
def copy_offsite(*, scheduled: bool) -> None:
    """Bring off-site what is not there yet: the newest backup, and the database's log up to now."""
    # It is tried every few minutes: one mail says that it fails, the alerter reminds.
    _copy(mail=scheduled and not state.read().get("offsite", {}).get("error"))


def _copy(*, mail: bool = False, told: bool = True) -> None:
    say = words("backup")
    require_root()
    try:
        with exclusive("backup offsite", lock=COPYING), _careful("offsite", mail=mail):
            if Maker.here().copy():
                click.echo(say("offsite_done", seconds=state.read()["offsite"]["seconds"]))
            elif told:
                raise BackupError("no_offsite")
    except Busy:
        click.echo(say("offsite_busy"))


@backup.command("list")
@click.option("--json", "as_text", is_flag=True, help="For programs.")
@click.option("--offsite", is_flag=True, help="What is kept elsewhere.")
def list_all(*, as_text: bool, offsite: bool) -> None:
    """Say which backups there are, and since when the database can be put back to any minute."""
    say = words("backup")
    with _careful("list"), workspace(Plan.read(), vault_secrets()) as work:
        restic = work.elsewhere if offsite else work.here
        if restic is None:
            raise BackupError("no_offsite")
        found = Backup.all(restic)
        copies = Copy.all(restic) if offsite else []
        bases = _bases(needed=not offsite)
    whole = {label for copy in copies for label in copy.labels} if offsite else set(bases)
    if as_text:
        entries = [{**asdict(entry), "at": entry.at.isoformat(), "complete": entry.label in whole} for entry in found]
        kept = [{"id": copy.id, "at": copy.begun.isoformat(), "bytes": copy.size} for copy in copies]
        click.echo(json.dumps({"backups": entries, **({"copies": kept} if offsite else {}), "state": state.read()}))
        return
    for entry in found:
        lost = "" if entry.label in whole else say("list_without_database")
        kind = say(f"kind_{entry.kind}")
        click.echo(f"{entry.id}  {entry.at:%Y-%m-%d %H:%M} UTC  {kind:<12} {entry.release:<10} {entry.label}{lost}")
    if not found:
        click.echo(say("list_empty"))
    elif since := [base.ended for label, base in bases.items() if label in whole]:
        click.echo(say("list_since", at=f"{min(since):%Y-%m-%d %H:%M} UTC"))
    if copies:
        click.echo("\n".join([say("list_copies"), *rows(copies, found)]))


def _bases(*, needed: bool) -> dict[str, BaseBackup]:
    """Base backups here, by label. What is elsewhere is listed too when nothing here can be read any more."""
    try:
        return {base.label: base for base in Database().info()}
    except BackupError:
        if needed:
            raise
        return {}


@backup.command()
@click.option("--json", "as_text", is_flag=True, help="For programs.")
@click.option("--scheduled", is_flag=True, help="Mail the administrator when something is found.")
def verify(*, as_text: bool, scheduled: bool) -> None:
    """Read what is kept: is it whole, complete, recent, and what its manifest says?"""
    with _careful("verify", LOOKING, mail=scheduled):
        sweep(Database())  # drills are a month apart: a killed one's copy would take its room for as long
        findings = verify_all(Plan.read(), vault_secrets(), Database())
    if as_text:
        click.echo(json.dumps({"ok": not findings, "findings": as_json(findings)}))
    else:
        for finding in findings:
            click.echo(str(finding))
        if not findings:
            click.echo(words("backup")("verified", seconds=state.read()["verify"]["seconds"]))
    if findings:
        if scheduled:
            notice.failed("verify", findings[0])
        sys.exit(NO)


@click.command()
@click.option("--json", "as_text", is_flag=True, help="For programs.")
@click.option("--scheduled", is_flag=True, help="Mail the administrator when it fails.")
def drill(*, as_text: bool, scheduled: bool) -> None:
    """Restore the newest backup into a scratch place of this server, look whether everything is there, and throw it away.

    Exit status: 0 it can be restored, 2 it cannot, 3 another command is at work.
    """
    with _careful("drill", LOOKING, mail=scheduled):
        plan = Plan.read()
        outcome = Drill(plan, vault_secrets(), Database(reader=plan.reader)).run()
    told = asdict(outcome)
    click.echo(json.dumps({"ok": True, **told}) if as_text else words("backup")("drilled", **told))
