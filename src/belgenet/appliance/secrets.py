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
from belgenet.appliance.vault import Vault

SERVICES: Final = ("web", "worker", "beat", "relay", "console")
"""Users of the database, Redis and the S3 server. ``console`` is what ``belgenet user`` and its like run as."""
STORING: Final = ("web", "worker", "console")
"""Services that read or write objects."""
REDIS: Final = {"cache": ("cache.url", 6379), "broker": ("tasks.broker_url", 6380)}
"""Redis instance -> the setting that names it, and its port."""
OPERATORS: Final = {
    "mail.password": ("worker",),
    "sms.password": SERVICES,  # all check that a chosen provider's settings are whole
    "payments.iyzico_api_key": ("web", "worker"),
    "payments.iyzico_secret_key": ("web", "worker"),
    "payments.stripe_secret_key": ("web", "worker"),
    "payments.stripe_webhook_secret": ("web",),
    "observability.metrics_token": ("web",),
}
"""Secrets that only the institution can know -> who gets them; given with ``belgenet secrets set``."""
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
    made |= {f"redis.{instance}.{service}": _password for instance in REDIS for service in SERVICES}
    made |= {f"objects.{service}": _identity for service in STORING}
    made |= {f"objects.{section}": lambda: secrets.token_hex(32) for section in _SIGNING}
    return made | {recovery_key.NAME: recovery_key.make}


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
    """

    def __init__(self, vault: Vault, folder_of: Callable[[str], Vault]) -> None:
        self._vault = vault
        self._folder_of = folder_of

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
        for service, files in derived(known).items():
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
        return "\n".join(lines) + "\n"

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


def derived(known: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Service -> the files systemd hands to it.

    :param known: the vault's secrets by name.
    """
    files: dict[str, dict[str, str]] = {service: _of_service(service, known) for service in SERVICES}
    files["objects"] = {"s3.json": _identities(known), "security.toml": _signing_keys(known)}
    for name, readers in OPERATORS.items():
        if name in known:
            for service in readers:
                files[service][name] = known[name]
    return files


def _of_service(service: str, known: Mapping[str, str]) -> dict[str, str]:
    files = {name: known[name] for name in ("security.jwt_keys", "security.master_keys")}
    for instance, (key, port) in REDIS.items():
        files[key] = f"redis://{service}:{known[f'redis.{instance}.{service}']}@127.0.0.1:{port}/0"
    if service in STORING:
        files["storage.access_key"], _, files["storage.secret_key"] = known[f"objects.{service}"].partition(":")
    return files


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
