"""The list of an environment's files: everything that Python or a shell would run is on it, and nothing else may be there."""

import json
import os

import pytest

from belgenet.appliance.installed import altered, contents, list_of, main, note, shown

PACKAGES = "lib/python3.13/site-packages"


@pytest.fixture
def venv(tmp_path):
    folder = tmp_path / "venv"
    for name in (
        "bin/belgenet",
        f"{PACKAGES}/app.py",
        f"{PACKAGES}/__pycache__/app.cpython-313.pyc",
        f"{PACKAGES}/app-1.0.dist-info/RECORD",
        "pyvenv.cfg",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "bin/python").symlink_to("/usr/bin/python3")
    (folder / "lib64").symlink_to("lib")
    note(folder)
    return folder


def test_as_it_was_made(venv):
    assert altered(venv) == []
    assert list_of(venv).stat().st_mode & 0o777 == 0o444
    before = list_of(venv).read_bytes()
    note(venv)
    assert list_of(venv).read_bytes() == before
    assert list(json.loads(before)) == sorted(contents(venv))


@pytest.mark.parametrize("name", ["bin/belgenet", f"{PACKAGES}/__pycache__/app.cpython-313.pyc", "pyvenv.cfg"])
def test_a_changed_file_of_the_same_size_and_time(venv, name):
    file = venv / name
    times, text = file.stat(), file.read_text()
    file.write_text("x" * len(text))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert altered(venv) == [f"venv/{name}"]


@pytest.mark.parametrize(
    "name", ["evil.pth", "sitecustomize.py", "json/__init__.py", "__pycache__/app.cpython-313.opt-1.pyc"]
)
def test_an_added_file(venv, name):
    (venv / PACKAGES / name).parent.mkdir(exist_ok=True)
    (venv / PACKAGES / name).write_text("import os\n")
    assert altered(venv) == [f"venv/{PACKAGES}/{name}"]


def test_what_was_removed(venv):
    (venv / PACKAGES / "app-1.0.dist-info/RECORD").unlink()
    (venv / PACKAGES / "app-1.0.dist-info").rmdir()
    assert altered(venv) == [f"venv/{PACKAGES}/app-1.0.dist-info/RECORD"]


def test_a_link_that_leads_elsewhere_and_what_is_no_file(venv):
    (venv / "bin/python").unlink()
    (venv / "bin/python").symlink_to("/tmp/python")
    (venv / "lib64").unlink()
    (venv / "lib64").mkdir()
    os.mkfifo(venv / "bin/pipe")
    assert altered(venv) == ["venv/bin/pipe", "venv/bin/python", "venv/lib64"]


@pytest.mark.parametrize("text", [None, "", "[]", "{", '{"pyvenv.cfg": 1'])
def test_without_its_list_it_is_not_believed(venv, text):
    list_of(venv).unlink()
    if text is not None:
        list_of(venv).write_text(text)
    assert altered(venv) == ["venv.files"]


def test_the_environment_itself_is_gone(venv):
    venv.rename(venv.with_name("elsewhere"))
    assert len(altered(venv)) == 7


def test_the_program(venv, capsys):
    assert main(["check", str(venv)]) == 0
    (venv / "b.pth").touch()
    (venv / "a\x1b[31m.pth").touch()
    assert main(["check", str(venv)]) == 1
    assert capsys.readouterr().out == "'venv/a\\x1b[31m.pth'\nvenv/b.pth\n"
    assert main(["note", str(venv)]) == 0
    assert main(["check", str(venv)]) == 0


def test_a_name_that_no_encoding_knows(venv):
    (venv / os.fsdecode(b"caf\xe9")).touch()
    assert [shown(name) for name in altered(venv)] == ["'venv/caf\\udce9'"]
    note(venv)
    assert altered(venv) == []
