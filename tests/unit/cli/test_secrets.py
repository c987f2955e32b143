"""``belgenet secrets``, as the playbook and an administrator run it."""

import json
import os
import shutil
from collections import defaultdict
from contextlib import contextmanager, nullcontext

import pytest
from click.testing import CliRunner
from tests.unit.appliance.test_secrets import PlainVault

from belgenet.appliance import places
from belgenet.appliance.rotation.kinds import kinds
from belgenet.appliance.services import Services
from belgenet.cli import secrets as command
from belgenet.cli.administrator import BUSY

as_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("systemd-creds"), reason="sealing needs root and systemd-creds"
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "VAULT", tmp_path / "vault")
    monkeypatch.setattr(places, "SERVICES", tmp_path / "services")
    monkeypatch.setattr(command, "alone", lambda *_: nullcontext())
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


class Calm:
    """Effects of a server on which everything works, and where old tokens live for a moment."""

    LIVES = 0.05

    def __init__(self, secrets):
        self.derive = secrets.init

    def __getattr__(self, name):
        return lambda *_: None

    def lifetime(self, names):
        return self.LIVES


@pytest.fixture
def kept(run, tmp_path, monkeypatch):
    """The vault of a server that this computer need not be: in memory."""
    vaults = defaultdict(PlainVault)

    @contextmanager
    def alone(verb, _lang):
        assert not locked, "it waits for itself"
        locked.append(verb)
        yield
        locked.clear()

    locked = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(places, "ROTATION", tmp_path / "rotation")
    monkeypatch.setattr(command, "Vault", lambda folder, prefix="": vaults[folder])
    monkeypatch.setattr(command, "alone", alone)
    monkeypatch.setattr(command, "_effects", Calm)
    for name in ("write", "remove"):
        plain = getattr(PlainVault, name)

        def guarded(self, *words, plain=plain):
            assert locked, "the vault and what services are handed are written by one command at a time"
            plain(self, *words)

        monkeypatch.setattr(PlainVault, name, guarded)
    with alone("init", ""):
        run("init")
    monkeypatch.setattr(PlainVault, "folder", tmp_path, raising=False)
    for name in vaults[tmp_path / "vault"].names():
        (tmp_path / name).touch()
    return vaults[tmp_path / "vault"].kept


def test_a_secret_is_given_while_nobody_else_changes_the_server(run, kept, monkeypatch):
    restarted = []
    monkeypatch.setattr(Services, "restart", lambda _self: restarted.append("all"))
    for words in (("--restart",), ()):
        done = run("set", "mail.password", "--lang", "en", *words, given="gizli\n")
        assert done.exit_code == 0, done.output
    assert kept["mail.password"] == "gizli"
    assert restarted == ["all"]


def test_another_command_is_at_work_and_nothing_is_set(run, kept, monkeypatch):
    @contextmanager
    def busy(verb, _lang):
        raise SystemExit(BUSY)
        yield

    monkeypatch.setattr(command, "alone", busy)
    assert run("set", "mail.password", given="gizli\n").exit_code == BUSY
    assert "mail.password" not in kept


def test_what_a_backup_brought_half_done_is_finished_and_then_all_is_new(run, kept, tmp_path):
    kept |= {f"{name}.old": f"old-{name}" for name in kinds()}
    (tmp_path / "security.jwt_keys.old").touch()
    backup = dict(kept)
    assert run("list", "--json").exit_code == 1, "the doctor's word for it is: not finished"
    done = run("rotate", "--all", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert done.output.index("as old as that backup") < done.output.index("Renewed: ")
    assert not {name for name in kinds() if kept[name] == backup[name]}
    assert not [name for name in kept if name.endswith((".old", ".next"))]


def test_who_does_not_wait_is_told_that_it_was_not_begun(run, kept, monkeypatch):
    monkeypatch.setattr(Calm, "LIVES", 900)
    kept["security.jwt_keys.old"] = "old"
    before = dict(kept)
    done = run("rotate", "--all", "--no-wait", "--lang", "en")
    assert done.exit_code == 1, done.output
    assert "Not begun" in done.output
    assert kept == before
    timer = run("rotate", "--unfinished", "--lang", "en")
    assert timer.exit_code == 0
    monkeypatch.setattr(Calm, "LIVES", 0)
    assert "as old as that backup" in run("rotate", "--unfinished", "--lang", "en").output
    assert kept["security.master_keys"] == before["security.master_keys"]


def test_what_had_begun_is_not_renewed_twice_and_the_rest_is_renewed_after_it(run, kept, monkeypatch):
    before = dict(kept)
    with monkeypatch.context() as patch:
        patch.setattr(Calm, "LIVES", 900)
        assert run("rotate", "security.jwt_keys", "--no-wait").exit_code == 0
    begun = kept["security.jwt_keys"]
    assert begun != before["security.jwt_keys"]
    done = run("rotate", "--all", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert kept["security.jwt_keys"] == begun
    assert not {name for name in kinds() if kept[name] == before[name]}
