"""S3 servers on a machine, as a test speaks to them: the bundled one, and a second one that plays the institution's own."""

import json
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.appliance.machine import Machine
from tests.common.waiting import wait_until

_SCRIPT = "/srv/objects.py"
_PYTHON = "/opt/belgenet/current/venv/bin/python"
_WEED = (
    "systemd-run --quiet --unit=other-store --property=DynamicUser=yes --property=StateDirectory=other-store "
    "--property=LoadCredential=s3.json:/srv/other/s3.json /opt/belgenet/bin/weed server -dir=/var/lib/other-store -ip=127.0.0.1 "
    "-ip.bind=127.0.0.1 -master.port=29333 -volume.port=28380 -filer.port=28888 -s3 -s3.port=28333 "
    "-s3.config=/run/credentials/other-store.service/s3.json -s3.iam=false -s3.autoCreateBucket=false -s3.port.iceberg=0 "
    "-s3.port.lance=0 -master.volumeSizeLimitMB=128 -volume.max=0 -master.telemetry=false"
)


@dataclass
class Store:
    """One of them.

    :param access: name of the key.
    """

    server: Machine
    endpoint: str
    bucket: str
    access: str
    secret: str

    def digests(self, prefix: str = "") -> dict[str, str]:
        """Key -> SHA-256 of every object."""
        done = self.server.run(self._words("digests", prefix), input=self._told(), timeout=120)
        return read(done.stdout)

    def write(self, prefix: str, seconds: float, *, threads: int = 3, largest: int = 60_000) -> dict[str, str]:
        """Write for a while; what was acknowledged."""
        words = self._words("write", prefix, str(seconds), str(threads), str(largest))
        done = self.server.run(words, input=self._told(), timeout=seconds + 60)
        return read(done.stdout)

    def _words(self, *words: str) -> list[str]:
        return ["runuser", "-u", "belgenet-console", "--", _PYTHON, _SCRIPT, *words]

    def _told(self) -> str:
        return json.dumps(
            {"endpoint": self.endpoint, "bucket": self.bucket, "access": self.access, "secret": self.secret}
        )


def read(text: str) -> dict[str, str]:
    """Lines of ``key sha256``; a line that was cut off is nothing."""
    pairs = (line.rpartition(" ") for line in text.splitlines())
    return {key: digest for key, _, digest in pairs if len(digest) == 64}


def bundled(server: Machine) -> Store:
    """The one that came with the release, as the console speaks to it."""
    server.copy(Path(__file__).with_name("objects.py"), _SCRIPT)
    sealed = "/etc/belgenet/credentials/vault/objects.console"
    access, _, secret = server.run(f"systemd-creds decrypt --name=objects.console {sealed} -").stdout.partition(":")
    return Store(server, "127.0.0.1:8333", "belgenet", access, secret)


def another_store(server: Machine) -> Store:
    """A second server with a bucket and one key for it; its description in /root/other.yml."""
    store = Store(server, "127.0.0.1:28333", "dosyalar", secrets.token_hex(10), secrets.token_hex(20))
    maker = Store(server, store.endpoint, store.bucket, secrets.token_hex(10), secrets.token_hex(20))
    scoped = [f"{action}:{store.bucket}" for action in ("Read", "Write", "List", "Tagging")]
    identities = [
        {"name": name, "credentials": [{"accessKey": who.access, "secretKey": who.secret}], "actions": actions}
        for name, who, actions in (("institution", store, scoped), ("maker", maker, ["Admin", "Read", "Write", "List"]))
    ]
    server.run("mkdir -p /srv/other")
    server.write("/srv/other/s3.json", json.dumps({"identities": identities}))
    server.run(_WEED)
    told = json.dumps([maker.access, maker.secret])
    make = (
        "import json, sys; from minio import Minio; a, s = json.load(sys.stdin); "
        f"Minio(endpoint='{store.endpoint}', access_key=a, secret_key=s, secure=False, region='us-east-1')"
        f".make_bucket('{store.bucket}')"
    )
    words = ["runuser", "-u", "belgenet-console", "--", _PYTHON, "-c", make]
    assert wait_until(lambda: _made(server.run(words, input=told, check=False)), 60), server.journal("other-store")
    server.write(
        "/root/other.yml",
        "belgenet_objectstore_backend: external_s3\n"
        f"belgenet_objectstore_endpoint: {store.endpoint}\n"
        f"belgenet_objectstore_bucket: {store.bucket}\n"
        "belgenet_objectstore_secure: false\n",
    )
    return store


def _made(done: subprocess.CompletedProcess[str]) -> bool:
    return done.returncode == 0 or "BucketAlreadyOwnedByYou" in done.stderr
