"""Every step failing, every step killed, over a real journal on disk: never half."""

import errno
import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belgenet.appliance.upgrade.journal import Journal
from belgenet.appliance.upgrade.machine import Machine, Outcome, Plan, Step

PREPARE = ("preflight", "place", "build", "migrate")
COMMIT = ("switch", "restart", "gate")
FINISH = ("prune",)
BACK = ("switch_back", "gate_back")
CLEAN = ("remove",)


class Killed(BaseException):
    """The power went."""


@dataclass
class Server:
    """What a server would show: which release runs, and whether anything half lies about."""

    runs: str = "old"
    placed: bool = False
    fails: set[str] = field(default_factory=set)
    killed_before: str = ""
    killed_after: str = ""
    did: list[str] = field(default_factory=list)

    def step(self, name: str) -> Step:
        def do() -> None:
            if self.killed_before == name:
                self.killed_before = ""
                raise Killed
            if name in self.fails:
                raise RuntimeError(name)
            self.did.append(name)
            if name in {"place", "remove"}:
                self.placed = name == "place"
            if name in {"switch", "switch_back"}:
                self.runs = "new" if name == "switch" else "old"
            if self.killed_after == name:
                self.killed_after = ""
                raise Killed

        return Step(name, do)

    def plan(self) -> Plan:
        return Plan(*(tuple(map(self.step, names)) for names in (PREPARE, COMMIT, FINISH, BACK, CLEAN)))


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "upgrade")


def begin(server: Server, journal: Journal) -> Outcome:
    journal.begin("upgrade", "1.0", "1.1", {"yes": True})
    return Machine(server.plan(), journal).run()


def until_the_end(server: Server, journal: Journal) -> Outcome | None:
    """As boots do: again until nothing is unfinished."""
    outcome = None
    while run := Journal(journal.file.parent).unfinished():
        try:
            outcome = Machine(server.plan(), journal).resume(run)
        except Killed:
            continue
        if outcome is Outcome.STUCK:
            return outcome
    return outcome


def test_all_steps_in_order(journal):
    server = Server()
    assert begin(server, journal) is Outcome.DONE
    assert server.did == [*PREPARE, *COMMIT, *FINISH]
    assert journal.unfinished() is None
    assert not journal.marker.exists()
    assert journal.last().outcome == "done"


@pytest.mark.parametrize("name", PREPARE)
def test_a_failure_before_the_switch_is_cleaned_up(journal, name):
    server = Server(fails={name})
    assert begin(server, journal) is Outcome.CLEANED
    assert (server.runs, server.placed) == ("old", False)
    assert not set(server.did) & {*COMMIT, *BACK}
    assert journal.unfinished() is None


@pytest.mark.parametrize("name", COMMIT)
def test_a_failure_from_the_switch_on_goes_back(journal, name):
    server = Server(fails={name})
    assert begin(server, journal) is Outcome.ROLLED_BACK
    assert server.runs == "old"
    assert server.did[-2:] == list(BACK)


def test_what_fails_after_the_success_is_told_and_changes_nothing(journal):
    told = []
    server = Server(fails={"prune"})
    journal.begin("upgrade", "1.0", "1.1", {})
    machine = Machine(server.plan(), journal, lambda phase, step, event, error: told.append((step, event, str(error))))
    assert machine.run() is Outcome.DONE
    assert server.runs == "new"
    assert ("prune", "failed", "prune") in told


def test_going_back_fails_too_and_can_be_tried_again(journal):
    server = Server(fails={"gate", "gate_back"})
    assert begin(server, journal) is Outcome.STUCK
    assert journal.unfinished() is not None
    assert journal.marker.exists()
    server.fails, server.did = {"gate"}, []
    assert until_the_end(server, journal) is Outcome.ROLLED_BACK
    assert server.runs == "old"
    assert server.did == list(BACK), "somebody has repaired something in between: all of it again"


EVERY = (*PREPARE, *COMMIT, *FINISH, *BACK, *CLEAN)


@pytest.mark.parametrize("when", ["killed_before", "killed_after"])
@pytest.mark.parametrize("name", [*PREPARE, *COMMIT, *FINISH])
def test_killed_at_any_step(journal, name, when):
    server = Server(**{when: name})
    with pytest.raises(Killed):
        begin(server, journal)
    assert journal.marker.exists()
    outcome = until_the_end(server, journal)
    assert outcome is (Outcome.CLEANED if name in PREPARE else Outcome.DONE)
    assert server.runs == ("old" if name in PREPARE else "new")
    assert server.placed is (name not in PREPARE)
    assert not journal.marker.exists()


@settings(max_examples=150, deadline=None)
@given(
    fails=st.sets(st.sampled_from([*PREPARE, *COMMIT, *FINISH]), max_size=2),
    first=st.sampled_from(["", *EVERY]),
    second=st.sampled_from(["", *EVERY]),
)
def test_whatever_happens_it_ends_whole(tmp_path_factory, fails, first, second):
    """Failures, and two cuts of the power: the release that runs is one, and nothing half is left."""
    journal = Journal(tmp_path_factory.mktemp("any") / "upgrade")
    server = Server(fails=set(fails), killed_before=first, killed_after=second)
    try:
        outcome = begin(server, journal)
    except Killed:
        outcome = until_the_end(server, journal)
    assert outcome is not Outcome.STUCK
    assert journal.unfinished() is None
    assert server.runs == {Outcome.DONE: "new", Outcome.CLEANED: "old", Outcome.ROLLED_BACK: "old"}[outcome]
    if outcome is Outcome.CLEANED:
        assert not server.placed


def test_steps_that_came_to_their_end_are_not_taken_again(journal):
    server = Server(killed_before="gate")
    with pytest.raises(Killed):
        begin(server, journal)
    assert until_the_end(server, journal) is Outcome.DONE
    assert server.did.count("switch") == 1


def test_nor_are_those_of_the_way_back(journal):
    server = Server(fails={"gate"}, killed_before="gate_back")
    with pytest.raises(Killed):
        begin(server, journal)
    assert until_the_end(server, journal) is Outcome.ROLLED_BACK
    assert server.did.count("switch_back") == 1


def test_a_line_that_was_cut_in_the_middle(journal):
    journal.begin("upgrade", "1.0", "1.1", {})
    journal.mark("prepare", "place", "begun")
    with journal.file.open("ab") as file:
        file.write('{"event": "begun", "phase": "commit", "step": "ğ'.encode()[:-1])
    assert not journal.unfinished().reached("commit")
    journal.end("cleaned")
    assert [json.loads(line)["event"] for line in journal.file.read_bytes().splitlines() if line.endswith(b"}")] == [
        "run",
        "begun",
        "end",
    ]
    assert journal.unfinished() is None


def test_a_full_disk_can_still_be_written_down(journal, monkeypatch):
    journal.begin("upgrade", "1.0", "1.1", {})
    write, ballast = Journal._write, journal.file.with_name("ballast")

    def full(self, text):
        if ballast.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, text)

    monkeypatch.setattr(Journal, "_write", full)
    server = Server()
    assert Machine(server.plan(), journal).run() is Outcome.DONE
    assert not ballast.exists()
    assert journal.unfinished() is None


def test_only_the_newest_run_counts(journal):
    begin(Server(fails={"gate"}), journal)
    begin(Server(), journal)
    assert (journal.last().outcome, journal.last().reached("back")) == ("done", False)


def test_no_journal_is_nothing_unfinished(journal):
    assert journal.unfinished() is None
    journal.forget()
