"""Is what was restored the institution? Compared with what the backup said of itself."""

from collections.abc import Iterable, Mapping
from typing import Any

from belgenet.appliance import places, recovery_key
from belgenet.appliance.backup import contents
from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.make import fingerprints
from belgenet.appliance.backup.records import Manifest
from belgenet.appliance.restore.errors import RestoreError
from belgenet.appliance.rotation.kinds import MASTER
from belgenet.appliance.secrets import accepted
from belgenet.appliance.vault import Vault
from belgenet.core.security.keyring import Keyring
from belgenet.core.signing.secretbox import SealBrokenError, SecretBox

_NAMED = """
select object_key from public.certificates where state = 'READY'
union select tenant_id || '/files/' || sha256 from public.files where state = 'ready' and deleted_at is null
"""
_SEALED = "select tenant_id || ' ' || kid || ' ' || secret from public.signing_keys"


def require(manifest: Manifest, secrets: Mapping[str, str], *, from_dump: bool = False) -> dict[str, Any]:
    """Figures of what was compared.

    :param from_dump: the database is as old as the dump, so there may be fewer rows than the backup counted.
    :raises RestoreError: names everything that is not as it was.
    """
    database = Database()
    wrong: list[str] = []
    if (schema := contents.schema(database)) != manifest.schema:
        wrong.append(f"schema: {schema} ({manifest.schema})")
    found = contents.counts(database)
    if not from_dump:
        wrong += [
            f"{name}: {found.get(name, 0)} ({rows})"
            for name, rows in manifest.least.items()
            if found.get(name, 0) < rows
        ]
    wrong += [f"key: {name}" for name in contents.broken_keys(database)]
    vault = Vault(places.VAULT)
    here = {name: text for name in manifest.secrets if (text := vault.read(name)) is not None}
    prints = fingerprints(secrets[recovery_key.NAME], here)
    wrong += [f"secret: {name}" for name, known in manifest.secrets.items() if prints.get(name) != known]
    # All that are accepted: where they were being rotated, some keys may still be sealed under the one that goes.
    opened, broken = _open(database, " ".join(accepted(here, MASTER)) if MASTER in here else "")
    wrong += [f"sealed: {kid}" for kid in broken]
    if wrong:
        raise RestoreError("not_whole", differences="\n".join(f"  {line}" for line in wrong))
    return {"rows": sum(found.values()), "tables": len(found), "sealed_opened": opened}


def younger(kept: Iterable[str]) -> list[str]:
    """Objects that the database speaks of and nobody kept: the log leads further than the last backup of the objects.

    :param kept: keys of what is there.
    """
    return sorted(set(Database().ask(_NAMED).splitlines()) - set(kept))


def _open(database: Database, masters: str) -> tuple[int, list[str]]:
    """How many sealed keys the master keys open, and which they do not."""
    box, opened, broken = SecretBox(Keyring.of_masters(masters)), 0, []
    for line in database.ask(_SEALED).splitlines():
        tenant, kid, sealed = line.split(" ", 2)
        try:
            box.open(sealed, f"{tenant}/{kid}")
            opened += 1
        except SealBrokenError:
            broken.append(kid)
    return opened, broken
