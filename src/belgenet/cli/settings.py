from importlib.resources import files
from pathlib import Path

import click
from pydantic import SecretStr

from belgenet.cli.context import read_settings
from belgenet.settings import Source


@click.group()
def settings() -> None:
    """Look at the configuration."""


@settings.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Read all layers and say whether they are right."""
    from belgenet.core.security import KEYS_OF
    from belgenet.core.security.keyring import Keyring

    security = read_settings(context.find_root().obj)[0].security
    if text := security.jwt_keys.get_secret_value():
        Keyring.parse("security.jwt_keys", text)
    if text := security.master_keys.get_secret_value():
        Keyring.of_masters(text)
    for process, keys in KEYS_OF.items():
        for key in keys:
            if not getattr(security, key).get_secret_value():
                click.echo(f"not set here: security.{key}; {process} does not start without it")
    click.echo("settings are valid")


@settings.command()
@click.argument("prefix", default="")
@click.pass_context
def show(context: click.Context, prefix: str) -> None:
    """Print every value and where it comes from; secrets are hidden. PREFIX narrows, e.g. ``payments``."""
    values, sources = read_settings(context.find_root().obj)
    for module in type(values).model_fields:
        for key in type(getattr(values, module)).model_fields:
            name = f"{module}.{key}"
            if name.startswith(prefix):
                value = getattr(getattr(values, module), key)
                shown = ("(set)" if value.get_secret_value() else "(empty)") if isinstance(value, SecretStr) else value
                click.echo(f"{name} = {shown}    [{sources.get((module, key), Source('default', ''))}]")


@settings.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Write the files an operator edits (production.ini, alerts.yml) to FOLDER; one that is there stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(files("belgenet.config").iterdir(), key=lambda item: item.name):
        if not source.name.endswith((".ini", ".yml")):
            continue
        try:
            with (folder / source.name).open("xb") as target:
                target.write(source.read_bytes())
        except FileExistsError:
            click.echo(f"kept {folder / source.name}")
        else:
            click.echo(f"wrote {folder / source.name}")
