"""Which secrets an installation has, how each is made, and which service gets which.

The vault holds every secret once, by name. From it each service's own folder is derived: what systemd hands to that service, and
to no other, as ``belgenet_<module>.<key>`` (read by the settings) or as a configuration file of another program.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from belgenet.appliance import recovery_key
from belgenet.appliance.objectstore.place import LOCAL, Place
from belgenet.appliance.vault import Vault

SERVICES: Final = ("web", "worker", "beat", "relay", "console")
"""Users of the database, Redis and the S3 server. ``console`` is what ``belgenet user`` and its like run as."""
STORING: Final = ("web", "worker", "console")
"""Services that read or write objects."""
REDIS: Final = {"cache": ("cache.url", 6379), "broker": ("tasks.broker_url", 6380)}
"""Redis instance -> the setting that names it, and its port."""
OBSERVER: Final = "metrics"
"""Redis user of the exporter of figures: it is told how the server does, and may touch no key."""
_OBSERVES: Final = "resetkeys resetchannels -@all +ping +select +info +latency|latest +latency|histogram +slowlog|len"
DOOR: Final = "metrics.door"
"""What a Prometheus outside shows to be let in to the figures."""
OPERATORS: Final = {
    "mail.password": ("worker",),
    "sms.password": SERVICES,  # all check that a chosen provider's settings are whole
    "payments.iyzico_api_key": ("web", "worker"),
    "payments.iyzico_secret_key": ("web", "worker"),
    "payments.stripe_secret_key": ("web", "worker"),
    "payments.stripe_webhook_secret": ("web",),
    "storage.access_key": STORING,
    "storage.secret_key": STORING,
}
"""Secrets that only the institution can know -> who gets them; given with ``belgenet secrets set``."""
_EXTERNAL: Final = ("storage.access_key", "storage.secret_key")
"""Kept also while the objects are on a server of ours, and handed out when they are on that of somebody else."""
_SIGNING: Final = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
"""SeaweedFS: keys without which it answers anybody on its volume and filer ports."""


def _ring() -> str:
    return f"{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _password() -> str:
    return secrets.token_urlsafe(32)


def _identity() -> str:
    # The names of access keys are secrets too: some attacks on S3 servers need one that exists.
    return f"{secrets.token_hex(10)}:{secrets.token_urlsafe(30)}"


def generated() -> dict[str, Callable[[], str]]:
    """Name of each secret that we make ourselves -> its maker."""
    made: dict[str, Callable[[], str]] = {"security.jwt_keys": _ring, "security.master_keys": _ring}
    made |= {f"redis.{instance}.{user}": _password for instance in REDIS for user in (*SERVICES, OBSERVER)}
    made[DOOR] = _password
    made |= {f"objects.{service}": _identity for service in (*STORING, "root")}
    made |= {f"objects.{section}": lambda: secrets.token_hex(32) for section in _SIGNING}
    return made | {recovery_key.NAME: recovery_key.make}


_BUNDLED: Final = Place("seaweedfs", LOCAL["seaweedfs"])


@dataclass
class Changes:
    """What was, or with ``check`` would be, changed."""

    made: list[str] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.made or self.derived)


class Secrets:
    """The installation's secrets.

    :param vault: holds each of them once.
    :param folder_of: the folder that systemd hands to a service, as a vault.
    :param store: where the objects are. Place and keys belong together, so a service gets both at the same moment.
    """

    def __init__(self, vault: Vault, folder_of: Callable[[str], Vault], store: Place = _BUNDLED) -> None:
        self._vault = vault
        self._folder_of = folder_of
        self._store = store

    def init(self, *, check: bool = False) -> Changes:
        """Make what is missing and derive every service's folder. Nothing that exists is replaced: restoring and repairing end in
        the same call.

        :param check: only say what would be done.
        """
        changes = Changes()
        known = {name: text for name in self._vault.names() if (text := self._vault.read(name)) is not None}
        for name, make in generated().items():
            if name not in known:
                known[name] = make()
                changes.made.append(name)
                if not check:
                    self._vault.write(name, known[name])
        for service, files in derived(known, self._store).items():
            self._derive(service, files, changes, check=check)
        return changes

    def set(self, name: str, text: str) -> None:
        """Keep a secret that only the institution knows. :raises KeyError: no such secret."""
        if name not in OPERATORS:
            raise KeyError(name)
        self._vault.write(name, text) if text else self._vault.remove(name)

    def redis_acl(self, instance: str) -> str:
        """Users of a Redis instance, with hashes instead of passwords; nobody else may say anything to it."""
        lines = ["user default off"]
        for service in SERVICES:
            digest = hashlib.sha256(self._known(f"redis.{instance}.{service}").encode()).hexdigest()
            lines.append(f"user {service} on #{digest} ~* &* +@all -@admin -@dangerous +info +keys")
        digest = hashlib.sha256(self._known(f"redis.{instance}.{OBSERVER}").encode()).hexdigest()
        lines.append(f"user {OBSERVER} on #{digest} {_OBSERVES}")
        return "\n".join(lines) + "\n"

    def door(self) -> str:
        """What a Prometheus outside shows to be let in. :raises KeyError: it was not made yet."""
        return self._known(DOOR)

    def _known(self, name: str) -> str:
        text = self._vault.read(name)
        if text is None:
            raise KeyError(name)
        return text

    def _derive(self, service: str, files: Mapping[str, str], changes: Changes, *, check: bool) -> None:
        folder = self._folder_of(service)
        for name in folder.names():
            if name not in files:
                changes.derived.append(f"{service}/{name}")
                if not check:
                    folder.remove(name)
        for name, text in files.items():
            if folder.read(name) != text:
                changes.derived.append(f"{service}/{name}")
                if not check:
                    folder.write(name, text)


def derived(known: Mapping[str, str], store: Place = _BUNDLED) -> dict[str, dict[str, str]]:
    """Service -> the files systemd hands to it.

    :param known: the vault's secrets by name.
    :param store: where the objects are.
    """
    files: dict[str, dict[str, str]] = {service: _of_service(service, known, store) for service in SERVICES}
    access, _, secret = known["objects.root"].partition(":")
    files["minio"] = {"root.env": f"MINIO_ROOT_USER={access}\nMINIO_ROOT_PASSWORD={secret}\n"}
    files["metrics-redis"] = {"passwords.json": _observers_passwords(known)}
    files["objects"] = {"s3.json": _identities(known), "security.toml": _signing_keys(known)}
    for name, readers in OPERATORS.items():
        if name in known and (name not in _EXTERNAL or not store.local):
            for service in readers:
                files[service][name] = known[name]
    return files


def _of_service(service: str, known: Mapping[str, str], store: Place) -> dict[str, str]:
    files = {name: known[name] for name in ("security.jwt_keys", "security.master_keys")}
    for instance, (key, port) in REDIS.items():
        files[key] = f"redis://{service}:{known[f'redis.{instance}.{service}']}@127.0.0.1:{port}/0"
    if service in STORING:
        files |= _way_to(store)
    if service in STORING and store.local:
        files["storage.access_key"], _, files["storage.secret_key"] = known[f"objects.{service}"].partition(":")
    return files


def _way_to(store: Place) -> dict[str, str]:
    said = {"endpoint": store.endpoint, "bucket": store.bucket, "region": store.region}
    said |= {"secure": str(store.secure).lower(), "virtual_hosts": str(store.virtual_hosts).lower()}
    said |= {"public_endpoint": store.public_endpoint} if store.public_endpoint else {}
    return {f"storage.{key}": text for key, text in said.items()}


def _observers_passwords(known: Mapping[str, str]) -> str:
    """The exporter's file: address, with the user's name in it, to password."""
    passwords = {
        f"redis://{OBSERVER}@127.0.0.1:{port}": known[f"redis.{instance}.{OBSERVER}"]
        for instance, (_, port) in REDIS.items()
    }
    return json.dumps(passwords)


def _identities(known: Mapping[str, str]) -> str:
    """SeaweedFS's ``-s3.config``: one identity for each service that stores; only ``console`` may make the bucket."""
    identities = []
    for service in STORING:
        access, _, secret = known[f"objects.{service}"].partition(":")
        actions = ["Admin", "Read", "Write", "List", "Tagging"] if service == "console" else _bucket_actions()
        identities.append(
            {"name": service, "credentials": [{"accessKey": access, "secretKey": secret}], "actions": actions}
        )
    return json.dumps({"identities": identities})


def _bucket_actions() -> list[str]:
    return [f"{action}:belgenet" for action in ("Read", "Write", "List", "Tagging")]


def _signing_keys(known: Mapping[str, str]) -> str:
    return "".join(f'[{section}]\nkey = "{known[f"objects.{section}"]}"\n' for section in _SIGNING)
