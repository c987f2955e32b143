"""Story 5, second half: what is wrong with a bundle or a server is said in words that help, before anything is changed."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.appliance.installation import DOMAIN, bundle
from tests.appliance.machine import Machine, machine

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(600)]

ANSWERS = {
    "belgenet_domain": DOMAIN,
    "belgenet_admin_email": f"bilgiislem@{DOMAIN}",
    "belgenet_tls_mode": "self_signed",
}
LOOK = (
    "find /etc /opt /usr /var -xdev \\( -path /var/log -o -path /var/tmp -o -path /var/lib/systemd \\) "
    "-prune -o -not -type d -printf '%p %m %U:%G %s %C@ %l\\n' -o -type d -printf '%p %m %U:%G\\n' | LC_ALL=C sort"
)
"""Every file of the server with rights, owner, size and the time of its last change, which nobody can set back."""


@dataclass
class Fresh:
    """A bare server with an unpacked bundle on it."""

    server: Machine
    folder: str

    def install(self, *words: str, folder: str = "", lang: str = "en") -> subprocess.CompletedProcess[str]:
        """Run the installer for good."""
        command = [f"{folder or self.folder}/install.sh", "--answers", "/root/answers.yml", "--yes", "--lang", lang]
        return self.server.run([*command, *words], check=False, timeout=300)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Nothing on the server is different afterwards."""
        before = self.server.run(LOOK).stdout.splitlines()
        assert len(before) > 5000
        yield
        after = self.server.run(LOOK).stdout.splitlines()
        assert sorted(set(before) ^ set(after)) == []

    def refused(self, code: int, *texts: str, folder: str = "", words: tuple[str, ...] = (), lang: str = "en") -> None:
        """The installer says no with all these texts, and has changed nothing."""
        with self.unchanged():
            done = self.install(*words, folder=folder, lang=lang)
        said = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == code, said
        assert [text for text in texts if text not in said] == [], said

    def variant(self, name: str) -> str:
        """The bundle once more, sharing its files; one that is changed must be replaced."""
        self.server.run(["cp", "-al", self.folder, f"/srv/{name}"])
        return f"/srv/{name}"


@pytest.fixture(scope="module")
def fresh(system: str) -> Iterator[Fresh]:
    """One bare machine for all of them."""
    with machine(system) as server:
        archive = bundle(system)
        server.copy(archive, "/srv/bundle.tar.gz")
        server.run("tar -C /srv -xzf /srv/bundle.tar.gz && rm /srv/bundle.tar.gz")
        server.write("/root/answers.yml", yaml.safe_dump(ANSWERS))
        yield Fresh(server, f"/srv/{archive.name.removesuffix('.tar.gz')}")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key that released nothing."""
    key = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return key


def sign(fresh: Fresh, folder: str, key: Path) -> None:
    """List a bundle's files anew and sign the list with another key."""
    server = fresh.server
    server.copy(key, "/root/key")
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    server.write("/root/signers", f'release namespaces="belgenet-release" {public}\n')
    server.run(
        f"chmod 600 /root/key; cd {folder} && rm -f SHA256SUMS.sig && cp SHA256SUMS /root/sums && rm SHA256SUMS && "
        "{ grep -v '  manifest.json$' /root/sums; sha256sum manifest.json; } | sort -k2 >SHA256SUMS && "
        "ssh-keygen -q -Y sign -f /root/key -n belgenet-release SHA256SUMS"
    )


def test_a_file_of_the_bundle_was_altered(fresh: Fresh):
    folder = fresh.variant("altered")
    fresh.server.run(f"cd {folder} && cp preflight.py p && echo '#' >>p && mv p preflight.py")
    fresh.refused(10, "Files of the bundle were altered", "preflight.py: FAILED", "download it again", folder=folder)
    fresh.server.run(f"cd {folder} && rm preflight.py && cp {fresh.folder}/preflight.py . && touch wheels/stranger.whl")
    fresh.refused(10, "not on its list", "wheels/stranger.whl", "unpack it again", folder=folder)


def test_the_list_of_contents_was_altered_after_signing(fresh: Fresh):
    folder = fresh.variant("relisted")
    fresh.server.run(f"cd {folder} && cp SHA256SUMS s && sed -i '1s/^./0/;1s/^0./ff/' s && mv s SHA256SUMS")
    fresh.refused(11, "The bundle's signature is wrong", "Do not use it", folder=folder)
    fresh.refused(11, "Paketin imzası geçersiz", "Paketi kullanmayınız", folder=folder, lang="tr")


def test_somebody_else_signed_it(fresh: Fresh, signer: Path):
    folder = fresh.variant("signed")
    sign(fresh, folder, signer)
    mine = subprocess.run(
        ["ssh-keygen", "-lf", str(signer)], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    other = "SHA256:" + "A" * 43
    fresh.refused(12, f"signed by an unknown key: {mine}", "another way", folder=folder, words=("--fingerprint", other))
    fresh.refused(12, f"signed by an unknown key: {mine}", folder=folder)


def test_it_is_older_than_what_is_installed_or_skips_a_release(fresh: Fresh):
    server = fresh.server
    version = json.loads(server.read(f"{fresh.folder}/manifest.json"))["version"]
    server.run("mkdir -p /opt/belgenet/releases/99.0 && ln -s releases/99.0 /opt/belgenet/current")
    try:
        fresh.refused(
            15,
            "[downgrade]",
            f"The installed release (99.0) is newer than this bundle ({version})",
            "Use a bundle of 99.0",
        )
        server.run("ln -sfn releases/0.0.1 /opt/belgenet/current")
        fresh.refused(15, "[upgrade_skips]", f"Release {version} cannot follow 0.0.1 directly", "first")
    finally:
        server.run("rm -r /opt/belgenet")


def test_it_is_for_another_operating_system(fresh: Fresh):
    server = fresh.server
    server.write("/run/os-release", 'ID=ubuntu\nVERSION_ID="22.04"\n')
    server.run("mount --bind /run/os-release /usr/lib/os-release")
    try:
        fresh.refused(
            13,
            f"This bundle is for {server.system}; this server runs ubuntu22.04",
            "Download the bundle for your server",
        )
    finally:
        server.run("umount /usr/lib/os-release")


def expired(host: str) -> tuple[bytes, bytes]:
    """Certificate and key; the certificate ended yesterday."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=90)).not_valid_after(now - timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName(f"*.{host}")])
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return signed.public_bytes(serialization.Encoding.PEM), private


def test_everything_that_is_wrong_with_the_server_is_said_at_once(fresh: Fresh):
    """Little memory, ports that others have, somebody's database, a full and a read-only disk, an old certificate."""
    server = fresh.server
    certificate, key = expired(DOMAIN)
    server.write("/etc/belgenet/tls/server.pem", certificate)
    server.write("/etc/belgenet/tls/server.key", key)
    server.write("/root/answers.yml", yaml.safe_dump(ANSWERS | {"belgenet_tls_mode": "provided"}))
    # The kernel's own report, as a machine of 1.4 GiB gives it: a control group's limit does not show there.
    server.run("sed 's/^MemTotal:.*/MemTotal:        1468006 kB/' /proc/meminfo >/run/meminfo")
    server.run("mount --bind /run/meminfo /proc/meminfo")
    server.run("systemd-run --quiet --unit=shop -p WorkingDirectory=/run python3 -m http.server 443")
    server.run("mkdir -p /etc/postgresql/15/muhasebe")
    server.run(
        "mount -t tmpfs -o size=600M,mode=755 tmpfs /opt && mount --bind /usr /usr && mount -o remount,ro,bind /usr"
    )
    try:
        fresh.refused(
            14,
            "[memory_low] The server has 1433 MiB of memory; 2048 MiB is the least",
            "[port_busy] port 443, needed for Nginx, is taken by python3 (pid ",
            ", shop.service)",
            "[foreign_postgres] There is a PostgreSQL cluster that is not BelgeNet's: 15/muhasebe",
            "pg_dropcluster --stop 15 muhasebe",
            "[disk_full] There are 0.6 GiB free for /opt; 2.5 GiB are needed",
            "[read_only] /usr is on a file system that is mounted read-only",
            "[certificate_expired] The certificate /etc/belgenet/tls/server.pem expired on",
            "Renew it and run this again",
            "Nothing was changed.",
        )
        fresh.refused(
            14, "[memory_low] Sunucuda 1433", "[read_only] /usr salt okunur", "Hiçbir şey değiştirilmedi.", lang="tr"
        )
    finally:
        server.run(
            "systemctl stop shop; umount -l /usr; umount /opt /proc/meminfo; rm -r /etc/postgresql /etc/belgenet"
        )
        server.write("/root/answers.yml", yaml.safe_dump(ANSWERS))


def test_the_clock_is_behind(fresh: Fresh, signer: Path):
    """The machines of a test share their computer's clock, so here the release is ahead of it instead: the same to both."""
    folder = fresh.variant("ahead")
    manifest = json.loads(fresh.server.read(f"{folder}/manifest.json"))
    manifest["source_date_epoch"] = int((datetime.now(UTC) + timedelta(days=400)).timestamp())
    fresh.server.run(f"rm {folder}/manifest.json")
    fresh.server.write(f"{folder}/manifest.json", json.dumps(manifest, indent=1) + "\n")
    sign(fresh, folder, signer)
    texts = ("[clock_behind] The server's clock is before the time this release was made", "timedatectl set-time")
    fresh.refused(14, *texts, folder=folder, words=("--signers", "/root/signers"))


def test_a_server_that_is_fit_is_said_to_be_and_looking_changes_nothing(fresh: Fresh):
    with fresh.unchanged():
        done = fresh.install("--check")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "The server is fit." in done.stdout
