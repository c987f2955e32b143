"""What the stories of upgrades share: one is begun, cut off, and looked at afterwards."""

import json
from datetime import datetime

from tests.appliance.installation import Installation
from tests.appliance.releases import PAGE
from tests.common.waiting import wait_until

JOURNAL = "/var/lib/belgenet/upgrade/journal.jsonl"
LOG = "/root/upgrade.log"
SETTINGS = "/etc/nginx/sites-available/belgenet"
"""Of nginx: a release with a new page writes it there."""
RESUME = "belgenet-upgrade-resume"
"""The unit that goes on after the power came back."""
_STRIKE = """
import json, os, subprocess, sys, time
file, known, step = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ask = ["systemctl", "show", "--value", "--property=MainPID", "belgenet-upgrade"]
pid, deadline = 0, time.monotonic() + 800
while time.monotonic() < deadline:
    lines = open(file).read().splitlines()[known:] if os.path.exists(file) else []
    events = [json.loads(line) for line in lines if line.endswith("}")]
    if any(event["event"] == "begun" and event["step"] == step for event in events):
        os.kill(pid or int(subprocess.check_output(ask)), 9)
        sys.exit()
    if not pid:
        pid = int(subprocess.check_output(ask))
    time.sleep(0.002 if pid else 0.05)
sys.exit(f"{step} has not begun")
"""


def upgrade(ours: Installation, bundle: str, *words: str) -> tuple[int, str]:
    done = ours.server.run(["belgenet", "upgrade", bundle, "--yes", "--lang", "en", *words], check=False, timeout=1500)
    return done.returncode, done.stdout + done.stderr


def running(ours: Installation) -> str:
    return ours.server.run("basename $(readlink /opt/belgenet/current)").stdout.strip()


def page(ours: Installation) -> int:
    """Status of the page that only nginx' new settings know."""
    with ours.browser() as visitor:
        return visitor.send("GET", f"{visitor.address}{PAGE}").status_code


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


def begun(ours: Installation, step: str) -> str:
    """A command that waits until the journal says, from now on, that a step has begun."""
    known = int(ours.server.run(f"cat {JOURNAL} 2>/dev/null | wc -l").stdout)
    line = f'"begun".*"step": "{step}"'
    return f"until tail -n +{known + 1} {JOURNAL} 2>/dev/null | grep -q '{line}'; do sleep 0.02; done"


def at_rest(ours: Installation) -> bool:
    """Whether nothing of an upgrade is at work, nor waits for it: a unit that is about to end cannot be started."""
    said = ours.server.run(f"systemctl is-active belgenet-upgrade {RESUME}", check=False).stdout.split()
    return not set(said) & {"active", "activating", "deactivating"}


def kill_at(ours: Installation, step: str, command: str) -> None:
    """Begin, and end it with SIGKILL within milliseconds after the journal says that a step has begun: some take no longer.

    :param command: begins or takes up an upgrade, and returns at once.
    """
    known = int(ours.server.run(f"cat {JOURNAL} 2>/dev/null | wc -l").stdout)
    ours.server.run(command)
    told = ours.server.run(["python3", "-c", _STRIKE, JOURNAL, str(known), step], check=False, timeout=900)
    assert told.returncode == 0, f"{told.stderr}\n{ours.server.read(LOG)}"
    assert wait_until(lambda: at_rest(ours), 30), ours.server.run(f"systemctl status belgenet-upgrade {RESUME}").stdout
    assert outcome(ours) == "unfinished", ours.server.read(LOG)
