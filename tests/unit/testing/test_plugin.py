"""The shared servers, seen from pytest runs of their own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.common.waiting import wait_until

ROOT = Path(__file__).parents[3]

CONFTEST = """
import psycopg, pytest

pytest_plugins = ["tests.common.plugin"]

@pytest.fixture(scope="session")
def migrate_database():
    def migrate(owner_url):
        with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
            connection.execute("create table thing (id int primary key)")
            connection.execute("grant select, insert on thing to belgenet_app")
    return migrate
"""

ROOMS = """
import io, json, os, pathlib, time
import psycopg, pytest, redis

@pytest.mark.parametrize("number", range(6))
def test_own_room(database, redis_url, s3_server, s3_bucket, mail_sink, keeper_folder, number):
    with psycopg.connect(database.app_url.replace("+psycopg", "")) as connection:
        connection.execute("insert into thing values (%s)", (number,))
    with redis.Redis.from_url(redis_url) as client:
        client.set(f"k{number}", 1)
    s3_server.client().put_object(
        bucket_name=s3_bucket, object_name=f"{number}", data=io.BytesIO(b"x"), length=1
    )
    assert mail_sink.mails() == []
    room = {"keeper": str(keeper_folder), "database": database.name, "redis": redis_url, "bucket": s3_bucket}
    pathlib.Path(f"room-{number}.json").write_text(json.dumps(room))
    time.sleep(0.2)
"""

KILLED = """
import os, pathlib, signal

def test_kill(pg_server, redis_server, keeper_folder):
    pathlib.Path("folder").write_text(str(keeper_folder))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run_pytest(folder: Path, test: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run one test file with the plugin, outside of this run's keeper."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_sample.py").write_text(test)
    (folder / "pytest.ini").write_text("[pytest]\n")
    foreign = ("PYTEST", "COV", "BNDEV")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    command = [sys.executable, "-m", "pytest", "-p", "xdist.plugin", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_workers_share_servers_not_rooms_and_everything_ends(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, ROOMS, "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    rooms = [json.loads(file.read_text()) for file in tmp_path.glob("room-*.json")]
    assert len(rooms) == 6
    assert {key: len({room[key] for room in rooms}) for key in rooms[0]} == {
        "keeper": 1,
        "database": 2,
        "redis": 2,
        "bucket": 2,
    }
    folder = rooms[0]["keeper"]
    assert not Path(folder).exists()
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert folder not in commands


def test_servers_end_when_the_run_is_killed(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, KILLED)
    assert done.returncode == -signal.SIGKILL
    folder = Path((tmp_path / "folder").read_text())
    assert wait_until(lambda: not folder.exists())
