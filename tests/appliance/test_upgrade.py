"""Story 3: from one release to the next while visitors come, and back when the next one does not do.

What comes in between is told in ``test_cut_off``. With what takes long:
``APPLIANCE_LONG=1 bin/test-appliance debian13 -- -k upgrade``
"""

import os
import re
import time
from pathlib import Path

import pytest
from tests.appliance.conftest import long
from tests.appliance.installation import Installation, note
from tests.appliance.load import Load
from tests.appliance.releases import (
    BROKEN_WORKER,
    NO_CONTENT,
    PAGE,
    Change,
    Forge,
    few_roles,
    migration,
    new_page,
    nothing,
    replaced,
)
from tests.appliance.upgrading import JOURNAL, SETTINGS, assert_well, outcome, page, running, state, steps, upgrade

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.timeout(1800),
    pytest.mark.after("test_one_command_installs_it_without_a_network"),
]

ENOUGH = 3000
SILENT_WORKER = replaced("belgenet/core/tasks/echo.py", '        client.rpush(_key(settings, token), "1")\n', "")
"""A release whose workers run and answer nobody."""


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
        with Load(ours, pause=0.3) as load:
            load.at_least(100)
            began = time.perf_counter()
            code, said = upgrade(ours, bundle)
            seconds = time.perf_counter() - began
            load.at_least(ENOUGH, 120)
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
        bundle = forge.make("0.1.2", migration("SELECT 1/0"), roles=few_roles)
        forge.furnish(bundle, "0.1.2")
        with Load(ours, keeping=2, opening=1, pause=0.2) as load:
            code, said = upgrade(ours, bundle)
        assert (code, outcome(ours)) == (2, "cleaned"), said
        assert "division by zero" in said
        assert load.counted.failed == []
        assert_well(ours, running(ours))
        assert "0.1.2" not in state(ours)

    @pytest.mark.parametrize(
        ("change", "reason", "figure"),
        [
            pytest.param(SILENT_WORKER, "no worker of the queue", "rollback_seconds", id="gate"),
            pytest.param(BROKEN_WORKER, "belgenet-worker@", "rollback_before_gate_seconds", id="restart", marks=long),
        ],
    )
    def test_a_release_that_does_not_do_goes_and_the_old_one_is_back(
        self, ours: Installation, forge: Forge, change: Change, reason: str, figure: str
    ):
        """One whose parts run and do not work is found by the gate; one whose parts do not even start, on the way there."""
        bundle, before = forge.make("0.1.3", change, roles=new_page), running(ours)
        forge.furnish(bundle, "0.1.3")
        seen = f"until grep -q {PAGE} {SETTINGS}; do sleep 0.2; done; touch /run/seen"
        ours.server.run(f"rm -f /run/seen; nohup timeout 900 sh -c '{seen}' >/dev/null 2>&1 </dev/null &")
        with Load(ours, keeping=2, opening=1, pause=0.2) as load:
            began = time.perf_counter()
            code, said = upgrade(ours, bundle)
            note(ours.server.system, **{figure: round(time.perf_counter() - began, 1)})
        assert (code, outcome(ours)) == (2, "rolled_back"), said
        assert reason in said
        assert load.counted.failed == []
        assert_well(ours, before)
        assert "0.1.3" not in state(ours)
        assert ours.server.run("ls /run/seen", check=False).stdout, "nginx had its new settings"
        assert PAGE not in ours.server.read(SETTINGS)
        assert page(ours) != NO_CONTENT, "and has its old ones"

    @long
    def test_back_by_hand(self, ours: Installation):
        before = running(ours)
        nowhere = ours.server.run("belgenet rollback --to 0.0.1 --yes --lang en", check=False)
        assert (nowhere.returncode, running(ours)) == (1, before), nowhere.stdout + nowhere.stderr
        done = ours.server.run("belgenet rollback --yes --lang en", check=False, timeout=900)
        assert done.returncode == 0, done.stdout + done.stderr
        assert running(ours) != before
        assert_well(ours, running(ours))

    @long
    def test_install_sh_over_an_older_release_is_an_upgrade(self, ours: Installation, forge: Forge):
        folder = forge.make("0.3.3", nothing)
        done = ours.server.run([f"{folder}/install.sh", "--yes", "--lang", "en"], check=False, timeout=1500)
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.search(r"0\.3\.3 runs", done.stdout)
        assert_well(ours, "0.3.3")
