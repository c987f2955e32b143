"""``belgenet secrets``: the secrets of an institution's server, as root."""

import json
import os
import sys

import click

from belgenet.appliance import places
from belgenet.appliance.objectstore.place import read_places
from belgenet.appliance.secrets import OPERATORS, REDIS, Secrets
from belgenet.appliance.vault import Vault, VaultError

_PREFIX = {"metrics-redis": "", "minio": "", "objects": ""}
"""Services that read their credentials under names of their own; our settings look for ``belgenet_<module>.<key>``."""


def _secrets() -> Secrets:
    if os.geteuid() != 0:
        raise click.ClickException("secrets are for the administrator of the server: sudo belgenet secrets ...")
    return Secrets(Vault(places.VAULT), folder_of, read_places()[0])


def folder_of(service: str) -> Vault:
    """What systemd hands to a service."""
    return Vault(places.SERVICES / service, prefix=_PREFIX.get(service, "belgenet"))


@click.group()
def secrets() -> None:
    """Secrets of this server. They are sealed with its TPM or host key and opened by systemd for one service each."""


@secrets.command()
@click.option("--check", is_flag=True, help="Change nothing; say what is missing or differs.")
def init(*, check: bool) -> None:
    """Make the missing secrets and hand each service its own. Prints JSON: names of secrets made and files derived."""
    try:
        changes = _secrets().init(check=check)
    except VaultError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps({"changed": bool(changes), "made": changes.made, "derived": changes.derived}))


@secrets.command("set")
@click.argument("name", type=click.Choice(sorted(OPERATORS)))
def set_one(name: str) -> None:
    """Keep a secret that the institution was given, read from standard input; nothing there removes it."""
    text = (
        click.prompt(name, hide_input=True, default="", show_default=False) if sys.stdin.isatty() else sys.stdin.read()
    )
    try:
        store = _secrets()
        store.set(name, text.strip())
        store.init()
    except VaultError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{name} kept; services read it at their next start: systemctl restart 'belgenet-*'")


@secrets.command("redis-acl")
@click.argument("instance", type=click.Choice(sorted(REDIS)))
def redis_acl(instance: str) -> None:
    """Print the users of a Redis instance, for its aclfile. Hashes only."""
    try:
        click.echo(_secrets().redis_acl(instance), nl=False)
    except (KeyError, VaultError) as error:
        raise click.ClickException(f"{error}; run: belgenet secrets init") from None
