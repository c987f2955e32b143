"""``belgenet metrics``: this server's own figures, and the door through which a Prometheus fetches all of them."""

import sys

import click

from belgenet.appliance import places
from belgenet.appliance.figures import door
from belgenet.appliance.figures.collect import write_figures
from belgenet.appliance.secrets import DOOR
from belgenet.appliance.vault import Vault, VaultError
from belgenet.appliance.words import LANGUAGES, Words, words
from belgenet.cli.administrator import FAILED, NO, require_root


@click.group()
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of what is said.")
@click.pass_context
def metrics(context: click.Context, lang: str | None) -> None:
    """Figures for Prometheus, and the password of its door."""
    context.obj = words("metrics", lang or "")
    require_root()


@metrics.command("write")
@click.pass_obj
def write_now(say: Words) -> None:
    """Look at units, backups, the certificate and visitors, and write the figures; a timer does this every minute.

    Exit status: 0 done, 1 a part could not be looked at, 2 nothing could be written.
    """
    try:
        failed = write_figures()
    except OSError as error:
        click.echo(say("not_written", problem=error), err=True)
        sys.exit(FAILED)
    for part, problem in failed.items():
        click.echo(say("not_seen", part=part, problem=problem), err=True)
    sys.exit(NO if failed else 0)


@metrics.command()
@click.option("--hashed", is_flag=True, help="As the line that Nginx compares with.")
@click.pass_obj
def password(say: Words, *, hashed: bool) -> None:
    """Print what a Prometheus shows at the door /metrics/, with the user name "prometheus"."""
    try:
        secret = Vault(places.VAULT).read(DOOR)
    except VaultError as error:
        click.echo(say("no_password", problem=error), err=True)
        sys.exit(FAILED)
    if secret is None:
        click.echo(say("no_password", problem="belgenet secrets init"), err=True)
        sys.exit(FAILED)
    click.echo(door.entry(secret) if hashed else secret, nl=not hashed)
