"""Story 1 goes on, where it was installed: it is closed, what somebody did to it is found and repaired, it starts anew."""

import json
import re
import time

import pytest
from tests.appliance import own
from tests.appliance.installation import Installation, note
from tests.appliance.layers import older_than_checkout
from tests.appliance.ports import answering, echoes
from tests.common.waiting import wait_until

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.timeout(1800),
    pytest.mark.after("test_one_command_installs_it_without_a_network"),
]

SANDBOX_BUDGET = 2.0
ROOTS_UNITS = {
    "belgenet-alert.service",
    "belgenet-backup.service",
    "belgenet-backup-full.service",
    "belgenet-backup-offsite.service",
    "belgenet-backup-verify.service",
    "belgenet-drill.service",
    "belgenet-secrets.service",
    "belgenet-tls.service",
    "belgenet-upgrade-resume.service",
}
"""Some that run as root: they must be among those that are looked at."""
SETTINGS = "/etc/belgenet/belgenet.ini"
PAGE = "/etc/nginx/sites-available/belgenet"
ECHO = """
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 5300))
while True:
    s.sendto(*s.recvfrom(99))
"""
"""Sends back what comes to its UDP port."""
MEMORY_BUDGET = 1.5 * 1024**3


def found(site: Installation, code: str, *words: str) -> str:
    """What the doctor says of this kind; nothing when it found none."""
    said = site.server.run(["belgenet", "doctor", "--json", "--lang", "en", *words], check=False, timeout=900).stdout
    return "".join(item["title"] for item in json.loads(said)["findings"] if item["code"] == code)


def altered(site: Installation) -> str:
    """What the doctor says about the release's files."""
    return found(site, "release_altered")


as_installed = pytest.mark.skipif(
    older_than_checkout(), reason="its files are not those of its bundle: APPLIANCE_AS_IS=1"
)


class TestSettled:
    """Steps on one machine, in this order."""

    def test_only_ssh_and_the_site_answer_from_outside(self, ours: Installation):
        for address in (ours.server.address, ours.server.link_local()):
            assert answering(address) == {22, 80, 443}, address

    def test_what_listens_for_udp_is_not_reached_from_outside_either(self, ours: Installation):
        ours.server.run(["systemd-run", "--quiet", "--unit=trial-echo", "python3", "-c", ECHO])
        asked = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1)\n"
        asked += "s.sendto(b'anybody?', ('127.0.0.1', 5300)); assert s.recv(99) == b'anybody?'"
        assert wait_until(lambda: ours.server.run(["python3", "-c", asked], check=False).returncode == 0, 20)
        for address in (ours.server.address, ours.server.link_local()):
            assert not echoes(address, 5300), address
        ours.server.run("nft add rule inet belgenet in udp dport 5300 accept")
        assert echoes(ours.server.address, 5300), "it is the firewall that keeps them out"
        ours.server.run("systemctl stop trial-echo && nft -f /etc/nftables.conf")

    def test_every_service_of_ours_is_sandboxed(self, ours: Installation):
        services = ours.own_services()
        assert {"belgenet-web@.service", *ROOTS_UNITS} <= set(services), services
        exposed, unlimited = {}, []
        for unit in services:
            said = ours.server.run(["systemd-analyze", "security", "--no-pager", unit]).stdout
            level = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
            assert level is not None, said
            exposed[unit] = float(level[1])
            written = ours.server.run(["systemctl", "cat", unit]).stdout
            unlimited += [f"{unit}: {limit}" for limit in ("MemoryMax=", "TasksMax=") if f"\n{limit}" not in written]
        note(ours.server.system, sandbox=exposed)
        over = {unit: level for unit, level in exposed.items() if level > SANDBOX_BUDGET}
        assert (over, unlimited) == ({}, [])

    def test_a_look_finds_the_file_that_somebody_changed_and_leaves_it(self, ours: Installation):
        ours.server.run("echo '# by hand' >>/etc/belgenet/belgenet.ini")
        play = ours.check("app")
        assert (play.code, play.tasks) == (1, ["app : Settings"]), play.text[-4000:]
        assert "  app : Settings: /etc/belgenet/belgenet.ini" in play.text
        assert "-# by hand" in play.text
        assert found(ours, "drifted", "--drift").endswith(": app : Settings")
        assert ours.server.read("/etc/belgenet/belgenet.ini").endswith("# by hand\n")
        ours.server.run("sed -i '$d' /etc/belgenet/belgenet.ini")

    @as_installed
    def test_a_file_that_was_deleted_is_put_back_and_nothing_else(self, ours: Installation):
        before = ours.server.read(SETTINGS)
        ours.server.run(["rm", SETTINGS])
        play = ours.install()
        assert (play.code, play.tasks) == (0, ["app : Settings"]), play.text[-4000:]
        assert ours.server.read(SETTINGS) == before
        assert ours.alive()

    def test_what_one_role_has_put_there_that_role_puts_back(self, ours: Installation):
        before = ours.server.read(PAGE)
        ours.server.run(["rm", PAGE])
        told = ours.server.run("belgenet apply --only nginx --lang en").stdout
        changed = [line.strip() for line in told.splitlines() if line.startswith("  ")]
        assert changed == [f"nginx : The site: {PAGE}", "nginx : Reload nginx"]
        assert ours.server.read(PAGE) == before
        assert ours.alive()

    @as_installed
    def test_files_of_the_release_that_were_changed_or_planted_are_found_and_made_anew(self, ours: Installation):
        """By the bundle as an ordinary user unpacked it: who could change it must not be able to while root works with it."""
        server = ours.server
        assert altered(ours) == "", "a server that has run for a while"
        server.run(
            f"cd /opt/belgenet/releases/{ours.version}/venv && echo 'import os' >\"$(echo lib/python3*/site-packages)/x.pth\" && "
            "echo '# x' >>bin/belgenet && truncate -s -1 lib/python3*/site-packages/belgenet/__pycache__/app.*.pyc"
        )
        told = altered(ours)
        assert "3 files of the release were changed, removed or added" in told
        assert [name for name in ("/x.pth", "venv/bin/belgenet", "/__pycache__/app.") if name not in told] == []
        server.run(["chown", "-R", "nobody:", ours.folder])
        play = ours.install()
        server.run(["chown", "-R", "root:", ours.folder])
        assert (play.code, play.tasks) == (0, []), play.text[-4000:]
        assert "Copying it to /opt/belgenet/unpacked" in play.text
        assert f"Files in /opt/belgenet/releases/{ours.version}/venv were altered" in play.text
        assert server.run("ls /opt/belgenet").stdout.split() == ["bin", "current", "releases"]
        assert altered(ours) == ""
        assert ours.alive()

    def test_it_comes_back_after_a_reboot_with_the_operators_files_in_effect_and_rests(self, ours: Installation):
        own.plant(ours)
        ours.server.stop()
        ours.server.boot()
        assert wait_until(ours.alive, 120), ours.server.journal(lines=80)
        assert ours.server.state() == "running", ours.server.run("systemctl --failed --no-pager").stdout
        time.sleep(60)  # what has just started is not at rest
        used = ours.memory()
        note(ours.server.system, boot_seconds=round(ours.server.boot_seconds, 1), memory_mib=round(used / 1024**2))
        assert used < MEMORY_BUDGET
        assert own.kept(ours) == own.texts(ours)
        assert own.effects(ours) == own.EFFECTS
