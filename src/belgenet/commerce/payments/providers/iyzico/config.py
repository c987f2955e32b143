"""What the iyzico adapter needs to know; built by the caller from the settings of the tenant or
installation.
"""

from dataclasses import dataclass, field
from datetime import timedelta

PRODUCTION_URL = "https://api.iyzipay.com"
SANDBOX_URL = "https://sandbox-api.iyzipay.com"
CURRENCIES = frozenset({"TRY", "USD", "EUR", "GBP", "NOK", "CHF"})
PROVIDER = "iyzico"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerDefaults:
    """Stand-ins for what iyzico demands and a payer did not give.

    An institution may agree with iyzico on one value for anonymous donors. None means: refuse the attempt
    rather than invent a person.
    """

    identity_number: str | None = None
    phone: str | None = None
    address: str | None = None
    city: str | None = None
    country: str = "Turkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class IyzicoConfig:
    """Keys, address, time limits (seconds) and house rules of one iyzico merchant."""

    api_key: str
    secret_key: str = field(repr=False)
    base_url: str = PRODUCTION_URL
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    installments: tuple[int, ...] = (1,)
    allow_unsigned_webhooks: bool = False
    buyer_defaults: BuyerDefaults = field(default_factory=BuyerDefaults)
    expiry_grace: timedelta = timedelta(minutes=5)
    refund_grace: timedelta = timedelta(minutes=30)
