"""What rotating does to the server it runs on."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

import redis

from belgenet.appliance.backup import masters
from belgenet.appliance.backup.make import vault_secrets
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.figures import door
from belgenet.appliance.objectstore.place import Keys
from belgenet.appliance.rotation import minio, store
from belgenet.appliance.rotation.kinds import ACCESS_TOKENS
from belgenet.appliance.run import run
from belgenet.appliance.secrets import OPERATOR, REDIS, Secrets
from belgenet.appliance.services import Services
from belgenet.appliance.site import read_site
from belgenet.appliance.vault import Vault
from belgenet.settings.modules import Security, Storage

COMMAND: Final = "/usr/local/sbin/belgenet"
_CLOCKS: Final = 5.0
"""Seconds that are waited longer than tokens live."""


class RedisDoorError(Exception):
    """Redis does not know root's user: its configuration is older than this release."""


class ServerEffects:
    """This server's Redis, S3 server, processes and database; see ``sequence.Effects``.

    :param objects: the folder that systemd hands to the S3 server, as a vault.
    """

    def __init__(self, secrets: Secrets, objects: Vault, services: Services | None = None) -> None:
        self._secrets, self._objects, self._services = secrets, objects, services or Services()

    def derive(self) -> None:
        """See Effects."""
        self._secrets.init()

    def tell_redis(self) -> None:
        """See Effects. No connection is cut: a user's line is changed in one command, and ``ACL LOAD``, which cuts, is not used."""
        for instance in REDIS:
            lines = self._secrets.redis_acl(instance)
            _replace(Path(f"/etc/redis/belgenet-{instance}.acl"), lines, group="redis", mode=0o640)
            with self._door(instance) as client:
                for line in lines.splitlines():
                    user, *rules = line.split()[1:]
                    client.execute_command("ACL", "SETUSER", user, "reset", *rules)

    def tell_objects(self) -> None:
        """See Effects. The bundled one reads the file again when it is told to; nothing is cut. After a move both are there."""
        if store.runs():  # otherwise it reads them when it starts
            users = self._objects.read("s3.json") or ""
            _replace(store.USERS, users, owner="belgenet-objects", group="belgenet", mode=0o400)
            store.reload()
        if minio.used():
            minio.provision()

    def restart_objects(self) -> None:
        """See Effects."""
        if store.runs():
            store.restart(Keys.of(self._secrets.accepted("objects.web")[0]))

    def restart_minio(self) -> None:
        """See Effects."""
        if minio.used():
            minio.restart()

    def tell_door(self) -> None:
        """See Effects. Nginx looks into the file at each request; there is none while the door is shut."""
        if door.FILE.exists():
            _replace(
                door.FILE, f"# Managed by BelgeNet.\n{door.entry(self._secrets.door())}", group="www-data", mode=0o640
            )

    def keep_masters(self) -> None:
        """See Effects."""
        masters.keep(Plan.read(), vault_secrets())

    def restart(self, services: Collection[str]) -> None:
        """See Effects. The exporter of figures is none of our own services; a pattern is no error where there is none."""
        self._services.restart(only=services)
        if "metrics-redis" in services:
            run(["systemctl", "try-restart", "belgenet-metrics-redi[s].service"])

    def reseal(self) -> None:
        """See Effects."""
        run([COMMAND, "certificate", "reseal"], timeout=3600)

    def lifetime(self, names: Sequence[str]) -> float:
        """See Effects: access tokens, and addresses of files that were signed with a key of the S3 server."""
        said: dict[str, Any] = read_site().get("belgenet_settings") or {}
        token = said.get("security.access_token_seconds", Security().access_token_seconds)
        address = said.get("storage.presign_seconds", Storage().presign_seconds)
        return max(float(token if name == ACCESS_TOKENS else address) for name in names) + _CLOCKS

    def _door(self, instance: str) -> "redis.Redis":
        password = self._secrets.accepted(f"redis.{instance}.{OPERATOR}")[0]
        place = f"/run/redis-belgenet-{instance}/root.sock"
        client = redis.Redis(unix_socket_path=place, username=OPERATOR, password=password, socket_timeout=10)
        try:
            client.ping()
        except (redis.AuthenticationError, redis.ConnectionError) as error:
            raise RedisDoorError(f"{place}: {error}") from None
        return client


def _replace(file: Path, text: str, *, group: str, mode: int, owner: str = "root") -> None:
    """Write a file so that nobody ever sees a half of it, or may read it who should not."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    Path(draft).chmod(mode)  # while it is ours: another's file would take one more right of root's
    shutil.chown(draft, pwd.getpwnam(owner).pw_uid, group)
    Path(draft).replace(file)
