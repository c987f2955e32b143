"""Story 5, first half: every secret of a server is renewed while people use it, and nobody notices."""

import json
from collections.abc import Iterator

import pytest
import yaml
from tests.appliance.conftest import Another
from tests.appliance.installation import Installation, note
from tests.appliance.load import Load
from tests.appliance.people import People
from tests.common.waiting import wait_until

from belgenet.appliance.secrets import OPERATORS

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(900)]

VAULT = "/etc/belgenet/credentials/vault"
KEPT = {"backup.recovery_key": "it opens the backups that are there, and stands on paper"}
"""What ``--all`` leaves as it is of what the server made, and why."""
DOOR = "/etc/nginx/belgenet-metrics.password"
SHORT = {
    "security.access_token_seconds": 60,
    "storage.presign_seconds": 60,
    "limits.sign_in_per_account": "100000/minute",
}
"""So that the test need not wait a quarter of an hour for what was made with old values to end, and people may sign in often."""
ASK_REDIS = """
import socket, sys
line = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 3)
line.sendall(f"AUTH web {sys.stdin.read()}\\r\\n".encode())
print(line.recv(200).decode())
"""
ASK_STORE = """
import sys, urllib3
from minio import Minio
access, _, secret = sys.stdin.read().partition(":")
try:
    Minio("127.0.0.1:8333", access, secret, secure=False, region="us-east-1").bucket_exists("belgenet")
    print("let in")
except Exception as error:
    print(error)
"""
KILLED = """
journal=/var/lib/belgenet/secrets/rotation.json
setsid belgenet secrets rotate security redis.cache objects >/dev/null 2>&1 </dev/null &
until grep -q '"done": STEP' $journal 2>/dev/null; do
  kill -0 $! || exit 1
  sleep 0.02
done
kill -KILL -- -$!
"""
"""STEP 2: the new values are accepted, and no backup has the master key. 3: they are in the vault, processes show the old ones."""


@pytest.fixture(scope="module")
def site(another: Another) -> Iterator[Installation]:
    """A machine of its own."""
    with another() as made:
        shorten(made)
        yield made


def shorten(site: Installation) -> None:
    """What the operator would write into site.yml, in effect."""
    answers = yaml.safe_load(site.server.read("/etc/belgenet/site.yml"))
    answers["belgenet_settings"] |= SHORT
    site.server.write("/etc/belgenet/site.yml", yaml.safe_dump(answers))
    lines = "".join(f"belgenet.{key} = {value}\n" for key, value in SHORT.items())
    site.server.run("cat >>/etc/belgenet/belgenet.ini", input=lines)
    site.server.run("systemctl restart 'belgenet-web@*.service' 'belgenet-worker@*.service'")  # nobody is there yet
    assert wait_until(site.whole, 60), site.server.journal(lines=60)


def vault(site: Installation) -> dict[str, str]:
    """Every secret of the server, as root can open them."""
    opened = {}
    for name in site.server.run(["ls", VAULT]).stdout.split():
        words = ["systemd-creds", "decrypt", f"--name={name}", f"{VAULT}/{name}", "-"]
        opened[name] = site.server.run(words).stdout
    return opened


def asked(site: Installation, program: str, secret: str, *words: str) -> str:
    """What a server says to somebody on the machine who shows a secret."""
    python = ["runuser", "-u", "belgenet-web", "--", "/opt/belgenet/current/venv/bin/python", "-c", program, *words]
    return site.server.run(python, input=secret, check=False).stdout


def timer_has_finished(site: Installation) -> bool:
    """What the timer does once; whether nothing is left to do then."""
    site.server.run("systemctl start belgenet-secrets.service; sleep 3")
    return site.server.run(["belgenet", "secrets", "list"], check=False).returncode == 0


def test_all_are_renewed_under_load_and_nobody_is_refused(site: Installation):
    before = vault(site)
    with Load(site, keeping=2, opening=1, pause=0.2) as load, People(site) as people:
        load.at_least(50)
        assert people.certificate().startswith(b"%PDF")
        told = site.server.run(["belgenet", "secrets", "rotate", "--all", "--lang", "en"], check=False)
        assert people.still_signed_in(), "sessions from before go on"
        assert people.certificate().startswith(b"%PDF"), "what was stored before is there"
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
    assert load.counted.failed == []
    assert people.done.failed == [], "\n".join(people.done.failed[:20])
    assert set(people.done.well) == {"session held", "sign-in", "order", "file up and down"}, people.done.well
    counts = {"answered": load.counted.answered, **people.done.well}
    note(site.server.system, rotation={**counts, "slowest": round(load.counted.slowest, 1)})
    after = vault(site)
    assert set(after) == set(before), "no old value is left"
    kept = {name for name in before if before[name] == after[name]}
    assert kept == set(before) & {*KEPT, *OPERATORS}, "what the server did not make itself was given to it"
    door = site.server.run(["belgenet", "metrics", "password", "--hashed"]).stdout
    shown = site.server.run(["cat", DOOR], check=False).stdout
    assert shown in {"", f"# Managed by BelgeNet.\n{door}"}, "what Nginx compares with is the new one"
    for instance, port in (("cache", "6379"), ("broker", "6380")):
        assert "WRONGPASS" in asked(site, ASK_REDIS, before[f"redis.{instance}.web"], port)
        assert "+OK" in asked(site, ASK_REDIS, after[f"redis.{instance}.web"], port)
    assert "let in" not in asked(site, ASK_STORE, before["objects.web"])
    assert "let in" in asked(site, ASK_STORE, after["objects.web"])


def test_what_is_on_the_disk_is_what_the_roles_would_write(site: Installation):
    for instance in ("cache", "broker"):
        wanted = site.server.run(["belgenet", "secrets", "redis-acl", instance]).stdout
        assert site.server.read(f"/etc/redis/belgenet-{instance}.acl") == wanted
    assert json.loads(site.server.run(["belgenet", "secrets", "init", "--check"]).stdout)["changed"] is False
    assert site.whole()


def test_the_list_tells_ages_and_never_values(site: Installation):
    said = site.server.run(["belgenet", "secrets", "list", "--json"]).stdout
    listed = json.loads(said)
    assert not listed["unfinished"]
    rotated = {entry["name"] for entry in listed["secrets"] if entry["rotated"] > entry["made"] > 0}
    assert {"security.jwt_keys", "security.master_keys", "redis.broker.worker", "objects.jwt.signing"} <= rotated
    assert not any(value in said for value in vault(site).values())


def test_killed_before_the_backups_have_the_new_master_key_the_timer_puts_it_there(site: Installation):
    site.server.run(["belgenet", "backup", "run"], timeout=600)
    made = json.loads(site.server.run(["belgenet", "backup", "list", "--json"]).stdout)["backups"]
    site.server.run(KILLED.replace("STEP", "2"), timeout=120)
    assert wait_until(lambda: timer_has_finished(site), 240), site.server.journal("belgenet-secrets")
    now = json.loads(site.server.run(["belgenet", "backup", "list", "--json"]).stdout)["backups"]
    assert [backup["id"] for backup in now] == [backup["id"] for backup in made]
    assert [backup["snapshot"] for backup in now] != [backup["snapshot"] for backup in made]


def test_killed_in_the_middle_the_timer_finishes_it(site: Installation):
    before = vault(site)
    site.server.run(KILLED.replace("STEP", "3"), timeout=120)
    begun = site.server.run(["belgenet", "secrets", "list"], check=False)
    assert begun.returncode == 1, f"{begun.stdout}\n{begun.stderr}"
    with Load(site, keeping=1, opening=1) as load:
        assert wait_until(lambda: timer_has_finished(site), 240), site.server.journal("belgenet-secrets")
    assert load.counted.failed == []
    after = vault(site)
    assert set(after) == set(before), "no old value is left"
    for name in ("security.jwt_keys", "security.master_keys", "redis.cache.web", "objects.web", "objects.jwt.signing"):
        assert after[name] != before[name], name
