"""``belgenet story``: the donor's and the learner's stories against a running system, over HTTP only."""

import json
import sys
from pathlib import Path

import click

from belgenet.cli.story.browser import Browser
from belgenet.cli.story.donor import donor
from belgenet.cli.story.learner import learner
from belgenet.cli.story.steps import StoryFailed, Teller


@click.command()
@click.option(
    "--demo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Addresses as bin/run writes them."
)
@click.option("--charity", help="Address of the charity's tenant, e.g. https://vakif.example.org")
@click.option("--academy", help="Address of the academy's tenant.")
@click.option("--mail", help="Address of a mail reader that answers /mails.json; without it mails are not looked for.")
@click.option("--card", default="", help="Card number to pay with; default: the provider's own test card.")
@click.option(
    "--resolve", default="", help="Where the sites are, whatever their names say; *.localhost goes to 127.0.0.1."
)
@click.option("--insecure", is_flag=True, help="Accept a certificate of an unknown authority.")
@click.option("--only", type=click.Choice(["donor", "learner"]))
def story(
    demo: Path | None,
    charity: str | None,
    academy: str | None,
    mail: str | None,
    card: str,
    resolve: str,
    *,
    insecure: bool,
    only: str | None,
) -> None:
    """Order, pay, receive a certificate and verify it, as a donor and as a learner would.

    Prints each step with its time. Exit code 1 when a step fails.
    """
    urls = json.loads(demo.read_text(encoding="utf-8"))["urls"] if demo else {}
    addresses = {"donor": charity or urls.get("vakif"), "learner": academy or urls.get("akademi")}
    mail = mail or urls.get("mail")
    tales = {"donor": donor, "learner": learner}
    for name, tell in tales.items():
        if only and name != only:
            continue
        address = addresses[name]
        if not address:
            raise click.UsageError("say where: --demo FILE, or --charity URL and --academy URL")
        teller = Teller(name)
        with Browser(address, resolve=resolve, verify=not insecure) as browser:
            try:
                tell(teller, browser, mail, card)
            except StoryFailed as failure:
                click.echo(f"{name}: FAILED at '{teller.current}': {failure}", err=True)
                sys.exit(1)
        click.echo(f"{name}: done in {teller.seconds:.1f} s")
