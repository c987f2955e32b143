"""``belgenet objectstore``: the S3 server that holds the files, as root."""

import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

import click

from belgenet.appliance import places
from belgenet.appliance.exclusive import Busy, exclusive
from belgenet.appliance.objectstore import lesser
from belgenet.appliance.objectstore.access import KeyRing
from belgenet.appliance.objectstore.migration import Ground, Migration, MigrationError, State
from belgenet.appliance.objectstore.minio_build import RefusedError, inspect
from belgenet.appliance.objectstore.pausing import pause
from belgenet.appliance.objectstore.place import Keys, Place, PlaceError, place_of, read_places, write_places
from belgenet.appliance.playbook import Playbook
from belgenet.appliance.secrets import Secrets
from belgenet.appliance.services import RestartError, Services
from belgenet.appliance.site import SiteError, read_site
from belgenet.appliance.vault import Vault, VaultError
from belgenet.appliance.words import Words, words
from belgenet.cli.secrets import folder_of

FOUND, FAILED, BUSY = 1, 2, 3
_STATE = Path("/var/lib/belgenet/objectstore")
_JOURNAL = _STATE / "journal" / "copied.sqlite"
_ROLES = ("base", "secrets", "objectstore", "app", "nginx", "health")
_PATIENCE = 900
_LANG = click.option("--lang", type=click.Choice(["tr", "en"]), default=None, help="Language of the answers.")


@click.group()
def objectstore() -> None:
    """The S3 server that holds the files: whether it does what it must, and moving to another one."""


def _told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Only for root; what goes wrong is one line in the administrator's language."""

    @wraps(command)
    def told(*arguments: Any, lang: str | None, **options: Any) -> Any:
        say = words("objectstore", lang or "")
        if os.geteuid() != 0:
            _end(say("not_root"), FAILED)
        try:
            return command(*arguments, say=say, **options)
        except (PlaceError, RefusedError, MigrationError) as error:
            _end(say(error.code, **error.params), FAILED)
        except Busy as error:
            _end(error.told(say.language), BUSY)
        except (SiteError, VaultError, lesser.LesserError, OSError) as error:
            _end(str(error), FAILED)

    return told


def _end(text: str, code: int) -> None:
    click.echo(text, err=True)
    sys.exit(code)


def target_of(text: str) -> Place:
    """The place that ``seaweedfs``, ``minio`` or a file with the operator's variables names.

    :raises PlaceError, SiteError: it names none.
    """
    return place_of(read_site(Path(text)) if "/" in text or text.endswith((".yml", ".yaml")) else _named(text))


def _named(backend: str) -> dict[str, Any]:
    return {"belgenet_objectstore_backend": backend}


@objectstore.command()
@click.option("--of", "which", default="", help="seaweedfs, minio, or a YAML file that describes another server.")
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
@_LANG
@_told
def check(*, say: Words, which: str, as_json: bool) -> None:
    """Ask the S3 server everything the product relies on. Makes objects below belgenet-check/ and takes them away again.

    Exit status: 0 it does, 1 it does not, 2 it could not be found out.
    """
    from belgenet.appliance.objectstore import suite

    place = target_of(which) if which else read_places()[0]
    subject = KeyRing(Vault(places.VAULT)).subject(place)
    findings = lesser.as_lesser(lambda: [asdict(finding) for finding in suite.check(subject)])
    levels = Counter(finding["level"] for finding in findings)
    for finding in findings:
        finding["text"] = say(f"check.{finding['code']}")
    if as_json:
        click.echo(json.dumps({"place": place.plain(), "findings": findings}, ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            mark, detail = say(f"level.{finding['level']}"), finding["detail"] and f" ({finding['detail']})"
            click.echo(f"{mark:<10} {finding['text']}{detail}")
        click.echo(say("checked", count=len(findings), errors=levels["error"], warnings=levels["warning"]))
    sys.exit(FOUND if levels["error"] else 0)


@objectstore.command("minio-build")
@click.argument("program", type=click.Path(path_type=Path))
@click.option("--sha256", default="", help="The digest its publisher gives.")
@click.option("--accept-unpatched", is_flag=True, help="Also a build with known holes.")
@_LANG
@_told
def minio_build(*, say: Words, program: Path, sha256: str, accept_unpatched: bool) -> None:
    """Say whether a MinIO PROGRAM may be used here. Exit status: 0 it may, 2 it may not."""
    build = inspect(program, sha256, accept_unpatched=accept_unpatched)
    click.echo(say("minio_good", release=build.release))
    if build.holes:
        click.echo(say("minio_accepted", holes=", ".join(build.holes)), err=True)


@objectstore.command()
@_LANG
@_told
def provision(*, say: Words) -> None:
    """Make MinIO's bucket, policy and a user for each service. Prints JSON: what was changed."""
    from belgenet.appliance.objectstore.provision import provision as make

    ring = KeyRing(Vault(places.VAULT))
    minio = next((place for place in read_places() if place and place.backend == "minio"), None)
    if minio is None or (root := ring.of_maker(minio)) is None:
        raise PlaceError("not_minio")
    services = ring.of_services()
    changed = lesser.as_lesser(lambda: make(minio, root, services))
    click.echo(json.dumps({"changed": changed, "text": say("provisioned")}))


@objectstore.command()
@click.option("--to", "target", default="", help="seaweedfs, minio, or a YAML file that describes another server.")
@click.option("--abort", is_flag=True, help="Give up a move that has not switched yet.")
@_LANG
@_told
def migrate(*, say: Words, target: str, abort: bool) -> None:
    """Move all objects to another S3 server while the site runs, and then the site. Interrupted, the same command goes on.

    The server that the objects come from keeps them; moving back is a move like this one.
    Exit status: 0 done, 2 stopped (the same command goes on), 3 another command is at work.
    """
    _STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    with exclusive("objectstore migrate", lock=_STATE / "lock"):
        state = State.read(_STATE / "migration.json")
        if state and target and not target_of(target).same_as(state.target):
            raise MigrationError("migrate.another", endpoint=state.target.endpoint)
        if abort:
            if state is None:
                raise MigrationError("migrate.nothing")
            Migration(state, _ground(say)).abort()
            click.echo(say("migrate.aborted"))
            return
        state = state or _begin(target)
        Migration(state, _ground(say)).run()
        click.echo(say("migrate.done", source=state.source.endpoint, target=state.target.endpoint))


def _begin(target: str) -> State:
    if not target:
        raise MigrationError("migrate.where")
    source, wanted = read_places()[0], target_of(target)
    if wanted.same_as(source):
        raise MigrationError("migrate.there_already", endpoint=source.endpoint)
    if not wanted.local and not source.local:
        raise MigrationError("migrate.both_external")
    folder = _JOURNAL.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(folder, lesser.USER, "belgenet")
    for file in folder.iterdir():
        file.unlink()
    state = State(_STATE / "migration.json", source, wanted)
    state.enter("prepare")
    return state


def _ground(say: Words) -> Ground:
    ring = KeyRing(Vault(places.VAULT))

    def tell(code: str, **params: object) -> None:
        click.echo(say(code, **params))

    def fit(place: Place) -> None:
        from belgenet.appliance.objectstore import suite

        subject, maker = ring.subject(place), ring.of_maker(place)
        tell("migrate.asking", endpoint=place.endpoint)
        if maker is not None:
            lesser.as_lesser(lambda: _ensure_bucket(place, maker))
        findings = lesser.as_lesser(lambda: [asdict(finding) for finding in suite.check(subject)])
        wrong = [f"{say('check.' + one['code'])}: {one['detail']}" for one in findings if one["level"] == "error"]
        if wrong:
            raise MigrationError("migrate.not_fit", endpoint=place.endpoint, findings="\n  ".join(wrong))

    def apply() -> bool:
        report = Playbook(places.CURRENT, places.SITE).run(only=_ROLES)
        if not report.complete:
            click.echo(report.text, err=True)
        return report.complete

    def change(main: Place, other: Place) -> bool:
        write_places(main, other)
        Secrets(Vault(places.VAULT), folder_of, main).init()
        try:
            Services().restart(only={"web", "worker"})
        except RestartError as error:
            click.echo(str(error), err=True)
            return False
        return True

    return Ground(
        places.SITE, _JOURNAL, read_places, ring.of_keeper, fit, apply, change, pause, _alone, lesser.as_lesser, tell
    )


def _ensure_bucket(place: Place, maker: Keys) -> bool:
    client = place.client(maker)
    missing = not client.bucket_exists(place.bucket)
    if missing:
        client.make_bucket(place.bucket)
    return missing


@contextmanager
def _alone() -> Iterator[None]:
    """The server's lock, waited for: a backup that has begun is not held against hours of copying."""
    until = time.monotonic() + _PATIENCE
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(exclusive("objectstore migrate"))
                break
            except Busy:
                if time.monotonic() > until:
                    raise
                time.sleep(5)
        yield
