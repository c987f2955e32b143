"""``belgenet secrets``: the secrets of an institution's server, as root."""

import json
import os
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from belgenet.appliance import places
from belgenet.appliance.figures import door
from belgenet.appliance.objectstore.place import read_places
from belgenet.appliance.rotation.journal import Journal
from belgenet.appliance.secrets import DOOR, OPERATORS, REDIS, Secrets
from belgenet.appliance.vault import Vault, VaultError
from belgenet.appliance.words import Words, words
from belgenet.cli.administrator import FAILED, NO, alone

if TYPE_CHECKING:
    from belgenet.appliance.rotation.effects import ServerEffects
    from belgenet.appliance.rotation.sequence import Rotation

_PREFIX = {"metrics-redis": "", "minio": "", "objects": ""}
"""Services that read their credentials under names of their own; our settings look for ``belgenet_<module>.<key>``."""
_LANG = click.option("--lang", type=click.Choice(["tr", "en"]), help="Language; default: the terminal's.")


def _secrets() -> Secrets:
    if os.geteuid() != 0:
        raise click.ClickException("secrets are for the administrator of the server: sudo belgenet secrets ...")
    return Secrets(Vault(places.VAULT), folder_of, read_places()[0])


def folder_of(service: str) -> Vault:
    """What systemd hands to a service."""
    return Vault(places.SERVICES / service, prefix=_PREFIX.get(service, "belgenet"))


@click.group()
def secrets() -> None:
    """Secrets of this server. They are sealed with its TPM or host key and opened by systemd for one service each."""


@secrets.command()
@click.option("--check", is_flag=True, help="Change nothing; say what is missing or differs.")
def init(*, check: bool) -> None:
    """Make the missing secrets and hand each service its own. Prints JSON: names of secrets made and files derived."""
    try:
        changes = _secrets().init(check=check)
    except VaultError as error:
        raise click.ClickException(str(error)) from None
    if not check:
        Journal(places.ROTATION).note_made(changes.made)
    click.echo(json.dumps({"changed": bool(changes), "made": changes.made, "derived": changes.derived}))


@secrets.command("set")
@click.argument("name", type=click.Choice(sorted(OPERATORS)))
@click.option("--restart", is_flag=True, help="Restart the services afterwards, one after the other.")
@_LANG
def set_one(name: str, lang: str | None, *, restart: bool) -> None:
    """Keep a secret that the institution was given, read from standard input; nothing there removes it."""
    text = (
        click.prompt(name, hide_input=True, default="", show_default=False) if sys.stdin.isatty() else sys.stdin.read()
    )
    say, store, who = words("secrets", lang or ""), _secrets(), ", ".join(OPERATORS[name])
    with alone("secrets set", say.language):  # what services are handed is derived from the vault, by a rotation too
        try:
            store.set(name, text.strip())
            store.init()
        except VaultError as error:
            raise click.ClickException(str(error)) from None
        Journal(places.ROTATION).note_rotated([name])
        if who and restart:
            _restart(say)
    click.echo(say("kept_for_root" if not who else "kept_and_read" if restart else "kept", name=name, services=who))


def _restart(say: Words) -> None:
    from belgenet.appliance.services import RestartError, Services

    try:
        Services().restart()
    except RestartError as error:
        click.echo(say("failed", reason=error), err=True)
        sys.exit(FAILED)


@secrets.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs; times in seconds since 1970.")
@_LANG
def list_all(lang: str | None, *, as_json: bool) -> None:
    """Every secret of this server: when it was made and last renewed, and who reads it. Never what it is.

    Exit status: 0; 1 a rotation has begun and is not finished.
    """
    from belgenet.appliance.rotation.inventory import inventory

    _secrets()
    journal, say = Journal(places.ROTATION), words("secrets", lang or "")
    found = inventory(Vault(places.VAULT), journal)
    unfinished = journal.read() is not None or any(entry.pending for entry in found)
    if as_json:
        click.echo(json.dumps({"unfinished": unfinished, "secrets": [asdict(entry) for entry in found]}))
    else:
        width = max((len(entry.name) for entry in found), default=0)
        for entry in found:
            when = _day(entry.rotated) if entry.rotated else say("never")
            who = ", ".join(entry.readers)
            click.echo(f"{entry.name:<{width}}  {_day(entry.made)}  {when:<10}  {say(f'how_{entry.how}'):<18}  {who}")
        if unfinished:
            click.echo(say("unfinished"))
    sys.exit(NO if unfinished else 0)


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).astimezone().date().isoformat()


@secrets.command()
@click.argument("names", nargs=-1)
@click.option(
    "--all", "every", is_flag=True, help="Every secret that this server makes itself, but for the recovery key."
)
@click.option(
    "--unfinished", is_flag=True, help="Only go on with a rotation that was cut short or waits; ends at once."
)
@click.option("--no-wait", is_flag=True, help="Do not wait for old tokens to end; the server's timer does the rest.")
@_LANG
def rotate(names: tuple[str, ...], lang: str | None, *, every: bool, unfinished: bool, no_wait: bool) -> None:
    """Renew secrets while the server serves: NAMES of `belgenet secrets list`, or the beginning of several, such as redis.

    One that was cut short is finished first; what it renewed is not renewed again. Exit status: 0 done, or the rest is left to the
    timer; 1 with --no-wait: not begun, an earlier one has to end first; 2 failed: the cause removed, the same command goes on;
    3 another verb is at work.
    """
    from belgenet.appliance.rotation.kinds import chosen
    from belgenet.appliance.rotation.sequence import Rotation

    say, store, journal = words("secrets", lang or ""), _secrets(), Journal(places.ROTATION)
    if bool(names) + every + unfinished != 1:
        raise click.UsageError(say("which"))
    try:
        wanted = [] if unfinished else chosen(names)
    except KeyError as error:
        raise click.ClickException(say("no_such", name=error.args[0])) from None
    told = lambda step: click.echo(say(f"step_{step}"))  # noqa: E731
    rotation = Rotation(Vault(places.VAULT), journal, _effects(store), told=told)
    if DOOR in wanted and door.FILE.exists():
        click.echo(say("door"))
    until, left = _take_steps(rotation, wanted, say)
    while until:
        if no_wait or unfinished:
            click.echo(say("later", time=_time(until)))
            if left:
                click.echo(say("not_begun", names=", ".join(left)), err=True)
                sys.exit(NO)
            return
        # Without the lock: a backup may run meanwhile.
        click.echo(say("waiting", time=_time(until)))
        if left:
            click.echo(say("then", names=", ".join(left)))
        time.sleep(max(0.0, until - time.time()))
        until, left = _take_steps(rotation, left, say)


def _take_steps(rotation: "Rotation", wanted: list[str], say: Words) -> tuple[float, list[str]]:
    """Finish what has begun, then renew what of ``wanted`` was not in it; when to call again (0: never), and with what."""
    from belgenet.appliance.rotation.sequence import Waiting

    with alone("secrets rotate", say.language):
        while True:
            if begun := rotation.under_way():
                click.echo(say("going_on"))
            elif wanted:
                begun = rotation.begin(wanted)
            else:
                return 0.0, []
            if not begun.inherited:
                wanted = [name for name in wanted if name not in begun.names]
            try:
                names = ", ".join(rotation.advance())
            except Waiting as waiting:
                return waiting.until, wanted
            except Exception as error:  # noqa: BLE001 -- whatever it is: its cause is said, and the journal knows what is left to do
                click.echo(say("failed", reason=f"{type(error).__name__}: {error}"), err=True)
                sys.exit(FAILED)
            click.echo(say("inherited" if begun.inherited else "done", names=names))


def _effects(store: Secrets) -> "ServerEffects":
    from belgenet.appliance.rotation.effects import ServerEffects

    return ServerEffects(store, folder_of("objects"))


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).astimezone().strftime("%H:%M:%S")


@secrets.command("redis-acl")
@click.argument("instance", type=click.Choice(sorted(REDIS)))
def redis_acl(instance: str) -> None:
    """Print the users of a Redis instance, for its aclfile. Hashes only."""
    try:
        click.echo(_secrets().redis_acl(instance), nl=False)
    except (KeyError, VaultError) as error:
        raise click.ClickException(f"{error}; run: belgenet secrets init") from None
