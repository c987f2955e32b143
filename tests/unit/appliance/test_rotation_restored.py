"""A backup was made in the middle of a rotation: what becomes of it on another server, where nobody knows of that rotation."""

import contextlib

import pytest
from tests.unit.appliance.test_restore_aside import here, work
from tests.unit.appliance.test_rotation import (
    ALL,
    Killed,
    Server,
    assert_new,
    carry_on,
    folders,
    journal,
    killed_at_write,
    rotation,
)
from tests.unit.appliance.test_rotation import server as old_server
from tests.unit.appliance.test_secrets import PlainVault

from belgenet.appliance import places
from belgenet.appliance.restore import work as work_module
from belgenet.appliance.restore.work import Work
from belgenet.appliance.rotation import values
from belgenet.appliance.rotation.journal import Journal
from belgenet.appliance.rotation.sequence import Waiting
from belgenet.appliance.secrets import beside

__all__ = ["folders", "here", "journal", "old_server", "work"]


def restored(backup, old):
    """Another server with the secrets of a backup and the database of that moment."""
    vault = PlainVault()
    vault.kept = dict(backup)
    made = Server(vault, type(old.folders)(PlainVault))
    made.sealed_under = old.sealed_under
    made.check()
    return made


def assert_forgotten(server, backup):
    """Nobody is let in with anything that stood in the backup."""
    processes = {name: handed for name, handed in server.processes.items() if name != "objects"}  # it is told its users
    folders = [folder.kept for folder in server.folders.values()]
    handed = str([processes, folders, server.redis, server.users, server.vault.kept])
    for name, text in backup.items():
        if name.removesuffix(".old").removesuffix(".next") in ALL:
            assert text not in handed, name


def finish_and_renew(server, journal, backup):
    """What the timer and then the administrator do, after a break-in."""
    assert rotation(server, journal).under_way().inherited
    assert set(carry_on(server, journal)) <= set(ALL)
    assert not values.pending(server.vault, ALL)
    assert rotation(server, journal).under_way() is None
    assert not journal.ages(), "nothing is as new as that"
    before = dict(server.vault.kept)
    rotation(server, journal).begin(ALL)
    assert carry_on(server, journal) == ALL
    assert_new(server, before)
    assert_forgotten(server, backup)


def test_a_backup_made_while_a_rotation_waits(old_server, journal, tmp_path):
    rotation(old_server, journal).begin(ALL)
    with pytest.raises(Waiting):
        rotation(old_server, journal).advance()
    backup = dict(old_server.vault.kept)
    assert {beside(name)[1] for name in ALL} <= set(backup)
    finish_and_renew(restored(backup, old_server), Journal(tmp_path / "other"), backup)


@pytest.mark.parametrize("moment", range(1, 36))
def test_a_backup_made_after_it_was_killed_at_any_step(old_server, journal, tmp_path, moment):
    rotation(old_server, journal).begin(ALL)
    old_server.countdown = moment
    with contextlib.suppress(Killed):
        carry_on(old_server, journal)
    backup = dict(old_server.vault.kept)
    if values.pending(old_server.vault, ALL):
        finish_and_renew(restored(backup, old_server), Journal(tmp_path / "other"), backup)


@pytest.mark.parametrize("moment", range(1, 120, 7))
def test_a_backup_made_after_it_was_killed_between_two_writes(old_server, journal, tmp_path, moment, monkeypatch):
    with killed_at_write(old_server.vault, moment, monkeypatch):
        rotation(old_server, journal).begin(ALL)
        carry_on(old_server, journal)
    backup = dict(old_server.vault.kept)
    if values.pending(old_server.vault, ALL):
        finish_and_renew(restored(backup, old_server), Journal(tmp_path / "other"), backup)


def test_one_secret_half_done_is_finished_and_the_others_are_left_alone(old_server, journal):
    before = dict(old_server.vault.kept)
    old_server.vault.write(beside("redis.cache.web")[1], "gone-soon")
    assert rotation(old_server, journal).under_way().names == ["redis.cache.web"]
    carry_on(old_server, journal)
    assert old_server.vault.kept == before


def test_a_rotation_of_this_server_is_not_taken_for_one_of_a_backup(old_server, journal):
    rotation(old_server, journal).begin(ALL)
    with pytest.raises(Waiting):
        rotation(old_server, journal).advance()
    assert not rotation(old_server, journal).under_way().inherited


def test_a_restoration_ends_with_leaving_it_to_the_timer(work, tmp_path, monkeypatch):
    made, _ = work
    vault = PlainVault()
    vault.kept = {"security.master_keys": "new", "security.master_keys.old": "old", "redis.cache.web": "x"}
    monkeypatch.setattr(places, "ROTATION", tmp_path / "rotation")
    monkeypatch.setattr(work_module, "Vault", lambda _folder: vault)
    monkeypatch.setattr(Work, "_keep_repository", lambda _self: None)
    seen = []
    monkeypatch.setattr(Work, "_whole", lambda _self: seen.append(Journal(places.ROTATION).read()))
    made.run()
    assert seen == [None], "before that the timer would take away what the data are sealed under"
    assert Journal(places.ROTATION).read().names == ["security.master_keys"]
