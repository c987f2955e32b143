"""``belgenet upgrade`` and ``belgenet rollback``, as root. The release that runs only unpacks and verifies the next one: from there
on that one's own code is at work."""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import click

from belgenet.appliance.exclusive import Busy, exclusive
from belgenet.appliance.run import CommandError, run
from belgenet.appliance.upgrade import start
from belgenet.appliance.upgrade.journal import Journal
from belgenet.appliance.upgrade.programs import bundle_function
from belgenet.appliance.upgrade.release import BASE, Failure, Releases
from belgenet.appliance.words import Words, words

VERIFY = "here=$2; signers=$3; fingerprint=$4; base=$5; verify_signature; verify_files; verify_system"
_PLAIN = ("--no-same-owner", "--no-same-permissions")
ROOM = 2.2
"""Times the bundle's size that must be free: for our own copy of it, and for the one that is installed."""

_language = click.option("--lang", type=click.Choice(["tr", "en"]), default=None, help="Language of what is said.")


@click.command()
@click.argument("bundle", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--signers", type=click.Path(exists=True, dir_okay=False), default=None, help="Keys you accept releases of."
)
@click.option(
    "--fingerprint", default="", help="The release key's fingerprint, which came to you by another way than the bundle."
)
@click.option("--accept", default="", metavar="VERSION", help="You have read what the release changes, and agree.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--check", is_flag=True, help="Verify the bundle and look at the server; change nothing.")
@click.option("--resume", is_flag=True, help="Bring an upgrade that was cut short to its end.")
@click.option("--in-unit", is_flag=True, hidden=True)
@_language
def upgrade(
    bundle: Path | None,
    signers: str | None,
    fingerprint: str,
    accept: str,
    *,
    yes: bool,
    check: bool,
    resume: bool,
    in_unit: bool,
    lang: str | None,
) -> None:
    """Take this server to the release in BUNDLE: the archive, or the folder it was unpacked to.

    Exit status: 0 done, 1 refused, nothing was changed, 2 failed, the server is as before, 3 another command is at work.
    """
    say = _only_root(lang)
    if resume == (bundle is not None):
        raise click.UsageError(say("bundle_or_resume"))
    if resume:
        sys.exit(start.resume(language=say.language)) if in_unit else _resume(say)
    if bundle and not (yes or check) and sys.stdin.isatty():
        click.confirm(say("sure", bundle=bundle.name), abort=True)
    try:
        with exclusive("upgrade"):
            start.nothing_unfinished(Journal(start.STATE))
            folder, incoming = _unpacked(Path(str(bundle)).resolve(), say)
            _verify(folder, str(Path(signers).resolve()) if signers else "", fingerprint, say)
        given = ["--lang", say.language, *(["--accept", accept] if accept else []), *(["--check"] if check else [])]
        given += ["--incoming", str(incoming)]
        start.as_unit([str(folder / "upgrade.sh"), *given], incoming=incoming)
    except Failure as error:
        _end(say("refused", reason=say(error.code, **error.params)), start.NO)
    except Busy as error:
        _end(error.told(say.language), start.BUSY)


@click.command()
@click.option("--to", default="", metavar="VERSION", help="Which one; default: the newest older one that is kept.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--in-unit", is_flag=True, hidden=True)
@_language
def rollback(to: str, *, yes: bool, in_unit: bool, lang: str | None) -> None:
    """Take this server back to an older release that is kept on it. Data stay as they are.

    Exit status: 0 done, 1 refused, nothing was changed, 2 failed, the server is as before, 3 another command is at work.
    """
    say = _only_root(lang)
    if in_unit:
        sys.exit(start.rollback(to, language=say.language))
    try:
        target = start.rollback_target(Releases(), to)
        if not yes and sys.stdin.isatty():
            click.confirm(say("sure_back", version=target), abort=True)
        start.as_unit([_own(), "rollback", "--in-unit", "--to", target, "--lang", say.language])
    except Failure as error:
        _end(say("refused", reason=say(error.code, **error.params)), start.NO)
    except Busy as error:
        _end(error.told(say.language), start.BUSY)


def _resume(say: Words) -> NoReturn:
    """By the code that began, if it is there: it knows what its steps meant. Before that was built, nothing else was done."""
    run_ = Journal(start.STATE).unfinished()
    program = _own()
    if run_ and (began := Releases().of(str(run_.options.get("by", "")))).is_whole:
        program = str(began.program)
    try:
        start.as_unit([program, "upgrade", "--resume", "--in-unit", "--lang", say.language])
    except Busy as error:
        _end(error.told(say.language), start.BUSY)
    sys.exit(start.BROKEN)


def _unpacked(bundle: Path, say: Words) -> tuple[Path, Path]:
    """The bundle in a place that root alone can write: nobody may change it between our look and its use. A folder is copied there.

    :returns: its folder, and what must go at the end.
    :raises Failure: it is no bundle, or there is no room.
    """
    if bundle.is_relative_to(start.INCOMING):  # left by an earlier run that was cut off
        return bundle, start.INCOMING
    shutil.rmtree(start.INCOMING, ignore_errors=True)
    size, free = _size(bundle), shutil.disk_usage(BASE).free
    if free < size * ROOM:
        raise Failure("no_room", path=BASE, found=free // 2**20, wanted=int(size * ROOM) // 2**20)
    click.echo(say("copying" if bundle.is_dir() else "unpacking", bundle=bundle.name))
    start.INCOMING.mkdir(mode=0o700)  # nobody has checked yet what comes into it
    try:
        if bundle.is_dir():
            # What is no file or folder is copied as what it is, and refused by the check.
            # Into a folder of our own: whoever owns theirs may put a link to another place into its stead meanwhile.
            target = start.INCOMING / bundle.name
            target.mkdir()
            run(["cp", "-R", "-P", "--no-preserve=ownership", "--", f"{bundle}/.", str(target)], timeout=1800)
            run(["chmod", "-R", "u=rwX,go=rX", str(target)], timeout=300)
        else:
            run(["tar", "--extract", "--gzip", *_PLAIN, "-C", str(start.INCOMING), "-f", str(bundle)], timeout=1800)
        (folder,) = start.INCOMING.iterdir()
    except (CommandError, ValueError) as error:
        shutil.rmtree(start.INCOMING, ignore_errors=True)
        raise Failure("no_archive", path=bundle, reason=error) from None
    return folder, start.INCOMING


def _size(bundle: Path) -> int:
    """Bytes of an archive, or of all that lies in a folder."""
    parts = bundle.rglob("*") if bundle.is_dir() else (bundle,)
    return sum(part.lstat().st_size for part in parts)


def _verify(folder: Path, signers: str, fingerprint: str, say: Words) -> None:
    """By the functions of the release that runs: what came with the new one is not believed yet."""
    click.echo(say("verifying"))
    own = Releases().running().bundle
    try:
        bundle_function(own, VERIFY, str(folder), signers, fingerprint, str(BASE), language=say.language)
    except CommandError as error:
        shutil.rmtree(start.INCOMING, ignore_errors=True)
        _end(error.said, start.NO)
    if not (folder / "upgrade.sh").is_file():
        shutil.rmtree(start.INCOMING, ignore_errors=True)
        raise Failure("no_upgrade", path=folder)


def _only_root(lang: str | None) -> Words:
    say = words("upgrade", lang or "")
    if os.geteuid() != 0:
        raise click.ClickException(say("not_root"))
    return say


def _own() -> str:
    return str(Path(sys.prefix).resolve() / "bin/belgenet")


def _end(text: str, code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)
