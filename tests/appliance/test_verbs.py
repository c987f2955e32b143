"""What the handbook tells an administrator to type and no other story has a reason to: each does what its page says."""

import json
import re
import subprocess

import pytest
from tests.appliance import errands, institution
from tests.appliance.installation import DOMAIN, Installation
from tests.common.waiting import wait_until

from belgenet.accounts.services.throttle import PER_ADDRESS
from belgenet.appliance.kit.reading import read_key
from belgenet.cli.story.steps import StoryFailed

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(900), pytest.mark.after("test_an_institution_moves_in")]

CONFIRM = """
import re, subprocess, sys
groups = sys.argv[1].split("-")
asked = subprocess.Popen(["belgenet", "kit", "--lang", "en", "confirm"], stdin=-1, stdout=-1, bufsize=0)
said = b""
while byte := asked.stdout.read(1):
    said += byte
    if number := re.search(rb"group (\\d+) of[^\\n]*: $", said):
        asked.stdin.write(f"{groups[int(number[1]) - 1]}\\n".encode())
        said = b""
print(said.decode())
sys.exit(asked.wait())
"""
"""Types the groups that are asked for."""


def run(site: Installation, line: str, **options: object) -> subprocess.CompletedProcess[str]:
    """:param line: behind ``belgenet``."""
    done: subprocess.CompletedProcess[str] = site.server.run(f"LC_ALL=C.UTF-8 belgenet {line}", **options)
    return done


def test_a_trial_notice_arrives(ours: Installation):
    run(ours, "alert --test --lang en")
    mails = ours.outside.mail
    assert wait_until(lambda: [mail for mail in mails.mails(f"bilgiislem@{DOMAIN}") if DOMAIN in mail.subject])


def test_logs_of_all_or_of_some_and_as_they_come(ours: Installation):
    assert "belgenet" in run(ours, "logs --since -1h").stdout
    assert "worker" in run(ours, "logs web worker --since -1h").stdout
    assert run(ours, "logs belgenet-relay --follow & sleep 2; kill $!; wait $! || true").stderr == ""


def test_figures_are_written_by_hand(ours: Installation):
    figures = "/var/lib/belgenet/figures"
    before = ours.server.run(f"stat -c %z {figures}/belgenet.prom").stdout
    run(ours, "metrics write")
    assert ours.server.run(f"stat -c %z {figures}/belgenet.prom").stdout != before


def test_the_kit_is_printed_and_confirmed_with_two_of_its_groups(ours: Installation):
    ours.server.run("rm -f /root/kit.pdf /var/lib/belgenet/kit/confirmed.json")
    run(ours, "kit print --pdf /root/kit.pdf")
    assert ours.server.run("stat -c %a /root/kit.pdf && head -c 5 /root/kit.pdf").stdout == "600\n%PDF-"
    assert run(ours, "kit status", check=False).returncode == 1
    key = read_key(run(ours, "kit print --text").stdout)
    # belgenet kit confirm, at a terminal
    said = ours.server.run(["python3", "-c", CONFIRM, key], check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert run(ours, "kit --lang en status").stdout.startswith("The kit was confirmed on ")
    wrong = run(ours, "kit confirm", input="AAAAA\n" * 9, check=False)
    assert wrong.returncode == 1


def test_people_are_listed_invited_and_given_a_new_password(ours: Installation):
    email = institution.email("vakif")
    assert "vakif" in run(ours, "tenant list").stdout
    assert run(ours, "user list --tenant vakif").stdout.startswith(f"{email}\tTENANT_ADMIN\tactive\t")
    link = run(ours, f"user invite --email ikinci@{DOMAIN}").stdout
    assert f"https://{DOMAIN}/" in link
    run(ours, f"user reset-password --email {email} --password-stdin", input="yeni-tekne-on-liman\n")
    with ours.browser("vakif") as browser:
        institution.sign_in(browser, email, "yeni-tekne-on-liman")


def test_who_was_locked_out_is_let_in_again(ours: Installation):
    email = institution.email("akademi")
    with ours.browser("akademi") as browser:
        for _ in range(PER_ADDRESS):
            with pytest.raises(StoryFailed, match="invalid_credentials"):
                institution.sign_in(browser, email, "bir-parola-denemesi")
        with pytest.raises(StoryFailed, match="account_locked"):
            institution.sign_in(browser, email)
        assert run(ours, f"user unlock --email {email}").stdout == f"unlocked {email}\n"
        institution.sign_in(browser, email)


def test_certificates_are_verified_without_a_network_and_their_keys_renewed(ours: Installation):
    donor, path = errands.certificate_of(ours)
    with donor:
        ours.server.write("/root/certificate.pdf", donor.api("GET", path, raw=True))
        ours.server.write("/root/keys.json", donor.api("GET", "/certificates/keys", raw=True))
    run(ours, "certificate verify /root/certificate.pdf --keys /root/keys.json")
    ours.server.run("echo more >>/root/certificate.pdf")
    changed = run(ours, "certificate verify /root/certificate.pdf --keys /root/keys.json", check=False)
    assert changed.returncode == 3, changed.stdout + changed.stderr
    first = run(ours, "certificate rotate-key vakif --purpose qr").stdout.strip()
    second = run(ours, "certificate rotate-key vakif --purpose qr").stdout.strip()
    assert first != second
    assert run(ours, f"certificate withdraw-key vakif {first}").stdout.strip() == first
    resealed = run(ours, "certificate reseal").stdout
    assert set(re.findall(r"^\d+/\d+ (\w+): 0$", resealed, re.MULTILINE)) >= {"akademi", "vakif"}, resealed


def test_settings_are_looked_at_and_those_of_another_installation_begun(ours: Installation):
    assert run(ours, "settings check").stdout.endswith("settings are valid\n")
    shown = run(ours, "settings show security").stdout
    assert "security.master_keys = (set)" in shown
    assert "/production.ini" in run(ours, "settings init /tmp/other").stdout


def test_a_secret_that_was_given_is_used_when_the_services_have_restarted(ours: Installation):
    begun = ours.server.run("systemctl show -P ExecMainStartTimestampMonotonic belgenet-worker@main").stdout
    name, text = next(iter(ours.outside.secrets().items()))
    run(ours, f"secrets set {name} --restart", input=text)
    assert ours.server.run("systemctl show -P ExecMainStartTimestampMonotonic belgenet-worker@main").stdout != begun
    assert wait_until(ours.whole, 60)


def test_the_object_store_is_asked_and_nothing_is_begun(ours: Installation):
    told = run(ours, "objectstore check --of seaweedfs --json").stdout
    assert told.startswith("{")
    refused = [
        run(ours, "objectstore migrate --abort", check=False),
        run(ours, "objectstore provision", check=False),
        run(ours, f"objectstore minio-build /usr/bin/true --sha256 {'0' * 64}", check=False),
    ]
    assert [done.returncode for done in refused] == [2, 2, 2], refused
    # click ends with 2 as well, for a verb that it does not know
    assert not any("Usage:" in done.stderr for done in refused), refused


def test_nothing_is_left_to_finish(ours: Installation):
    run(ours, "secrets rotate --unfinished")
    assert json.loads(run(ours, "secrets list --json").stdout)["unfinished"] is False
