"""Runs the release's playbook on this server and understands what it says."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

_TASK: Final = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(.+)\] \*+$")
_ITEM: Final = re.compile(r"^changed: \[[^]]+\](?: => \(item=(.+)\))?")
# Tasks of our own modules list what they changed below that line.
_PLACES: Final = "    places:"
_PLACE: Final = re.compile(r"^ {4}- (.+)$")
_RECAP: Final = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+) ", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What a run did, or with ``check`` would do.

    :param code: exit status of Ansible.
    :param changes: task and, of one that does several things, its items, files or units that changed.
    """

    code: int
    text: str
    changes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether it came to its end without a failure."""
        recap = _RECAP.findall(self.text)
        return self.code == 0 and bool(recap) and all(failed == unreachable == "0" for _, unreachable, failed in recap)


class Playbook:
    """The playbook that came with a release.

    :param release: its folder, ``/opt/belgenet/releases/<version>``.
    :param site: what the operator said about this server.
    """

    def __init__(self, release: Path, site: Path) -> None:
        self._release = release.resolve()
        self._folder = self._release / "bundle" / "ansible" / "deploy"
        self._site = site

    @property
    def file(self) -> Path:
        """Where it is written."""
        return self._folder / "site.yml"

    def run(
        self,
        *,
        check: bool = False,
        skip: Sequence[str] = (),
        only: Sequence[str] = (),
        tell: Callable[[str], None] = lambda _task: None,
    ) -> Report:
        """Bring the server to the state the roles describe.

        :param check: change nothing, only say what would be changed.
        :param skip: tags of roles to leave out.
        :param only: tags of the roles to run; all when there is none.
        :param tell: told each task when it begins, as ``role : task``.
        :raises FileNotFoundError: the release has no playbook.
        """
        words = [str(self._release / "ansible" / "venv" / "bin" / "ansible-playbook")]
        words += ["-i", "inventories/local/hosts.yml", "site.yml", "-e", f"@{self._site}"]
        words += ["-e", f"belgenet_release={self._release.name}", *(["--check", "--diff"] if check else [])]
        words += ["--skip-tags", ",".join(skip)] if skip else []
        words += ["--tags", ",".join(only)] if only else []
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHON"))}
        environment |= {
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self._folder / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
        }
        # Our plugins lie in the bundle, and whoever verifies a bundle refuses files that are not on its list.
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
            code, said = _follow(words, self._folder, environment, complaints, tell)
            complaints.seek(0)
            text = f"{said}\n{complaints.read()}"
        changes: dict[str, list[str]] = {}
        for task, item in _changes(said):
            changes.setdefault(task, []).extend([item] if item else [])
        return Report(code, text, changes)


def _follow(
    words: list[str], folder: Path, environment: dict[str, str], complaints: IO[str], tell: Callable[[str], None]
) -> tuple[int, str]:
    """Exit status and output of a program, whose tasks are told as they begin."""
    lines = []
    with subprocess.Popen(  # noqa: S603 -- our own release's program
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if heading := _TASK.match(line.rstrip("\n")):
                tell(heading[1])
    return process.returncode, "".join(lines)


def _changes(text: str) -> Iterator[tuple[str, str]]:
    task, listing = "", False
    for line in text.splitlines():
        if heading := _TASK.match(line):
            task = heading[1]
        elif changed := _ITEM.match(line):
            yield task, changed[1] or ""
        elif listing and (place := _PLACE.match(line)):
            yield task, place[1]
            continue
        listing = line == _PLACES
