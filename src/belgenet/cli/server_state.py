"""``belgenet apply`` and ``belgenet drift``: this server and what its roles say it should be, as root."""

import sys

import click
import yaml

from belgenet.appliance import places
from belgenet.appliance.playbook import Playbook, Report
from belgenet.appliance.words import LANGUAGES, Words, words
from belgenet.cli.administrator import alone, require_root

_ONLY = click.option(
    "--only", multiple=True, metavar="PART", help="Only this part, for example tls; may be said again."
)
_LANG = click.option(
    "--lang", type=click.Choice(LANGUAGES), help="Language of what is said; by default the terminal's."
)
DIFFERS = 1
FAILED = 2


class _Roles:
    """Says which role is at work, to the person who waits: a run takes a minute."""

    def __init__(self) -> None:
        self._role = ""

    def __call__(self, task: str) -> None:
        role, colon, _ = task.partition(" : ")
        if colon and role != self._role:
            self._role = role
            click.echo(f"{role} ...", err=True)


def _run(say: Words, *, check: bool, only: tuple[str, ...] = ()) -> Report:
    playbook = Playbook(places.CURRENT, places.SITE)
    try:
        known = _parts(playbook) if only else set()
        if unknown := set(only) - known:  # Ansible would do nothing, and find nothing wrong
            names = {"unknown": ", ".join(sorted(unknown)), "known": ", ".join(sorted(known))}
            raise click.BadParameter(say("unknown_part", **names), param_hint="--only")
        report = playbook.run(check=check, only=only, tell=_Roles())
    except FileNotFoundError as error:
        raise click.ClickException(say("not_installed", file=error.filename)) from None
    if not report.complete:
        click.echo(report.text, err=True)
        click.echo(say("not_ended"), err=True)
        sys.exit(FAILED)
    return report


def _parts(playbook: Playbook) -> set[str]:
    """Tags of its roles."""
    (play,) = yaml.safe_load(playbook.file.read_text(encoding="utf-8"))
    return {str(tag) for role in play["roles"] for tag in role["tags"]}


def _list(report: Report) -> None:
    for task, items in report.changes.items():
        click.echo(f"  {task}" + (f": {', '.join(items)}" if items else ""))


@click.command()
@_ONLY
@_LANG
def apply(*, only: tuple[str, ...], lang: str | None) -> None:
    """Bring this server to what /etc/belgenet/site.yml and the release describe; repairs what was changed by hand.

    Exit status: 0 done, 2 failed, 3 another command is at work.
    """
    say = words("server", lang or "")
    require_root(say.language)
    with alone("apply", say.language):
        report = _run(say, check=False, only=only)
    click.echo(say("changed" if report.changes else "nothing_changed"))
    _list(report)


@click.command()
@click.option("--diff", is_flag=True, help="Show line by line what differs.")
@_ONLY
@_LANG
def drift(*, diff: bool, only: tuple[str, ...], lang: str | None) -> None:
    """Say what on this server differs from what the release describes; changes nothing.

    Exit status: 0 nothing differs, 1 something does, 2 it could not be found out.
    """
    say = words("server", lang or "")
    require_root(say.language)
    report = _run(say, check=True, only=only)
    if not report.changes:
        click.echo(say("nothing_differs"))
        return
    click.echo(say("differs"))
    _list(report)
    if diff:
        click.echo(report.text)
    click.echo(say("put_back"))
    sys.exit(DIFFERS)
