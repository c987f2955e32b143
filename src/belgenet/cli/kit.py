"""``belgenet kit``: the sheet of paper that brings the institution back on another server, as root."""

import json
import os
import sys
from pathlib import Path

import click

from belgenet.appliance import places, recovery_key
from belgenet.appliance.kit import confirmation
from belgenet.appliance.kit.facts import Facts
from belgenet.appliance.site import SiteError, read_site
from belgenet.appliance.vault import Vault, VaultError
from belgenet.appliance.words import LANGUAGES, Words, words

BACKUPS = Path("/var/backups/belgenet")
NO = 1
FAILED = 2
TRIES = 3


def _fail(say: Words, code: str, **params: object) -> None:
    click.echo(say(code, **params), err=True)
    sys.exit(FAILED)


def _facts(say: Words) -> Facts:
    if os.geteuid() != 0:
        raise click.ClickException("the recovery kit is for the administrator of the server: sudo belgenet kit ...")
    try:
        key = Vault(places.VAULT).read(recovery_key.NAME)
        manifest = json.loads((places.CURRENT / "bundle" / "manifest.json").read_text(encoding="utf-8"))
        site = read_site(places.SITE)
    except (VaultError, SiteError, OSError, ValueError) as error:
        _fail(say, "not_possible", problem=error)
    if key is None:
        _fail(say, "no_key")
    return Facts.of(site, manifest, str(key), BACKUPS)


@click.group()
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of what is said here; the kit is in both.")
@click.pass_context
def kit(context: click.Context, lang: str | None) -> None:
    """The printed recovery kit: with it and the backups, anybody can rebuild this server on another one."""
    context.obj = words("kit", lang or "")


@kit.command("print")
@click.option("--pdf", type=click.Path(path_type=Path), help="File to write, readable by root only.")
@click.option("--text", is_flag=True, help="To the terminal; this is what happens without --pdf.")
@click.pass_obj
def print_kit(say: Words, pdf: Path | None, *, text: bool) -> None:
    """Make the kit, any number of times; it does not change anything."""
    from belgenet.appliance.kit.page import as_pdf, as_text

    if pdf and text:
        raise click.UsageError("--pdf and --text do not go together")
    facts = _facts(say)
    if pdf is None:
        click.echo(as_text(facts))
        return
    try:
        descriptor = os.open(pdf, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        _fail(say, "is_there", file=pdf)
    except OSError as error:
        _fail(say, "not_possible", problem=error)
    with os.fdopen(descriptor, "wb") as file:
        file.write(as_pdf(facts))
    click.echo(say("written", file=pdf))


@kit.command()
@click.pass_obj
def confirm(say: Words) -> None:
    """Type back two groups of the printed kit, to show that it is in your hands.

    Exit status: 0 confirmed, 1 it is not.
    """
    facts = _facts(say)
    for number in confirmation.challenge(facts.groups):
        if not any(_asked(say, facts, number) for _ in range(TRIES)):
            click.echo(say("not_confirmed"), err=True)
            sys.exit(NO)
    made = confirmation.remember(facts.fingerprint)
    click.echo(say("confirmed", at=made.at, fingerprint=made.fingerprint))


def _asked(say: Words, facts: Facts, number: int) -> bool:
    right = confirmation.is_right(facts.groups, number, click.prompt(say("ask", number=number)))
    if not right:
        click.echo(say("wrong", number=number))
    return right


@kit.command()
@click.pass_obj
def status(say: Words) -> None:
    """Say whether the kit was confirmed. Exit status: 0 it was, 1 it was not."""
    facts = _facts(say)
    found = confirmation.confirmed(facts.fingerprint)
    if found is None:
        click.echo(say("state_open"))
        sys.exit(NO)
    click.echo(say("state_confirmed", at=found.at, fingerprint=found.fingerprint))
