"""``belgenet restore``: what ``install.sh --restore-from`` hands over to, and the word that lets mail go out again."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.restore import journal
from belgenet.appliance.restore.errors import RestoreError, exit_code, told
from belgenet.appliance.restore.look import moment, named
from belgenet.appliance.run import CommandError
from belgenet.appliance.site import SiteError
from belgenet.appliance.vault import VaultError
from belgenet.appliance.words import LANGUAGES, Words, words
from belgenet.cli.administrator import FAILED, NO, alone, require_root

_WAITING = """
select (select count(*) from public.outbox_deliveries where state = 'pending' and queue = 'mail')
     + (select count(*) from public.outbox where dispatched_at is null)
"""


def _moment(_context: click.Context, _parameter: click.Parameter, given: str | None) -> datetime | None:
    try:
        return None if given is None else moment(given)
    except ValueError:
        raise click.BadParameter("wanted: 2026-11-22T14:45:00+03:00") from None


@click.group()
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of what is said.")
@click.pass_context
def restore(context: click.Context, lang: str | None) -> None:
    """This server after it was brought back from a backup. Restoring itself: install.sh --restore-from."""
    require_root(lang or "")
    context.obj = words("restore", lang or "")


@restore.command(hidden=True)
@click.option("--from", "address", required=True)
@click.option("--found", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--at", callback=_moment)
@click.option("--from-dump", is_flag=True)
@click.option("--accept-missing", is_flag=True)
@click.pass_obj
def run(say: Words, address: str, found: Path, at: datetime | None, *, from_dump: bool, accept_missing: bool) -> None:
    """What install.sh hands over to, after the look at the repository."""
    from belgenet.appliance.restore.work import Order, Work

    release = Path(sys.prefix).resolve().parent
    order = Order(address, found, release, at, from_dump, accept_missing)
    try:
        with alone("restore", say.language):
            state = Work(order, lambda code, params: _tell(say, code, params)).run()
    except (RestoreError, BackupError) as error:
        _end(say, told(error, say.language), exit_code(error))
    except (CommandError, VaultError, SiteError, OSError) as error:
        _end(say, say("failed", said=error), exit_code(RestoreError("failed", said=error)))
    last = state.facts.get("last_transaction") or state.facts.get("dump") or state.backup
    figures = {name: state.facts.get(name, 0) for name in ("rows", "tables", "objects")}
    click.echo(say("done", last=last, **figures))
    if state.missing:
        click.echo(say("done_missing", count=len(state.missing), keys=named(list(state.missing), 50)))
    if younger := state.facts.get("younger"):
        click.echo(say("done_younger", count=len(younger), keys=named(younger, 20)))
    if aside := state.facts.get("aside"):
        click.echo(say("done_aside", places="\n".join(f"  {place}" for place in aside)))
    click.echo(say("held", waiting=_waiting()))


def _tell(say: Words, code: str, params: Mapping[str, Any]) -> None:
    click.echo(f"  {say(code, **params)} ...")


def _end(say: Words, text: str, code: int) -> None:
    click.echo(f"{say('error')}: {text}\n{say('again')}", err=True)
    sys.exit(code)


@restore.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def status(say: Words, *, as_json: bool) -> None:
    """Say what was restored here and whether mail is held. Exit status: 0 nothing is held, 1 something is."""
    from belgenet.appliance.restore.work import HOLD

    state, held = journal.read(), HOLD.exists()
    if as_json:
        click.echo(json.dumps({"held": held, "restored": asdict(state) if state else None}, indent=1))
    else:
        click.echo(_told(say, state))
        if held:
            click.echo(say("held", waiting=_waiting()))
    if held:
        sys.exit(NO)


def _told(say: Words, state: journal.State | None) -> str:
    if state is None:
        return say("never")
    if not state.ended:
        return say("under_way", backup=state.backup, began=state.began, done=", ".join(state.done))
    lines = [say("ended", backup=state.backup, ended=state.ended)]
    if state.missing:
        lines.append(say("done_missing", count=len(state.missing), keys=named(list(state.missing), 50)))
    if state.released:
        lines.append(say("released", at=state.released))
    return "\n".join(lines)


@restore.command()
@click.option("--force", is_flag=True, help="Although the restoration did not end.")
@click.pass_obj
def release(say: Words, *, force: bool) -> None:
    """Let held mail and SMS go out. It takes effect within seconds; nothing is restarted."""
    from belgenet.appliance.restore.work import HOLD

    if not HOLD.exists():
        click.echo(say("not_held"))
        return
    state = journal.read()
    if state is not None and not state.ended and not force:
        click.echo(say("unended"), err=True)
        sys.exit(FAILED)
    HOLD.unlink()
    at = journal.now()
    if state is not None:
        journal.write(journal.State(**{**vars(state), "released": at}))
    click.echo(say("released", at=at))


def _waiting() -> str:
    try:
        return Database().ask(_WAITING)
    except BackupError:
        return "?"
