"""What the test payment provider is told on its command line."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PspConfig:
    """Keys of the one merchant it serves, its own address, and how it delivers webhooks (seconds): to the address ``resolve``
    whatever their host's name says, trusting the certificates in the file ``authorities``.
    """

    state: Path
    public_url: str
    iyzico_key: str
    iyzico_secret: str = field(repr=False)
    stripe_key: str = field(repr=False)
    stripe_webhook_secret: str = field(repr=False)
    notify_iyzico: str | None = None
    notify_stripe: str | None = None
    webhook_delay: float = 0.2
    webhook_retry: float = 15.0
    webhook_tries: int = 3
    token_seconds: int = 1800
    resolve: str = ""
    authorities: Path | None = None

    @property
    def stripe_live(self) -> bool:
        """What Stripe's objects say of themselves in ``livemode``: whether the merchant's key is one for real money."""
        return self.stripe_key.startswith(("sk_live_", "rk_live_"))
