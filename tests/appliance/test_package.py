"""The package for servers with a mirror of their distribution: installed by apt, set up by its one command."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.appliance.installation import DOMAIN, bundle, read_play
from tests.appliance.machine import Machine, machine
from tests.common.waiting import wait_until

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(900)]
MIRROR = "/srv/mirror"
RESOLVED = "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install /srv/belgenet.deb"


@pytest.fixture(scope="module")
def connected(system: str) -> Iterator[Machine]:
    """A server whose apt has a source: packages of the distribution, as its mirror would give them."""
    archive = bundle(system)
    package = next(Path(archive.parent).glob("belgenet_*.deb"))
    with machine(system) as server:
        server.copy(archive, "/srv/bundle.tar.gz")
        server.run(
            f"mkdir {MIRROR} && tar -C {MIRROR} -xzf /srv/bundle.tar.gz --strip-components=2 --wildcards '*/debs/*'"
        )
        server.run("rm /srv/bundle.tar.gz; rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*")
        server.write("/etc/apt/sources.list", f"deb [trusted=yes] file:{MIRROR} ./\n")
        server.copy(package, "/srv/belgenet.deb")
        yield server


def test_apt_brings_the_release_and_nothing_runs_yet(connected: Machine) -> None:
    said = connected.run(RESOLVED, timeout=300).stdout
    assert "sudo belgenet-install" in said
    assert connected.run(["test", "-e", "/opt/belgenet"], check=False).returncode == 1
    assert connected.run(["dpkg-query", "-W", "postgresql-common"], check=False).returncode != 0


def test_its_command_sets_the_server_up_from_the_distributions_sources(connected: Machine) -> None:
    asked = {"belgenet_domain": DOMAIN, "belgenet_admin_email": f"bt@{DOMAIN}", "belgenet_tls_mode": "self_signed"}
    connected.write("/root/answers.yml", yaml.safe_dump(asked))
    words = ["belgenet-install", "--answers", "/root/answers.yml", "--yes", "--lang", "en"]
    done = connected.run(words, check=False, timeout=880)
    play = read_play(done.returncode, f"{done.stdout}\n{done.stderr}")
    assert play.code == 0, play.text[-8000:]
    assert wait_until(lambda: json.loads(connected.run(["belgenet", "health"]).stdout)["status"] == "ok", 60)
    assert connected.run(["test", "-e", "/etc/apt/sources.list.d/belgenet.sources"], check=False).returncode == 1


def test_a_second_run_changes_nothing(connected: Machine) -> None:
    done = connected.run(["belgenet-install", "--yes", "--lang", "en"], check=False, timeout=600)
    play = read_play(done.returncode, f"{done.stdout}\n{done.stderr}")
    assert (play.code, play.changed) == (0, 0), play.text[-4000:]


def test_without_the_package_the_server_goes_on(connected: Machine) -> None:
    connected.run("DEBIAN_FRONTEND=noninteractive apt-get -qq -y remove belgenet")
    assert connected.run(["belgenet", "health"], check=False).returncode == 0
