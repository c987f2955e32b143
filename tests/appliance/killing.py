"""Programs that are killed at a moment of the test's choice, with every process they have started."""

from collections.abc import Mapping, Sequence

from tests.appliance.machine import Machine
from tests.common.waiting import wait_until

_UNIT = "to-be-killed"


def begin(server: Machine, words: Sequence[str], until: str, env: Mapping[str, str] | None = None) -> None:
    """Start a program and wait; it goes on meanwhile.

    :param until: a shell's condition. One that looks for a process by its words must not fit the shell's own: ``dpk[g]``.
    :param env: what the operator has exported.
    """
    exported = [f"--setenv={name}={text}" for name, text in (env or {}).items()]
    server.run(["systemd-run", "--quiet", f"--unit={_UNIT}", "--property=RemainAfterExit=yes", *exported, *words])
    # Nothing at all is said by a systemd that reads its units anew at this moment.
    wait = f"until {until}; do case $(systemctl show -P SubState {_UNIT}) in exited|failed|dead) exit 9; esac; sleep 0.05; done"
    done = server.run(wait, check=False, timeout=1200)
    assert done.returncode == 0, f"it ended before: {until}\n{server.journal(_UNIT)}"


def begin_and_kill(server: Machine, words: Sequence[str], until: str, env: Mapping[str, str] | None = None) -> None:
    """As :func:`begin`, and then nothing of it is left. Services that it has started live on, as after a broken SSH line."""
    begin(server, words, f"{{ {until}; }} && systemctl kill --kill-whom=all -s KILL {_UNIT}", env)
    ended = f"systemctl show -P SubState {_UNIT} | grep -qE 'exited|failed|dead'"
    assert wait_until(lambda: server.run(ended, check=False).returncode == 0, 30), server.journal(_UNIT)
    server.run(f"systemctl stop {_UNIT}; systemctl reset-failed {_UNIT}", check=False)
