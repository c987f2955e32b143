import json

import click

from belgenet.cli.context import registry_of


@click.command()
@click.pass_context
def health(context: click.Context) -> None:
    """Check every part of the running system; exit 1 when one fails."""
    from belgenet.core.observability.health import run_checks

    result = run_checks(registry_of(context, process="health"))
    click.echo(json.dumps(result, indent=2, default=str))
    if result["status"] != "ok":
        context.exit(1)
