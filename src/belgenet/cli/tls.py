"""``belgenet tls``: the certificate of an institution's server, as root."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import IO

import click

from belgenet.appliance import places
from belgenet.appliance.exclusive import Busy, exclusive
from belgenet.appliance.run import CommandError, run
from belgenet.appliance.tls import given, names, present, renewal
from belgenet.appliance.tls.client import Client
from belgenet.appliance.tls.layout import Layout
from belgenet.appliance.tls.server import Server, TlsError
from belgenet.appliance.tls.settings import TlsSettingsError, read_settings
from belgenet.appliance.tls.state import GAP
from belgenet.appliance.tls.words import summary, told
from belgenet.appliance.vault import Vault, VaultError
from belgenet.appliance.words import LANGUAGES, Words, words
from belgenet.cli.administrator import BUSY, FAILED, NO, require_root

LOCK = Path("/run/belgenet-tls.lock")
"""Of its own: the server's lock is held by ``belgenet apply``, whose roles call these verbs."""
EAB_KEY = "tls.acme_eab_key"


class Here:
    """The server and the language, for all verbs."""

    def __init__(self, lang: str) -> None:
        self.say: Words = words("tls", lang)
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        """This server; ends the program where there is none."""
        require_root()
        if self._server is None:
            layout = Layout()
            try:
                self._server = Server(layout, read_settings(layout.settings), tenants=cache(names.of_tenants))
            except TlsSettingsError as error:
                self.fail("not_installed", detail=error)
                raise
        return self._server

    def fail(self, code: str, **values: object) -> None:
        """Say why it could not be done, and end."""
        click.echo(self.say(code, **values), err=True)
        sys.exit(FAILED)

    @contextmanager
    def changing(self, verb: str) -> Iterator[Server]:
        """This server, changed by nobody else meanwhile; what stands against a certificate is said, all at once."""
        try:
            with exclusive(f"tls {verb}", lock=LOCK):
                yield self.server
        except Busy as busy:
            click.echo(busy.told(self.say.language), err=True)
            sys.exit(BUSY)
        except TlsError as error:
            for finding in error.findings:
                click.echo(told(self.say, finding), err=True)
            click.echo(self.say("nothing_changed"), err=True)
            sys.exit(FAILED)


@click.group()
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of what is said; by default the terminal's.")
@click.pass_context
def tls(context: click.Context, lang: str | None) -> None:
    """The certificate that visitors see: where it comes from, for which names, until when."""
    context.obj = Here(lang or "")


@tls.command()
@click.option("--json", "plain", is_flag=True, help="For programs.")
@click.pass_obj
def show(here: Here, *, plain: bool) -> None:
    """Say what is in use, and what is missing.

    Exit status: 0 all is well, 1 something is not.
    """
    state = here.server.current(here.server.state())
    click.echo(json.dumps(asdict(state), ensure_ascii=False) if plain else "\n".join(summary(here.say, state)))
    sys.exit(NO if state.findings or state.problem else 0)


@tls.command()
@click.option("--org", "organisation", default="", help="The institution's name, for authorities that want one.")
@click.option("--new-key", is_flag=True, help="Forget the key of an earlier request.")
@click.pass_obj
def csr(here: Here, organisation: str, *, new_key: bool) -> None:
    """Print a certificate signing request with every name and the wildcard, for the institution's authority.

    Its key stays on this server, apart from the one in use, until `belgenet tls install` brings the certificate.
    """
    with here.changing("csr") as server:
        request = given.request(server, organisation=organisation, new_key=new_key)
    click.echo(request, nl=False)
    click.echo(here.say("csr_made", file=server.layout.pending / "request.csr"), err=True)


@tls.command()
@click.argument("certificate", type=click.File())
@click.option(
    "--chain", type=click.File(), help="PEM of the authorities between, if they stand in a file of their own."
)
@click.option("--key", type=click.File(), help="PEM of the key, when it was not made by `belgenet tls csr`.")
@click.pass_obj
def install(here: Here, certificate: IO[str], chain: IO[str] | None, key: IO[str] | None) -> None:
    """Look at CERTIFICATE and, when it is good, show it from now on; no connection is dropped.

    Exit status: 0 in use, 2 refused (every reason is said, the certificate before stays).
    """
    texts = [file.read() if file else "" for file in (certificate, chain, key)]
    with here.changing("install") as server:
        findings = given.install(server, texts[0], chain=texts[1], key=texts[2])
    for finding in findings:
        click.echo(told(here.say, finding))
    click.echo(here.say("installed", end=server.state().not_after[:10]))


@tls.command()
@click.option("--force", is_flag=True, help="Ask the authority now, even if nothing is due or the last try failed.")
@click.option("--json", "plain", is_flag=True, help="For programs.")
@click.pass_obj
def renew(here: Here, *, force: bool, plain: bool) -> None:
    """Get a certificate when it is time, or when a tenant's name is missing in it. A timer does this every hour.

    Exit status: 0 done or nothing to do, 1 it did not work and the certificate before stays.
    """
    with here.changing("renew") as server:
        outcome = _renew(server, force=force)
    if outcome.reason == "just_renewed":
        _again_soon()
    if plain:
        click.echo(json.dumps(asdict(outcome), ensure_ascii=False))
    elif outcome.problem:
        click.echo(here.say(outcome.problem, detail=outcome.detail), err=True)
        click.echo(here.say(f"{outcome.problem}.cure"), err=True)
    else:
        click.echo(here.say("renewed" if outcome.changed else f"reason_{outcome.reason}"))
    sys.exit(NO if outcome.problem else 0)


def _renew(server: Server, *, force: bool) -> renewal.Outcome:
    if not server.settings.acme:
        changed = present.ensure(server)
        server.refresh(server.state())
        return renewal.Outcome(changed, "not_due")
    try:
        eab_key = Vault(places.VAULT).read(EAB_KEY) or "" if server.settings.eab_kid else ""
    except VaultError as error:
        return renewal.Outcome(False, "", "acme_failed", str(error))
    return renewal.renew(server, Client(server.layout, server.settings), force=force, eab_key=eab_key)


def _again_soon() -> None:
    """New names wait a little for others; then they are asked for, though nobody else comes."""
    words = ["systemd-run", "--quiet", f"--on-active={GAP.seconds}s", "--unit=belgenet-tls-soon"]
    with suppress(CommandError):  # it is under way
        run([*words, "systemctl", "start", "belgenet-tls.service"])


@tls.command(hidden=True)
@click.option("--check", is_flag=True, help="Change nothing.")
@click.pass_obj
def ensure(here: Here, *, check: bool) -> None:
    """For the role: have a certificate that Nginx can start with. Prints JSON."""
    with here.changing("ensure") as server:
        step = present.needed(server)
        changed = bool(step) if check and step != "missing" else present.ensure(server)
    click.echo(json.dumps({"changed": changed, "step": step}))
