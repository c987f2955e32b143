"""What the Stripe adapter needs to know; built by the caller from the settings of the tenant or
installation.
"""

from dataclasses import dataclass, field
from datetime import timedelta

API_BASE = "https://api.stripe.com"
API_VERSION = "2026-10-28.endive"
PROVIDER = "stripe"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeConfig:
    """Keys, address, time limits (seconds) and house rules of one Stripe account.

    `webhook_secrets` holds more than one secret while one is being rotated. Stripe keeps a Checkout Session
    open between 30 minutes and 24 hours.
    """

    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    api_base: str = API_BASE
    api_version: str = API_VERSION
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    checkout_lifetime: timedelta = timedelta(minutes=35)
    expiry_grace: timedelta = timedelta(minutes=5)
    refund_grace: timedelta = timedelta(minutes=5)
    webhook_tolerance: timedelta = timedelta(seconds=300)
    webhook_future: timedelta = timedelta(seconds=60)

    @property
    def live(self) -> bool:
        """Say whether the key moves real money."""
        return "_live_" in self.secret_key
