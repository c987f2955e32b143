"""``belgenet maintenance`` and ``belgenet logs``: what an administrator of the server does by hand now and then."""

import os
import sys
from datetime import UTC, datetime
from typing import Any

import click

from belgenet.appliance.vault import VaultError
from belgenet.cli.administrator import FAILED, alone, require_root

_LANG = click.option("--lang", type=click.Choice(["tr", "en"]), help="Language; default: the terminal's.")


@click.group()
def maintenance() -> None:
    """Close the site for a while: visitors get a page, programs an answer that says when to come back."""


def _fails(error: Any, say: Any) -> None:
    click.echo(say(error.code, **error.params), err=True)
    sys.exit(FAILED)


@maintenance.command()
@click.option("--until", "text", default="", help='When it should be over: +90m, 23:30, "2026-12-01 06:00".')
@click.option("--message", default="", help="Words of your own, shown on the page.")
@_LANG
def on(text: str, message: str, lang: str | None) -> None:
    """Close the site. It stays closed over a restart of the server, until it is opened again.

    Exit status: 0 closed, 2 failed (nothing changed), 3 another verb is at work.
    """
    from belgenet.appliance.maintenance import MaintenanceError, Switch, parse_until
    from belgenet.appliance.words import words

    require_root()
    say, now = words("maintenance", lang or ""), datetime.now(UTC)
    with alone("maintenance on", say.language):
        try:
            until = parse_until(text, now) if text else None
            Switch().on(now=now, until=until, message=message, zone=_zone())
        except MaintenanceError as error:
            _fails(error, say)
    click.echo(say("closed_until", until=until.astimezone().isoformat(" ", "minutes")) if until else say("closed"))


@maintenance.command()
@_LANG
def off(lang: str | None) -> None:
    """Open the site again. Exit status: 0 it is open, 2 failed, 3 another verb is at work."""
    from belgenet.appliance.maintenance import MaintenanceError, Switch
    from belgenet.appliance.words import words

    require_root()
    say = words("maintenance", lang or "")
    with alone("maintenance off", say.language):
        try:
            was_closed = Switch().off()
        except MaintenanceError as error:
            _fails(error, say)
    click.echo(say("opened" if was_closed else "was_open"))


@maintenance.command("status")
@_LANG
def state(lang: str | None) -> None:
    """Say whether the site is closed. Exit status: 0 open, 1 closed."""
    from belgenet.appliance.maintenance import Switch
    from belgenet.appliance.words import words

    found = Switch().state()
    say = words("maintenance", lang or "")
    click.echo(say("state_closed", since=found["since"], until=found["until"] or "-") if found else say("state_open"))
    sys.exit(1 if found else 0)


def _zone() -> str:
    """In which the page says the time: the institution's."""
    from belgenet.appliance.site import SiteError, read_site

    try:
        return str(read_site().get("belgenet_time_zone", "Europe/Istanbul"))
    except SiteError:
        return "Europe/Istanbul"


@click.command()
@click.argument("units", nargs=-1)
@click.option("--since", default="-1h", show_default=True, help="As journalctl takes it: -15m, today, 2026-12-01.")
@click.option("--follow", "-f", is_flag=True, help="Go on showing what comes.")
@click.option("--lines", "-n", type=int, help="The last lines only.")
def logs(units: tuple[str, ...], since: str, *, follow: bool, lines: int | None) -> None:
    """Show what our services said, all in one view or UNITS only (web, worker, postgresql, belgenet-relay, ...)."""
    from belgenet.appliance.logs import command

    require_root()
    words = command(units, since=since, follow=follow, lines=lines)
    os.execvp(words[0], words)  # noqa: S606 -- journalctl, with words of ours


@click.command("support-bundle")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False), help="Default: /var/lib/belgenet/support/<time>.tar.gz"
)
@click.option("--keep-addresses", is_flag=True, help="Leave IP addresses in it.")
@_LANG
def support_bundle(target: str | None, lang: str | None, *, keep_addresses: bool) -> None:
    """Put together what somebody who helps needs to see, without secrets and personal data.

    Exit status: 0 written, 2 failed.
    """
    from pathlib import Path

    from belgenet.appliance.doctor import examine
    from belgenet.appliance.doctor.system import System
    from belgenet.appliance.support import Leak, collect, write
    from belgenet.appliance.support.masks import Masks
    from belgenet.appliance.words import words

    require_root()
    say, system, now = words("support", lang or ""), System(), datetime.now(UTC)
    file = Path(target or f"/var/lib/belgenet/support/belgenet-support-{now:%Y%m%d-%H%M%S}.tar.gz")
    try:
        vault = system.vault
        masks = Masks([vault.read(name) or "" for name in vault.names()], addresses=keep_addresses)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(file, collect(system, examine(system)), masks, now)
    except Leak as leak:
        click.echo(say("leak", source=leak.source), err=True)
        sys.exit(FAILED)
    except (OSError, VaultError) as error:
        click.echo(say("failed", reason=error), err=True)
        sys.exit(FAILED)
    click.echo(say("written", file=file, kib=max(1, file.stat().st_size >> 10)))


@click.command()
@click.option("--test", "trial_only", is_flag=True, help="Send a trial notice, to see that it arrives.")
@_LANG
def alert(lang: str | None, *, trial_only: bool) -> None:
    """Look as ``belgenet doctor`` does and mail the administrator what is new; belgenet-alert.timer runs it.

    Exit status: 0 all is told, 2 the mail server did not take the mail, or it could not look.
    """
    from belgenet.appliance.alert.watch import NotSent, Post, trial, watch
    from belgenet.appliance.doctor.system import System
    from belgenet.appliance.site import SiteError
    from belgenet.appliance.words import words

    require_root()
    say, system = words("alert", lang or ""), System()
    try:
        recipient = system.site["belgenet_admin_email"]
        if trial_only:
            trial(system, Post(system))
            told = "sent"
        else:
            told = watch(system, Post(system))
    except NotSent as error:
        click.echo(say("not_sent", reason=error), err=True)
        sys.exit(FAILED)
    except (SiteError, KeyError) as error:
        click.echo(str(error), err=True)
        sys.exit(FAILED)
    click.echo(say(told, recipient=recipient))
