"""Somebody else's databases and sites; releases that may not follow each other."""

import pytest
from checks import foreign
from checks.release import installed_version, release

from .server import Server


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path)


def test_an_empty_server(server):
    for look in (foreign.foreign_postgres, foreign.foreign_sites, foreign.foreign_redis):
        assert list(look(server.probe())) == []


def test_our_own_cluster(server):
    server.write("/etc/postgresql/17/belgenet/postgresql.conf", "")
    assert list(foreign.foreign_postgres(server.probe())) == []


def test_another_cluster(server):
    server.write("/etc/postgresql/17/belgenet/postgresql.conf", "")
    server.write("/etc/postgresql/15/main/postgresql.conf", "")
    server.write("/etc/postgresql/README/x", "")
    found = list(foreign.foreign_postgres(server.probe()))
    assert [(f.code, f.severity, f.values) for f in found] == [
        ("foreign_postgres", "error", {"major": "15", "name": "main"})
    ]


def test_sites_of_ours_and_of_the_package(server):
    for name in ("sites-enabled/default", "sites-enabled/belgenet", "conf.d/belgenet-limits.conf", "conf.d/notes.txt"):
        server.write(f"/etc/nginx/{name}", "")
    assert list(foreign.foreign_sites(server.probe())) == []


@pytest.mark.parametrize("name", ["sites-enabled/wiki", "sites-enabled/00-default", "conf.d/proxy.conf"])
def test_another_site(server, name):
    server.write(f"/etc/nginx/{name}", "")
    found = list(foreign.foreign_sites(server.probe()))
    assert [(f.code, f.values["path"]) for f in found] == [("foreign_site", f"/etc/nginx/{name}")]


def test_redis_of_ours_and_of_the_package(server):
    for name in ("redis.conf", "redis-belgenet-cache.conf", "redis-belgenet-broker.conf", "belgenet-cache.acl"):
        server.write(f"/etc/redis/{name}", "")
    assert list(foreign.foreign_redis(server.probe())) == []


def test_another_redis(server):
    server.write("/etc/redis/redis-queue.conf", "")
    found = list(foreign.foreign_redis(server.probe()))
    assert [(f.code, f.values["path"]) for f in found] == [("foreign_redis", "/etc/redis/redis-queue.conf")]


def manifest(version, least="0.1.0"):
    return {"version": version, "min_upgrade_from": least}


def test_nothing_installed(server):
    assert installed_version(server.probe()) == ""
    assert list(release(server.probe(), manifest("1.0.0"))) == []


@pytest.mark.parametrize(
    ("installed", "version", "least", "expected"),
    [
        ("1.2.0", "1.2.0", "1.0.0", []),
        ("1.2.0", "1.3.0", "1.0.0", []),
        ("1.2.0", "1.1.9", "1.0.0", ["downgrade"]),
        ("1.2.0", "1.2.0rc1", "1.0.0", ["downgrade"]),
        ("1.2.0rc1", "1.2.0", "1.0.0", []),
        ("1.2.0", "3.0.0", "2.0.0", ["upgrade_skips"]),
        ("2.0.0", "3.0.0", "2.0.0", []),
    ],
)
def test_which_release_may_follow(server, installed, version, least, expected):
    server.install(installed)
    assert [finding.code for finding in release(server.probe(), manifest(version, least))] == expected
