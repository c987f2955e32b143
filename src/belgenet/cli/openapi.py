import json
from pathlib import Path

import click


@click.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of to stdout.")
@click.option(
    "--check", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Fail when this file differs."
)
def openapi(output: Path | None, check: Path | None) -> None:
    """Print the OpenAPI 3.1 document. Needs no database."""
    text = json.dumps(build(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if check:
        if check.read_text(encoding="utf-8") != text:
            raise click.ClickException(f"{check} is out of date: run bin/openapi")
        click.echo("the OpenAPI document is up to date")
    elif output:
        output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


def build() -> dict[str, object]:
    """The document of an application configured with placeholder secrets; nothing is connected to."""
    import base64

    from belgenet.app import configure
    from belgenet.core.web.openapi import document
    from belgenet.settings import load

    key = f"placeholder:{base64.b64encode(bytes(32)).decode()}"
    ini = {
        "belgenet.database.url": "postgresql+psycopg://nobody@127.0.0.1:1/none",
        "belgenet.security.jwt_keys": key,
        "belgenet.security.master_keys": key,
    }
    configure(load(ini)).commit()
    return document()
