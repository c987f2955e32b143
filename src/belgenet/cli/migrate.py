import click

from belgenet.cli.context import settings_of


@click.command()
@click.option(
    "--check", is_flag=True, help="Change nothing; fail when models and migrations differ or the database is behind."
)
@click.option(
    "--allow-ahead",
    is_flag=True,
    help="A database that a later release has extended is left as it is: this one runs on it.",
)
@click.option("--revision", default="head", help="Target revision.")
@click.pass_context
def migrate(context: click.Context, revision: str, *, check: bool, allow_ahead: bool) -> None:
    """Bring the database to this release's schema, as its owner."""
    from alembic import command
    from alembic.util import CommandError

    from belgenet.core.db.migrate import alembic_config, unknown_revision

    owner = settings_of(context).database.owner_url
    if owner is None:
        raise click.ClickException("missing setting 'database.owner_url': migrations run as the schema's owner")
    config = alembic_config(owner.get_secret_value())
    if allow_ahead and (ahead := unknown_revision(config)):
        click.echo(f"the database is at {ahead}, of a later release")
        return
    steps: list[str] = []
    config.attributes["on_step"] = steps.append
    try:
        command.check(config) if check else command.upgrade(config, revision)
    except CommandError as error:
        raise click.ClickException(str(error)) from error
    for step in steps:
        click.echo(f"migrated to {step}")
    click.echo("database is up to date" if not check else "models and migrations agree")
