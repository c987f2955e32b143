"""Keys of the services at MinIO are rotated, with the same stand-in as in test_provision: both are users while both are shown."""

import contextlib
from collections import defaultdict

import pytest
from tests.unit.appliance.objectstore.test_provision import Admin
from tests.unit.appliance.test_rotation import Killed, Server, carry_on, rotation
from tests.unit.appliance.test_secrets import PlainVault

from belgenet.appliance.objectstore.access import KeyRing
from belgenet.appliance.objectstore.provision import POLICY, provision
from belgenet.appliance.rotation import effects, minio, store
from belgenet.appliance.rotation.journal import Journal
from belgenet.appliance.rotation.kinds import chosen
from belgenet.appliance.run import CommandError
from belgenet.appliance.secrets import Secrets

NAMES = chosen(["objects.web", "objects.worker", "objects.console"])


class MinioServer(Server):
    """A server whose objects are in MinIO."""

    def __init__(self, place, root):
        self.place, self.root_keys, self.admin = place, root, Admin()
        self.admin.users["stranger"] = {"status": "enabled", "policyName": "readwrite"}
        super().__init__(PlainVault(), defaultdict(PlainVault))
        self.tell_objects()

    def tell_objects(self):
        self._called("objects")
        provision(self.place, self.root_keys, KeyRing(self.vault).of_services(), admin=self.admin)
        self.users = {access for access, user in self.admin.users.items() if user["policyName"] == POLICY}
        self.check()


@pytest.fixture
def server(place, keys):
    return MinioServer(place, keys)


@pytest.mark.parametrize("moment", [0, *range(2, 12, 3)])
def test_each_service_has_a_user_at_every_moment_and_one_afterwards(server, tmp_path, moment):
    journal, before = Journal(tmp_path), dict(server.vault.kept)
    rotation(server, journal).begin(NAMES)
    server.countdown = moment
    with contextlib.suppress(Killed):
        carry_on(server, journal)
    server.countdown = -1
    carry_on(server, journal)
    assert server.users == {server.vault.kept[name].partition(":")[0] for name in NAMES}
    assert not server.users & {before[name].partition(":")[0] for name in NAMES}
    assert "stranger" in server.admin.users


@pytest.fixture
def said(monkeypatch):
    """What this server would be told, while SeaweedFS is off."""
    heard = []
    monkeypatch.setattr(minio.time, "sleep", lambda _: None)
    monkeypatch.setattr(store, "runs", lambda: False)
    for module in (minio, store):
        monkeypatch.setattr(module, "run", lambda words, **_how: heard.append(" ".join(words)))
    return heard


@pytest.fixture
def effect():
    vault = PlainVault()
    secrets = Secrets(vault, defaultdict(PlainVault).__getitem__)
    secrets.init()
    return effects.ServerEffects(secrets, PlainVault())


def test_only_who_has_minio_tells_it(said, effect, monkeypatch):
    for used in (False, True):
        monkeypatch.setattr(minio, "used", lambda used=used: used)
        effect.tell_objects()
        effect.restart_objects()
    assert len(said) == 1
    assert said[0].startswith("systemd-run ")
    assert said[0].endswith("belgenet objectstore provision")


def test_its_root_changes_with_a_restart_for_which_callers_wait(said, effect, monkeypatch):
    monkeypatch.setattr(minio, "used", lambda: False)
    effect.restart_minio()
    assert said == []
    monkeypatch.setattr(minio, "used", lambda: True)
    effect.restart_minio()
    pause, restart, freed, provisioned = said
    assert pause.startswith("nft -f")
    assert restart == "systemctl restart belgenet-minio.service"
    assert freed.startswith("nft delete table")
    assert provisioned.endswith("belgenet objectstore provision")


def test_a_minio_that_does_not_come_back_is_a_failure(effect, monkeypatch):
    clock = iter(range(0, 1000, 20))

    def run(words, **_how):
        if "provision" in words:
            raise CommandError(["belgenet"], 2, "it does not answer")

    monkeypatch.setattr(minio.time, "sleep", lambda _: None)
    monkeypatch.setattr(minio.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(minio, "used", lambda: True)
    monkeypatch.setattr(minio, "run", run)
    monkeypatch.setattr(store, "run", run)
    with pytest.raises(CommandError, match="does not answer"):
        effect.restart_minio()


def test_the_door_opens_to_the_new_password(effect, monkeypatch, tmp_path):
    written = []
    monkeypatch.setattr(effects, "_replace", lambda *words, **how: written.append((words, how)))
    monkeypatch.setattr(effects.door, "FILE", tmp_path / "password")
    effect.tell_door()
    assert written == [], "there is no door"
    effects.door.FILE.touch()
    effect.tell_door()
    (file, text), how = written[0]
    assert file == effects.door.FILE
    assert text == f"# Managed by BelgeNet.\n{effects.door.entry(effect._secrets.door())}"
    assert how == {"group": "www-data", "mode": 0o640}
