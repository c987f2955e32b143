"""The move as a whole: two real buckets, the operator's file, and a playbook that may fail."""

import hashlib
import io
import json
from contextlib import contextmanager

import pytest
import yaml

from belgenet.appliance.objectstore.migration import Ground, Migration, MigrationError, State

SITE = "# ours\nbelgenet_domain: okul.example\n"


class World:
    """Everything a move stands on. ``applied`` holds what the operator's file said each time the playbook ran."""

    def __init__(self, folder, source, target, keys):
        self.folder, self.keys = folder, keys
        self.site = folder / "site.yml"
        self.site.write_text(SITE)
        self.state = State(folder / "migration.json", source, target)
        self.state.enter("prepare")
        self.applied, self.said, self.pauses = [], [], 0
        self.playbook = lambda: True
        self.restarts = lambda: True
        self.in_use = [source]
        self.known = (source, None)
        self.during_pause = lambda: None
        self.holds = lambda: True
        self.fit = lambda place: None

    def put(self, place, name, data=b"x"):
        place.client(self.keys).put_object(place.bucket, name, io.BytesIO(data), len(data))

    def names(self, place):
        return {one.object_name for one in place.client(self.keys).list_objects(place.bucket, recursive=True)}

    def apply(self):
        self.applied.append(yaml.safe_load(self.site.read_text()))
        return self.playbook()

    def change(self, main, other):
        """The services start anew. :attr:`in_use` ends with the place they use."""
        assert {main, other} == {self.source, self.target}
        self.in_use.append(main)
        return self.restarts()

    @contextmanager
    def pause(self):
        self.pauses += 1
        self.during_pause()
        yield self.holds

    @contextmanager
    def alone(self):
        yield

    def go(self):
        """As the verb does it: from what is on the disk."""
        state = State.read(self.folder / "migration.json")
        assert state is not None
        self.migration(state).run()

    def migration(self, state):
        ground = Ground(
            self.site,
            self.folder / "journal.sqlite",
            lambda: self.known,
            lambda place: self.keys,
            self.fit,
            self.apply,
            self.change,
            self.pause,
            self.alone,
            lambda work: json.loads(json.dumps(work())),
            lambda code, **params: self.said.append((code, params)),
        )
        return Migration(state, ground)

    @property
    def phase(self):
        return json.loads((self.folder / "migration.json").read_text())["phase"]


@pytest.fixture
def world(tmp_path, new_place, keys):
    made = World(tmp_path, new_place(), new_place(), keys)
    for number in range(5):
        made.put(made.source, str(number), str(number).encode())
    return made


World.source = property(lambda self: self.state.source)
World.target = property(lambda self: self.state.target)


def main_of(applied):
    return applied["belgenet_objectstore_bucket"], applied["belgenet_objectstore_other"]["bucket"]


def test_the_site_changes_over_and_both_keep_their_objects(world):
    before = world.names(world.source)
    world.go()
    assert world.names(world.target) == before == world.names(world.source)
    assert [main_of(one) for one in world.applied] == [
        (world.source.bucket, world.target.bucket),
        (world.target.bucket, world.source.bucket),
    ]
    assert world.applied[-1]["belgenet_domain"] == "okul.example"
    assert world.phase == "done"
    assert State.read(world.folder / "migration.json") is None
    verified = dict(world.said)["migrate.verified"]
    assert (verified["objects"], verified["extra"]) == (5, 0)


def test_what_is_written_until_the_pause_and_during_the_switch_follows(world):
    world.during_pause = lambda: world.put(world.source, "late")

    def restarts():
        world.put(world.source, "straggler")
        return True

    def playbook():
        world.put(world.source, f"straggler {len(world.applied)}")
        return True

    world.restarts, world.playbook = restarts, playbook
    world.go()
    assert {"late", "straggler", "straggler 2"} <= world.names(world.target)


def test_what_was_deleted_meanwhile_does_not_come_back(world):
    world.during_pause = lambda: world.source.client(world.keys).remove_object(world.source.bucket, "3")
    world.go()
    assert "3" not in world.names(world.target)


def test_a_service_that_does_not_come_back_leads_back_and_the_next_try_succeeds(world):
    world.restarts = lambda: world.in_use[-1] == world.source
    with pytest.raises(MigrationError) as stopped:
        world.go()
    assert stopped.value.code == "migrate.went_back"
    assert world.in_use[-1] == world.source
    assert yaml.safe_load(world.site.read_text())["belgenet_objectstore_bucket"] == world.source.bucket
    assert world.phase == "copy"
    world.restarts = lambda: True
    world.go()
    assert world.in_use[-1] == world.target
    assert main_of(world.applied[-1])[0] == world.target.bucket


def test_when_nothing_comes_back_it_can_still_go_on(world):
    world.restarts = lambda: False
    with pytest.raises(MigrationError) as stopped:
        world.go()
    assert stopped.value.code == "migrate.not_back"
    world.restarts = lambda: True
    world.go()
    assert world.phase == "done"
    assert world.in_use[-1] == world.target


def test_a_playbook_that_fails_after_the_switch_is_run_again(world):
    world.playbook = lambda: len(world.applied) != 2
    with pytest.raises(MigrationError) as stopped:
        world.go()
    assert stopped.value.code == "migrate.not_settled"
    assert world.in_use[-1] == world.target
    world.go()
    assert (world.phase, world.pauses, len(world.in_use)) == ("done", 1, 2), "writing pauses once"


def test_a_playbook_that_fails_at_once_changes_nothing(world):
    world.playbook = lambda: False
    with pytest.raises(MigrationError) as stopped:
        world.go()
    assert stopped.value.code == "migrate.not_applied"
    assert yaml.safe_load(world.site.read_text())["belgenet_objectstore_bucket"] == world.source.bucket
    assert world.names(world.target) == set()


def test_a_target_that_does_not_keep_the_contract_is_not_touched(world):
    def fit(place):
        raise MigrationError("migrate.not_fit", endpoint=place.endpoint, findings="x")

    world.fit = fit
    with pytest.raises(MigrationError):
        world.go()
    assert world.applied == []
    assert world.site.read_text() == SITE
    assert State.read(world.folder / "migration.json") is None, "another one may be tried"


@pytest.mark.parametrize("moment", range(1, 11))
def test_killed_at_any_moment_the_same_call_finishes(world, moment, monkeypatch):
    """``BaseException`` at the n-th thing that reaches the disk or the server: as a kill, nothing after it happens."""
    counted = 0

    class Killed(BaseException):
        pass

    def step():
        nonlocal counted
        counted += 1
        if counted == moment:
            raise Killed

    enter, apply, change = State.enter, world.apply, world.change
    monkeypatch.setattr(State, "enter", lambda self, phase: (enter(self, phase), step())[0])
    monkeypatch.setattr(world, "apply", lambda: (step(), apply(), step())[1])
    monkeypatch.setattr(world, "change", lambda *places: (step(), change(*places), step())[1])
    with pytest.raises(Killed):
        world.go()
    world.put(world.source, "meanwhile")
    if world.phase != "done":
        world.go()
        assert "meanwhile" in world.names(world.target)
    assert {str(number) for number in range(5)} <= world.names(world.target)
    assert yaml.safe_load(world.site.read_text())["belgenet_objectstore_bucket"] == world.target.bucket
    assert world.phase == "done"


def test_a_pause_that_was_lost_stops_before_the_switch(world):
    world.holds = lambda: False
    with pytest.raises(MigrationError) as stopped:
        world.go()
    assert stopped.value.code == "migrate.pause_lost"
    assert len(world.applied) == 1
    world.holds = lambda: True
    world.go()
    assert world.phase == "done"


def test_objects_that_vanish_from_the_target_stop_it(world):
    def vanish():
        world.target.client(world.keys).remove_object(world.target.bucket, "1")

    world.during_pause = vanish
    with pytest.raises(MigrationError) as stopped:
        world.go()
    assert stopped.value.code == "migrate.missing"


def test_giving_up_is_possible_until_the_switch(world):
    world.migration(world.state).abort()
    assert "belgenet_objectstore_other" not in yaml.safe_load(world.site.read_text())
    assert world.phase == "done"
    world.state.enter("switch")
    with pytest.raises(MigrationError) as refused:
        world.migration(world.state).abort()
    assert refused.value.code == "migrate.too_late"


def test_moving_back_is_a_move_like_any_other(world, keys):
    world.go()
    world.put(world.target, "new", b"new")
    back = State(world.folder / "migration.json", world.target, world.source)
    back.enter("prepare")
    world.known = (world.target, world.source)
    (world.folder / "journal.sqlite").unlink()
    world.go()
    assert "new" in world.names(world.source)
    assert len(world.applied) == 3, "the way back is known to the server already"
    response = world.source.client(keys).get_object(world.source.bucket, "new")
    assert hashlib.sha256(response.read()).digest() == hashlib.sha256(b"new").digest()
    response.close()
    response.release_conn()
