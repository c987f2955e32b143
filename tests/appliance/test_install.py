"""Story 1: from bare Debian without a network to donors and learners who are served, with one command; and again, with none."""

import re
import ssl
import time

import httpx
import pytest
from tests.appliance import institution, own
from tests.appliance.installation import DOMAIN, Installation, note
from tests.common.waiting import wait_until

from belgenet.cli.story.steps import StoryFailed

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1800)]

PARTS = ("belgenet-web@1", "belgenet-web@2", "belgenet-beat", "belgenet-relay", "belgenet-objects", "nginx")
INSTALL_BUDGET = 600


installed = pytest.mark.after("test_one_command_installs_it_without_a_network")
planted = pytest.mark.after("test_the_operator_adds_files_of_their_own")
inhabited = pytest.mark.after("test_an_institution_moves_in")


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
        own.remove(site)  # the stories that stand on this server begin without them
