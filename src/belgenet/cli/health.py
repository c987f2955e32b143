import json

import click

from belgenet.cli.context import registry_of


@click.command()
@click.option(
    "--deep", is_flag=True, help="Also write and read an object, open a kept secret, have a task of each queue done."
)
@click.pass_context
def health(context: click.Context, *, deep: bool) -> None:
    """Check every part of the running system; exit 1 when one fails, with a line on standard error for each."""
    from belgenet.core.observability.deep import DEEP
    from belgenet.core.observability.health import CHECKS, run_checks

    result = run_checks(registry_of(context, process="health"), {**CHECKS, **(DEEP if deep else {})})
    click.echo(json.dumps(result, indent=2, default=str))
    for name, found in result["checks"].items():
        if found["status"] != "ok":
            click.echo(f"{name}: {found.get('error')}", err=True)
    if result["status"] != "ok":
        context.exit(1)
