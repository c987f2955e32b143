"""``/health/detailed``: everything in order, and each part that can be missing, one at a time."""

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from sqlalchemy import create_engine
from webtest import TestApp

import belgenet
from belgenet.cli.health import health
from belgenet.core.storage.s3 import S3Store
from belgenet.settings.modules import Storage

PARTS = ["database", "redis", "storage", "scanner", "workers", "disk"]
BEAT = (
    "INSERT INTO heartbeats (kind, process, seen_at)"
    " SELECT kind, 'here:1', now() - make_interval(secs => :ago) FROM unnest(ARRAY['worker', 'relay', 'beat']) kind"
)


@pytest.fixture
def near(system: Any) -> TestApp:
    """An operator on the machine; worker, relay and beat were seen a moment ago."""
    system.sql(BEAT, ago=1)
    return TestApp(system.wsgi, extra_environ={"REMOTE_ADDR": "127.0.0.1"})


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def ask(near: TestApp) -> tuple[int, dict[str, Any]]:
    answer = near.get("/health/detailed", expect_errors=True)
    assert list(answer.json["checks"]) == PARTS
    return answer.status_int, answer.json


def only_failed(near: TestApp, part: str) -> str:
    """The finding about this part, all others being in order."""
    status, body = ask(near)
    assert (status, body["status"]) == (503, "failed")
    assert [name for name, check in body["checks"].items() if check["status"] != "ok"] == [part]
    return str(body["checks"][part]["error"])


def change(system: Any, patch: pytest.MonkeyPatch, module: str, **values: Any) -> None:
    now = system.registry.settings["belgenet"]
    changed = getattr(now, module).model_copy(update=values)
    patch.setitem(system.registry.settings, "belgenet", now.model_copy(update={module: changed}))


def test_a_restored_server_says_that_it_holds_mail(
    system: Any, near: TestApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "held").touch()
    change(system, monkeypatch, "tasks", hold_file=tmp_path / "held")
    assert ask(near)[1]["held"] == ["mail"]


def test_everything_in_order(system: Any, near: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    change(system, monkeypatch, "observability", disk_free_bytes=1)
    status, body = ask(near)
    assert (status, body["status"], body["version"]) == (200, "ok", belgenet.__version__)
    assert body["held"] == []
    checks = body["checks"]
    assert {name: check["status"] for name, check in checks.items()} == dict.fromkeys(PARTS, "ok")
    assert all(check["ms"] >= 0 for check in checks.values())
    assert checks["database"]["revision"] == system.sql("SELECT version_num FROM alembic_version")[0][0]
    assert checks["workers"]["kinds"] == ["beat", "relay", "worker"]
    assert list(checks["disk"]["free_bytes"]) == ["/", "/var", "/tmp"]
    assert min(checks["disk"]["free_bytes"].values()) > 0


def disk_of(patch: pytest.MonkeyPatch, total: int, free: int) -> None:
    """Every disk is of this size, in bytes: a test cannot fill a real one."""
    usage = type(shutil.disk_usage("/"))(total, total - free, free)
    patch.setattr("belgenet.core.observability.health.shutil.disk_usage", lambda _folder: usage)


GIB = 2**30


@pytest.mark.parametrize(
    ("total", "free", "wanted"), [(100 * GIB, GIB - 1, GIB), (4 * GIB, 4 * GIB // 10 - 1, 4 * GIB // 10)]
)
def test_a_full_disk(
    system: Any, near: TestApp, monkeypatch: pytest.MonkeyPatch, total: int, free: int, wanted: int
) -> None:
    change(system, monkeypatch, "observability", disk_folders=("/var",), disk_free_bytes=GIB)
    disk_of(monkeypatch, total, free)
    assert only_failed(near, "disk") == f"RuntimeError: too few bytes free: /var {free} of {wanted}"


@pytest.mark.parametrize(("total", "free"), [(100 * GIB, GIB), (GIB, GIB // 5)])
def test_a_disk_with_room_and_a_small_one_that_never_has_more(
    system: Any, near: TestApp, monkeypatch: pytest.MonkeyPatch, total: int, free: int
) -> None:
    change(system, monkeypatch, "observability", disk_free_bytes=GIB)
    disk_of(monkeypatch, total, free)
    assert ask(near)[0] == 200


def test_a_folder_that_is_not_there(system: Any, near: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    change(system, monkeypatch, "observability", disk_folders=("/tmp", "/srv/not-mounted"), disk_free_bytes=1)
    assert "/srv/not-mounted" in only_failed(near, "disk")


@pytest.fixture
def roomy(system: Any, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine whose disks have room, whatever machine this is."""
    change(system, monkeypatch, "observability", disk_free_bytes=1)
    return monkeypatch


def test_a_database_that_is_gone(system: Any, near: TestApp, nobody: int, roomy: pytest.MonkeyPatch) -> None:
    gone = create_engine(f"postgresql+psycopg://belgenet_app@127.0.0.1:{nobody}/x", connect_args={"connect_timeout": 2})
    roomy.setitem(system.registry, "belgenet.engine", gone)
    status, body = ask(near)
    assert status == 503
    failed = {name for name, check in body["checks"].items() if check["status"] == "failed"}
    assert failed == {"database", "workers"}, "workers' signs of life are rows"
    assert "OperationalError" in body["checks"]["database"]["error"]


@pytest.mark.parametrize(("module", "key"), [("cache", "url"), ("tasks", "broker_url")])
def test_a_redis_that_is_gone(
    system: Any, near: TestApp, nobody: int, roomy: pytest.MonkeyPatch, module: str, key: str
) -> None:
    change(system, roomy, module, **{key: SecretStr(f"redis://127.0.0.1:{nobody}/0")})
    assert "ConnectionError" in only_failed(near, "redis")


@pytest.mark.parametrize("wrong", ["nobody listens", "no bucket"])
def test_a_storage_that_is_gone(system: Any, near: TestApp, nobody: int, roomy: pytest.MonkeyPatch, wrong: str) -> None:
    storage: Storage = system.settings.storage
    changed = {"endpoint": f"127.0.0.1:{nobody}"} if wrong == "nobody listens" else {"bucket": "never-made"}
    roomy.setitem(system.registry, "belgenet.storage", S3Store.from_settings(storage.model_copy(update=changed)))
    assert "StorageUnavailable" in only_failed(near, "storage")


@pytest.mark.parametrize("silent", ["worker", "relay", "beat"])
def test_a_process_that_is_silent(system: Any, near: TestApp, roomy: pytest.MonkeyPatch, silent: str) -> None:
    system.sql("UPDATE heartbeats SET seen_at = now() - interval '91 seconds' WHERE kind = :kind", kind=silent)
    assert only_failed(near, "workers") == f"RuntimeError: silent: {silent}"


def test_the_command_says_the_same_and_fails(system: Any, near: TestApp, roomy: pytest.MonkeyPatch) -> None:
    roomy.setattr("belgenet.cli.health.registry_of", lambda *_args, **_options: system.registry)
    fine = CliRunner().invoke(health)
    assert (fine.exit_code, json.loads(fine.stdout)["checks"]["disk"]["status"]) == (0, "ok")
    system.sql("DELETE FROM heartbeats")
    broken = CliRunner().invoke(health)
    assert (broken.exit_code, json.loads(broken.stdout)["status"]) == (1, "failed")
