"""The bundled S3 server starts anew: callers wait until it keeps files, and no shorter."""

import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.common.waiting import wait_until

from belgenet.appliance.objectstore.place import Keys, Place
from belgenet.appliance.rotation import store
from belgenet.appliance.rotation.readiness import keeps
from belgenet.appliance.run import run
from belgenet.testing.servers.ports import LOOPBACK, free_s3_port
from belgenet.testing.servers.process import ManagedProcess
from belgenet.testing.servers.s3 import find_weed

KEYS = Keys("benim", "gizli")
SIGNING = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")


class Parts:
    """SeaweedFS, whose volumes come when they are told to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ports = folder, {}
        while len(set(self.ports.values())) < 4:
            self.ports = {part: free_s3_port() for part in ("master", "volume", "filer", "s3")}
        self.door, self.place = folder / "s3.sock", Place("seaweedfs", f"{LOOPBACK}:{self.ports['s3']}")
        identity = {"name": "web", "credentials": [{"accessKey": KEYS.access, "secretKey": KEYS.secret}]}
        (folder / "s3.json").write_text(
            json.dumps({"identities": [identity | {"actions": ["Admin", "Read", "Write"]}]})
        )
        (folder / "security.toml").write_text("".join(f'[{part}]\nkey = "{part}"\n' for part in SIGNING))

    def front(self) -> ManagedProcess:
        """All but the volumes."""
        (self.folder / "data").mkdir(exist_ok=True)
        options = [f"-{part}.port={self.ports[part]}" for part in ("master", "filer", "s3")]
        return self._process(
            "front", "server", "-volume=false", "-volume.preStopSeconds=0", "-s3", *options,
            "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false", "-master.electionTimeout=300ms",
            f"-dir={self.folder}/data", f"-s3.config={self.folder}/s3.json",
            f"-s3.localSocket={self.door}", f"-filer.localSocket={self.folder}/filer.sock",
        )  # fmt: skip

    def volumes(self) -> ManagedProcess:
        """The rest."""
        master, port = f"-master={LOOPBACK}:{self.ports['master']}", f"-port={self.ports['volume']}"
        return self._process("volumes", "volume", master, port, f"-dir={self.folder}/data", "-preStopSeconds=0")

    def _process(self, name: str, *words: str) -> ManagedProcess:
        program = [find_weed(), f"-config_dir={self.folder}", *words, f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}"]
        return ManagedProcess(name, program, log=self.folder / f"{name}.log", cwd=self.folder)


@pytest.fixture
def parts():
    folder = Path(tempfile.mkdtemp(prefix="s3-"))  # the path of a socket must be short
    yield Parts(folder)
    shutil.rmtree(folder)


@pytest.mark.timeout(120)
def test_its_door_is_open_before_it_keeps_files(parts):
    assert not keeps(parts.door, parts.place, KEYS), "nobody there"
    with parts.front() as front:
        client = parts.place.client(KEYS)
        front.wait_ready(lambda: parts.door.exists() and well(parts), 60)
        client.make_bucket(bucket_name=parts.place.bucket)
        assert not keeps(parts.door, parts.place, KEYS), front.log_tail()
        with parts.volumes() as volumes:
            assert wait_until(lambda: keeps(parts.door, parts.place, KEYS), 30), volumes.log_tail()
            assert not list(client.list_objects(bucket_name=parts.place.bucket, recursive=True)), (
                "nothing is left behind"
            )
            assert not keeps(parts.door, parts.place, Keys("benim", "yanlış")), "somebody else"


def well(parts):
    """What the server says of itself."""
    return "200" in run(["curl", "-si", "--unix-socket", str(parts.door), "http://localhost/healthz"])


@contextmanager
def told(monkeypatch, answers):
    """What the machine is told, in order, while the server gives these answers; then it gives the last one."""
    said, clock = [], iter(range(1000))

    def asked(*_):
        said.append("asked")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    monkeypatch.setattr(store, "run", lambda words, **_: said.append(" ".join(words[:2])))
    monkeypatch.setattr(store, "keeps", asked)
    monkeypatch.setattr(store.time, "sleep", lambda _: None)
    monkeypatch.setattr(store.time, "monotonic", lambda: next(clock))
    yield said


def test_callers_are_let_in_when_it_keeps_files(monkeypatch):
    with told(monkeypatch, [False, False, True]) as said:
        store.restart(KEYS)
    assert said == ["nft -f", "systemctl kill", "systemctl restart", "asked", "asked", "asked", "nft delete"]


def test_callers_do_not_wait_for_ever(monkeypatch):
    with told(monkeypatch, [False]) as said, pytest.raises(store.StoreError):
        store.restart(KEYS)
    assert said[-2:] == ["asked", "nft delete"]
