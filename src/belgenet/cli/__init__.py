"""The ``belgenet`` command."""

import sys
import warnings

import click

import belgenet
from belgenet.cli.context import LazyGroup
from belgenet.settings import SettingsError

COMMANDS = {
    "alert": "belgenet.cli.operations:alert",
    "apply": "belgenet.cli.server_state:apply",
    "backup": "belgenet.cli.backup:backup",
    "beat": "belgenet.cli.processes:beat",
    "certificate": "belgenet.cli.certificate:certificate",
    "doctor": "belgenet.cli.doctor:doctor",
    "drift": "belgenet.cli.server_state:drift",
    "drill": "belgenet.cli.backup:drill",
    "health": "belgenet.cli.health:health",
    "kit": "belgenet.cli.kit:kit",
    "logs": "belgenet.cli.operations:logs",
    "maintenance": "belgenet.cli.operations:maintenance",
    "metrics": "belgenet.cli.metrics:metrics",
    "migrate": "belgenet.cli.migrate:migrate",
    "objectstore": "belgenet.cli.objectstore:objectstore",
    "openapi": "belgenet.cli.openapi:openapi",
    "probe": "belgenet.cli.doctor:probe",
    "relay": "belgenet.cli.processes:relay",
    "restart": "belgenet.cli.restart:restart",
    "restore": "belgenet.cli.restore:restore",
    "rollback": "belgenet.cli.upgrade:rollback",
    "secrets": "belgenet.cli.secrets:secrets",
    "serve": "belgenet.cli.processes:serve",
    "settings": "belgenet.cli.settings:settings",
    "status": "belgenet.cli.doctor:status",
    "storage": "belgenet.cli.storage:storage",
    "story": "belgenet.cli.story:story",
    "support-bundle": "belgenet.cli.operations:support_bundle",
    "tenant": "belgenet.cli.tenant:tenant",
    "tls": "belgenet.cli.tls:tls",
    "uninstall": "belgenet.cli.uninstall:uninstall",
    "upgrade": "belgenet.cli.upgrade:upgrade",
    "user": "belgenet.cli.user:user",
    "worker": "belgenet.cli.processes:worker",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
@click.version_option(belgenet.__version__)
@click.option(
    "--config", "ini", type=click.Path(exists=True, dir_okay=False), envvar="BELGENET_CONFIG", help="ini file"
)
@click.pass_context
def cli(context: click.Context, ini: str | None) -> None:
    """BelgeNet: Akademi and Kurban Cebimde."""
    context.obj = ini


def main() -> None:
    """Entry point: a wrong configuration ends with one clear line."""
    # Said by Pyramid and Cornice wherever they are imported; an operator can do nothing about it, the pin of setuptools does.
    warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
    try:
        cli(prog_name="belgenet")
    except SettingsError as error:
        click.echo(f"belgenet: {error}", err=True)
        sys.exit(2)
