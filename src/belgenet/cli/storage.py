import click

from belgenet.cli.context import settings_of


@click.group()
def storage() -> None:
    """The S3 server."""


@storage.command()
@click.pass_context
def init(context: click.Context) -> None:
    """Make the bucket unless it is there, with keys that may do so."""
    from belgenet.core.storage import StorageUnavailable
    from belgenet.core.storage.s3 import S3Store

    wanted = settings_of(context).storage
    store = S3Store.from_settings(wanted)
    try:
        made = store.ensure_bucket()
    except StorageUnavailable as error:
        raise click.ClickException(f"the S3 server at {wanted.endpoint}: {error}") from error
    click.echo(f"bucket {wanted.bucket} {'was made' if made else 'is there'}")
