"""Session fixtures for real servers, shared by all xdist workers.

The controller starts one keeper; the keeper starts a server when the first test of any worker asks for it and
stops all of them at the end of the run (also when the run is killed). Use in ``tests/conftest.py``:
``pytest_plugins = ["tests.common.plugin"]`` and override `migrate_database`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.common import servers

from belgenet.testing.servers import DatabaseCredentials, DatabaseServer, MailSink, RedisAddress, S3Address
from belgenet.testing.servers.keeper import ask, keeper_process

_VARIABLE = "BNDEV_KEEPER"


def pytest_configure(config: pytest.Config) -> None:
    """Start the keeper in the controller; workers inherit its address."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    folder = Path(tempfile.mkdtemp(prefix="belgenet-test-", dir="/tmp"))
    config.stash[_PROCESS] = keeper_process(folder)
    os.environ[_VARIABLE] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop all servers of the run."""
    process = config.stash.get(_PROCESS, None)
    if process is not None:
        process.stop()
        os.environ.pop(_VARIABLE, None)


_PROCESS = pytest.StashKey()


@pytest.fixture(scope="session")
def keeper_folder() -> Path:
    """Folder of this run's keeper."""
    return Path(os.environ[_VARIABLE])


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    """Number of this test process: 0 without xdist, else 1, 2 ..."""
    workerinput = getattr(request.config, "workerinput", {})
    return servers.worker_number(workerinput.get("workerid", "master"))


@pytest.fixture(scope="session")
def pg_server(keeper_folder: Path) -> DatabaseServer:
    """PostgreSQL with the roles in it: ``.url`` (superuser), ``.create_database()``, ``.drop_database()``."""
    return DatabaseServer(**ask(keeper_folder, "postgres"))


@pytest.fixture(scope="session")
def migrate_database() -> Callable[[str], None]:
    """Give the function that migrates an empty database (owner's URL); a conftest overrides this."""
    return lambda _owner_url: None


@pytest.fixture(scope="session")
def database_template(pg_server: DatabaseServer, keeper_folder: Path, migrate_database: Callable[[str], None]) -> str:
    """Name of a migrated, empty database to copy from (20 ms a copy)."""
    name = f"belgenet_template_{servers.run_id(str(keeper_folder))}"
    servers.ensure_template(pg_server, name, migrate_database)
    return name


@pytest.fixture(scope="session")
def database(pg_server: DatabaseServer, database_template: str, worker_number: int) -> Iterator[DatabaseCredentials]:
    """Database of this test process: ``.owner_url``, ``.app_url``, ``.platform_url``."""
    name = f"{database_template}_{worker_number}"
    yield servers.fresh_database(pg_server, name, database_template)
    servers.drop_quietly(pg_server, name)


@pytest.fixture(scope="session")
def redis_server(keeper_folder: Path) -> RedisAddress:
    """Redis shared by all test processes; prefer `redis_url`."""
    return RedisAddress(**ask(keeper_folder, "redis"))


@pytest.fixture(scope="session")
def redis_url(redis_server: RedisAddress, worker_number: int) -> str:
    """URL of the Redis database number that belongs to this test process."""
    return redis_server.database_url(worker_number + 1)


@pytest.fixture(scope="session")
def s3_server(keeper_folder: Path) -> S3Address:
    """S3 server: ``.endpoint``, ``.access_key``, ``.secret_key``, ``.region``, ``.client()``."""
    return S3Address(**ask(keeper_folder, "s3"))


@pytest.fixture(scope="session")
def s3_bucket(s3_server: S3Address, worker_number: int) -> str:
    """Name of the (existing) bucket that belongs to this test process."""
    bucket, client = f"belgenet-test-{worker_number}", s3_server.client()
    if not client.bucket_exists(bucket_name=bucket):
        client.make_bucket(bucket_name=bucket)
    return bucket


@pytest.fixture(scope="session")
def mail_sink(keeper_folder: Path, worker_number: int) -> MailSink:
    """Mail sink of this test process: ``.smtp_url``, ``.mails(recipient)``, ``.clear()``."""
    address = ask(keeper_folder, f"mail-{worker_number}")
    return MailSink(Path(address["folder"]), smtp_port=address["smtp_port"], http_port=address["http_port"])
