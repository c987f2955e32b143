"""From an administration machine over SSH: a server that has nothing yet, one that has to change, and one that has not."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.appliance.conftest import Another
from tests.appliance.installation import DOMAIN, Installation, Play, bundle, read_play
from tests.appliance.machine import Machine, machine
from tests.appliance.roots import home
from tests.common.waiting import wait_until

from belgenet.testing.paths import project_root

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1800)]
ANSIBLE = project_root() / "var/tools/ansible-lint/bin/ansible-playbook"
PLAYBOOKS = project_root() / "deploy/ansible"


@dataclass(frozen=True)
class Fleet:
    """An administration machine: this computer."""

    folder: Path

    def play(self, hosts: dict[str, Any], *words: str) -> Play:
        """Run the fleet's playbook over an inventory of these hosts."""
        inventory = self.folder / "hosts.yml"
        inventory.write_text(yaml.safe_dump({"belgenet": {"vars": self._common(), "hosts": hosts}}))
        line = [str(ANSIBLE), "-i", str(inventory), str(PLAYBOOKS / "fleet.yml"), *words]
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(PLAYBOOKS / "ansible.cfg"),
        }
        done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment, timeout=880)
        return read_play(done.returncode, f"{done.stdout}\n{done.stderr}")

    @staticmethod
    def _common() -> dict[str, Any]:
        public = subprocess.run(
            ["ssh-keygen", "-lf", str(home() / "release.key.pub")], capture_output=True, text=True, check=True
        )
        return {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(home() / "ssh/id_ed25519"),
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
            "belgenet_bundles": {system: str(bundle(system)) for system in ("debian12", "debian13") if _built(system)},
            "belgenet_fingerprint": public.stdout.split()[1],
        }


def _built(system: str) -> bool:
    return any((home() / "bundles").rglob(f"belgenet-*-{system}-*.tar.gz"))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def inhabited(another: Another) -> Iterator[Installation]:
    with another() as site:
        yield site


@pytest.fixture(scope="module")
def empty(system: str) -> Iterator[Machine]:
    with machine(system) as server:
        yield server


def test_an_empty_server_is_installed(fleet: Fleet, empty: Machine):
    asked = {"belgenet_domain": "vakif.example", "belgenet_admin_email": "bt@vakif.example"}
    host = {empty.address: {"belgenet_site": {**asked, "belgenet_tls_mode": "self_signed"}}}
    look = fleet.play(host, "--check")
    assert look.code == 0, look.text[-4000:]
    assert not empty.run(["ls", "-A", "/opt", "/root"]).stdout.count("belgenet"), "a look changes nothing"
    play = fleet.play(host)
    assert play.code == 0, play.text[-8000:]
    assert "Installed, or brought to a later release with all that keeps a failure from hurting" in play.tasks
    assert re.search(r"https://vakif\.example\S+", play.text), "the link that opens the console"
    assert wait_until(lambda: json.loads(empty.run(["belgenet", "health"]).stdout)["status"] == "ok", 60)
    assert empty.run(["test", "-e", "/root/belgenet-fleet"], check=False).returncode == 1


def test_what_the_inventory_says_of_a_server_is_brought_to_it_once(fleet: Fleet, inhabited: Installation):
    server = inhabited.server
    told = yaml.safe_load(server.read("/etc/belgenet/site.yml"))
    told["belgenet_settings"]["mail.sender"] = f"Okul <okul@{DOMAIN}>"
    host = {server.address: {"belgenet_site": told}}
    first = fleet.play(host)
    assert first.code == 0, first.text[-4000:]
    assert first.tasks == ["What is particular about it", "It is what its release and its settings describe"]
    assert f"okul@{DOMAIN}" in server.read("/etc/belgenet/belgenet.ini")
    second = fleet.play(host)
    assert (second.code, second.changed) == (0, 0), second.text[-4000:]
    assert wait_until(inhabited.whole, 60)
    donor = inhabited.story("donor")
    assert donor.returncode == 0, f"{donor.stdout}\n{donor.stderr}"


def test_a_server_whose_objects_have_moved_is_not_led_back(fleet: Fleet, inhabited: Installation):
    server = inhabited.server
    before = server.read("/etc/belgenet/site.yml")
    site = yaml.safe_load(before)
    server.write("/etc/belgenet/site.yml", f"{before}belgenet_objectstore_backend: external_s3\n")
    play = fleet.play({server.address: {"belgenet_site": site}})
    assert play.code != 0
    assert "external_s3" in play.text
    assert "belgenet_objectstore_backend" in server.read("/etc/belgenet/site.yml")
    server.write("/etc/belgenet/site.yml", before)


@pytest.mark.after("test_an_empty_server_is_installed")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"belgenet_bundles": {}}, "belgenet_bundles names no bundle for"),
        (
            {"belgenet_site": {"belgenet_tls_mode": "self_signed"}},
            "does not say belgenet_domain and belgenet_admin_email",
        ),
    ],
)
def test_an_inventory_that_does_not_fit_one_server_changes_none(
    fleet: Fleet, inhabited: Installation, empty: Machine, wrong: dict[str, Any], said: str
):
    before = {server: server.read("/etc/belgenet/site.yml") for server in (inhabited.server, empty)}
    for one, other in ((empty, inhabited.server), (inhabited.server, empty)):
        site = yaml.safe_load(before[other]) | {"belgenet_locale": "en"}
        play = fleet.play(
            {
                one.address: {"belgenet_site": yaml.safe_load(before[one]), **wrong},
                other.address: {"belgenet_site": site},
            }
        )
        assert play.code != 0
        assert said in play.text
        assert play.tasks == []
    assert {server: server.read("/etc/belgenet/site.yml") for server in before} == before
