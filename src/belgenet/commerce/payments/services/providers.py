"""The providers this installation has keys for."""

import httpx

from belgenet.commerce.payments.providers.http import http_client
from belgenet.commerce.payments.providers.interfaces import PaymentProvider
from belgenet.commerce.payments.providers.iyzico.config import BuyerDefaults, IyzicoConfig
from belgenet.commerce.payments.providers.iyzico.provider import IyzicoProvider
from belgenet.commerce.payments.providers.stripe.config import StripeConfig
from belgenet.commerce.payments.providers.stripe.provider import StripeProvider
from belgenet.settings.modules import Payments

PATIENCE_SECONDS = 5.0
"""How long a person in front of a browser waits for a provider's answer before the background takes over."""


class Providers:
    """Configured adapters by name. ``hurried`` ones give up sooner: for pages a person waits for."""

    def __init__(
        self,
        steady: dict[str, PaymentProvider],
        hurried: dict[str, PaymentProvider] | None = None,
        clients: tuple[httpx.Client, ...] = (),
    ) -> None:
        self._steady = steady
        self._hurried = steady if hurried is None else hurried
        self._clients = clients

    @property
    def names(self) -> list[str]:
        """Configured providers."""
        return list(self._steady)

    def get(self, name: str, *, hurried: bool = False) -> PaymentProvider | None:
        """The adapter, or None when its keys are not configured."""
        return (self._hurried if hurried else self._steady).get(name)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            client.close()

    @classmethod
    def of(cls, settings: Payments) -> "Providers":
        """From settings; a provider without keys is left out."""
        steady = settings.timeout_seconds
        hurried = min(PATIENCE_SECONDS, steady)
        clients = tuple(http_client(min(5.0, seconds), seconds) for seconds in (steady, hurried))
        return cls(_adapters(settings, steady, clients[0]), _adapters(settings, hurried, clients[1]), clients)


def _adapters(settings: Payments, timeout: float, client: httpx.Client) -> dict[str, PaymentProvider]:
    found: dict[str, PaymentProvider] = {}
    if settings.iyzico_api_key.get_secret_value() and settings.iyzico_secret_key.get_secret_value():
        found["iyzico"] = IyzicoProvider(iyzico_config(settings, timeout), client)
    if settings.stripe_secret_key.get_secret_value():
        found["stripe"] = StripeProvider(stripe_config(settings, timeout), client)
    return found


def iyzico_config(settings: Payments, timeout: float) -> IyzicoConfig:
    """iyzico's configuration. :param timeout: seconds to wait for an answer."""
    return IyzicoConfig(
        api_key=settings.iyzico_api_key.get_secret_value(),
        secret_key=settings.iyzico_secret_key.get_secret_value(),
        base_url=settings.iyzico_base_url,
        connect_timeout=min(5.0, timeout),
        read_timeout=timeout,
        allow_unsigned_webhooks=settings.iyzico_accept_unsigned_webhooks,
        buyer_defaults=BuyerDefaults(
            identity_number=settings.iyzico_identity_number or None,
            phone=settings.iyzico_buyer_phone or None,
            address=settings.iyzico_buyer_address or None,
            city=settings.iyzico_buyer_city or None,
        ),
    )


def stripe_config(settings: Payments, timeout: float) -> StripeConfig:
    """Stripe's configuration. :param timeout: seconds to wait for an answer."""
    return StripeConfig(
        secret_key=settings.stripe_secret_key.get_secret_value(),
        webhook_secrets=tuple(settings.stripe_webhook_secret.get_secret_value().split()),
        api_base=settings.stripe_api_base,
        connect_timeout=min(5.0, timeout),
        read_timeout=timeout,
    )
