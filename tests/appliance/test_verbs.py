"""What the handbook tells an administrator to type and no other story has a reason to: each does what its page says."""

import subprocess
from collections.abc import Iterator

import pytest
from tests.appliance import errands, institution
from tests.appliance.conftest import Another
from tests.appliance.installation import DOMAIN, Installation
from tests.common.waiting import wait_until

from belgenet.appliance.kit.reading import read_key

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


@pytest.fixture(scope="module")
def here(another: Another) -> Iterator[Installation]:
    with another() as site:
        yield site


def run(site: Installation, line: str, **options: object) -> subprocess.CompletedProcess[str]:
    """:param line: behind ``belgenet``."""
    done: subprocess.CompletedProcess[str] = site.server.run(f"LC_ALL=C.UTF-8 belgenet {line}", **options)
    return done


def test_a_trial_notice_arrives(here: Installation):
    run(here, "alert --test --lang en")
    mails = here.outside.mail
    assert wait_until(lambda: [mail for mail in mails.mails(f"bilgiislem@{DOMAIN}") if DOMAIN in mail.subject])


def test_logs_of_all_or_of_some_and_as_they_come(here: Installation):
    assert "belgenet" in run(here, "logs --since -1h").stdout
    assert "worker" in run(here, "logs web worker --since -1h").stdout
    assert run(here, "logs belgenet-relay --follow & sleep 2; kill $!; wait $! || true").stderr == ""


def test_figures_are_written_by_hand(here: Installation):
    run(here, "metrics write")


def test_the_kit_is_printed_and_confirmed_with_two_of_its_groups(here: Installation):
    here.server.run("rm -f /root/kit.pdf /var/lib/belgenet/kit/confirmed.json")
    run(here, "kit print --pdf /root/kit.pdf")
    assert here.server.run("stat -c %a /root/kit.pdf && head -c 5 /root/kit.pdf").stdout == "600\n%PDF-"
    assert run(here, "kit status", check=False).returncode == 1
    key = read_key(run(here, "kit print --text").stdout)
    # belgenet kit confirm, at a terminal
    said = here.server.run(["python3", "-c", CONFIRM, key], check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert run(here, "kit --lang en status").stdout.startswith("The kit was confirmed on ")
    wrong = run(here, "kit confirm", input="AAAAA\n" * 9, check=False)
    assert wrong.returncode == 1


def test_people_are_listed_invited_unlocked_and_given_a_new_password(here: Installation):
    email = institution.email("vakif")
    assert "vakif" in run(here, "tenant list").stdout
    assert run(here, "user list --tenant vakif").stdout.startswith(f"{email}\tTENANT_ADMIN\tactive\t")
    link = run(here, f"user invite --email ikinci@{DOMAIN}").stdout
    assert f"https://{DOMAIN}/" in link
    run(here, f"user reset-password --email {email} --password-stdin", input="yeni-tekne-on-liman\n")
    with here.browser("vakif") as browser:
        institution.sign_in(browser, email, "yeni-tekne-on-liman")
    assert run(here, f"user unlock --email {email}").stdout == f"unlocked {email}\n"


def test_certificates_are_verified_without_a_network_and_their_keys_renewed(here: Installation):
    donor, path = errands.certificate_of(here)
    with donor:
        here.server.write("/root/certificate.pdf", donor.api("GET", path, raw=True))
        here.server.write("/root/keys.json", donor.api("GET", "/certificates/keys", raw=True))
    run(here, "certificate verify /root/certificate.pdf --keys /root/keys.json")
    here.server.run("echo more >>/root/certificate.pdf")
    changed = run(here, "certificate verify /root/certificate.pdf --keys /root/keys.json", check=False)
    assert changed.returncode == 3, changed.stdout + changed.stderr
    first = run(here, "certificate rotate-key vakif --purpose qr").stdout.strip()
    second = run(here, "certificate rotate-key vakif --purpose qr").stdout.strip()
    assert first != second
    assert run(here, f"certificate withdraw-key vakif {first}").stdout.strip() == first
    run(here, "certificate reseal")


def test_settings_are_looked_at_and_those_of_another_installation_begun(here: Installation):
    assert run(here, "settings check").stdout.endswith("settings are valid\n")
    shown = run(here, "settings show security").stdout
    assert "security.master_keys = (set)" in shown
    assert "/production.ini" in run(here, "settings init /tmp/other").stdout


def test_a_secret_that_was_given_is_used_when_the_services_have_restarted(here: Installation):
    begun = here.server.run("systemctl show -P ExecMainStartTimestampMonotonic belgenet-worker@main").stdout
    name, text = next(iter(here.outside.secrets().items()))
    run(here, f"secrets set {name} --restart", input=text)
    assert here.server.run("systemctl show -P ExecMainStartTimestampMonotonic belgenet-worker@main").stdout != begun
    assert wait_until(here.whole, 60)


def test_the_object_store_is_asked_and_nothing_is_begun(here: Installation):
    told = run(here, "objectstore check --of seaweedfs --json").stdout
    assert told.startswith("{")
    refused = [
        run(here, "objectstore migrate --abort", check=False),
        run(here, "objectstore provision", check=False),
        run(here, f"objectstore minio-build /usr/bin/true --sha256 {'0' * 64}", check=False),
    ]
    assert [done.returncode for done in refused] == [2, 2, 2], refused
    # click ends with 2 as well, for a verb that it does not know
    assert not any("Usage:" in done.stderr for done in refused), refused


def test_nothing_is_left_to_finish(here: Installation):
    run(here, "secrets rotate --unfinished")
