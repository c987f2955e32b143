"""``belgenet uninstall``: takes the product off this server."""

import sys

import click

from belgenet.appliance.backup import own
from belgenet.appliance.exclusive import LOCK
from belgenet.appliance.removal import Removal, plan, remove
from belgenet.appliance.run import CommandError
from belgenet.appliance.site import SiteError, read_site
from belgenet.appliance.words import Words, words
from belgenet.cli.administrator import FAILED, NO, alone, require_root


@click.command()
@click.option("--check", is_flag=True, help="Only list what would go and what would stay.")
@click.option("--delete-data", is_flag=True, help="Delete the database, objects, settings and keys as well.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--lang", type=click.Choice(["tr", "en"]), default=None, help="Language of what is said.")
def uninstall(*, check: bool, delete_data: bool, yes: bool, lang: str | None) -> None:
    """Stop and remove the product. Data stays unless told so, and backups always; installing again over it brings all back.

    Exit status: 0 done, 1 not confirmed, 2 failed, 3 another verb is at work.
    """
    require_root(lang or "")
    say = words("uninstall", lang or "")
    with alone("uninstall", say.language):
        removal = plan()
        if not (removal.files or removal.folders):
            click.echo(say("nothing"))
            return
        _list(removal, say, with_data=delete_data)
        if check:
            return
        if not yes:
            _confirm(say, with_data=delete_data)
        try:
            remove(removal, with_data=delete_data, tell=lambda code, **params: click.echo(say(code, **params)))
        except (CommandError, OSError) as error:
            click.echo(str(error), err=True)
            sys.exit(FAILED)
        for lock in LOCK.parent.glob("belgenet-*.lock"):  # no verb is left that would take it
            lock.unlink(missing_ok=True)
        click.echo(say("done_deleted" if delete_data else "done_kept"))


def _list(removal: Removal, say: Words, *, with_data: bool) -> None:
    click.echo(say("services", names=" ".join(removal.services)))
    click.echo(say("files", count=len(removal.files)))
    fate = "goes" if with_data else "stays"
    for folder in removal.folders:
        click.echo(say("goes", path=folder))
    for path in (*removal.data, *removal.objects):
        click.echo(say(fate, path=path))
    for settings in removal.clusters:
        click.echo(say(fate, path=say("cluster", name=f"{settings.parent.name}/{settings.name}")))
    for file in own.files():
        if not any(file.is_relative_to(settings) for settings in removal.clusters):
            click.echo(say("stays", path=file))
    click.echo(say("packages"))


def _confirm(say: Words, *, with_data: bool) -> None:
    try:
        domain = str(read_site().get("belgenet_domain", ""))
    except SiteError:
        domain = "belgenet"
    if with_data:
        click.echo(say("deletes"), err=True)
    if click.prompt(say("sure", domain=domain)).strip() != domain:
        click.echo(say("not_sure"), err=True)
        sys.exit(NO)
