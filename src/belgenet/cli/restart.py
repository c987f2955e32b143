import os
import sys

import click

from belgenet.appliance.services import RestartError, Services
from belgenet.appliance.words import words

FAILED = 2


@click.command()
@click.option("--stale", is_flag=True, help="Only those that started before their settings or their release changed.")
def restart(*, stale: bool) -> None:
    """Restart the services of this server one after the other, without a request lost.

    Stops at the first that does not come back, so that the others go on serving. Exit status: 0 done, 2 one did not come back.
    """
    say = words("upgrade")
    if os.geteuid() != 0:
        raise click.ClickException(say("not_root"))
    try:
        done = Services().restart(stale_only=stale, told=lambda name: click.echo(say("restarting", unit=name)))
    except RestartError as error:
        click.echo(say("restart_failed", unit=error.unit, reason=error.reason), err=True)
        sys.exit(FAILED)
    if not done:
        click.echo(say("nothing_to_restart"))
