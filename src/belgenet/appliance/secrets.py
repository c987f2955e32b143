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
OPERATOR: Final = "operator"
"""Redis user of root, who changes the others' passwords while the instance runs."""
_OPERATES: Final = "resetkeys resetchannels -@all +ping +acl|setuser"
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
    "backup.offsite_key_id": (),  # of an S3 server; root alone
    "backup.offsite_key": (),
    "backup.offsite_ssh_key": (),  # of an SFTP server
    "tls.acme_eab_key": (),  # root alone, when it asks for a certificate
}
"""Secrets that only the institution can know -> who gets them; given with ``belgenet secrets set``."""
_EXTERNAL: Final = ("storage.access_key", "storage.secret_key")
"""Kept also while the objects are on a server of ours, and handed out when they are on that of somebody else."""
RINGS: Final = {"security.jwt_keys": ("web",), "security.master_keys": ("web", "worker", "console")}
"""Keys of which the first makes and all check -> who gets them."""
SIGNING: Final = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
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
    made: dict[str, Callable[[], str]] = dict.fromkeys(RINGS, _ring)
    users = (*SERVICES, OBSERVER, OPERATOR)
    made |= {f"redis.{instance}.{user}": _password for instance in REDIS for user in users}
    made[DOOR] = _password
    made |= {f"objects.{service}": _identity for service in (*STORING, "root")}
    made |= {f"objects.{section}": lambda: secrets.token_hex(32) for section in SIGNING}
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
        rules = dict.fromkeys(SERVICES, "~* &* +@all -@admin -@dangerous") | {OBSERVER: _OBSERVES, OPERATOR: _OPERATES}
        for user, allowed in rules.items():
            passwords = self.accepted(f"redis.{instance}.{user}")
            digests = " ".join(sorted(f"#{hashlib.sha256(text.encode()).hexdigest()}" for text in passwords))
            lines.append(f"user {user} on {digests} {allowed}")
        return "\n".join(lines) + "\n"

    def accepted(self, name: str) -> list[str]:
        """The values of a secret that are accepted now: the one in use first. :raises KeyError: it was not made yet."""
        names = (name, *beside(name))
        return accepted({found: text for found in names if (text := self._vault.read(found)) is not None}, name)

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


def beside(name: str) -> tuple[str, str]:
    """Where the vault keeps, while a secret is rotated, the value that comes and the one that goes. Both are accepted."""
    return f"{name}.next", f"{name}.old"


def accepted(known: Mapping[str, str], name: str) -> list[str]:
    """The values of a secret that are accepted: the one in use first, then those beside it.

    :param known: a vault's secrets by name. :raises KeyError: it is not among them.
    """
    return list(dict.fromkeys([known[name], *(known[other] for other in beside(name) if other in known)]))


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
    files["database"] = _backup_keys(known)
    for name, readers in OPERATORS.items():
        if name in known and (name not in _EXTERNAL or not store.local):
            for service in readers:
                files[service][name] = known[name]
    return files


def _of_service(service: str, known: Mapping[str, str], store: Place) -> dict[str, str]:
    files = {name: " ".join(accepted(known, name)) for name, readers in RINGS.items() if service in readers}
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
    """Address -> password. The exporter looks for the address with its user, that of Debian 12 for the plain one."""
    passwords = {
        f"redis://{user}127.0.0.1:{port}": known[f"redis.{instance}.{OBSERVER}"]
        for instance, (_, port) in REDIS.items()
        for user in (f"{OBSERVER}@", "")
    }
    return json.dumps(passwords)


def _backup_keys(known: Mapping[str, str]) -> dict[str, str]:
    """What pgBackRest reads beside its configuration."""
    passphrase = recovery_key.derive(known[recovery_key.NAME], recovery_key.DATABASE)
    return {"here.conf": f"[global]\nrepo1-cipher-pass={passphrase}\n"}


def _identities(known: Mapping[str, str]) -> str:
    """SeaweedFS's ``-s3.config``: one identity for each service that stores; only ``console`` may make the bucket."""
    identities = []
    for service in STORING:
        pairs = [text.partition(":") for text in accepted(known, f"objects.{service}")]
        credentials = [{"accessKey": access, "secretKey": secret} for access, _, secret in pairs]
        actions = ["Admin", "Read", "Write", "List", "Tagging"] if service == "console" else _bucket_actions()
        identities.append({"name": service, "credentials": credentials, "actions": actions})
    return json.dumps({"identities": identities})


def _bucket_actions() -> list[str]:
    return [f"{action}:belgenet" for action in ("Read", "Write", "List", "Tagging")]


def _signing_keys(known: Mapping[str, str]) -> str:
    return "".join(f'[{section}]\nkey = "{known[f"objects.{section}"]}"\n' for section in SIGNING)
