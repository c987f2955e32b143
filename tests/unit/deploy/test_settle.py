"""What dpkg was killed at is brought to its end, with the real dpkg and an administrative folder of its own."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.unit.deploy.roles import DEPLOY, value

SCRIPT = DEPLOY / "roles/base/files/settle-packages.sh"
APT = """#!/bin/sh
echo "$*" >>{told}
{then}
"""

pytestmark = pytest.mark.skipif(not shutil.which("dpkg"), reason="for Debian and its relatives")


@dataclass
class Packages:
    """A server's packages."""

    folder: Path

    def __post_init__(self) -> None:
        for name in ("admin/info", "admin/updates", "root", "bin"):
            (self.folder / name).mkdir(parents=True)
        for name in ("status", "available"):
            (self.folder / "admin" / name).touch()
        (self.folder / ".dpkg.cfg").write_text("log=/dev/null\n")
        self.apt("true")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}:/usr/sbin:/sbin",
            "DPKG_ADMINDIR": str(self.folder / "admin"),
            "HOME": str(self.folder),
            "DPKG_FORCE": "not-root,bad-path",
            "BELGENET_APT_SOURCE": str(self.folder / "belgenet.sources"),
        }

    def apt(self, then: str) -> None:
        """A stand-in, and what it does."""
        program = self.folder / "bin/apt-get"
        program.write_text(APT.format(told=self.folder / "told", then=then))
        program.chmod(0o755)

    def told(self) -> str:
        file = self.folder / "told"
        return file.read_text() if file.exists() else ""

    def dpkg(self, *words: str) -> None:
        line = ["dpkg", f"--instdir={self.folder}/root", *words]
        subprocess.run(line, check=True, capture_output=True, env=self.environment)

    def unpacked(self, name: str, depends: str = "") -> None:
        """One that was unpacked and never configured."""
        place = self.folder / name / "DEBIAN"
        place.mkdir(parents=True)
        (place / "control").write_text(
            f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@okul.example>\nDescription: x\n"
            + (f"Depends: {depends}\n" if depends else "")
        )
        built = self.folder / f"{name}.deb"
        subprocess.run(["dpkg-deb", "--build", str(place.parent), str(built)], check=True, capture_output=True)
        self.dpkg("--unpack", str(built))

    def cut_off(self) -> None:
        """dpkg had noted what it had done, and did not come to write it into its list."""
        status = self.folder / "admin/status"
        (self.folder / "admin/updates/0000").write_text(status.read_text())
        status.write_text("")

    def settle(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["bash", str(SCRIPT), *words], capture_output=True, text=True, check=False, env=self.environment
        )
        assert done.returncode == 0, done.stderr
        return done

    def states(self) -> str:
        listed = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package}\n"]
        return subprocess.run(listed, check=False, capture_output=True, text=True, env=self.environment).stdout


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path)


def test_nothing_is_said_or_done_where_all_is_well(packages: Packages):
    packages.unpacked("fine")
    packages.dpkg("--configure", "-a")
    assert (packages.settle().stdout, packages.settle("--look").stdout, packages.told()) == ("", "", "")


def test_what_was_cut_off_is_brought_to_its_end_once(packages: Packages):
    packages.unpacked("half")
    packages.cut_off()
    told = "dpkg was interrupted\niU  half\n"
    assert packages.settle("--look").stdout == told
    assert list((packages.folder / "admin/updates").iterdir()), "a look changes nothing"
    assert sorted(packages.settle().stdout.splitlines()) == sorted(told.splitlines())
    assert packages.states() == "ii half\n"
    assert (packages.settle().stdout, packages.told()) == ("", "")


@pytest.mark.parametrize("known", [True, False])
def test_what_was_not_unpacked_yet_comes_from_the_releases_packages(packages: Packages, known: bool):
    packages.unpacked("half", depends="missing")
    if known:
        (packages.folder / "belgenet.sources").touch()
    packages.apt(f"cd {packages.folder}; sed -i '/^Depends/d' admin/status; dpkg --instdir=root --configure -a")
    assert packages.settle().stdout == "iU  half\n"
    assert "--fix-broken" in packages.told()
    assert ("belgenet.sources" in packages.told()) is known


def test_who_installs_says_where_packages_come_from(packages: Packages):
    packages.unpacked("half", depends="missing")
    (packages.folder / "belgenet.sources").touch()
    packages.settle("-oDir::Etc::SourceList=/srv/list")
    assert "-oDir::Etc::SourceList=/srv/list" in packages.told()
    assert "belgenet.sources" not in packages.told()


def test_what_nobody_can_settle_is_no_change_and_no_failure(packages: Packages):
    packages.unpacked("half", depends="missing")
    done = packages.settle()
    assert done.stdout == ""
    assert "missing" in done.stderr


def test_it_comes_before_anything_else_whatever_part_of_the_playbook_runs():
    first = yaml.safe_load((DEPLOY / "roles/base/tasks/main.yml").read_text(encoding="utf-8"))[0]
    assert (first["tags"], first["check_mode"]) == (["always"], False)
    command = first["ansible.builtin.script"]["cmd"]
    inner = command.removeprefix("settle-packages.sh{{").removesuffix("}}")
    assert (value(inner, ansible_check_mode=True), value(inner, ansible_check_mode=False)) == (" --look", "")
    assert not value(first["changed_when"], base__settled={"stdout": ""})
    roles = yaml.safe_load((DEPLOY / "site.yml").read_text(encoding="utf-8"))[0]["roles"]
    assert roles[0]["role"] == "base"
