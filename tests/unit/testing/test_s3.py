"""The S3 server answers those who sign, on loopback, and nobody else on any of its ports."""

import io
import socket
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
import pytest
from minio import Minio
from minio.error import S3Error

from belgenet.testing.servers import S3Server, ServerError
from belgenet.testing.servers import s3 as module

BUCKET = "room"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    with S3Server(tmp_path_factory.mktemp("s3")) as running:
        running.client().make_bucket(bucket_name=BUCKET)
        running.client().put_object(bucket_name=BUCKET, object_name="gizli.txt", data=io.BytesIO(b"secret"), length=6)
        yield running


def read(server: S3Server, name: str) -> bytes:
    response = server.client().get_object(bucket_name=BUCKET, object_name=name)
    try:
        return response.read()
    finally:
        response.close()
        response.release_conn()


def filer(server: S3Server, path: str) -> str:
    return f"http://127.0.0.1:{server.ports['filer']}{path}"


def test_what_was_put_can_be_got(server: S3Server) -> None:
    assert read(server, "gizli.txt") == b"secret"


def test_an_anonymous_reader_is_refused(server: S3Server) -> None:
    assert httpx.get(f"{server.url}/{BUCKET}/gizli.txt").status_code == 403


def test_a_wrong_secret_is_refused(server: S3Server) -> None:
    stranger = Minio(
        endpoint=server.address.endpoint,
        access_key=server.access_key,
        secret_key="wrong",
        secure=False,
        region="us-east-1",
    )
    with pytest.raises(S3Error, match="signature"):
        stranger.list_buckets()


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "HEAD"])
def test_the_filer_refuses_whoever_has_no_key(server: S3Server, method: str) -> None:
    answer = httpx.request(method, filer(server, f"/buckets/{BUCKET}/gizli.txt"))
    assert answer.status_code == 401
    assert read(server, "gizli.txt") == b"secret"


def test_the_filer_lists_nothing(server: S3Server) -> None:
    assert httpx.get(filer(server, "/buckets/")).status_code in {401, 403, 405}


def test_volumes_refuse_a_write_without_a_key(server: S3Server) -> None:
    answer = httpx.post(f"http://127.0.0.1:{server.ports['volume']}/1,01637037d6", files={"file": b"x"})
    assert answer.status_code == 401


def test_a_changed_link_is_refused(server: S3Server) -> None:
    link = server.client().presigned_get_object(
        bucket_name=BUCKET, object_name="gizli.txt", expires=timedelta(minutes=5)
    )
    assert httpx.get(link).content == b"secret"
    assert httpx.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 403
    assert httpx.get(link.replace("gizli.txt", "baska.txt")).status_code == 403


def test_a_bucket_is_not_made_by_accident(server: S3Server) -> None:
    with pytest.raises(S3Error):
        server.client().put_object(bucket_name="nowhere", object_name="x", data=io.BytesIO(b"x"), length=1)


def test_every_port_is_on_loopback(server: S3Server) -> None:
    assert server.process
    listening = [
        connection.laddr
        for connection in psutil.Process(server.process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 5
    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_nothing_is_reported_home(server: S3Server) -> None:
    assert server.process
    assert "-master.telemetry=false" in server.process.argv


def test_keys_are_ours_and_differ_per_instance(server: S3Server, tmp_path: Path) -> None:
    for name in ("s3.json", "security.toml"):
        assert (server.folder / name).stat().st_mode & 0o077 == 0
    other = S3Server(tmp_path)
    other._load_keys()
    assert other.secret_key != server.secret_key
    assert other.access_key != server.access_key


def test_objects_survive_kill_9(tmp_path: Path) -> None:
    with S3Server(tmp_path) as server:
        server.client().make_bucket(bucket_name=BUCKET)
        server.client().put_object(bucket_name=BUCKET, object_name="ş ı.txt", data=io.BytesIO(b"kept"), length=4)
        assert server.process
        server.process.kill()
        ports = dict(server.ports)
        server.start()
        assert server.ports == ports
        assert read(server, "ş ı.txt") == b"kept"


def test_a_taken_port_is_passed_over(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert taken not in S3Server(tmp_path, port=taken)._choose_ports().values()


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setattr("shutil.which", lambda *_: None)
    with pytest.raises(ServerError, match="weed"):
        module.find_weed()
