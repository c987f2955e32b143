"""Story 1: from bare Debian without a network to donors and learners who are served, with one command; and again, with none."""

import json
import re
import ssl
import time

import httpx
import pytest
from tests.appliance import institution, own
from tests.appliance.installation import DOMAIN, Installation, note
from tests.appliance.ports import answering
from tests.common.waiting import wait_until

from belgenet.cli.story.steps import StoryFailed

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1800)]

PARTS = ("belgenet-web@1", "belgenet-web@2", "belgenet-beat", "belgenet-relay", "belgenet-objects", "nginx")
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
MEMORY_BUDGET = 1.5 * 1024**3
INSTALL_BUDGET = 600


installed = pytest.mark.after("test_one_command_installs_it_without_a_network")
planted = pytest.mark.after("test_the_operator_adds_files_of_their_own")
inhabited = pytest.mark.after("test_an_institution_moves_in")


def found(site: Installation, code: str, *words: str) -> str:
    """What the doctor says of this kind; nothing when it found none."""
    said = site.server.run(["belgenet", "doctor", "--json", "--lang", "en", *words], check=False, timeout=900).stdout
    return "".join(item["title"] for item in json.loads(said)["findings"] if item["code"] == code)


def altered(site: Installation) -> str:
    """What the doctor says about the release's files."""
    return found(site, "release_altered")


class TestInstall:
    """Steps on one machine, in this order."""

    def test_one_command_installs_it_without_a_network(self, site: Installation):
        site.answer()
        started = time.perf_counter()
        play = site.install()
        seconds = time.perf_counter() - started
        assert play.code == 0, play.text[-8000:]
        links = re.findall(rf"^https://{re.escape(DOMAIN)}/invitation#token=([\w-]+)$", play.text, re.MULTILINE)
        assert len(links) == 1, play.text[-3000:]
        site.invitation = links[0]
        note(site.server.system, install_seconds=round(seconds, 1), tasks_changed=play.changed)
        assert seconds < INSTALL_BUDGET

    @installed
    def test_its_link_opens_the_console_once_and_stands_in_no_log(self, site: Installation):
        assert site.server.run(["grep", "-rl", site.invitation, "/var/log"], check=False).stdout == ""
        given = {"token": site.invitation, "full_name": "Bilgi İşlem", "password": institution.PASSWORD}
        with site.browser() as administrator:
            administrator.api("POST", "/auth/invitation", given)
            with pytest.raises(StoryFailed, match="token_invalid"):
                administrator.api("POST", "/auth/invitation", given)
            institution.sign_in(administrator, f"bilgiislem@{DOMAIN}")
            assert administrator.api("GET", "/me")["roles"] == ["SUPER_ADMIN"]

    @installed
    def test_every_part_is_up(self, site: Installation):
        server = site.server
        assert server.state() == "running", server.run("systemctl --failed --no-pager").stdout
        running = site.own_units()
        for part in PARTS:
            assert server.run(["systemctl", "is-active", part], check=False).stdout.strip() == "active", server.journal(
                part
            )
        workers = [unit for unit in running if unit.startswith("belgenet-worker@")]
        assert len(workers) >= 2
        for unit in running:
            restarts = server.run(["systemctl", "show", "-P", "NRestarts", unit]).stdout.strip()
            assert restarts == "0", server.journal(unit)

    @installed
    def test_an_institution_moves_in(self, site: Installation):
        site.move_in()

    @inhabited
    def test_donor_and_learner_are_served_from_outside(self, site: Installation):
        told = site.story()
        assert told.returncode == 0, f"{told.stdout}\n{told.stderr}\n{site.server.journal(lines=80)}"
        assert "donor: done" in told.stdout
        assert "learner: done" in told.stdout

    @pytest.mark.after("test_donor_and_learner_are_served_from_outside")
    def test_the_provider_could_notify_both_sites(self, site: Installation):
        provider = site.outside.provider
        assert provider is not None

        def states() -> set[str]:
            return {delivery["state"] for delivery in provider.control("GET", "webhooks")["webhooks"]}

        assert wait_until(lambda: states() == {"delivered"}, 30), states()

    @installed
    def test_the_certificate_is_for_every_tenants_name(self, site: Installation):
        own = ssl.create_default_context(cadata=site.server.read("/etc/belgenet/tls/server.pem"))
        for name in (DOMAIN, f"vakif.{DOMAIN}", f"files.{DOMAIN}"):
            with httpx.Client(verify=own, timeout=30) as client:
                target = f"https://{site.server.address}/"
                client.get(target, headers={"Host": name}, extensions={"sni_hostname": name})

    @installed
    def test_only_ssh_and_the_site_answer_from_outside(self, site: Installation):
        for address in (site.server.address, site.server.link_local()):
            assert answering(address) == {22, 80, 443}, address

    @installed
    def test_plain_http_leads_to_https(self, site: Installation):
        answer = httpx.get(
            f"http://{site.server.address}/campaigns?a=1", headers={"Host": f"vakif.{DOMAIN}"}, timeout=30
        )
        assert answer.status_code in {301, 308}
        assert answer.headers["Location"] == f"https://vakif.{DOMAIN}/campaigns?a=1"

    @installed
    def test_figures_about_the_installation_stay_inside(self, site: Installation):
        with site.browser("vakif") as visitor:
            for path in ("/metrics", "/health/detailed"):
                assert visitor.send("GET", f"{visitor.address}{path}").status_code in {403, 404}

    @installed
    def test_the_operator_adds_files_of_their_own(self, site: Installation):
        before = own.effects(site)
        assert [kind for kind, seen in own.EFFECTS.items() if before[kind] == seen] == []
        own.plant(site)
        assert wait_until(lambda: own.effects(site) == own.EFFECTS, 30), own.effects(site)

    @installed
    def test_a_second_run_changes_nothing(self, site: Installation):
        play = site.install()
        assert (play.code, play.changed, play.tasks) == (0, 0, []), play.text[-4000:]
        assert "/invitation#" not in play.text, "somebody can sign in to the console"

    @installed
    def test_a_look_finds_nothing_to_change(self, site: Installation):
        play = site.check()
        assert (play.code, play.tasks) == (0, []), play.text[-4000:]
        assert "nothing differs" in play.text

    @planted
    def test_a_second_run_and_a_repair_leave_the_operators_files_in_effect(self, site: Installation):
        assert own.kept(site) == own.texts(site)
        assert own.effects(site) == own.EFFECTS
        site.server.run("rm /etc/nftables.conf && belgenet apply --only firewall")  # loads all rules anew
        assert own.kept(site) == own.texts(site)
        assert own.effects(site) == own.EFFECTS

    @installed
    def test_a_look_finds_the_file_that_somebody_changed_and_leaves_it(self, site: Installation):
        site.server.run("echo '# by hand' >>/etc/belgenet/belgenet.ini")
        play = site.check()
        assert (play.code, play.tasks) == (1, ["app : Settings"]), play.text[-4000:]
        assert "  app : Settings: /etc/belgenet/belgenet.ini" in play.text
        assert "-# by hand" in play.text
        assert "app : Settings" in found(site, "drifted", "--drift")
        assert site.server.read("/etc/belgenet/belgenet.ini").endswith("# by hand\n")
        site.server.run("sed -i '$d' /etc/belgenet/belgenet.ini")

    @pytest.mark.parametrize(
        ("path", "task"),
        [("/etc/belgenet/belgenet.ini", "app : Settings"), ("/etc/nginx/sites-available/belgenet", "nginx : The site")],
    )
    @installed
    def test_a_file_that_was_deleted_is_put_back_and_nothing_else(self, site: Installation, path: str, task: str):
        before = site.server.read(path)
        site.server.run(["rm", path])
        play = site.install()
        assert (play.code, play.tasks) == (0, [task]), play.text[-4000:]
        assert site.server.read(path) == before
        assert site.alive()

    @installed
    def test_files_of_the_release_that_were_changed_or_planted_are_found_and_made_anew(self, site: Installation):
        """By the bundle as an ordinary user unpacked it: who could change it must not be able to while root works with it."""
        server = site.server
        assert altered(site) == "", "a server that has run for a while"
        server.run(
            f"cd /opt/belgenet/releases/{site.version}/venv && echo 'import os' >\"$(echo lib/python3*/site-packages)/x.pth\" && "
            "echo '# x' >>bin/belgenet && truncate -s -1 lib/python3*/site-packages/belgenet/__pycache__/app.*.pyc"
        )
        told = altered(site)
        assert "3 files of the release were changed, removed or added" in told
        assert [name for name in ("/x.pth", "venv/bin/belgenet", "/__pycache__/app.") if name not in told] == []
        server.run(["chown", "-R", "nobody:", site.folder])
        play = site.install()
        server.run(["chown", "-R", "root:", site.folder])
        assert (play.code, play.tasks) == (0, []), play.text[-4000:]
        assert "Copying it to /opt/belgenet/unpacked" in play.text
        assert f"Files in /opt/belgenet/releases/{site.version}/venv were altered" in play.text
        assert server.run("ls /opt/belgenet").stdout.split() == ["bin", "current", "releases"]
        assert altered(site) == ""
        assert site.alive()

    @installed
    def test_every_service_of_ours_is_sandboxed(self, site: Installation):
        services = site.own_services()
        assert {"belgenet-web@.service", *ROOTS_UNITS} <= set(services), services
        exposed, unlimited = {}, []
        for unit in services:
            said = site.server.run(["systemd-analyze", "security", "--no-pager", unit]).stdout
            level = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
            assert level is not None, said
            exposed[unit] = float(level[1])
            written = site.server.run(["systemctl", "cat", unit]).stdout
            unlimited += [f"{unit}: {limit}" for limit in ("MemoryMax=", "TasksMax=") if f"\n{limit}" not in written]
        note(site.server.system, sandbox=exposed)
        over = {unit: level for unit, level in exposed.items() if level > SANDBOX_BUDGET}
        assert (over, unlimited) == ({}, [])

    @installed
    def test_it_comes_back_after_a_reboot_and_rests(self, site: Installation):
        site.server.stop()
        site.server.boot()
        assert wait_until(site.alive, 120), site.server.journal(lines=80)
        assert site.server.state() == "running", site.server.run("systemctl --failed --no-pager").stdout
        time.sleep(60)  # what has just started is not at rest
        used = site.memory()
        note(site.server.system, boot_seconds=round(site.server.boot_seconds, 1), memory_mib=round(used / 1024**2))
        assert used < MEMORY_BUDGET

    @planted
    def test_the_operators_files_are_in_effect_after_the_reboot_too(self, site: Installation):
        assert own.kept(site) == own.texts(site)
        assert own.effects(site) == own.EFFECTS
        own.remove(site)  # the stories that stand on this server begin without them
