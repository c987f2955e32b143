"""An S3 server (SeaweedFS ``weed mini``) on loopback: one identity, nothing answers without a key."""

import json
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import urllib3
from minio import Minio
from minio.error import MinioException

from belgenet.testing.servers.ports import LOOPBACK, free_s3_port
from belgenet.testing.servers.process import ManagedProcess, ServerError

REGION = "us-east-1"
_START_TIMEOUT = 60.0
_PROBE_BUCKET = "belgenet-ready"
_SOCKET_PATH_LIMIT = 100
_PARTS = ("s3", "master", "volume", "filer", "admin")


def find_weed() -> str:
    """Return SeaweedFS's program from the virtual environment or PATH.

    :raises ServerError: when it is missing.
    """
    beside = Path(sys.executable).parent / "weed"
    program = str(beside) if beside.exists() else shutil.which("weed")
    if program is None:
        raise ServerError("the program weed (SeaweedFS) is missing; install requirements/dev.txt")
    return program


@dataclass(frozen=True)
class S3Address:
    """Where an S3 server listens and the identity to sign in as."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str = REGION

    @property
    def url(self) -> str:
        """URL of the S3 endpoint."""
        return f"http://{self.endpoint}"

    def client(self) -> Minio:
        """Return a signed-in client that does not hide failures behind retries."""
        return Minio(
            endpoint=self.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
            secure=False,
            region=self.region,
            http_client=urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=15), retries=False),
        )


class S3Server:
    """SeaweedFS with its data and generated keys in `folder`.

    :param port: preferred port of the S3 endpoint; a free one by default.
    """

    name = "s3"

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.ports: dict[str, int] = {"s3": port} if port else {}
        self.process: ManagedProcess | None = None
        self.access_key = ""
        self.secret_key = ""
        self.region = REGION

    @property
    def address(self) -> S3Address:
        """Endpoint and identity, for another process."""
        return S3Address(f"{LOOPBACK}:{self.ports['s3']}", self.access_key, self.secret_key)

    @property
    def url(self) -> str:
        """URL of the S3 endpoint."""
        return self.address.url

    def client(self) -> Minio:
        """Return a client signed in as the one identity."""
        return self.address.client()

    def start(self) -> None:
        """Start the server and wait until a signed request makes a bucket and objects can be read.

        :raises ServerError: when it cannot be started.
        """
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        self._load_keys()
        self.ports = self._choose_ports()
        (self.folder / "ports.json").write_text(json.dumps(self.ports))
        self.process = ManagedProcess(
            "s3", [find_weed(), f"-config_dir={self.folder}", "mini", *self._options(data)],
            log=self.folder / "s3.log", cwd=self.folder,
        )  # fmt: skip
        self.process.start()
        self.process.wait_ready(self._answers, _START_TIMEOUT)

    def stop(self) -> None:
        """Stop the server (it takes 1-3 s to leave its own cluster)."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def _choose_ports(self) -> dict[str, int]:
        known, chosen = self._known_ports() | self.ports, dict[str, int]()
        for part in _PARTS:
            port = free_s3_port(known.get(part))
            while port in chosen.values():
                port = free_s3_port()
            chosen[part] = port
        return chosen

    def _known_ports(self) -> dict[str, int]:
        """Ports of the last start: the master names its folder after its own."""
        file = self.folder / "ports.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def _options(self, data: Path) -> list[str]:
        options = [f"-dir={data}", f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}"]
        options += [f"-{part}.port={port}" for part, port in self.ports.items()]
        options += [f"-s3.config={self.folder / 's3.json'}", "-s3.iam=false", "-s3.autoCreateBucket=false"]
        options += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false"]
        options += [
            "-master.telemetry=false",
            "-filer.disableDirListing=true",
            f"-admin.dataDir={data / 'admin'}",
        ]
        for part in ("filer", "s3"):
            socket = self.folder / f"{part}.sock"
            if len(str(socket)) < _SOCKET_PATH_LIMIT:
                options.append(f"-{part}.localSocket={socket}")
        return options

    def _load_keys(self) -> None:
        """Write the identity and the keys that lock filer and volumes, once per folder."""
        identity, security = self.folder / "s3.json", self.folder / "security.toml"
        if not identity.exists() or not security.exists():
            credentials = [{"accessKey": secrets.token_hex(10), "secretKey": secrets.token_hex(20)}]
            actions = ["Admin", "Read", "Write", "List", "Tagging"]
            document = {"identities": [{"name": "belgenet", "credentials": credentials, "actions": actions}]}
            _write_private(security, _security_toml())
            _write_private(identity, json.dumps(document))
        loaded = json.loads(identity.read_text())["identities"][0]["credentials"][0]
        self.access_key, self.secret_key = loaded["accessKey"], loaded["secretKey"]

    def _answers(self) -> bool:
        """Whether objects can be read: after a restart the buckets are known up to some seconds before the volumes are."""
        client = self.client()
        try:
            if not self._has_volume_server():
                return False
            if not client.bucket_exists(bucket_name=_PROBE_BUCKET):
                client.make_bucket(bucket_name=_PROBE_BUCKET)
            client.remove_bucket(bucket_name=_PROBE_BUCKET)
        except (MinioException, urllib3.exceptions.HTTPError, ValueError):
            return False
        return True

    def _has_volume_server(self) -> bool:
        """Whether one has reported to the master, and with it the volumes it holds."""
        url = f"http://{LOOPBACK}:{self.ports['master']}/dir/status"
        centers = urllib3.request("GET", url, timeout=2, retries=False).json()["Topology"]["DataCenters"]
        return any(rack["DataNodes"] for center in centers or () for rack in center["Racks"])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _security_toml() -> str:
    """Keys without which SeaweedFS answers anybody on its filer and volume ports."""
    sections = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
    return "".join(f'[{section}]\nkey = "{secrets.token_hex(32)}"\n' for section in sections)


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
