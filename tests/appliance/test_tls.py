"""All ways to a certificate on one machine, one after the other, while people are served."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.appliance import certificates as tls
from tests.appliance import institution
from tests.appliance.conftest import Another
from tests.appliance.installation import DOMAIN, Installation, note
from tests.common.waiting import wait_until

from belgenet.testing.acme.issuing import Issuer

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1200)]
HOSTS = {DOMAIN, f"files.{DOMAIN}", f"vakif.{DOMAIN}", f"akademi.{DOMAIN}"}
WILD = (DOMAIN, f"*.{DOMAIN}")
LIVE = "/etc/belgenet/tls/server.pem"


@pytest.fixture(scope="module")
def trial(another: Another) -> Iterator[Installation]:
    with another() as made:
        yield made


@pytest.fixture(scope="module")
def authority(trial: Installation) -> Iterator[tls.Authority]:
    with tls.Authority(trial) as made:
        yield made


@pytest.fixture(scope="module")
def institution_ca() -> Issuer:
    """The institution's own authority, at which somebody signs requests by hand."""
    return Issuer("Okul")


def asked(*names: str) -> tuple[x509.CertificateSigningRequest, str]:
    """A request of another computer, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names or WILD])
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    csr = builder.add_extension(alternatives, critical=False).sign(key, SHA256())
    return csr, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def names_of(certificate: x509.Certificate) -> set[str]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found.get_values_for_type(x509.DNSName))


def renew(trial: Installation, code: int, *options: str) -> str:
    done = trial.server.run(["belgenet", "tls", "--lang", "en", "renew", *options], check=False)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}\n{trial.server.journal('belgenet-acme')}"
    return f"{done.stdout}{done.stderr}"


class TestOneAfterTheOther:
    """Steps on one machine, in this order."""

    def test_self_signed_for_every_name(self, trial: Installation):
        assert names_of(tls.shown(trial)) == set(WILD)
        tls.trusted(trial, trial.server.read(LIVE), f"vakif.{DOMAIN}")
        known = tls.state(trial)
        assert (known["origin"], known["uncovered"], known["findings"]) == ("self_signed", [], [])
        assert tls.apply(trial) == []

    def test_provided_files_are_put_at_their_place(self, trial: Installation, institution_ca: Issuer):
        csr, key = asked()
        trial.server.write("/root/new.pem", institution_ca.sign(csr))
        trial.server.write("/root/new.key", key)
        trial.server.run(
            "mv /root/new.pem /etc/belgenet/tls/server.pem && mv /root/new.key /etc/belgenet/tls/server.key"
        )
        assert tls.choose(trial, "provided")
        tls.trusted(trial, institution_ca.root, f"akademi.{DOMAIN}")
        assert tls.state(trial)["origin"] == "provided"
        assert tls.apply(trial) == []
        assert trial.server.run("stat -L -c '%a %U' /etc/belgenet/tls/server.key").stdout == "600 root\n"

    def test_bad_certificates_are_refused_with_every_reason(
        self, trial: Installation, institution_ca: Issuer, tmp_path: Path
    ):
        before = tls.shown(trial)
        csr, key = asked()
        good = institution_ca.sign(csr)
        habits = institution_ca.habits
        habits.begins, habits.names = -timedelta(days=100), ("other.example",)
        assert tls.refused(trial, tmp_path, certificate=institution_ca.sign(csr), key=key) == {
            "certificate_expired",
            "name_missing",
        }
        habits.begins, habits.names = timedelta(days=2), ()
        assert tls.refused(trial, tmp_path, certificate=institution_ca.sign(csr), key=key) == {"certificate_early"}
        habits.begins = -timedelta(hours=1)
        assert tls.refused(trial, tmp_path, certificate=good, key=asked()[1]) == {"key_other"}
        assert tls.refused(trial, tmp_path, certificate=good) == {"key_other"}
        assert tls.refused(trial, tmp_path, certificate="hello", key=key) == {"certificate_unreadable"}
        assert tls.refused(trial, tmp_path, certificate=good.replace(institution_ca.intermediate, ""), key=key) == {
            "intermediate_missing"
        }
        assert tls.shown(trial) == before

    def test_an_internal_authority_signs_a_request(self, trial: Installation, institution_ca: Issuer):
        tls.choose(trial, "internal_ca")
        assert tls.apply(trial) == []
        request = trial.server.run(["belgenet", "tls", "csr", "--org", "Deneme Okulu"]).stdout
        csr = x509.load_pem_x509_csr(request.encode())
        assert "O=Deneme Okulu" in csr.subject.rfc4514_string()
        assert trial.server.run(["belgenet", "tls", "csr"]).stdout.startswith("-----BEGIN CERTIFICATE REQUEST")
        signed = institution_ca.sign(csr)
        alone = signed.replace(institution_ca.intermediate, "")
        disordered = institution_ca.root + institution_ca.intermediate
        with tls.Visitors(trial) as visitors:
            said = tls.install(trial, certificate=alone, chain=disordered)
        assert "authority_unknown" in said, "it is in nobody's list on this server"
        assert names_of(tls.shown(trial, f"vakif.{DOMAIN}")) == set(WILD)
        tls.trusted(trial, institution_ca.root, f"files.{DOMAIN}")
        assert (visitors.failures, visitors.served > 0) == ([], True)
        assert trial.server.read(LIVE).count("BEGIN CERTIFICATE") == 2
        assert trial.server.run("ls /etc/belgenet/tls/pending", check=False).stdout == ""

    def test_an_acme_server_that_is_down_changes_nothing(self, trial: Installation, authority: tls.Authority):
        before = tls.shown(trial)
        authority.acme.down = True
        tls.choose(trial, "internal_acme", acme_directory=authority.directory)
        assert tls.shown(trial) == before
        known = tls.state(trial)
        assert (known["problem"], known["failures"]) == ("acme_failed", 1)
        assert known["next_try"]
        assert "gave no certificate" in renew(trial, 1)
        assert tls.apply(trial) == [], "it is not asked again so soon"
        assert tls.state(trial)["failures"] == 1

    def test_an_acme_server_gives_one_for_every_name(self, trial: Installation, authority: tls.Authority):
        authority.acme.down, authority.acme.stale_nonces = False, 1
        renew(trial, 0, "--force")
        for name in sorted(HOSTS):
            tls.trusted(trial, authority.acme.issuer.root, name)
        assert names_of(tls.shown(trial)) == HOSTS
        known = tls.state(trial)
        assert (known["origin"], known["uncovered"], known["problem"]) == ("internal_acme", [], "")
        assert tls.apply(trial) == []
        assert len(authority.acme.orders) == 1

    def test_the_client_sees_no_key_of_the_server(self, trial: Installation):
        for path in ("/etc/belgenet/tls/live/server.key", "/var/lib/belgenet/tls/request/certbot.ini"):
            assert trial.server.run(["runuser", "-u", "belgenet-acme", "--", "cat", path], check=False).returncode
        found = "find /var/lib/belgenet/acme-client/out /var/lib/belgenet/acme -type f | xargs -r grep -l 'PRIVATE KEY'"
        assert trial.server.run(found, check=False).stdout == ""

    def test_a_new_tenants_name_is_added_by_itself(self, trial: Installation, authority: tls.Authority):
        tls.forget_last_success(trial)
        trial.server.run("belgenet tenant create ek --name 'Ek Okul' --kind academy --domain yok.example")
        assert wait_until(lambda: f"ek.{DOMAIN}" in names_of(tls.shown(trial)), 120), trial.server.journal(
            "belgenet-tls"
        )
        tls.trusted(trial, authority.acme.issuer.root, f"ek.{DOMAIN}")
        known = tls.state(trial)
        assert known["uncovered"] == ["yok.example"], "a name that leads nowhere holds up no other"
        assert "NXDOMAIN" in known["refused"]["yok.example"]["reason"]

    def test_it_is_renewed_in_time_and_nobody_notices(self, trial: Installation, authority: tls.Authority):
        authority.acme.issuer.habits.begins = -timedelta(days=85)
        renew(trial, 0, "--force")
        ending = tls.shown(trial)
        authority.acme.issuer.habits.begins = -timedelta(hours=1)
        with trial.browser("akademi") as teacher:
            institution.sign_in(teacher, institution.email("akademi"))
            content = b"Uzun bir ders metni.\n" * 1_000_000
            files = {"file": ("ders.txt", content, "text/plain")}
            headers = {"Authorization": f"Bearer {teacher.token}"}
            address = f"{teacher.address}/api/v1/files/upload"
            kept = teacher.send("POST", address, files=files, headers=headers).json()
            url = teacher.api("GET", f"/files/{kept['id']}")["download_url"]
        with tls.Visitors(trial, 3) as visitors, tls.Download(trial, url, 12) as download:
            trial.server.run("systemctl start belgenet-tls.service")
            first = tls.shown(trial)
            for _ in range(3):
                trial.server.run("systemctl reload nginx")
        assert first.not_valid_after_utc > ending.not_valid_after_utc
        assert hashlib.sha256(download.content).hexdigest() == kept["sha256"]
        assert visitors.failures == []
        assert visitors.served >= 50
        note(trial.server.system, tls_swap_requests=visitors.served, tls_swap_failures=0)
        assert renew(trial, 0).strip() == "Nothing has to be done."

    def test_a_bad_renewal_replaces_nothing(self, trial: Installation, authority: tls.Authority):
        before, habits = tls.shown(trial), authority.acme.issuer.habits
        habits.stranger = True
        assert "key_other" in renew(trial, 1, "--force")
        habits.stranger, habits.begins = False, -timedelta(days=100)
        assert "certificate_expired" in renew(trial, 1, "--force")
        habits.begins = -timedelta(hours=1)
        assert tls.shown(trial) == before
        assert tls.state(trial)["failures"] == 2

    def test_a_public_authority_is_asked_the_same_way(self, trial: Installation, authority: tls.Authority):
        authority.acme.bindings["kid-1"] = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
        trial.server.run(["belgenet", "secrets", "set", "tls.acme_eab_key"], input=authority.acme.bindings["kid-1"])
        trial.server.run("rm -rf /var/lib/belgenet/acme-client/config")  # an account of its own
        authority.acme.memory.accounts.clear()
        assert tls.choose(trial, "acme_http01", acme_eab_kid="kid-1")
        assert {account.kid for account in authority.acme.memory.accounts.values()} == {"kid-1"}
        assert tls.state(trial)["origin"] == "acme_http01"
        assert tls.apply(trial) == []
        assert trial.server.run("grep -rl c2VjcmV0LXNlY3 /var/lib/belgenet/tls /etc/belgenet", check=False).stdout == ""

    def test_and_back_to_a_trial(self, trial: Installation):
        assert tls.choose(trial, "self_signed", acme_directory="", acme_eab_kid="")
        assert tls.shown(trial).issuer == tls.shown(trial).subject
        assert tls.apply(trial) == []
        assert trial.alive()
