"""How the database cluster is made, and what becomes of one whose making was cut off."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.deploy.roles import DEPLOY, task, value

SCRIPT = DEPLOY / "roles/postgres/files/make-cluster.sh"
# As pg_createcluster: what it finds under PG_VERSION it takes for a cluster.
MAKE = """#!/bin/sh
cd FOLDER
mkdir -p data settings
if [ ! -e data/PG_VERSION ]; then
  echo 17 >data/PG_VERSION
  [ ! -e cut-off ] || exit 137
  echo whole >data/base
fi
echo here >settings/postgresql.conf
"""
SYSTEMCTL = '#!/bin/sh\necho "$*" >>FOLDER/told\n'


@dataclass
class Place:
    folder: Path

    def __post_init__(self) -> None:
        self.data, self.settings, self.mark = (self.folder / name for name in ("data", "settings", "mark"))
        for name, text in (("pg_createcluster", MAKE), ("systemctl", SYSTEMCTL)):
            (self.folder / name).write_text(text.replace("FOLDER", str(self.folder)))
            (self.folder / name).chmod(0o755)

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = ["bash", str(SCRIPT), *words, *map(str, (self.mark, self.data, self.settings)), "postgresql@17-belgenet"]
        return subprocess.run(
            [*line, "pg_createcluster", "17", "belgenet"],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{self.folder}:/usr/bin:/bin"},
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_it_is_made_once(place: Place):
    assert (place.make("--look").stdout, place.data.exists()) == (f"{place.data}\n", False)
    assert place.make().stdout == f"{place.data}\n"
    assert (place.make().stdout, place.make("--look").stdout, place.mark.exists()) == ("", "", False)


def test_one_that_was_cut_off_is_made_anew(place: Place):
    (place.folder / "cut-off").touch()
    assert place.make().returncode == 137
    assert not (place.data / "base").exists()
    (place.folder / "cut-off").unlink()
    done = place.make()
    assert (done.returncode, done.stdout) == (0, f"{place.data}\n"), done.stderr
    assert (place.data / "base").exists()
    assert (place.folder / "told").read_text() == "stop postgresql@17-belgenet\n"
    assert place.make().stdout == ""


def test_data_of_before_an_uninstallation_is_taken_as_it_is(place: Place):
    place.make()
    (place.data / "base").write_text("an institution's")
    (place.settings / "postgresql.conf").unlink()
    assert place.make().returncode == 0
    assert (place.data / "base").read_text() == "an institution's"


def test_the_role_only_looks_when_it_is_to():
    made = task("postgres", "The cluster")
    assert made["ansible.builtin.script"]["cmd"].startswith(
        "make-cluster.sh {{ '--look' if ansible_check_mode else '' }} "
    )
    assert made["check_mode"] is False
    assert not value(made["changed_when"], postgres__made={"stdout": ""})
