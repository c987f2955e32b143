"""``belgenet doctor`` and ``belgenet status``: how this server is doing."""

import json
import sys
from typing import Any

import click

from belgenet.cli.administrator import FAILED, NO, require_root
from belgenet.cli.context import settings_of

_LANG = click.option("--lang", type=click.Choice(["tr", "en"]), help="Language; default: the terminal's.")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.command()
@_JSON
@_LANG
@click.option("--drift", is_flag=True, help="Also look for what was changed by hand; takes a minute.")
def doctor(*, as_json: bool, lang: str | None, drift: bool) -> None:
    """Look at every part of this server and say what ails it, with cause and cure. Changes nothing.

    Exit status: 0 healthy, 1 there are warnings or errors, 2 it could not look.
    """
    from belgenet.appliance.doctor import CHECKS, examine
    from belgenet.appliance.doctor.examine import DRIFT
    from belgenet.appliance.doctor.system import System
    from belgenet.appliance.site import SiteError
    from belgenet.appliance.words import words

    require_root()
    say = words("doctor", lang or "")
    system = System()
    try:
        system.site  # noqa: B018 -- that it can be read
    except SiteError as error:
        click.echo(say("ui.not_installed", reason=error), err=True)
        sys.exit(FAILED)
    result = examine(system, [*CHECKS, DRIFT] if drift else CHECKS)
    if as_json:
        click.echo(json.dumps(report(result, say), ensure_ascii=False, indent=1))
    else:
        _print(result, say)
    if not result.looked:
        sys.exit(FAILED)
    sys.exit(0 if result.healthy else NO)


def report(result: Any, say: Any) -> dict[str, Any]:
    """For programs."""
    return {
        "healthy": result.healthy,
        "findings": [item.as_json(say) for item in result.findings],
        "checked": result.looked,
        "failed": result.failed,
        "seconds": result.seconds,
    }


def _print(result: Any, say: Any) -> None:
    for item in result.findings:
        told = item.told(say)
        click.echo(f"{say(f'ui.level_{item.level}')}  {told['title']}")
        click.echo(f"    {say('ui.cause_label')}: {told['cause']}")
        click.echo(f"    {say('ui.cure_label')}: {told['cure']}")
        click.echo(f"    {say('ui.page', path=told['page'], section=item.code)}\n")
    number, seconds = len(result.looked), result.seconds
    if not result.findings:
        click.echo(say("ui.healthy", number=number, seconds=seconds))
        return
    counts = [sum(item.level == level for item in result.findings) for level in ("error", "warning", "info")]
    counted = dict(zip(("errors", "warnings", "infos"), counts, strict=True))
    click.echo(say("ui.summary", **counted, number=number, seconds=seconds))


@click.command(hidden=True)
@click.pass_context
def probe(context: click.Context) -> None:
    """Print what the S3 server says to this user, as JSON; ``belgenet doctor`` asks it."""
    from belgenet.appliance.doctor.probe import look

    click.echo(json.dumps(look(settings_of(context))))


@click.command()
@_JSON
@_LANG
def status(*, as_json: bool, lang: str | None) -> None:
    """Release, services, queues, today's orders, last backup, certificate and disks on one screen.

    Exit status: 0 shown, 2 it could not look.
    """
    from belgenet.appliance.doctor.system import System
    from belgenet.appliance.status import gather
    from belgenet.appliance.words import words

    require_root()
    found = gather(System())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for line in screen(found, words("status", lang or "")):
        click.echo(line)


def screen(found: dict[str, Any], say: Any) -> list[str]:
    """The one screen, line by line."""
    backup, closed = found["backup"], found["maintenance"]
    last = backup.get("last_success") or say("never")
    if problem := backup.get("problem"):
        last += f"  ({say('problem')}: {problem})"
    rows = [
        (say("release"), f"{_plain(found['release'])}  {_plain(found['site'])}"),
        (say("uptime"), _duration(found["uptime_seconds"], say)),
        (say("maintenance"), say("closed", since=closed["since"]) if closed else say("open")),
        (say("backup"), last),
        (say("certificate"), _plain(found["certificate_ends"])),
    ]
    lines = [f"{label:<18}{text}" for label, text in rows]
    lines += ["", f"{say('unit'):<34}{say('state'):<12}{say('memory'):>10}{say('restarts'):>18}"]
    lines += _table(found["units"], _unit_line)
    lines += ["", f"{say('disk'):<34}{say('used'):<12}{say('free'):>10}"]
    lines += _table(found["disks"], lambda row: f"{row['mount']:<34}{row['percent']:>3} %{row['free_mib']:>13} MiB")
    lines += ["", f"{say('queue'):<34}{say('waiting'):<12}{say('dead'):>10}"]
    lines += _table(found["queues"], lambda row: f"{row['queue']:<34}{row['waiting']:<12}{row['dead']:>10}") or [
        say("empty")
    ]
    lines += ["", f"{say('tenant'):<34}{say('orders'):<12}{say('paid'):>10}"]
    lines += _table(found["orders_today"], lambda row: f"{row['tenant']:<34}{row['orders']:<12}{row['paid']:>10}")
    return lines


def _unit_line(row: dict[str, Any]) -> str:
    memory = "-" if row["memory_mib"] is None else f"{row['memory_mib']} MiB"
    return f"{row['unit']:<34}{row['state']:<12}{memory:>10}{row['restarts']:>18}"


def _table(rows: Any, line: Any) -> list[str]:
    return [_plain(rows)] if isinstance(rows, dict) else [line(row) for row in rows]


def _plain(value: Any) -> str:
    return f"? {value['error']}" if isinstance(value, dict) else str(value)


def _duration(seconds: Any, say: Any) -> str:
    if not isinstance(seconds, int):
        return _plain(seconds)
    days, rest = divmod(seconds, 86_400)
    return say("duration", days=days, hours=rest // 3600, minutes=rest % 3600 // 60)  # type: ignore[no-any-return]
