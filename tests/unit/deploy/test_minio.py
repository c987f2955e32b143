"""MinIO's part of the object store's role: its tasks run by the real ansible-playbook, with stand-ins for MinIO and systemd."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.deploy.conftest import ROOT, Controller, Run
from tests.unit.deploy.roles import DEPLOY, rendered, settings
from tests.unit.deploy.systemd import Systemd

ROLE = DEPLOY / "roles/objectstore"
OURS = {
    name: said
    for file in ("defaults", "vars")
    for name, said in yaml.safe_load((ROLE / f"{file}/main.yml").read_text(encoding="utf-8")).items()
}
TASKS = (ROLE / "tasks/minio.yml").read_text(encoding="utf-8")
PORT = OURS["objectstore__ours"]["minio"].partition(":")[2]
MINIO = "#!/bin/sh\necho 'minio version RELEASE.2026-06-18T00-00-00Z (commit-id=x)'\n"
# The product's own check of the program, and a bucket with its users that are made once.
BELGENET = """#!/bin/sh
case "$2" in
minio-build) exec env PYTHONPATH='{source}' '{python}' -m belgenet.cli "$@" ;;
provision)
  if [ -e '{folder}/provisioned' ]; then echo '{{"changed": []}}'; else echo '{{"changed": ["bucket"]}}'; fi
  touch '{folder}/provisioned' ;;
esac
"""
HANDLERS = [
    {"name": "Restart minio", "ansible.builtin.command": "systemctl daemon-reload"},
    {"name": "Load the firewall", "ansible.builtin.command": "systemctl start nftables.service"},
]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the program belongs to root and is run as nobody")
with_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")


class Server:
    """A folder that stands for a server on which the role's tasks run."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self.systemd = Systemd(controller)
        for name in ("belgenet-minio.service", "nftables.service"):
            self.systemd.has(name, active="inactive", enabled="disabled")
        self.folder = controller.folder / "server"
        for name in ("opt/belgenet/bin", "etc/systemd/system", "home/venv/bin"):
            (self.folder / name).mkdir(parents=True)
        for templates in (ROLE / "templates", DEPLOY / "templates"):
            shutil.copytree(templates, controller.folder / "templates", dirs_exist_ok=True)
        belgenet = self.folder / "home/venv/bin/belgenet"
        belgenet.write_text(BELGENET.format(source=ROOT / "src", python=sys.executable, folder=self.folder))
        belgenet.chmod(0o755)
        self.program = self.folder / "brought"
        self.program.write_text(MINIO)
        self.program.chmod(0o755)
        self.digest = hashlib.sha256(self.program.read_bytes()).hexdigest()

    def run(self, *words: str, **given: Any) -> Run:
        """All tasks except those that would make a user of this computer's."""
        text = re.sub(r"(?<=[\s:])(?=/(etc|opt)/)", str(self.folder), TASKS)
        text = re.sub(
            r"(owner|group): belgenet-minio", lambda found: f"{found[1]}: {self.controller.me[found[1]]}", text
        )
        tasks = [
            task for task in yaml.safe_load(text) if not {"ansible.builtin.user", "ansible.builtin.group"} & task.keys()
        ]
        assert len(tasks) == len(yaml.safe_load(TASKS)) - 2
        here = {
            "base_home": f"{self.folder}/home",
            "objectstore__minio_folder": f"{self.folder}/objects",
            "belgenet_minio_binary": str(self.program),
            "belgenet_minio_sha256": self.digest,
        }
        return self.controller.play(*tasks, handlers=HANDLERS, words=words, **settings(**OURS) | here | given)

    def laid(self) -> set[str]:
        """What the role has brought onto the server."""
        found = (self.folder / name for name in ("opt", "etc", "objects"))
        return {str(file.relative_to(self.folder)) for top in found for file in top.rglob("*") if file.is_file()} | {
            name for name in ("objects",) if (self.folder / name).exists()
        }


@pytest.fixture
def server(controller: Controller) -> Server:
    return Server(controller)


@as_root
def test_a_program_that_is_meant_comes_and_runs_and_a_second_run_changes_nothing(server):
    ran = server.run()
    assert ran.code == 0, ran.text
    program = server.folder / "opt/belgenet/bin/minio"
    assert (program.read_text(), program.stat().st_mode & 0o777) == (MINIO, 0o755)
    assert (server.folder / "objects").stat().st_mode & 0o777 == 0o700
    assert server.laid() == {
        "opt/belgenet/bin/minio",
        "etc/systemd/system/belgenet-minio.service",
        "etc/nftables.d/belgenet-minio.nft",
        "objects",
    }
    assert server.systemd.now() == {
        "belgenet-minio.service": ("active", "enabled"),
        "nftables.service": ("active", "disabled"),
    }
    told = server.systemd.told()
    assert told.index("start nftables.service") < told.index("enable belgenet-minio.service"), "guarded from the start"
    assert (server.folder / "provisioned").exists()

    again = server.run()
    assert (again.code, again.changed) == (0, 0), again.text


@as_root
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"belgenet_minio_sha256": "0" * 64}, "another file than you mean"),
        ({"belgenet_minio_sha256": ""}, "64 hexadecimal digits"),
        ({"belgenet_minio_binary": "/nowhere/minio"}, "never downloaded"),
    ],
    ids=["other", "none", "missing"],
)
def test_a_program_that_is_not_meant_changes_nothing_on_the_server(server, given, said):
    ran = server.run(**given)
    assert ran.code != 0
    assert said in " ".join(ran.text.split()), ran.text
    assert (server.laid(), server.systemd.now()["belgenet-minio.service"]) == (set(), ("inactive", "disabled"))


def unit(**given: Any) -> str:
    return rendered("objectstore", "belgenet-minio.service.j2", **OURS, **given)


def test_it_listens_on_this_server_only_and_as_its_own_user():
    lines = unit().splitlines()
    assert "User=belgenet-minio" in lines
    (start,) = (line for line in lines if line.startswith("ExecStart="))
    assert f"--address 127.0.0.1:{PORT} /var/lib/belgenet/minio" in start
    assert "MINIO_BROWSER=off MINIO_UPDATE=off" in "\n".join(lines)
    assert [(entry["name"], entry.get("shell")) for entry in made()] == [
        ("belgenet-minio", None),
        ("belgenet-minio", "/usr/sbin/nologin"),
    ]


def made() -> list[dict[str, Any]]:
    """Group and user that the role makes."""
    tasks = yaml.safe_load(TASKS)
    return [task[kind] for kind in ("ansible.builtin.group", "ansible.builtin.user") for task in tasks if kind in task]


@pytest.mark.parametrize("wanted", [True, False])
def test_its_figures_need_no_token_only_where_somebody_fetches_them(wanted):
    assert ("Environment=MINIO_PROMETHEUS_AUTH_TYPE=public" in unit(belgenet_monitoring=wanted).splitlines()) is wanted


@pytest.fixture
def unit_file(tmp_path: Path) -> Path:
    """The unit as a server gets it, but with a program that is there."""
    file = tmp_path / "belgenet-minio.service"
    file.write_text(unit().replace("/opt/belgenet/bin/minio", "/bin/true"))
    return file


@with_systemd
def test_systemd_understands_its_unit(unit_file):
    done = subprocess.run(["systemd-analyze", "verify", unit_file], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "belgenet-minio" in line]  # not of units of this computer's
    assert (done.returncode, said) == (0, []), done.stderr


@with_systemd
def test_it_is_as_shut_in_as_every_service_of_ours(unit_file):
    """2.0 of 10 is what servers are held to."""
    line = ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", str(unit_file)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_those_who_store_and_nginx_reach_its_port():
    """Nginx hands figures out at its door and lets only signed requests through elsewhere."""
    text = rendered("objectstore", "minio.nft.j2", **OURS)
    (rule,) = re.findall(r"tcp dport (\d+) meta skuid != \{ ([^}]+) \} reject", text)
    assert rule[0] == PORT
    others = {"belgenet-web", "belgenet-worker", "belgenet-console"}
    assert set(rule[1].split(", ")) == {"root", "belgenet-minio", "www-data"} | others
    words = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert words[:2] == ["table inet belgenet_minio", "delete table inet belgenet_minio"], "a reload would add it twice"


def test_its_rules_come_with_every_start_of_the_firewall():
    (laid,) = re.findall(r"template: minio\.nft\.j2, dest: (\S+)\}", TASKS)
    assert Path(laid).match("/etc/nftables.d/*.nft")
    assert (
        'include "/etc/nftables.d/*.nft"'
        in rendered("firewall", "nftables.conf.j2", firewall__seaweedfs=False).splitlines()
    )
