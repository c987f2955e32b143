"""The product's own Ansible modules, run by the real ansible-playbook on this computer, in a folder that goes away."""

import grp
import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PLAYBOOKS = ROOT / "deploy/ansible"


@dataclass(frozen=True)
class Run:
    """What ansible-playbook said."""

    code: int
    text: str

    @property
    def changed(self) -> int:
        """Tasks that changed something; -1: it never came to its end."""
        found = re.search(r"changed=(\d+) ", self.text)
        return int(found[1]) if found else -1


class Controller:
    """A folder with a playbook beside the templates and files it needs."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.program = program
        self.path = os.environ["PATH"]
        for name in ("templates", "files", "temporary"):
            (folder / name).mkdir(parents=True)
        self.me = {"owner": pwd.getpwuid(os.geteuid()).pw_name, "group": grp.getgrgid(os.getegid()).gr_name}

    def play(
        self,
        *tasks: dict[str, Any],
        words: tuple[str, ...] = (),
        handlers: Sequence[dict[str, Any]] = (),
        **variables: Any,
    ) -> Run:
        """Run tasks; further keys are variables of the play."""
        site = {"hosts": "all", "gather_facts": False, "vars": variables, "tasks": list(tasks), "handlers": [*handlers]}
        playbook = self.folder / "play.yml"
        playbook.write_text(yaml.safe_dump([site], allow_unicode=True, sort_keys=False))
        (self.folder / "hosts").write_text(
            f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n"
        )
        line = [self.program, "-i", "hosts"]
        done = subprocess.run(
            [*line, str(playbook), *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={
                "PATH": self.path,
                "HOME": str(self.folder),
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_CONFIG": str(PLAYBOOKS / "ansible.cfg"),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_REMOTE_TEMP": str(self.folder / "temporary"),
                "BELGENET_UNFINISHED": str(self.folder / "apply/unfinished.json"),
            },
        )
        return Run(done.returncode, f"{done.stdout}\n{done.stderr}")


@pytest.fixture
def controller(tmp_path: Path) -> Controller:
    at_hand = shutil.which("ansible-playbook", path=str(ROOT / "var/tools/ansible-lint/bin"))
    program = at_hand or shutil.which("ansible-playbook")
    assert program, "ansible-playbook is missing: bin/test and bin/lint install it"
    return Controller(tmp_path / "controller", program)
