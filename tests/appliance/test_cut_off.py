"""Story 3, what comes in between: an upgrade is killed at each of its steps, the power goes, the disk is full.

Before the switch nothing is left of it; from there on it comes to its end, forwards or backwards.
"""

import shlex
from pathlib import Path

import pytest
from tests.appliance.installation import Installation
from tests.appliance.load import Load
from tests.appliance.releases import BROKEN_WORKER, NO_CONTENT, PAGE, Forge, few_roles, new_page
from tests.appliance.upgrading import (
    LOG,
    RESUME,
    SETTINGS,
    assert_well,
    at_rest,
    begun,
    kill_at,
    outcome,
    page,
    running,
    state,
    upgrade,
)
from tests.common.waiting import wait_until

from belgenet.appliance.upgrade.machine import Plan
from belgenet.appliance.upgrade.release import Facts, Releases
from belgenet.appliance.upgrade.steps import Work, upgrade_plan

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.timeout(1800),
    pytest.mark.after("test_one_command_installs_it_without_a_network"),
]

EARLY = ("place", "build", "selftest", "preview", "backup", "migrate", "rehearse")
LATE = ("switch", "restart", "gate", "prune", "sweep")
UNTRIED = {"close", "open", "no_way_back"}
"""Of a release that shows the maintenance page or leads nowhere back. Unit tests kill those."""
BACK = ("switch_back", "restart_back", "gate_back", "remove", "sweep")
KILL = "systemctl kill --signal=KILL belgenet-upgrade"
"""With the playbook, as when memory is short."""


def typed(bundle: str) -> str:
    """An upgrade begun on a terminal that nobody waits at."""
    return f"nohup belgenet upgrade {bundle} --yes >{LOG} 2>&1 </dev/null &"


def went_on(ours: Installation, step: str) -> None:
    """Taken up by the unit that does so after a boot, and killed again."""
    if step == "sweep":  # otherwise it takes no time to be killed at
        ours.server.run(
            "mkdir -p /opt/belgenet/incoming && cp -al /opt/belgenet/current/venv /opt/belgenet/incoming/venv"
        )
    kill_at(ours, step, f"systemctl reset-failed {RESUME}; systemctl start --no-block {RESUME}")
    assert ours.alive(), "the site answers"


def finished(ours: Installation) -> str:
    """Nobody kills it any more: what has become of it."""
    ours.server.run(f"systemctl start {RESUME}", check=False, timeout=900)
    ours.server.run(f"systemctl reset-failed {RESUME}")
    return outcome(ours)


def plan(folder: Path, *, rollback_to: str, needs_maintenance: bool) -> Plan:
    releases, facts = Releases(folder), Facts("0.2.0", rollback_to, needs_maintenance=needs_maintenance, breaking=())
    nobody = {"source": None, "incoming": None, "language": "en", "log": print, "note": print}
    return upgrade_plan(Work(releases, releases.of("0.1.0"), releases.of("0.2.0"), facts, **nobody))


def test_every_step_of_an_upgrade_is_among_these(tmp_path: Path):
    usual = plan(tmp_path, rollback_to="0.1.0", needs_maintenance=False)
    assert [step.name for step in usual.prepare] == list(EARLY)
    assert [step.name for step in (*usual.commit, *usual.finish)] == list(LATE)
    assert [step.name for step in usual.back] == list(BACK)


def test_what_a_release_that_breaks_the_rules_has_besides_is_known(tmp_path: Path):
    closing = plan(tmp_path, rollback_to="0.2.0", needs_maintenance=True)
    phases = (closing.prepare, closing.commit, closing.finish, closing.back, closing.clean)
    assert {step.name for phase in phases for step in phase} - {*EARLY, *LATE, *BACK} == UNTRIED


@pytest.mark.parametrize("step", EARLY)
def test_killed_before_the_switch_nothing_is_left(ours: Installation, forge: Forge, step: str):
    before, version = running(ours), "0.2.0"
    bundle = forge.make(version, roles=few_roles)
    if step not in {"place", "build"}:
        forge.furnish(bundle, version)
    kill_at(ours, step, typed(bundle))
    done = ours.server.run("belgenet upgrade --resume --lang en", check=False, timeout=900)
    assert (done.returncode, outcome(ours)) == (2, "cleaned"), done.stdout + done.stderr
    assert_well(ours, before)
    assert version not in state(ours)


def test_killed_at_each_step_from_the_switch_on_it_comes_to_its_end(ours: Installation, forge: Forge):
    """First the power goes. Then nginx has its new settings, and nobody has told it so."""
    bundle = forge.make("0.3.0", roles=new_page)
    forge.furnish(bundle, "0.3.0")
    # What a broken installation left: removing it takes long enough to be killed at it.
    ours.server.run("cp -al /opt/belgenet/releases/0.3.0/venv /opt/belgenet/releases/0.0.1")
    switch, restart, *others = LATE
    wait = begun(ours, switch)
    ours.server.run(typed(bundle))
    ours.server.run(wait, timeout=900)
    ours.server.kill()
    ours.server.boot(settled=False)
    ours.server.run(
        f"until grep -q {PAGE} {SETTINGS}; do sleep 0.02; done; {KILL}", timeout=900
    )  # the boot has taken it up
    assert page(ours) != NO_CONTENT
    assert wait_until(lambda: at_rest(ours), 30)
    for step in (restart, *others):
        went_on(ours, step)
    assert finished(ours) == "done", ours.server.journal(RESUME)
    assert_well(ours, "0.3.0")
    assert "0.0.1" not in state(ours)
    assert page(ours) == NO_CONTENT, "what was to be told before it was killed is told afterwards"


def test_killed_at_each_step_of_the_way_back_it_comes_to_its_end(ours: Installation, forge: Forge):
    bundle, before = forge.make("0.3.1", BROKEN_WORKER, roles=few_roles), running(ours)
    forge.furnish(bundle, "0.3.1")
    first, *others = BACK
    with Load(ours, keeping=2, opening=1, pause=0.2) as load:
        kill_at(ours, first, typed(bundle))
        assert "belgenet-worker@" in ours.server.read(LOG), "why it goes back"
        for step in others:
            went_on(ours, step)
        assert finished(ours) == "rolled_back", ours.server.journal(RESUME)
    assert load.counted.failed == []
    assert_well(ours, before)
    assert "0.3.1" not in state(ours)


def test_a_disk_that_is_full_before_and_one_that_fills_up(ours: Installation, forge: Forge):
    """A disk of its own for what is new: the releases lie below it, writing goes to memory of a chosen size."""
    bundle, before = forge.make("0.3.2"), running(ours)
    for room, code, reason in (("600m", 1, "Unpacking needs"), ("3200m", 2, "disk is full")):
        _small_disk(ours, room)
        if code == 2:
            fill = f"{begun(ours, 'build')}; dd if=/dev/zero of=/run/small/filler bs=1M"
            ours.server.run(f"nohup sh -c {shlex.quote(fill)} >/dev/null 2>&1 </dev/null &")
        got, said = upgrade(ours, bundle)
        ours.server.run("umount /opt/belgenet && umount /run/small")
        assert (got, reason in said) == (code, True), said
        assert_well(ours, before)


def _small_disk(ours: Installation, room: str) -> None:
    layers = "lowerdir=/opt/belgenet,upperdir=/run/small/upper,workdir=/run/small/work"
    ours.server.run(
        f"mkdir -p /run/small && mount -t tmpfs -o size={room} tmpfs /run/small && mkdir /run/small/upper /run/small/work "
        f"&& mount -t overlay overlay -o {layers} /opt/belgenet"
    )
