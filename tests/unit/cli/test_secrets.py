"""``belgenet secrets``, as the playbook and an administrator run it."""

import json
import os
import shutil

import pytest
from click.testing import CliRunner

from belgenet.appliance import places
from belgenet.cli import secrets as command

as_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("systemd-creds"), reason="sealing needs root and systemd-creds"
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "VAULT", tmp_path / "vault")
    monkeypatch.setattr(places, "SERVICES", tmp_path / "services")
    return lambda *words, given="": CliRunner().invoke(command.secrets, words, input=given)


def test_who_is_not_the_administrator_is_told_so(run, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    done = run("init")
    assert done.exit_code == 1
    assert "sudo belgenet secrets" in done.output


def test_before_there_are_secrets_redis_has_no_users(run, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    done = run("redis-acl", "cache")
    assert done.exit_code == 1
    assert "belgenet secrets init" in done.output


@as_root
def test_the_second_init_has_nothing_to_do_and_a_secret_reaches_its_services(run, tmp_path):
    assert json.loads(run("init", "--check").output)["changed"]
    assert not (tmp_path / "vault").exists()
    assert json.loads(run("init").output)["made"]
    assert json.loads(run("init").output) == {"changed": False, "made": [], "derived": []}
    kept = run("set", "mail.password", given="gizli-parola\n")
    assert kept.exit_code == 0, kept.output
    assert "gizli-parola" not in kept.output
    assert command.folder_of("worker").read("mail.password") == "gizli-parola"
    assert command.folder_of("web").read("mail.password") is None
    assert run("redis-acl", "broker").output.startswith("user default off\n")
