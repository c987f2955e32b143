"""Rotating secrets: the order, and being cut short at any moment."""

import base64
import contextlib
import itertools
import json
from collections import defaultdict

import pytest
from tests.unit.appliance.test_secrets import PlainVault

from belgenet.appliance.rotation import values
from belgenet.appliance.rotation.inventory import inventory
from belgenet.appliance.rotation.journal import Journal
from belgenet.appliance.rotation.kinds import Kind, chosen, kinds, readers
from belgenet.appliance.rotation.sequence import STEPS, Rotation, Waiting
from belgenet.appliance.secrets import OPERATORS, Secrets, beside, generated

ALL = chosen([])
LIFETIME = 900.0


class Killed(BaseException):
    """The power went."""


class Server:
    """Everything that holds secrets, and what would fail if one were refused."""

    def __init__(self, vault, folders):
        self.vault, self.folders = vault, folders
        self.secrets = Secrets(vault, folders.__getitem__)
        self.now, self.countdown = 1000.0, -1
        self.secrets.init()
        self.redis = self._redis()
        self.users = folders["objects"].kept["s3.json"]
        self.processes = self._handed()
        self.sealed_under = self._ring("security.master_keys")[0]
        self.in_backups = {self.sealed_under}
        self.calls = []

    def _redis(self):
        return {name: set(self.secrets.accepted(name)) for name, kind in kinds().items() if kind is Kind.REDIS}

    def _handed(self):
        return {service: dict(folder.kept) for service, folder in self.folders.items()}

    def _ring(self, name):
        return self.folders["web"].kept[name].split()

    def _called(self, name):
        self.calls.append(name)
        self.countdown -= 1
        if self.countdown == 0:
            raise Killed

    # what a rotation does

    def derive(self):
        self._called("derive")
        self.secrets.init()

    def tell_redis(self):
        self._called("redis")
        self.redis = self._redis()
        self.check()

    def tell_objects(self):
        self._called("objects")
        self.users = self.folders["objects"].kept["s3.json"]
        self.check()

    def restart_objects(self):
        self._called("restart objects")
        self.users = self.folders["objects"].kept["s3.json"]
        self.check()

    def restart_minio(self):
        self._called("restart minio")
        self.root = self.folders["minio"].kept["root.env"]

    def tell_door(self):
        self._called("door")
        self.door = self.secrets.door()

    def keep_masters(self):
        self._called("keep")
        self.in_backups |= set(self.secrets.accepted("security.master_keys"))

    def restart(self, services):
        """One after the other, and one cut short in the middle."""
        for service in sorted(set(self.folders) & set(services) - {"objects"}):
            self._called(f"restart {service}")
            self.processes[service] = dict(self.folders[service].kept)
            self.check()

    def reseal(self):
        self._called("reseal")
        self.sealed_under = self.processes["web"]["security.master_keys"].split()[0]

    def lifetime(self, names):
        assert set(names) <= {"security.jwt_keys", "objects.web", "objects.worker", "objects.console"}
        return LIFETIME

    # what people at the server would see

    def check(self):
        """Nobody who has something in hand is refused."""
        for service, handed in self.processes.items():
            for instance, key in (("cache", "cache.url"), ("broker", "tasks.broker_url")):
                if key in handed:
                    password = handed[key].split(":")[2].partition("@")[0]
                    assert password in self.redis[f"redis.{instance}.{service}"], (service, key)
            if "storage.access_key" in handed:
                assert handed["storage.access_key"] in self.users, service
        opens = [self.processes[service]["security.master_keys"].split() for service in ("web", "worker")]
        assert all(self.sealed_under in ring for ring in opens)
        seals, checks = opens[0][0], opens[1]
        assert seals in checks, "what web seals the worker opens"
        assert seals in self.in_backups, "lost now, it would be opened on another server"


@pytest.fixture
def folders():
    return defaultdict(PlainVault)


@pytest.fixture
def server(folders):
    return Server(PlainVault(), folders)


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "secrets")


def rotation(server, journal, told=lambda _: None):
    return Rotation(server.vault, journal, server, told=told, now=lambda: server.now)


def carry_on(server, journal):
    """Call again, as the timer does, until there is nothing left to do."""
    for _ in range(5):
        try:
            return rotation(server, journal).advance()
        except Waiting as waiting:
            server.now = waiting.until
    raise AssertionError("never ends")


@contextlib.contextmanager
def killed_at_write(vault, moment, monkeypatch):
    """The power goes before a vault's ``moment``-th change."""
    changes = itertools.count(1)

    def counted(change):
        def call(*words):
            if next(changes) == moment:
                raise Killed
            change(*words)

        return call

    with monkeypatch.context() as watched, contextlib.suppress(Killed):
        for name in ("write", "remove"):
            watched.setattr(vault, name, counted(getattr(vault, name)))
        yield


def assert_new(server, before, names=ALL):
    after = server.vault.kept
    assert set(after) == set(before), "no second value is left"
    assert {name for name in before if before[name] != after[name]} == set(names)
    assert set(server.processes["web"]["security.jwt_keys"].split()) == {after["security.jwt_keys"]}
    for name, passwords in server.redis.items():
        assert passwords == {after[name]}
    if "objects.root" in names:
        assert after["objects.root"].partition(":")[0] in server.root
        assert server.door == after["metrics.door"]
    for name in ("objects.web", "objects.console"):
        assert (before[name].split(":")[0] in server.users) is (name not in names)


def test_everything_is_new_afterwards_and_nobody_was_refused(server, journal):
    before, told = dict(server.vault.kept), []
    rotation(server, journal).begin(ALL)
    with pytest.raises(Waiting) as waiting:
        rotation(server, journal, told.append).advance()
    assert waiting.value.until == server.now + LIFETIME, "tokens and addresses live on"
    assert before["security.jwt_keys"] in server.processes["web"]["security.jwt_keys"]
    with pytest.raises(Waiting):
        rotation(server, journal, told.append).advance()
    server.now += LIFETIME
    assert rotation(server, journal, told.append).advance() == ALL
    assert list(dict.fromkeys(told)) == list(STEPS)
    assert_new(server, before)
    assert journal.read() is None


@pytest.mark.parametrize("moment", range(1, 36))
def test_killed_before_any_effect_it_is_finished_by_the_next_call(server, journal, moment):
    before = dict(server.vault.kept)
    rotation(server, journal).begin(ALL)
    server.countdown = moment
    with contextlib.suppress(Killed):
        carry_on(server, journal)
    server.countdown = -1
    server.check()
    server.secrets.init()  # somebody repairs the server in between
    server.check()
    carry_on(server, journal)
    assert_new(server, before)


def test_those_were_all_moments(server, journal):
    rotation(server, journal).begin(ALL)
    carry_on(server, journal)
    assert 20 < len(server.calls) < 35, "the kills above reach the last one"


@pytest.mark.parametrize("moment", range(1, 200, 3))
def test_killed_between_two_writes_to_the_vault_no_value_is_lost(server, journal, moment, monkeypatch):
    before = dict(server.vault.kept)
    with killed_at_write(server.vault, moment, monkeypatch):
        rotation(server, journal).begin(ALL)
        carry_on(server, journal)
    held = set(server.vault.kept.values())
    assert server.sealed_under in held, "what opens the database is never lost"
    server.secrets.init()
    server.check()
    carry_on(server, journal)
    assert_new(server, before)


def test_a_failure_leaves_both_values_and_the_same_call_goes_on(server, journal, monkeypatch):
    before = dict(server.vault.kept)
    rotation(server, journal).begin(["security.master_keys"])

    def fail():
        raise RuntimeError("a key does not open")

    with monkeypatch.context() as patch:
        patch.setattr(server, "reseal", fail)
        with pytest.raises(RuntimeError, match="does not open"):
            carry_on(server, journal)
    assert values.pending(server.vault, ALL) == ["security.master_keys"]
    assert before["security.master_keys"] in server.processes["worker"]["security.master_keys"]
    assert carry_on(server, journal) == ["security.master_keys"]
    assert_new(server, before, ["security.master_keys"])


def test_what_needs_no_waiting_does_not_wait_and_restarts_no_more_than_it_must(server, journal):
    before = dict(server.vault.kept)
    names = chosen(["redis.cache"])
    rotation(server, journal).begin(names)
    rotation(server, journal).advance()
    assert_new(server, before, names)
    assert server.calls.count("restart web") == 1
    assert "objects" not in server.calls
    assert "reseal" not in server.calls


def test_only_who_reads_a_secret_is_restarted(server, journal):
    rotation(server, journal).begin(["security.jwt_keys"])
    carry_on(server, journal)
    assert {call for call in server.calls if call.startswith("restart")} == {"restart web"}
    assert server.calls.count("restart web") == 3


def test_a_second_value_whose_journal_was_lost_is_used_up_first(server, journal):
    old = server.vault.kept["security.master_keys"]
    rotation(server, journal).begin(["security.master_keys"])
    server.countdown = 7  # in the middle of the second round of restarts
    with pytest.raises(Killed):
        carry_on(server, journal)
    server.countdown = -1
    assert values.pending(server.vault, ALL)
    (journal.folder / "rotation.json").unlink()
    rotation(server, journal).begin(["security.master_keys"])
    carry_on(server, journal)
    assert not values.pending(server.vault, ALL)
    assert server.sealed_under == server.vault.kept["security.master_keys"] != old


def test_nothing_under_way_is_nothing_to_do(server, journal):
    assert rotation(server, journal).advance() == []
    assert server.calls == []


def test_ages_are_kept_and_no_value_stands_in_the_files(server, journal):
    journal.note_made(["security.jwt_keys"])
    rotation(server, journal).begin(ALL)
    with pytest.raises(Waiting):
        rotation(server, journal).advance()
    written = "".join(file.read_text() for file in journal.folder.iterdir())
    assert not any(text in written for text in server.vault.kept.values())
    carry_on(server, journal)
    age = journal.ages()["security.jwt_keys"]
    assert age.rotated >= age.made > 0
    journal.note_rotated(["mail.password"])
    assert journal.ages()["mail.password"].rotated > 0


@pytest.mark.parametrize(
    ("words", "first", "count"),
    [
        (["security.jwt_keys"], "security.jwt_keys", 1),
        (["redis"], "redis.cache.web", 14),
        (["redis.broker"], "redis.broker.web", 7),
        (["objects"], "objects.web", 8),
        (["metrics"], "metrics.door", 1),
        (["security", "security.jwt_keys"], "security.jwt_keys", 2),
    ],
)
def test_names_and_the_beginnings_of_names(words, first, count):
    found = chosen(words)
    assert (found[0], len(found)) == (first, count)


def test_what_cannot_be_rotated_here_is_no_name():
    for word in ("mail.password", "redi", "backup.recovery_key"):
        with pytest.raises(KeyError):
            chosen([word])


def test_all_are_those_that_the_server_makes_and_no_other_stays_as_it_is():
    reasons = {"backup.recovery_key": "a new one would open no backup that is there; it stands on paper"}
    assert {*ALL, *reasons} == {*generated()}
    assert not {*ALL} & {*reasons}


def test_every_secret_has_readers_and_those_of_services_are_right(server, folders):
    for name in (*generated(), *OPERATORS):
        assert readers(name) is not None
    assert readers("redis.cache.web") == ("web",)
    assert readers("objects.web") == ("web", "objects")
    assert readers("objects.jwt.signing") == ("objects",)
    assert readers("redis.cache.operator") == ("root",)
    for name in ("security.jwt_keys", "security.master_keys"):
        assert readers(name) == tuple(service for service in folders if name in folders[service].kept)


def test_the_list_says_age_readers_and_how_and_nothing_else(server, journal, tmp_path):
    for name in ("security.jwt_keys", beside("security.jwt_keys")[0], "mail.password", "backup.recovery_key"):
        (tmp_path / name).write_text("x")
    server.vault.folder = tmp_path
    server.vault.kept = dict.fromkeys((file.name for file in tmp_path.iterdir() if file.is_file()), "value-nobody-sees")
    found = {entry.name: entry for entry in inventory(server.vault, journal)}
    assert set(found) == {"security.jwt_keys", "mail.password", "backup.recovery_key"}
    assert found["security.jwt_keys"].pending
    assert not found["mail.password"].pending
    assert [entry.how for entry in found.values()] == ["kit", "given", "rotates"]
    assert found["mail.password"].made > 0
    assert "value-nobody-sees" not in json.dumps([str(entry) for entry in found.values()])


def test_a_new_value_is_made_once(server):
    made = iter(["first", "second"])
    for _ in range(2):
        values.offer(server.vault, "redis.cache.web", lambda: next(made))
    assert server.secrets.accepted("redis.cache.web")[1:] == ["first"]
    values.promote(server.vault, "redis.cache.web")
    values.promote(server.vault, "redis.cache.web")
    assert server.secrets.accepted("redis.cache.web")[0] == "first"
    values.drop(server.vault, "redis.cache.web")
    assert server.secrets.accepted("redis.cache.web") == ["first"]
    assert len(base64.b64decode(server.vault.kept["security.master_keys"].partition(":")[2])) == 32
