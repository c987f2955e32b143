"""The product on a machine: installing from a bundle, running the playbooks again, and what they say they changed."""

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml
from tests.appliance import institution
from tests.appliance.layers import Layer
from tests.appliance.machine import Machine
from tests.appliance.outside import Outside
from tests.common.waiting import wait_until

from belgenet.cli.story.browser import Browser
from belgenet.testing.paths import project_root, var_folder
from belgenet.testing.servers.process import ServerError

DOMAIN = "okul.example"
AUTHORITY = "/etc/ssl/test-authority.pem"
UNLIMITED = {
    f"limits.{name}": "100000/minute"
    for name in ("default", "checkout", "sign_in_per_address", "registration", "verify")
}
"""All visitors of a test come from one address."""
_TASK = re.compile(r"^(TASK|RUNNING HANDLER) \[(.+)\] \*+$")
_RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) ", re.MULTILINE)


@dataclass(frozen=True)
class Play:
    """What a run of the playbooks said."""

    code: int
    text: str
    changed: int
    """Of the recap; -1: it never came to one."""
    tasks: list[str] = field(default_factory=list)
    """Tasks that changed something, in order, without handlers."""
    handlers: list[str] = field(default_factory=list)
    """Handlers that ran because of them."""


def bundle(system: str) -> Path:
    """The bundle to test, as bin/test-appliance built it.

    :raises ServerError: there is none.
    """
    folder = Path(os.environ.get("APPLIANCE_BUNDLES", var_folder() / "appliance/bundles"))
    found = sorted(folder.rglob(f"belgenet-*-{system}-*.tar.gz"), key=lambda file: file.stat().st_mtime)
    if not found:
        raise ServerError(f"no bundle for {system} in {folder}: bin/test-appliance builds it")
    return found[-1]


class Installation:
    """A bundle on a machine that is on.

    :param outside: the provider and the mail server it uses.
    """

    def __init__(self, server: Machine, outside: Outside) -> None:
        self.server = server
        self.outside = outside
        self.invitation = ""
        """Secret of the link with which the installer ended."""
        self.inhabited = server.run(["test", "-e", "/etc/belgenet/site.yml"], check=False).returncode == 0
        archive = bundle(server.system)
        self.folder = f"/srv/{archive.name.removesuffix('.tar.gz')}"
        if server.run(["test", "-e", self.folder], check=False).returncode:
            server.copy(archive, "/srv/bundle.tar.gz")
            server.run("tar -C /srv -xzf /srv/bundle.tar.gz && rm /srv/bundle.tar.gz")
        self.version = json.loads(server.read(f"{self.folder}/manifest.json"))["version"]

    def answer(self) -> None:
        """Write what the operator answers to the installer's questions, and the authority the institution trusts."""
        self.server.copy(self.outside.authority.file, AUTHORITY)
        answers = {
            "belgenet_domain": DOMAIN,
            "belgenet_admin_email": f"bilgiislem@{DOMAIN}",
            "belgenet_tls_mode": "self_signed",
            "belgenet_monitoring_networks": ["10.77.0.0/16"],
            "belgenet_trusted_authorities": [AUTHORITY],
            "belgenet_settings": {**self.outside.settings(), **UNLIMITED},
        }
        self.server.write("/root/answers.yml", yaml.safe_dump(answers))

    def install(self) -> Play:
        """Run the installer: the first time it installs, later it repairs."""
        words = [f"{self.folder}/install.sh", "--answers", "/root/answers.yml", "--yes", "--lang", "en"]
        return self._play(words)

    def check(self, *only: str) -> Play:
        """What the playbooks would change, as ``belgenet drift`` says it: with code 1 or, for nothing, 0 and no recap.

        :param only: roles; none: all.
        """
        return self._play(["belgenet", "drift", "--diff", "--lang", "en", *(f"--only={role}" for role in only)])

    def give_keys(self) -> None:
        """Give the provider's keys, as the operator does after the installation."""
        for name, text in self.outside.secrets().items():
            self.server.run(["belgenet", "secrets", "set", name], input=text)
        self.server.run("belgenet restart")

    def move_in(self) -> None:
        """Two tenants with their administrators, a campaign and a course."""
        self.give_keys()
        self.reopen()
        assert wait_until(self.alive, 60), self.server.journal(lines=60)
        institution.found(self.server)
        for slug, fill in (("vakif", institution.fill_charity), ("akademi", institution.fill_academy)):
            with self.browser(slug) as administrator:
                institution.sign_in(administrator, institution.email(slug))
                assert fill(administrator)["status"] == "published"
        self.inhabited = True

    def reopen(self) -> None:
        """Start the provider that notifies this site."""
        self.outside.open_payments(self.server.read("/etc/belgenet/tls/server.pem"))

    def browser(self, slug: str = "") -> Browser:
        """Somebody at a tenant's site, or at the institution's console, from outside."""
        host = f"{slug}.{DOMAIN}" if slug else DOMAIN
        return Browser(f"https://{host}", resolve=self.server.address, verify=False)

    def alive(self) -> bool:
        """Whether visitors are served."""
        try:
            with self.browser("vakif") as visitor:
                return visitor.send("GET", f"{visitor.address}/health").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def whole(self) -> bool:
        """Whether every part says that it works."""
        return self.server.run(["belgenet", "health"], check=False).returncode == 0

    def story(self, *only: str) -> subprocess.CompletedProcess[str]:
        """``belgenet story`` from outside.

        :param only: ``donor`` or ``learner``; both by default.
        """
        words = [sys.executable, "-m", "belgenet.cli", "story", "--insecure", "--resolve", self.server.address]
        words += ["--charity", f"https://vakif.{DOMAIN}", "--academy", f"https://akademi.{DOMAIN}"]
        words += ["--mail", self.outside.mail.url, *(word for name in only for word in ("--only", name))]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def layer(self, target: Path) -> Layer:
        """Keep the inhabited server for others to stand on. It is off afterwards."""
        if not self.inhabited:
            self.answer()
            play = self.install()
            assert play.code == 0, play.text[-8000:]
            self.move_in()
        self.server.stop()
        return self.server.freeze(target).keep(self.outside.authority.file.parent)

    def bring_working_copy(self) -> None:
        """Replace the installed release's code and roles by those of this checkout, and apply them."""
        release = f"/opt/belgenet/releases/{self.version}"
        packages = self.server.run(f"echo {release}/venv/lib/python3*/site-packages").stdout.strip()
        for source, target, clear in (
            ("src/belgenet", f"{packages}/belgenet", ""),
            ("migrations", f"{packages}/belgenet/migrations", ""),
            ("docs/operator", f"{release}/bundle/docs/operator", ""),
            ("deploy/ansible", f"{release}/bundle/ansible/deploy", f"rm -rf {release}/bundle/ansible/deploy && "),
        ):
            words = [
                "tar",
                "-C",
                str(project_root() / source),
                "--exclude=__pycache__",
                "--exclude=./static",
                "-cf",
                "-",
                ".",
            ]
            packed = subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout
            self.server.run(f"{clear}mkdir -p {target} && tar -C {target} -xf - --no-same-owner", input=packed)
        self.server.run(f"find {packages}/belgenet -name '*.pyc' -delete; systemctl daemon-reload")
        self.server.run("belgenet apply && belgenet restart", timeout=600)
        assert wait_until(self.whole, 60), self.server.journal(lines=60)

    def own_units(self) -> list[str]:
        """Our services that run."""
        listed = "systemctl list-units --type=service --state=running --plain --no-legend 'belgenet-*'"
        return [line.split()[0] for line in self.server.run(listed).stdout.splitlines()]

    def own_services(self) -> list[str]:
        """All of our services, whether they run or wait for their hour; one name for those of a template."""
        return self.server.run("cd /etc/systemd/system && ls belgenet-*.service").stdout.split()

    def memory(self) -> int:
        """Bytes that all processes of the server use together; shared pages count once."""
        pages = "cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ {sum += $2} END {print sum}'"
        return int(self.server.run(pages).stdout) * 1024

    def _play(self, words: list[str]) -> Play:
        done = self.server.run(words, check=False, timeout=1200)
        return read_play(done.returncode, f"{done.stdout}\n{done.stderr}")


def read_play(code: int, text: str) -> Play:
    """Understand what a run of the playbooks printed."""
    recap = _RECAP.findall(text)
    changed = sum(int(host) for host in recap) if recap else -1
    tasks = list(_changed(text))
    return Play(
        code,
        text,
        changed,
        [name for kind, name in tasks if kind == "TASK"],
        [name for kind, name in tasks if kind != "TASK"],
    )


def _changed(text: str) -> Iterator[tuple[str, str]]:
    """Kind and name of each task that changed something."""
    current: tuple[str, str] = ("", "")
    told: tuple[str, str] = ("", "")
    for line in text.splitlines():
        if heading := _TASK.match(line):
            current, told = (heading[1], heading[2]), ("", "")
        elif line.startswith("changed: [") and current != told:
            told = current
            yield current


def note(system: str, **figures: Any) -> None:
    """Keep what was measured: in var/test/appliance.json, by system."""
    file = var_folder() / "test/appliance.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # stories are told side by side
        handle.seek(0)
        known = json.loads(handle.read() or "{}")
        known[system] = {**known.get(system, {}), **figures}
        handle.truncate(0)
        handle.write(json.dumps(known, indent=1, sort_keys=True) + "\n")
