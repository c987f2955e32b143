"""A playbook that is killed: what it had still to restart is restarted by the next one, and by no other."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.unit.deploy.conftest import PLAYBOOKS, Controller, Run

pytestmark = pytest.mark.timeout(300)  # up to four runs of Ansible, on a machine that does much else
KILL = "kill -KILL $(pgrep -o -f {playbook})"


class Server:
    """Two services with a file each, the second one's handlers listen; the log says who was restarted."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._folder = controller.folder / "server"
        self._folder.mkdir()
        self.kill = KILL.format(playbook=controller.folder / "play.yml")

    def run(self, content: str, *, at: str = "", words: tuple[str, ...] = (), **when: Any) -> Run:
        """:param at: task or handler that ends the playbook with SIGKILL."""
        tasks = [
            self._file("one", content, "Restart one"),
            self._deed("between", at),
            self._file("two", content, ["Two has changed"]),
            {"name": "In effect", "ansible.builtin.meta": "flush_handlers"},
            self._deed("after", at),
        ]
        handlers = [
            self._deed("Restart one", at),
            {**self._deed("Reload two", at), "listen": "Two has changed"},
            {**self._deed("Restart two", at), "listen": "Two has changed"},
        ]
        return self._controller.play(*tasks, handlers=handlers, words=words, **when)

    def restarted(self) -> list[str]:
        """Since it was asked last."""
        log = self._folder / "log"
        said = log.read_text().splitlines() if log.exists() else []
        log.write_text("")
        return [line for line in said if line not in {"between", "after"}]

    def left(self) -> bool:
        return (self._controller.folder / "apply/unfinished.json").exists()

    def _file(self, name: str, content: str, notify: str | list[str]) -> dict[str, Any]:
        entry = {**self._controller.me, "content": content, "dest": f"{self._folder}/{name}"}
        return {"name": f"File {name}", "belgenet_files": {"files": [entry]}, "notify": notify}

    def _deed(self, name: str, at: str) -> dict[str, Any]:
        line = self.kill if name == at else f"echo '{name}' >>{self._folder / 'log'}"
        return {"name": name, "ansible.builtin.shell": line, "changed_when": False}


@pytest.fixture
def server(controller: Controller) -> Server:
    return Server(controller)


ALL = ["Restart one", "Reload two", "Restart two"]


@pytest.mark.parametrize(("at", "late"), [("between", ALL), ("Restart one", ALL), ("Restart two", ALL), ("after", [])])
def test_handlers_that_were_not_come_to_run_in_the_next_one(server: Server, at: str, late: list[str]):
    assert server.run("text", at=at).changed == -1
    server.restarted()
    again = server.run("text")
    assert again.code == 0, again.text
    assert (server.restarted(), server.left()) == (late, False)


def test_a_look_tells_of_them_and_after_a_whole_run_nothing_is_left(server: Server):
    server.run("text", at="Restart one")
    looked = server.run("text", words=("--check", "--diff"))
    assert "    - Restart one\n" in looked.text
    assert (looked.changed, server.restarted()) == (2, [])
    assert server.run("text").changed == 2
    assert server.restarted() == ALL
    assert (server.run("text").changed, server.restarted()) == (0, [])


def test_a_file_that_is_as_it_should_be_leaves_nothing_to_do(server: Server):
    assert server.run("text").code == 0
    server.restarted()
    assert server.run("text", at="between").changed == -1
    assert (server.run("text").changed, server.restarted()) == (0, [])


def test_a_handler_that_fails_runs_again(server: Server):
    server.kill = "false"
    assert server.run("text", at="Restart one").code != 0
    server.restarted()
    assert server.run("text").code == 0
    assert "Restart one" in server.restarted()
    assert not server.left()


def test_a_look_writes_nothing_down(server: Server):
    server.run("text", words=("--check",))
    assert not server.left()


def test_each_handler_of_the_roles_can_be_asked_for_again():
    asked: dict[str, set[str]] = {"belgenet_files": set(), "": set()}
    for file in PLAYBOOKS.glob("roles/*/tasks/*.yml"):
        for task in tasks(yaml.safe_load(file.read_text(encoding="utf-8"))):
            named = task.get("notify", [])
            asked["belgenet_files" if "belgenet_files" in task else ""] |= (
                {named} if isinstance(named, str) else set(named)
            )
    assert len(asked["belgenet_files"]) > 10
    assert asked[""] - asked["belgenet_files"] == set()


def tasks(entries: list[dict[str, Any]] | None) -> Iterator[dict[str, Any]]:
    """Those of blocks, too."""
    for entry in entries or []:
        yield entry
        for part in ("block", "rescue", "always"):
            yield from tasks(entry.get(part))
