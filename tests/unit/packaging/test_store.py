"""The chosen S3 server, before an installation."""

import pytest
from checks.site import site
from checks.store import KEY, store

from .server import Server

HERE = {"belgenet_minio_binary": "/root/minio", "belgenet_minio_sha256": "a" * 64}


@pytest.fixture
def server(tmp_path):
    found = Server(tmp_path / "root")
    found.outputs["getent"] = (0, "192.0.2.7  STREAM x\n")
    return found


def found(server, backend, **answers):
    said = {"belgenet_objectstore_backend": backend, **answers}
    return [(one.code, one.severity) for one in store(server.probe(), said)]


@pytest.mark.parametrize("backend", ["", "seaweedfs"])
def test_the_bundled_one_needs_nothing(server, backend):
    assert found(server, backend) == []


@pytest.mark.parametrize("endpoint", ["", "https://s3.kurum.example"])
def test_somebody_elses_needs_an_address(server, endpoint):
    assert found(server, "external_s3", belgenet_objectstore_endpoint=endpoint) == [("store_endpoint", "error")]


def test_somebody_elses_needs_a_name_that_is_known_and_keys(server):
    said = {"belgenet_objectstore_endpoint": "s3.kurum.example:443"}
    assert found(server, "external_s3", **said) == [("store_keys", "warning")]
    server.write(KEY, "sealed")
    assert found(server, "external_s3", **said) == []
    server.outputs["getent"] = (2, "")
    assert found(server, "external_s3", **said) == [("name_unresolved", "warning")]


def test_minio_is_brought(server):
    assert found(server, "minio") == [("store_minio", "error")]
    assert found(server, "minio", **HERE) == [("store_minio", "error")]
    server.write("/root/minio", "x")
    assert found(server, "minio", **HERE) == []
    assert found(server, "minio", **{**HERE, "belgenet_minio_sha256": "short"}) == [("store_minio", "error")]


def test_another_word_is_refused():
    codes = [one.code for one in site("belgenet_objectstore_backend: ceph\n", "")]
    assert "value_unknown" in codes
