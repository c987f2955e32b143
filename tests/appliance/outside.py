"""What stands outside an institution's server: a payment provider with TLS, and somebody who takes its mail.

Both listen on this computer's end of the machine's cable. The provider's certificate is signed by an authority that the machine is
told to trust, as an institution tells its server to trust its own.
"""

from pathlib import Path
from typing import Self

from tests.appliance.doors import Doors
from tests.appliance.machine import Machine
from tests.common.authority import Authority

from belgenet.testing.psp.process import Merchant, PspProcess
from belgenet.testing.servers import MailSink
from belgenet.testing.servers.ports import free_port

PAYMENTS, MAIL = 8443, 2525
"""Ports of the provider and of the mail server, on every machine's cable."""
MERCHANT = Merchant(
    iyzico_key="appliance-test-key",
    iyzico_secret="appliance-test-secret",
    stripe_key="sk_live_appliance_test",  # a key of a test account is refused in production, as it should be
    stripe_webhook_secret="whsec_appliance_test",
)


class Outside:
    """Everything outside of one machine, which must be on. ``with Outside(server, folder, "okul.example") as outside: ...``

    :param domain: base domain of the installation, whose tenants ``vakif`` and ``akademi`` the provider notifies.
    :param authority: the one that the machine trusts already; a new one by default.
    """

    def __init__(self, server: Machine, folder: Path, domain: str, authority: Authority | None = None) -> None:
        self._server = server
        self._folder = folder
        self._domain = domain
        self.authority = authority or Authority(folder / "authority")
        self.mail = MailSink(folder / "mail")
        self.provider: PspProcess | None = None
        self._provider_port = free_port()
        self._doors: Doors | None = None

    @property
    def payments_url(self) -> str:
        """Address of the provider, for the server and for payers."""
        return f"https://{self._server.outside}:{PAYMENTS}"

    def settings(self) -> dict[str, object]:
        """``belgenet_settings`` of a server that uses what is here."""
        return {
            "payments.iyzico_base_url": self.payments_url,
            "payments.stripe_api_base": self.payments_url,
            "payments.iyzico_identity_number": "10000000146",
            "mail.host": self._server.outside,
            "mail.port": MAIL,
            "mail.sender": f"BelgeNet <bilgi@{self._domain}>",
        }

    def secrets(self) -> dict[str, str]:
        """What an operator gives to ``belgenet secrets set``."""
        return {
            "payments.iyzico_api_key": MERCHANT.iyzico_key,
            "payments.iyzico_secret_key": MERCHANT.iyzico_secret,
            "payments.stripe_secret_key": MERCHANT.stripe_key,
            "payments.stripe_webhook_secret": MERCHANT.stripe_webhook_secret,
        }

    def open_payments(self, authorities: str) -> None:
        """Start the provider.

        :param authorities: PEM of those whose certificates it trusts when it notifies the site.
        """
        trusted = self._folder / "site.pem"
        trusted.write_text(authorities)
        hooks = {"iyzico": "vakif", "stripe": "akademi"}
        options = ["--public-url", self.payments_url, "--resolve", self._server.address, "--authorities", str(trusted)]
        for provider, slug in hooks.items():
            options += [f"--notify-{provider}", f"https://{slug}.{self._domain}/api/v1/webhooks/{provider}"]
        folder = self._folder / "provider"
        self.provider = PspProcess(folder, port=self._provider_port, merchant=MERCHANT, options=options)
        self.provider.start()

    def __enter__(self) -> Self:
        self.mail.start()
        assert self.mail.smtp_port is not None
        here = self._server.outside
        tls = self.authority.server(here)
        self._doors = Doors((here, PAYMENTS, self._provider_port, tls), (here, MAIL, self.mail.smtp_port, None))
        self._doors.open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._doors is not None:
            self._doors.close()
        if self.provider is not None:
            self.provider.__exit__()
        self.mail.stop()
