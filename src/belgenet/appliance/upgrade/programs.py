"""Programs that the steps run."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from belgenet.appliance import places
from belgenet.appliance.playbook import Playbook, Report
from belgenet.appliance.run import CommandError, run
from belgenet.appliance.upgrade.release import Failure, Release

PYTHON: Final = "/usr/bin/python3"
_FATAL: Final = re.compile(r"^(?:fatal|failed): \[[^]]+\].*?(?:=>)?\s*(.*)$")
_TASK: Final = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(.+)\] \*+$")
_SANDBOX: Final = (
    "LoadCredentialEncrypted=belgenet:/etc/belgenet/credentials/services/console",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "PrivateTmp=yes",
    "ProtectHome=yes",
)
_SURROUNDINGS: Final = (
    "BELGENET_CONFIG=/etc/belgenet/belgenet.ini",
    "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    "BELGENET_OBSERVABILITY_METRICS_DIR=",
)


def product(program: Path, user: str, *words: str, timeout: float = 300) -> str:
    """Run a release's ``belgenet`` as one of our users, as the command in ``/usr/local/sbin`` does for the release that runs.

    :raises CommandError: with what it said.
    """
    line = ["systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--service-type=exec"]
    line += [f"--property={item}" for item in (f"User={user}", "Group=belgenet", *_SANDBOX)]
    line += [f"--setenv={item}" for item in _SURROUNDINGS]
    return run([*line, str(program), *words], timeout=timeout)


def bundle_function(bundle: Path, script: str, *words: str, language: str, timeout: float = 900) -> str:
    """Run functions of a bundle's ``install.sh``; ``$1`` of the script is the bundle, what follows are ``words``.

    :raises CommandError: with what they said.
    """
    lines = f'source "$1/install.sh"; language={language}; set -euo pipefail; {script}'
    return run(["bash", "-c", lines, "bash", str(bundle), *words], timeout=timeout)


def preflight(bundle: Path, language: str) -> tuple[int, str]:
    """The new release's own look at the server: exit code and what it says."""
    words = [PYTHON, "-I", "-B", str(bundle / "preflight.py"), "--site", str(places.SITE), "--lang", language]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    return done.returncode, (done.stdout + done.stderr).strip()


def playbook(release: Release, *, check: bool = False) -> Report:
    """Run a release's playbook, without its own wait for health: ours follows, and looks at more."""
    return Playbook(release.folder, places.SITE).run(check=check, skip=("health",))


def applied(release: Release) -> Report:
    """Bring the server to a release's description. :raises Failure: ``playbook``, with the task and its reason."""
    report = playbook(release)
    if not report.complete:
        task, reason = why(report.text)
        raise Failure("playbook", task=task, reason=reason, text=report.text)
    return report


def why(text: str) -> tuple[str, str]:
    """Name and message of the task that failed first."""
    task = ""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if heading := _TASK.match(line):
            task = heading[1]
        elif fatal := _FATAL.match(line):
            said = [fatal[1], *(after.strip() for after in lines[number + 1 : number + 40])]
            return task, " / ".join(_said(said) or said[:1])[:600]
    return task, "\n".join(lines[-5:])[:600]


def _said(lines: Sequence[str]) -> list[str]:
    """Message and outputs out of Ansible's YAML; of a block its first lines."""
    found = []
    for number, line in enumerate(lines):
        if part := re.match(r"(msg|stderr|stdout): (\S.*)", line):
            block = part[2][0] in "|>" and len(part[2]) < 4  # noqa: PLR2004 -- |, |-, >-
            found.append(f"{part[1]}: {' '.join(lines[number + 1 : number + 3]) if block else part[2]}")
    return found


def run_all(commands: Sequence[Sequence[str]]) -> list[str]:
    """Outputs; of a program that fails, nothing."""
    found = []
    for command in commands:
        try:
            found.append(run(command, timeout=60))
        except CommandError:
            found.append("")
    return found
