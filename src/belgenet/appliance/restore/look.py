"""The look at a repository before anything is changed: ``python -m belgenet.appliance.restore.look``, run by ``install.sh``.

Standard library only. Leaves in a folder that root alone reads what the restoration needs: ``site.yml`` for the preflight check,
``found.json``, and the settings of the chosen backup.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from belgenet.appliance import places
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.objects import Index, snapshot_of
from belgenet.appliance.backup.records import Backup, Manifest
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.workspace import secret_file
from belgenet.appliance.kit.reading import read_key
from belgenet.appliance.recovery_key import FILES, RecoveryKeyError, derive
from belgenet.appliance.restore import journal
from belgenet.appliance.restore.choice import Chosen, Wanted, choose, second, table
from belgenet.appliance.restore.errors import RestoreError, exit_code, told
from belgenet.appliance.restore.source import KEYS, Source
from belgenet.appliance.words import LANGUAGES, language, words

KEPT: Final = (
    Path("/opt/belgenet/current"),
    places.VAULT,
    Path("/var/lib/belgenet/objects"),
    Path("/var/lib/belgenet/minio"),
)
"""What somebody has here, or had: uninstalling leaves all but the first."""


@dataclass(frozen=True)
class Bundle:
    """The release at hand. :param major: of the PostgreSQL it installs."""

    version: str
    system: str
    major: int

    @classmethod
    def at(cls, folder: Path) -> "Bundle":
        """An unpacked bundle."""
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return cls(manifest["version"], manifest["os"], int(manifest["components"]["postgresql"].partition(".")[0]))


def look(wanted: Wanted, key: str, bundle: Bundle, folder: Path, *, env: Mapping[str, str] | None = None) -> Chosen:
    """Choose the backup, and leave its settings in ``folder``.

    :param key: the recovery key as printed.
    :param env: for restic: where it is, and the keys of an S3 store.
    :raises RestoreError, BackupError: it cannot be restored, or not with this release.
    """
    with opened(wanted.address, key, folder, env) as (source, restic):
        chosen = choose(restic, source.address, wanted)
        backup = chosen.backup
        restic.restore(backup.snapshot, folder)
        manifest = Manifest.parse((folder / "settings" / "manifest.json").read_text(encoding="utf-8"))
        require_release(manifest, bundle, source, dump=wanted.dump)
        if wanted.at is not None and not wanted.dump:
            require_consistent(manifest, backup, wanted.at)
        if not wanted.dump:
            source.require_database(manifest.label, chosen.copy)
        if not wanted.accept_missing:
            require_objects(restic, folder)
            require_sound(restic)
    journal.require_free(backup.id, KEPT)
    (folder / "site.yml").write_bytes((folder / "settings/etc/belgenet/site.yml").read_bytes())
    found = {**asdict(backup), "copy": chosen.copy.snapshot if chosen.copy else ""}
    found["dump"] = asdict(chosen.dump) if chosen.dump else None
    (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")
    return chosen


@contextmanager
def opened(
    address: str, key: str, folder: Path, env: Mapping[str, str] | None = None
) -> Iterator[tuple[Source, Restic]]:
    """The place and the repository there; parameters as of :func:`look`.

    :raises RestoreError, BackupError: as :func:`require_open`.
    """
    source = Source.parse(address)
    password = secret_file(folder / "restic.password", derive(key, FILES))
    try:
        restic = Restic(source.files, password, folder, env=env, options=source.options)
        require_open(restic, source)
        yield source, restic
    finally:
        password.unlink()


def require_open(restic: Restic, source: Source) -> None:
    """The key opens the repository. :raises RestoreError, BackupError: there is none, it is not reached, or it is another key's."""
    source.require_line()
    if not restic.exists():
        raise RestoreError("no_repository", where=source.address)


def require_release(manifest: Manifest, bundle: Bundle, source: Source, *, dump: bool) -> None:
    """The release that made the backup, and its PostgreSQL unless it is restored from a dump.

    :raises RestoreError: it is another one.
    """
    if manifest.release != bundle.version:
        newer = _parts(manifest.release) > _parts(bundle.version)
        raise RestoreError(
            "newer_release" if newer else "other_release",
            needed=manifest.release,
            found=bundle.version,
            file=f"{source.address}/releases/belgenet-{manifest.release}.tar",
        )
    if manifest.major != bundle.major and not dump:
        raise RestoreError("other_major", needed=manifest.major, found=bundle.major, system=bundle.system)


def require_consistent(manifest: Manifest, backup: Backup, at: datetime) -> None:
    """The moment is not one at which the base backup was still being made: nothing is consistent before its end.

    :raises RestoreError: it is. Backups of releases before this one do not say their end; PostgreSQL refuses those later.
    """
    told = manifest.extra.get("database_ended")
    if told and at < (ended := datetime.fromisoformat(told) + timedelta(seconds=1)):  # pgBackRest tells whole ones
        raise RestoreError("at_within_backup", at=second(at), begun=second(backup.at), ended=second(ended))


def require_objects(restic: Restic, folder: Path) -> None:
    """Every batch that the index speaks of is in the repository.

    :raises RestoreError: names objects that are not.
    """
    index = Index.read(folder / "settings" / "objects.jsonl")
    if index is None:
        raise RestoreError("damaged", where=restic.address, said="objects.jsonl")
    lost = set()
    for batch in sorted({entry.batch for entry in index.kept.values()}):
        try:
            snapshot_of(restic, batch)
        except BackupError as error:
            if error.code != "batch_missing":
                raise
            lost.add(batch)
    if keys := sorted(entry.key for entry in index.kept.values() if entry.batch in lost):
        raise RestoreError("objects_missing", count=len(keys), keys=named(keys))


def require_sound(restic: Restic) -> None:
    """The repository is whole as far as names and sizes say it; contents are compared while they are restored.

    :raises RestoreError: with what restic says.
    """
    try:
        restic.check()
    except BackupError as error:
        if error.code not in {"files_damaged", "files_failed"}:
            raise
        raise RestoreError("damaged", where=restic.address, said=error.params.get("said", "")) from None


def named(keys: list[str], most: int = 5) -> str:
    """The first keys, one a line."""
    return "\n".join(f"  {key}" for key in keys[:most]) + ("\n  ..." if len(keys) > most else "")


def moment(text: str) -> datetime:
    """``2026-11-22T14:45:00+03:00`` or the same without a zone, in UTC. :raises ValueError: it is no moment."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def main(given: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description="Looks at a backup; changes nothing.")
    parser.add_argument("--from", dest="address", required=True)
    parser.add_argument("--key-file", type=Path, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--programs", required=True, help="folder with restic")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--at", type=moment)
    parser.add_argument("--copy", default="", help="of the database's part elsewhere")
    parser.add_argument("--list", action="store_true", dest="listing", help="say what there is to choose from, and end")
    parser.add_argument("--from-dump", action="store_true")
    parser.add_argument("--accept-missing", action="store_true")
    parser.add_argument("--lang", choices=LANGUAGES, default=language())
    asked = parser.parse_args(given)
    if asked.copy and asked.from_dump:
        parser.error("--copy is of the database's part, --from-dump does without that")
    env = {"PATH": f"{asked.programs}:{os.environ.get('PATH', '/usr/bin:/bin')}", "HOME": "/root"}
    env |= {name: os.environ[name] for name in KEYS if name in os.environ}
    wanted = Wanted(asked.address, asked.at, asked.copy, asked.from_dump, asked.accept_missing)
    say = words("restore", asked.lang)
    try:
        key = read_key(asked.key_file.read_text(encoding="utf-8", errors="replace"))
        if asked.listing:
            with opened(asked.address, key, asked.out, env) as (source, restic):
                print(table(restic, source.address, say))  # noqa: T201
            return 0
        found = look(wanted, key, Bundle.at(asked.bundle), asked.out, env=env)
    except RecoveryKeyError as error:
        return _refuse(RestoreError("key_mistyped", problem=_problem(error, asked.lang)), asked.lang)
    except (RestoreError, BackupError) as error:
        return _refuse(error, asked.lang)
    secret_file(asked.out / "key", key)
    print(say("chosen", at=found.backup.at.isoformat(), release=found.backup.release))  # noqa: T201
    if found.copy:
        print(say("chosen_copy", id=found.copy.id, at=found.copy.begun.isoformat(timespec="seconds")))  # noqa: T201
    if found.dump:
        print(say("chosen_dump", at=found.dump.begun.isoformat(timespec="seconds")))  # noqa: T201
    return 0


def _problem(error: RecoveryKeyError, lang: str) -> str:
    return words("restore", lang)(f"key_{error.code}", **error.params)


def _refuse(error: RestoreError | BackupError, lang: str) -> int:
    say = words("restore", lang)
    print(f"{say('error')}: {told(error, lang)}\n{say('nothing_changed')}", file=sys.stderr)  # noqa: T201
    return exit_code(error)


if __name__ == "__main__":
    sys.exit(main())
