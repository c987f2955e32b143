"""The product on a machine: installing from a bundle, running the playbooks again, and what they say they changed."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from tests.appliance.machine import Machine
from tests.appliance.outside import Outside

from belgenet.testing.paths import var_folder
from belgenet.testing.servers.process import ServerError

DOMAIN = "okul.example"
AUTHORITY = "/etc/ssl/test-authority.pem"
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
        archive = bundle(server.system)
        server.copy(archive, "/srv/bundle.tar.gz")
        server.run("tar -C /srv -xzf /srv/bundle.tar.gz && rm /srv/bundle.tar.gz")
        self.folder = f"/srv/{archive.name.removesuffix('.tar.gz')}"
        self.version = json.loads(server.read(f"{self.folder}/manifest.json"))["version"]

    def answer(self) -> None:
        """Write what the operator answers to the installer's questions, and the authority the institution trusts."""
        self.server.copy(self.outside.authority.file, AUTHORITY)
        answers = {
            "belgenet_domain": DOMAIN,
            "belgenet_admin_email": f"bilgiislem@{DOMAIN}",
            "belgenet_tls_mode": "self_signed",
            "belgenet_trusted_authorities": [AUTHORITY],
            "belgenet_settings": self.outside.settings(),
        }
        self.server.write("/root/answers.yml", yaml.safe_dump(answers))

    def install(self) -> Play:
        """Run the installer: the first time it installs, later it repairs."""
        words = [f"{self.folder}/install.sh", "--answers", "/root/answers.yml", "--yes", "--lang", "en"]
        return self._play(words)

    def check(self) -> Play:
        """What the playbooks would change, without changing it."""
        release = f"/opt/belgenet/releases/{self.version}"
        line = (
            f"cd {release}/bundle/ansible/deploy && LC_ALL=C.UTF-8 ANSIBLE_CONFIG=$PWD/ansible.cfg ANSIBLE_NOCOLOR=1 "
            f"{release}/ansible/venv/bin/ansible-playbook -i inventories/local/hosts.yml site.yml "
            f"-e @/etc/belgenet/site.yml -e belgenet_release={self.version} --check --diff"
        )
        return self._play(["bash", "-c", line])

    def give_keys(self) -> None:
        """Give the provider's keys, as the operator does after the installation."""
        for name, text in self.outside.secrets().items():
            self.server.run(["belgenet", "secrets", "set", name], input=text)
        self.server.run("systemctl restart 'belgenet-*'")

    def own_units(self) -> list[str]:
        """Our services that run."""
        listed = "systemctl list-units --type=service --state=running --plain --no-legend 'belgenet-*'"
        return [line.split()[0] for line in self.server.run(listed).stdout.splitlines()]

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
    known = json.loads(file.read_text()) if file.exists() else {}
    known[system] = {**known.get(system, {}), **figures}
    file.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
