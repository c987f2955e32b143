"""Story 3: from one release to the next while visitors come, and back when the next one does not do.

CI takes those that matter most and those that are quick. All of them:
``APPLIANCE_LONG=1 bin/test-appliance debian13 -- -k upgrade``
"""

import json
import os
import re
import shlex
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from tests.appliance.conftest import Another, long
from tests.appliance.installation import Installation, note
from tests.appliance.load import Load
from tests.appliance.releases import Forge, migration, nothing, replaced
from tests.common.waiting import wait_until

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.timeout(1800),
    pytest.mark.after("test_one_command_installs_it_without_a_network"),
]

JOURNAL = "/var/lib/belgenet/upgrade/journal.jsonl"
ENOUGH = 3000
BROKEN_WORKER = replaced(
    "belgenet/cli/processes.py",
    '    """Work off the queues."""\n',
    '    """Work off the queues."""\n    raise SystemExit("a setting is missing")\n',
)
SILENT_WORKER = replaced("belgenet/core/tasks/echo.py", '        client.rpush(_key(settings, token), "1")\n', "")


@pytest.fixture(scope="module")
def ours(another: Another) -> Iterator[Installation]:
    with another() as made:
        yield made


@pytest.fixture(scope="module")
def forge(ours: Installation) -> Forge:
    return Forge(ours)


def upgrade(ours: Installation, bundle: str, *words: str) -> tuple[int, str]:
    done = ours.server.run(["belgenet", "upgrade", bundle, "--yes", "--lang", "en", *words], check=False, timeout=1500)
    return done.returncode, done.stdout + done.stderr


def running(ours: Installation) -> str:
    return ours.server.run("basename $(readlink /opt/belgenet/current)").stdout.strip()


def served(ours: Installation) -> set[str]:
    """Versions that the web processes say they are."""
    ask = (
        "import socket, sys\nfor n in (1, 2):\n"
        " s = socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(f'/run/belgenet-web-{n}/own.sock')\n"
        " s.sendall(b'GET /health HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n'); print(s.makefile().read().splitlines()[-1])"
    )
    return {json.loads(line)["version"] for line in ours.server.run(["python3", "-c", ask]).stdout.splitlines()}


def outcome(ours: Installation) -> str:
    lines = [json.loads(line) for line in ours.server.read(JOURNAL).splitlines()]
    return str(lines[-1].get("outcome", "unfinished"))


def steps(ours: Installation) -> dict[str, float]:
    """Seconds that each step of the last run took."""
    began: dict[str, datetime] = {}
    took: dict[str, float] = {}
    for line in (json.loads(line) for line in ours.server.read(JOURNAL).splitlines()):
        at = datetime.fromisoformat(line["at"])
        if line["event"] == "run":
            began, took = {}, {}
        elif line["event"] == "begun":
            began[line["step"]] = at
        elif "step" in line:
            took[line["step"]] = round((at - began[line["step"]]).total_seconds(), 1)
    return took


def state(ours: Installation) -> str:
    """Everything an upgrade could leave behind, in a few words."""
    look = "ls /opt/belgenet /opt/belgenet/releases; readlink /opt/belgenet/current; cat /etc/apt/sources.list.d/belgenet.sources"
    return ours.server.run(look).stdout


def assert_well(ours: Installation, version: str) -> None:
    assert running(ours) == version
    assert served(ours) == {version}
    assert ours.whole()
    assert ours.server.run("systemctl --failed --plain --no-legend").stdout == ""
    assert ours.server.run("test -e /var/lib/belgenet/upgrade/unfinished", check=False).returncode == 1


class TestUpgrade:
    """Steps on one machine, in this order."""

    def test_refused_before_anything_is_changed(self, ours: Installation, forge: Forge, tmp_path: Path):
        before = state(ours)
        tampered = forge.make("0.1.9")
        ours.server.run(f"sed -i '$a # x' {tampered}/preflight.py")  # a new file: other releases share the old one
        stranger = tmp_path / "stranger"
        os.spawnlp(os.P_WAIT, "ssh-keygen", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger))
        for bundle, reason in (
            (tampered, "altered"),
            (forge.make("0.1.8", key=stranger), "unknown key"),
            (forge.make("0.0.9"), "downgrade"),
            (forge.make("0.1.7", min_upgrade_from="0.1.1"), "upgrade_skips"),
            (forge.make("0.1.6", breaking=[{"version": "0.1.6", "tr": "x", "en": "Ends."}]), "--accept 0.1.6"),
        ):
            code, said = upgrade(ours, bundle)
            assert (code, reason in said) == (1, True), said
        assert state(ours) == before
        assert ours.server.run(["test", "-e", JOURNAL], check=False).returncode == 1
        ours.server.run("rm -rf /srv/belgenet-0.1.[6-9]-* /srv/belgenet-0.0.9-*")

    def test_no_request_is_lost(self, ours: Installation, forge: Forge):
        addition = migration("CREATE VIEW trial_a AS SELECT 1 AS one")
        bundle = forge.make("0.1.1", addition)
        with Load(ours) as load:
            load.at_least(200)
            began = time.perf_counter()
            code, said = upgrade(ours, bundle)
            seconds = time.perf_counter() - began
            load.at_least(ENOUGH, 60)
        seen = load.counted
        took = steps(ours) if code == 0 else {}
        note(
            ours.server.system,
            upgrade_seconds=round(seconds, 1),
            upgrade_requests=seen.answered,
            upgrade_failed=len(seen.failed),
            upgrade_slowest_seconds=round(seen.slowest, 2),
            upgrade_quiet_seconds=round(seen.quiet, 2),
            upgrade_steps=took,
        )
        assert code == 0, said
        forge.history.append(addition)
        assert seen.failed == []
        assert seen.answered >= ENOUGH
        assert seen.written > 0
        assert_well(ours, "0.1.1")
        revision = 'runuser -u postgres -- psql -At -d belgenet -c "select one from trial_a"'
        assert ours.server.run(revision).stdout == "1\n"

    def test_a_migration_that_fails_touches_nothing_that_serves(self, ours: Installation, forge: Forge):
        bundle = forge.make("0.1.2", migration("SELECT 1/0"))
        forge.furnish(bundle, "0.1.2")
        with Load(ours, keeping=2, opening=1, pause=0.2) as load:
            code, said = upgrade(ours, bundle)
        assert (code, outcome(ours)) == (2, "cleaned"), said
        assert "division by zero" in said
        assert load.counted.failed == []
        assert_well(ours, running(ours))
        assert "0.1.2" not in state(ours)

    def test_a_release_that_does_not_do_goes_and_the_old_one_is_back(self, ours: Installation, forge: Forge):
        bundle, before = forge.make("0.1.3", BROKEN_WORKER), running(ours)
        forge.furnish(bundle, "0.1.3")
        with Load(ours, keeping=2, opening=1, pause=0.2) as load:
            began = time.perf_counter()
            code, said = upgrade(ours, bundle)
            note(ours.server.system, rollback_seconds=round(time.perf_counter() - began, 1))
        assert (code, outcome(ours)) == (2, "rolled_back"), said
        assert "belgenet-worker@" in said
        assert load.counted.failed == []
        assert_well(ours, before)

    @long
    def test_killed_again_and_again_from_the_switch_on_it_comes_to_its_end(self, ours: Installation, forge: Forge):
        bundle = forge.make("0.1.4")
        forge.furnish(bundle, "0.1.4")
        # what a broken installation left: removing it takes long enough to be killed at it
        ours.server.run("cp -al /opt/belgenet/releases/0.1.4/venv /opt/belgenet/releases/0.0.1")
        command = f"belgenet upgrade {bundle} --yes"
        for step in ("switch", "restart", "gate", "prune"):
            _killed(ours, command, step)
            assert ours.alive()
            command = "belgenet upgrade --resume"
        done = ours.server.run("belgenet upgrade --resume --lang en", check=False, timeout=900)
        assert (done.returncode, outcome(ours)) == (0, "done"), done.stdout + done.stderr
        assert_well(ours, "0.1.4")
        assert "0.0.1" not in state(ours)

    @long
    def test_back_by_hand(self, ours: Installation):
        nowhere = ours.server.run("belgenet rollback --to 0.0.1 --yes --lang en", check=False)
        assert (nowhere.returncode, running(ours)) == (1, "0.1.4"), nowhere.stdout + nowhere.stderr
        done = ours.server.run("belgenet rollback --yes --lang en", check=False, timeout=900)
        assert done.returncode == 0, done.stdout + done.stderr
        assert running(ours) != "0.1.4"
        assert_well(ours, running(ours))


def begun(ours: Installation, step: str) -> str:
    """A command that waits until the journal says, from now on, that a step has begun."""
    known = int(ours.server.run(f"cat {JOURNAL} 2>/dev/null | wc -l").stdout)
    line = f'"begun".*"step": "{step}"'
    return f"until tail -n +{known + 1} {JOURNAL} 2>/dev/null | grep -q '{line}'; do sleep 0.02; done"


def _killed(ours: Installation, command: str, step: str) -> None:
    """Begin, and end it with SIGKILL as soon as the journal says that a step has begun."""
    strike = f"{begun(ours, step)}; systemctl kill --signal=KILL --kill-whom=main belgenet-upgrade"
    ours.server.run(f"nohup {command} >/root/upgrade.log 2>&1 </dev/null &")
    ours.server.run(strike, timeout=900)
    ended = wait_until(lambda: ours.server.run("systemctl is-active -q belgenet-upgrade", check=False).returncode, 30)
    assert ended
    assert outcome(ours) == "unfinished", ours.server.read("/root/upgrade.log")


class TestCutOff:
    """What comes in between. Of the steps before the switch CI takes the quick ones."""

    @pytest.mark.parametrize(
        "step",
        [
            *("place", "build", "selftest", "preview"),
            *(pytest.param(step, marks=long) for step in ("backup", "migrate", "rehearse")),
        ],
    )
    def test_killed_before_the_switch_nothing_is_left(self, ours: Installation, forge: Forge, step: str):
        before, version = running(ours), "0.2.0"
        bundle = forge.make(version)
        if step not in {"place", "build"}:
            forge.furnish(bundle, version)
        _killed(ours, f"belgenet upgrade {bundle} --yes", step)
        done = ours.server.run("belgenet upgrade --resume --lang en", check=False, timeout=900)
        assert (done.returncode, outcome(ours)) == (2, "cleaned"), done.stdout + done.stderr
        assert_well(ours, before)
        assert version not in state(ours)

    @long
    def test_the_power_goes_in_the_switch(self, ours: Installation, forge: Forge):
        bundle = forge.make("0.3.0")
        forge.furnish(bundle, "0.3.0")
        _killed(ours, f"belgenet upgrade {bundle} --yes", "switch")
        ours.server.kill()
        ours.server.boot(within=600)  # resuming is a part of it
        assert wait_until(lambda: outcome(ours) == "done", 60), ours.server.journal("belgenet-upgrade-resume")
        assert wait_until(ours.whole, 60)
        assert_well(ours, "0.3.0")

    @long
    def test_a_gate_that_stays_shut(self, ours: Installation, forge: Forge):
        bundle, before = forge.make("0.3.1", SILENT_WORKER), running(ours)
        forge.furnish(bundle, "0.3.1")
        code, said = upgrade(ours, bundle)
        assert (code, outcome(ours)) == (2, "rolled_back"), said
        assert "no worker of the queue" in said
        assert_well(ours, before)

    @long
    def test_a_disk_that_is_full_before_and_one_that_fills_up(self, ours: Installation, forge: Forge):
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

    @long
    def test_install_sh_over_an_older_release_is_an_upgrade(self, ours: Installation, forge: Forge):
        folder = forge.make("0.3.3", nothing)
        done = ours.server.run([f"{folder}/install.sh", "--yes", "--lang", "en"], check=False, timeout=1500)
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.search(r"0\.3\.3 runs", done.stdout)
        assert_well(ours, "0.3.3")


def _small_disk(ours: Installation, room: str) -> None:
    layers = "lowerdir=/opt/belgenet,upperdir=/run/small/upper,workdir=/run/small/work"
    ours.server.run(
        f"mkdir -p /run/small && mount -t tmpfs -o size={room} tmpfs /run/small && mkdir /run/small/upper /run/small/work "
        f"&& mount -t overlay overlay -o {layers} /opt/belgenet"
    )
