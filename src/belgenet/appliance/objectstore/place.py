"""Where objects are: an S3 server and a bucket, and as whom one speaks to it."""

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import urllib3
from minio import Minio

from belgenet.appliance import places
from belgenet.appliance.site import switch

FILE: Final = places.ETC / "objectstore.json"
"""Written by the roles: the places that this server knows. No secrets."""
BACKENDS: Final = ("seaweedfs", "minio", "external_s3")
LOCAL: Final = {"seaweedfs": "127.0.0.1:8333", "minio": "127.0.0.1:9000"}
"""Servers of ours -> their endpoints."""
BUCKET: Final = "belgenet"
_PREFIX: Final = "belgenet_objectstore_"


class PlaceError(Exception):
    """What describes a place is not complete; ``code`` names the text for it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key and its secret."""

    access: str
    secret: str

    @classmethod
    def of(cls, joined: str) -> "Keys":
        """From ``access:secret``, as the vault has it."""
        access, _, secret = joined.partition(":")
        return cls(access, secret)


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket on an S3 server.

    :param endpoint: ``host[:port]``.
    :param secure: whether it speaks TLS.
    :param virtual_hosts: whether the bucket is part of the host's name.
    :param public_endpoint: where browsers reach it; empty: through this server's own Nginx.
    """

    backend: str
    endpoint: str
    bucket: str = BUCKET
    region: str = "us-east-1"
    secure: bool = False
    virtual_hosts: bool = False
    public_endpoint: str = ""

    @property
    def local(self) -> bool:
        """Whether the server is one of ours, on this computer."""
        return self.backend in LOCAL

    def same_as(self, other: "Place") -> bool:
        """Whether both are the same bucket."""
        return (self.endpoint, self.bucket) == (other.endpoint, other.bucket)

    def client(self, keys: Keys, *, connections: int = 8) -> Minio:
        """A client that tries again a little when the network stumbles."""
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=5, read=60),
            maxsize=connections,
            retries=urllib3.Retry(total=3, backoff_factor=0.3, status_forcelist=(500, 502, 503, 504)),
        )
        client = Minio(
            endpoint=self.endpoint,
            access_key=keys.access,
            secret_key=keys.secret,
            secure=self.secure,
            region=self.region,
            http_client=pool,
        )
        if self.virtual_hosts:
            client.enable_virtual_style_endpoint()  # type: ignore[no-untyped-call]
        return client

    def url(self, key: str = "") -> str:
        """Address of an object, or of the bucket, without a signature."""
        host, path = self.host, urllib.parse.quote(key, safe="/-_.~")
        root = f"{'https' if self.secure else 'http'}://{host}/"
        if self.virtual_hosts:
            return root + path
        return f"{root}{self.bucket}/{path}" if path else f"{root}{self.bucket}"

    @property
    def host(self) -> str:
        """What stands in a request's ``Host``."""
        return f"{self.bucket}.{self.endpoint}" if self.virtual_hosts else self.endpoint

    def plain(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)

    def variables(self) -> dict[str, Any]:
        """The operator's variables that say the same, for ``site.yml``."""
        if self.local:
            return {f"{_PREFIX}backend": self.backend}
        return {f"{_PREFIX}{name}": value for name, value in self.plain().items()}


def place_of(variables: Mapping[str, Any]) -> Place:
    """A place as the operator describes it with ``belgenet_objectstore_*``.

    :raises PlaceError: unknown backend, or something is missing.
    """
    said = {name.removeprefix(_PREFIX): value for name, value in variables.items() if name.startswith(_PREFIX)}
    backend = said.get("backend", "seaweedfs")
    if backend not in BACKENDS:
        raise PlaceError("unknown_backend", backend=backend, known=", ".join(BACKENDS))
    if backend in LOCAL:
        return Place(backend, LOCAL[backend])
    known = {field.name for field in fields(Place)}
    given = {"secure": True} | {name: value for name, value in said.items() if name in known}
    if not given.get("endpoint") or "/" in str(given["endpoint"]):
        raise PlaceError("no_endpoint")
    # In quotes, "false" is a word. What is neither is not taken for less protection.
    given["secure"] = switch(given["secure"]) is not False
    given["virtual_hosts"] = switch(given.get("virtual_hosts")) is True
    place = Place(**given)
    if place.virtual_hosts and not place.public_endpoint:
        raise PlaceError("virtual_needs_public")
    return place


def read_places(file: Path = FILE) -> tuple[Place, Place | None]:
    """Where the objects are, and the second place that browsers' older addresses still lead to, if any."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Place("seaweedfs", LOCAL["seaweedfs"]), None
    other = said.get("other")
    return Place(**said["main"]), Place(**other) if other else None


def write_places(main: Place, other: Place | None, file: Path = FILE) -> None:
    """Say the same as the roles would, before they do."""
    said = {"main": main.plain(), "other": other.plain() if other else {}}
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(json.dumps(said, indent=4, sort_keys=True) + "\n", encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(file)
