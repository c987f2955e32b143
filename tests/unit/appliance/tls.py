"""A server's folders below a test's own, with an authority that signs what it is asked."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from belgenet.appliance.tls import make
from belgenet.appliance.tls.client import AcmeError
from belgenet.appliance.tls.layout import Layout
from belgenet.appliance.tls.pem import text_of_key
from belgenet.appliance.tls.server import Server
from belgenet.appliance.tls.settings import TlsSettings
from belgenet.testing.acme.issuing import Issuer

DOMAIN = "okul.example"
WILD = [DOMAIN, f"*.{DOMAIN}"]


class World:
    """One server and who signs for it."""

    def __init__(self, folder: Path, mode: str = "provided", directory: str = "") -> None:
        self.layout = Layout(folder / "etc", folder / "var")
        for path in (self.layout.folder, self.layout.sets, self.layout.request, self.layout.client / "out"):
            path.mkdir(parents=True)
        self.issuer = Issuer()
        self.trusted = folder / "trusted.pem"
        self.trusted.write_text(self.issuer.root)
        self.tenants: list[str] | None = [f"vakif.{DOMAIN}"]
        self.now = datetime.now(UTC)
        self.reloads = 0
        self.server = self.in_mode(mode, directory)

    def in_mode(self, mode: str, directory: str = "") -> Server:
        settings = TlsSettings(mode=mode, domain=DOMAIN, email=f"bt@{DOMAIN}", directory=directory)
        self.server = Server(self.layout, settings, self.reload, lambda: self.tenants, lambda: self.now, [self.trusted])
        return self.server

    def reload(self) -> None:
        self.reloads += 1

    def shown(self) -> x509.Certificate:
        """What Nginx would read, through its own path."""
        return x509.load_pem_x509_certificate((self.layout.folder / "server.pem").read_bytes())

    def signed(self, *names: str) -> tuple[str, str]:
        """A certificate with its chain, and its key."""
        key = make.new_key()
        csr = x509.load_pem_x509_csr(make.request(key, list(names) or WILD).encode())
        return self.issuer.sign(csr), text_of_key(key)


class Authority:
    """Answers like the ACME client: signs, or refuses what a test says."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.asked: list[list[str]] = []
        self.refuses: dict[str, str] = {}
        self.broken = ""

    def ask(self, csr: str, *, eab_key: str = "") -> str:
        request = x509.load_pem_x509_csr(csr.encode())
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = names.get_values_for_type(x509.DNSName)
        self.asked.append(found)
        if self.broken:
            raise AcmeError(self.broken, {})
        if refused := {name: why for name, why in self.refuses.items() if name in found}:
            raise AcmeError("refused", refused)
        return self.issuer.sign(request)
