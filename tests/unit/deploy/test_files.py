"""``belgenet_files``: folders, files and links in one run."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.deploy.conftest import PLAYBOOKS, Controller

TEMPLATE = """# {{ ansible_managed }}
{% include 'part.j2' %}
{# not seen #}
{% for name in names %}
  {{ name }}\\n
{% endfor %}
{%- if names %}
 ı İ ş {{ names | join('-') }} {% raw %}{{ x }}{% endraw %}

{% endif %}

"""


class Server:
    """Where things are laid."""

    def __init__(self, controller: Controller, folder: Path) -> None:
        self.controller = controller
        self.folder = folder
        folder.mkdir()
        (controller.folder / "templates/text.j2").write_text(TEMPLATE)
        (controller.folder / "templates/part.j2").write_text("part of {{ names[0] }}\n\n")
        (controller.folder / "templates/item.j2").write_text("{{ item.name }}={{ item.size }}\n")

    def entry(self, **keys: Any) -> dict[str, Any]:
        return {**self.controller.me, **keys}

    def task(self, **lists: Any) -> dict[str, Any]:
        return {"name": "Laid", "belgenet_files": lists}

    def all_kinds(self) -> dict[str, Any]:
        (self.controller.folder / "files/boards/deep").mkdir(parents=True, exist_ok=True)
        (self.controller.folder / "files/boards/deep/a.json").write_bytes(b"\xff\x00 no text \xfe")
        return self.task(
            folders=[self.entry(path=f"{self.folder}/new/inner", mode="2750")],
            files=[
                self.entry(template="text.j2", dest=f"{self.folder}/new/text", mode="0640"),
                self.entry(content="ı {{ names[1] }}\n", dest=f"{self.folder}/new/content"),
                self.entry(copy="boards", dest=f"{self.folder}/boards"),
            ],
            links=[{"path": f"{self.folder}/link", "to": "new/text"}],
            absent=[f"{self.folder}/old"],
        )

    def play(self, *tasks: dict[str, Any], words: tuple[str, ...] = ()):
        return self.controller.play(*tasks, words=words, names=["İlk", "ikinci"])

    def mode(self, name: str) -> str:
        return f"{stat.S_IMODE((self.folder / name).stat().st_mode):04o}"


@pytest.fixture
def server(controller: Controller, tmp_path: Path) -> Server:
    return Server(controller, tmp_path / "server")


def test_all_kinds_are_laid_at_once_and_a_second_run_changes_nothing(server):
    (server.folder / "old").write_text("")
    ran = server.play(server.all_kinds(), server.all_kinds(), words=("--diff",))
    assert (ran.code, ran.changed) == (0, 1), ran.text
    assert "changed: [" not in ran.text.split("TASK [")[2], "the second run"
    assert not (server.folder / "old").exists()
    assert [server.mode(name) for name in ("new", "new/inner", "new/text", "new/content", "boards/deep")] == [
        "2750",
        "2750",
        "0640",
        "0644",
        "0755",
    ]
    assert (server.folder / "new/content").read_text() == "ı ikinci\n"
    assert (server.folder / "boards/deep/a.json").read_bytes() == b"\xff\x00 no text \xfe"
    assert str((server.folder / "link").readlink()) == "new/text"


def test_it_is_told_which_places_changed_and_those_only(server):
    server.play(server.all_kinds())
    (server.folder / "new/content").unlink()
    told = server.play(server.all_kinds())
    assert told.changed == 1
    assert f"- {server.folder}/new/content\n" in told.text
    assert f"{server.folder}/new/text" not in told.text


def test_a_look_says_what_would_change_and_leaves_it(server):
    looked = server.play(server.all_kinds(), words=("--check", "--diff"))
    assert (looked.code, looked.changed) == (0, 1), looked.text
    assert list(server.folder.iterdir()) == []
    assert "+ ı İ ş İlk-ikinci {{ x }}" in looked.text
    server.play(server.all_kinds())
    (server.folder / "new/content").write_text("by hand\n")
    looked = server.play(server.all_kinds(), words=("--check", "--diff"))
    assert "-by hand\n+ı ikinci\n" in looked.text
    assert f"--- before: {server.folder}/new/content" in looked.text
    assert (server.folder / "new/content").read_text() == "by hand\n"


def test_a_template_gives_the_bytes_that_ansibles_own_task_gives(server):
    theirs = {
        "name": "Theirs",
        "ansible.builtin.template": server.entry(src="text.j2", dest=f"{server.folder}/theirs", mode="0644"),
    }
    ours = server.task(files=[server.entry(template="text.j2", dest=f"{server.folder}/ours")])
    over = server.task(files=[server.entry(template="text.j2", dest=f"{server.folder}/theirs")])
    ran = server.play(theirs, ours, over)
    assert (ran.code, ran.changed) == (0, 2), ran.text
    assert "changed: [" not in ran.text.split("TASK [")[3], "ours over theirs"
    assert (server.folder / "ours").read_bytes() == (server.folder / "theirs").read_bytes() != b""


def test_owner_and_mode_that_drifted_are_put_right_without_touching_the_rest(server):
    server.play(server.all_kinds())
    written = (server.folder / "new/text").stat().st_mtime_ns
    (server.folder / "new/text").chmod(0o666)
    (server.folder / "new/inner").chmod(0o700)
    owner = 65534 if os.geteuid() == 0 else os.geteuid()  # only root gives files away
    os.chown(server.folder / "new/content", owner, -1)
    looked = server.play(server.all_kinds(), words=("--check", "--diff"))
    assert "0666" in looked.text
    assert looked.changed == 1
    assert server.mode("new/text") == "0666"
    assert server.play(server.all_kinds()).changed == 1
    assert (server.mode("new/text"), server.mode("new/inner")) == ("0640", "2750")
    assert (server.folder / "new/text").stat().st_mtime_ns == written
    assert (server.folder / "new/content").stat().st_uid == os.geteuid()


def test_a_link_in_a_files_place_is_replaced_and_what_it_led_to_stays(server):
    (server.folder / "elsewhere").write_text("ı ikinci\n")
    (server.folder / "file").symlink_to("elsewhere")
    task = server.task(files=[server.entry(content="new\n", dest=f"{server.folder}/file", mode="0600")])
    assert server.play(task).changed == 1
    assert not (server.folder / "file").is_symlink()
    assert (server.folder / "file").read_text() == "new\n"
    assert server.mode("file") == "0600"
    assert (server.folder / "elsewhere").read_text() == "ı ikinci\n"


def test_a_link_to_a_folder_counts_as_the_folder(server):
    (server.folder / "disk").mkdir(mode=0o700)
    (server.folder / "backups").symlink_to("disk")
    task = server.task(folders=[server.entry(path=f"{server.folder}/backups", mode="0755")])
    ran = server.play(task, task)
    assert (ran.code, ran.changed) == (0, 1), ran.text
    assert (server.folder / "backups").is_symlink()
    assert server.mode("disk") == "0755"


@pytest.mark.parametrize("words", [(), ("--check",)])
def test_a_mistake_in_the_last_entry_leaves_the_first_ones_alone(server, words):
    (server.folder / "folder").mkdir()
    files = [{"content": "a", "dest": f"{server.folder}/{name}"} for name in ("first", "folder")]
    task = server.task(files=[server.entry(**file) for file in files])
    ran = server.play(task, words=words)
    assert ran.code != 0
    assert f"{server.folder}/folder is a folder" in ran.text
    assert not (server.folder / "first").exists()


MISTAKES = (
    ({"files": [{"content": "", "dest": "/x", "mode": 420}]}, "mode of /x: 420"),
    ({"files": [{"content": "", "dest": "/x", "mode": "644"}]}, "mode of /x: '644'"),
    ({"files": [{"content": "", "dest": "x"}]}, "write a whole path"),
    ({"files": [{"dest": "/x"}]}, "one of the following is required"),
    ({"files": [{"dest": "/x", "content": "", "copy": "y"}]}, "mutually exclusive"),
    ({"files": [{"dest": "/x", "template": "none.j2"}]}, "none.j2"),
    ({"files": [{"dest": "/x/{item[nmae]}", "content": "", "for_each": [{"name": "a"}]}]}, "nmae"),
    ({"folders": [{"path": "/x", "user": "root"}]}, "user"),
)


def test_what_cannot_be_meant_is_refused_by_name(server):
    ran = server.play(*({**server.task(**lists), "ignore_errors": True} for lists, _ in MISTAKES))
    assert (ran.code, ran.changed) == (0, 0), ran.text
    told = ran.text.split("TASK [")[1:]
    assert len(told) == len(MISTAKES)
    for text, (_, message) in zip(told, MISTAKES, strict=True):
        assert "fatal: [" in text
        assert message in text


def test_one_entry_stands_for_many_and_its_template_sees_each(server):
    task = server.task(
        folders=[server.entry(path=f"{server.folder}/{{item}}", for_each=["a", "b"])],
        files=[
            server.entry(
                template="item.j2",
                dest=f"{server.folder}/a/{{item[name]}}",
                for_each=[{"name": "çay", "size": 1}, {"name": "süt", "size": 2}],
            )
        ],
    )
    assert server.play(task).code == 0
    assert (server.folder / "b").is_dir()
    assert {path.name: path.read_text() for path in (server.folder / "a").iterdir()} == {
        "çay": "çay=1\n",
        "süt": "süt=2\n",
    }


def test_a_file_that_is_not_valid_never_gets_to_its_place(server):
    (server.folder / "rules").write_text("good\n")
    entry = server.entry(content="bad\n", dest=f"{server.folder}/rules", validate="grep good %s")
    ran = server.play(server.task(files=[entry]))
    assert f"{server.folder}/rules would not be valid" in ran.text
    assert (server.folder / "rules").read_text() == "good\n"
    assert server.play(server.task(files=[{**entry, "content": "also good\n"}])).changed == 1


def test_what_is_secret_is_shown_nowhere(server):
    tasks = []
    for name, hidden in (("key", {"no_log": True}), ("other-key", {"diff": False})):
        (server.folder / name).write_text("old-secret\n")
        task = server.task(files=[server.entry(content="new-secret\n", dest=f"{server.folder}/{name}", mode="0600")])
        tasks.append({**task, **hidden})
    ran = server.play(*tasks, words=("--diff", "-v"))
    assert ran.changed == 2
    assert "secret\n" not in ran.text
    assert "bmV3LXNlY3JldAo" not in ran.text, "in base64 neither"


def test_a_file_gives_way_to_a_link_only_when_told(server):
    for name in ("told", "conf"):
        (server.folder / name).write_text("by hand\n")
    ran = server.play(
        server.task(links=[{"path": f"{server.folder}/told", "to": "/nowhere", "force": True}]),
        server.task(links=[{"path": f"{server.folder}/conf", "to": "/nowhere", "force": False}]),
    )
    assert (ran.code, ran.changed) == (2, 1), ran.text
    assert (server.folder / "told").is_symlink()
    assert not (server.folder / "conf").is_symlink()
    assert f"{server.folder}/conf is not a link" in ran.text


def test_text_on_the_server_that_is_no_unicode_is_replaced(server):
    (server.folder / "file").write_bytes(b"k\xf6t\xfc\n")
    task = server.task(files=[server.entry(content="iyi\n", dest=f"{server.folder}/file")])
    ran = server.play(task, words=("--diff",))
    assert (ran.code, ran.changed) == (0, 1), ran.text
    assert "+iyi" in ran.text
    assert (server.folder / "file").read_text() == "iyi\n"


def entries() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Role and each entry of its tasks that has a fixed source."""
    for tasks in sorted((PLAYBOOKS / "roles").glob("*/tasks/*.yml")):
        for task in yaml.safe_load(tasks.read_text()):
            for entry in (task.get("belgenet_files") or {}).get("files", []):
                items = entry.get("for_each", [""])
                for item in items if isinstance(items, list) else []:
                    plain = {
                        name: text.format(item=item) for name, text in entry.items() if name in {"template", "copy"}
                    }
                    yield tasks.parents[1], plain


def test_every_entry_of_the_roles_names_a_template_or_file_they_have():
    named = [(role, kind, name) for role, entry in entries() for kind, name in entry.items()]
    assert len(named) > 30
    missing = [
        name
        for role, kind, name in named
        if not (role / {"template": "templates", "copy": "files"}[kind] / name).exists()
    ]
    assert missing == []
