"""What administrators do day by day: look, close and open, be told by mail, show somebody else, suspend and export a tenant."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.appliance.conftest import Another
from tests.appliance.installation import DOMAIN, Installation
from tests.common.waiting import wait_until

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1500), pytest.mark.after("test_an_institution_moves_in")]

ADMINISTRATOR = f"bilgiislem@{DOMAIN}"
PLANTED = ("zeynep.kaya@example.com", "Zeynep Kaya", "0532 123 45 67", "TR330006100519786457841326")
SMALL = "/var/lib/belgenet/support"


@pytest.fixture(scope="module")
def here(another: Another) -> Iterator[Installation]:
    with another() as site:
        site.server.run("systemctl stop belgenet-alert.timer")
        yield site


def doctor(site: Installation) -> dict[str, Any]:
    done = site.server.run(["belgenet", "doctor", "--json", "--lang", "en"], check=False, timeout=120)
    assert done.returncode in {0, 1}, done.stderr
    return {f"{item['code']}:{item['subject']}".rstrip(":"): item for item in json.loads(done.stdout)["findings"]}


def ask(site: Installation, slug: str, path: str, language: str = "", method: str = "GET") -> httpx.Response:
    headers = {"Host": f"{slug}.{DOMAIN}"} | ({"Accept-Language": language} if language else {})
    with httpx.Client(verify=False, timeout=30) as client:
        return client.request(method, f"https://{site.server.address}{path}", headers=headers)


def test_one_screen_tells_how_the_server_is(here: Installation):
    found = json.loads(here.server.run(["belgenet", "status", "--json"]).stdout)
    assert [part for part, value in found.items() if isinstance(value, dict) and "error" in value] == []
    assert found["release"] == here.version
    assert {row["tenant"] for row in found["orders_today"]} == {"vakif", "akademi"}
    assert {row["state"] for row in found["units"]} == {"running"}
    assert here.server.run(["belgenet", "status", "--lang", "tr"]).stdout.startswith("Sürüm ")


def test_a_site_that_is_closed_says_so_to_people_and_programs(here: Installation):
    here.server.run(["belgenet", "maintenance", "on", "--until", "+2h", "--message", 'Yeni "diskler" $takılıyor'])
    try:
        page = ask(here, "vakif", "/", "de, tr;q=0.8, en;q=0.5")
        assert page.status_code == 503
        assert "Bakım çalışması" in page.text
        assert "Yeni &quot;diskler&quot; &#36;takılıyor" in page.text
        assert datetime.strptime(page.headers["Retry-After"], "%a, %d %b %Y %H:%M:%S GMT")  # noqa: DTZ007
        assert "Maintenance" in ask(here, "akademi", "/", "en-GB,en;q=0.9").text
        notified = ask(here, "vakif", "/api/v1/webhooks/iyzico", "en", "POST")
        assert (notified.status_code, notified.json()["code"]) == (503, "maintenance")
        assert notified.headers["Content-Type"] == "application/problem+json"
        here.server.run("systemctl restart nginx")
        assert wait_until(lambda: ask(here, "vakif", "/").status_code == 503, 10), "a restart does not open it"
        assert here.server.run(["belgenet", "maintenance", "status"], check=False).returncode == 1
        assert "maintenance_on" in doctor(here)
        assert "site_unreachable" not in doctor(here), "the server itself still reaches it"
    finally:
        here.server.run(["belgenet", "maintenance", "off"])
    assert here.server.run(["belgenet", "maintenance", "status"], check=False).returncode == 0
    assert wait_until(lambda: ask(here, "vakif", "/").status_code == 200, 10)


def expired() -> tuple[str, str]:
    """A certificate that ended yesterday, and its key, as PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(DOMAIN), x509.DNSName(f"*.{DOMAIN}")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem).decode(), private.decode()


def make_ill(site: Installation) -> None:
    """A stopped worker, a full disk, an expired certificate, no firewall."""
    site.server.run("systemctl stop belgenet-worker@documents")
    site.server.run(f"mount -t tmpfs -o size=4m tmpfs {SMALL} && head -c 3900000 /dev/zero >{SMALL}/filler")
    for name, text in zip(("server.pem", "server.key"), expired(), strict=True):
        site.server.write(f"/root/{name}", text)
        site.server.run(f"mount --bind /root/{name} /etc/belgenet/tls/{name}")
    site.server.run("nft delete table inet belgenet")


def cure(site: Installation) -> None:
    site.server.run("systemctl restart nftables")
    site.server.run(f"umount {SMALL}; umount /etc/belgenet/tls/server.pem; umount /etc/belgenet/tls/server.key")
    site.server.run("systemctl start belgenet-worker@documents")


def mailed(site: Installation, words: str) -> tuple[str, str]:
    """Subject and text of the mail to the administrator with these words in it."""
    found: list[tuple[str, str]] = []

    def arrived() -> bool:
        mails = [(mail.subject, mail.body("plain")) for mail in site.outside.mail.mails(ADMINISTRATOR)]
        found[:] = [(subject, text) for subject, text in mails if words in text]
        return bool(found)

    assert wait_until(arrived), site.server.journal("belgenet-alert", 40)
    return found[0]


ILLS = {
    "unit_down:belgenet-worker@documents.service",
    f"disk_full:{SMALL}",
    "certificate_expired",
    "certificate_not_loaded",
    "firewall_missing",
    "loopback_open:8333",
}


def test_the_doctor_finds_what_is_wrong_and_the_alerter_writes_when_it_stays_and_when_it_is_gone(here: Installation):
    before = doctor(here)
    assert ILLS & set(before) == set()
    make_ill(here)
    try:
        found = doctor(here)
        assert set(found) >= ILLS
        assert (
            found["unit_down:belgenet-worker@documents.service"]["title"]
            == "belgenet-worker@documents.service is stopped"
        )
        assert not [key for key in found if key.startswith("check_failed")], found
        here.server.run("systemctl start belgenet-alert")
        here.server.run("systemctl start belgenet-alert")
        seen = set(json.loads(here.server.read("/var/lib/belgenet/alert/state.json"))["seen"])
        assert seen >= ILLS, "its sandbox hides nothing from it"
        assert not [key for key in seen if key.startswith("check_failed")], seen
    finally:
        cure(here)
    subject, text = mailed(here, "belgenet-worker@documents.service durdurulmuş")
    assert subject.startswith(f"[{DOMAIN}] ")
    assert "Çözüm: `systemctl start belgenet-worker@documents.service`" in text
    after = doctor(here)
    assert ILLS & set(after) == set()
    here.server.run("systemctl start belgenet-alert")
    here.server.run("systemctl start belgenet-alert")
    _subject, text = mailed(here, "Şunlar düzeldi:")
    assert "belgenet-worker@documents.service durdurulmuş" in text.partition("Şunlar düzeldi:")[2]


def test_a_support_bundle_has_no_secret_and_nobody_in_it(here: Installation):
    secret = here.server.run(
        ["systemd-creds", "decrypt", "/etc/belgenet/credentials/vault/objects.web", "-"]
    ).stdout.strip()
    words = (*PLANTED, *secret.split(":"))
    line = " | ".join(words)
    ask(here, "vakif", f"/api/v1/orders/{PLANTED[1]}?email={PLANTED[0]}")
    here.server.run(["systemd-run", "--wait", "--unit=belgenet-planted", "echo", line])
    here.server.run(["runuser", "-u", "postgres", "--", "psql", "-c", f"select 1 from {PLANTED[0]!r}"], check=False)
    here.server.run(["bash", "-c", f"echo '{line}' >>/var/log/nginx/error.log"])
    file = here.server.run(["belgenet", "support-bundle", "--to", "/root/s.tar.gz", "--lang", "en"]).stdout
    assert "/root/s.tar.gz" in file
    content = here.server.run("tar -xzOf /root/s.tar.gz").stdout
    assert [word for word in words if word in content] == []
    assert "belgenet-planted" in content
    assert '"release": "' in content


def test_no_log_grows_for_ever(here: Installation):
    """Old ones of ours go, each of the others is turned by a rule of the distribution, and the journal has a limit."""
    folder = "/var/log/belgenet"
    here.server.run(f"touch -d '500 days ago' {folder}/install-a.log && touch -d '300 days ago' {folder}/install-b.log")
    here.server.run("systemctl is-active systemd-tmpfiles-clean.timer && systemctl is-active logrotate.timer")
    here.server.run("systemctl start systemd-tmpfiles-clean")
    left = here.server.run(["ls", folder]).stdout.split()
    assert ("install-a.log" in left, "install-b.log" in left) == (False, True), left
    ask(here, "vakif", "/")
    logs = here.server.run("find /var/log/nginx /var/log/postgresql -name '*.log'").stdout.split()
    assert {"/var/log/nginx/belgenet.log", "/var/log/nginx/error.log"} < set(logs)
    turned = here.server.run("logrotate --debug /etc/logrotate.conf 2>&1").stdout
    assert [log for log in logs if f"considering log {log}\n" not in turned] == []
    usage = "JOURNAL_NAME=System Journal", "MESSAGE_ID=ec387f577b844b8fa948f33cad9a75e6"
    said = here.server.run(["journalctl", "--quiet", "--output=json", "--lines=1", *usage]).stdout
    assert json.loads(said)["MAX_USE"] == str(1 << 30), said


def test_a_tenant_is_suspended_resumed_and_exported(here: Installation):
    here.server.run(["belgenet", "tenant", "suspend", "akademi"])
    closed = wait_until(lambda: ask(here, "akademi", "/api/v1/site").status_code == 404, 20)
    assert closed
    assert ask(here, "akademi", "/api/v1/site", "tr").json()["code"] == "tenant_suspended"
    assert ask(here, "vakif", "/api/v1/site").status_code == 200
    here.server.run(["belgenet", "tenant", "resume", "akademi"])
    assert wait_until(lambda: ask(here, "akademi", "/api/v1/site").status_code == 200, 20)
    here.server.run(["belgenet", "tenant", "export", "akademi"])
    done = here.server.run("mkdir -p /root/usb && cd / && belgenet tenant export akademi --to root/usb").stdout
    target = "/" + done.partition(":")[0].strip()
    listed = here.server.run(["tar", "-tzf", target]).stdout.split()
    names = {name.partition("/")[2] for name in listed}
    assert {"manifest.json", "tables/courses.jsonl", "tables/accounts.jsonl"} <= names
