"""What is known about a backup: the manifest inside it, and the line that a list shows."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.restic import Restic


@dataclass(frozen=True)
class Backup:
    """A backup that can be restored.

    :param id: time of its begin, ``20261122T013000Z``; names it everywhere.
    :param label: of pgBackRest's part.
    :param kind: ``full`` or ``incr``, the database's part.
    :param release: version of the product that made it.
    :param objects: generation of object snapshots it needs.
    :param snapshot: restic's id of the settings, in the repository that was asked.
    """

    id: str
    label: str
    kind: str
    release: str
    objects: str
    snapshot: str

    @property
    def at(self) -> datetime:
        """When it began."""
        return datetime.strptime(self.id, ID).replace(tzinfo=UTC)

    @property
    def tags(self) -> list[str]:
        """How restic's snapshot of the settings says all this."""
        named = {"id": self.id, "label": self.label, "kind": self.kind, "release": self.release, "gen": self.objects}
        return ["settings", *(f"{name}={value}" for name, value in named.items())]

    @classmethod
    def of_snapshot(cls, snapshot: Mapping[str, Any]) -> Self:
        """From what ``restic snapshots --json`` says. :raises KeyError: not one of ours."""
        tags = dict(tag.split("=", 1) for tag in snapshot.get("tags") or () if "=" in tag)
        return cls(tags["id"], tags["label"], tags["kind"], tags["release"], tags["gen"], snapshot["id"])

    @classmethod
    def all(cls, restic: Restic) -> list[Self]:
        """Those in a repository, oldest first."""
        return cls.among(restic.snapshots("settings"))

    @classmethod
    def among(cls, snapshots: Iterable[Mapping[str, Any]]) -> list[Self]:
        """Those whose settings are among snapshots, oldest first, whoever else has made some.

        Of one whose settings were kept again, the last: see :mod:`belgenet.appliance.backup.masters`.
        """
        found = {}
        for snapshot in snapshots:
            with suppress(KeyError):
                backup = cls.of_snapshot(snapshot)
                found[backup.id] = backup
        return [found[name] for name in sorted(found)]


ID = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Manifest:
    """``settings/manifest.json`` of a backup: what must be there after a restore.

    :param schema: alembic's revision.
    :param least: rows of tables the product never deletes from, counted before the database's part began; :param most: after it.
    :param objects: ``count``, ``bytes``, ``generation``.
    :param secrets: name of each secret -> its fingerprint, keyed with the recovery key.
    """

    id: str
    label: str
    release: str
    major: int
    schema: str
    least: Mapping[str, int]
    most: Mapping[str, int]
    objects: Mapping[str, Any]
    secrets: Mapping[str, str]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """:raises BackupError: a damaged manifest, or one of a release that kept backups otherwise."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise BackupError("manifest_unreadable", reason=error) from None
