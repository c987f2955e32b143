"""A `StripeClient` of our own making: pinned version, bounded time, one try, no telemetry."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import stripe

from belgenet.commerce.payments.providers.stripe.config import StripeConfig


class HttpxStripeHttp(stripe.HTTPClient):
    """stripe-python's requests over our bounded httpx client.

    stripe-python's own default follows redirects and waits 80 s; its httpx client sends what httpx
    deprecates.
    """

    name = "httpx"

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self._client = client

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **_ignored: Any,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """Send one request. Raises stripe.APIConnectionError, or stripe.APIError for an unreadable
        success.
        """
        try:
            response = self._client.request(method, url, headers=headers, content=post_data or None)
        except httpx.HTTPError as error:
            raise stripe.APIConnectionError("no answer from Stripe") from error  # type: ignore[no-untyped-call]
        if response.is_success and not _is_object(response.content):
            raise stripe.APIError("unreadable answer from Stripe", http_body=None)
        return response.content, response.status_code, response.headers

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def stripe_client(config: StripeConfig, http: HttpxStripeHttp) -> stripe.StripeClient:
    """Return a client for one account; safe to share between threads.

    It never repeats a call by itself: the caller knows whether an attempt may be asked about instead.
    """
    # Module-wide in stripe-python; it would write an identifier into the home directory and report run times.
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        config.secret_key,
        stripe_version=config.api_version,
        base_addresses={"api": config.api_base.rstrip("/")},
        max_network_retries=0,
        http_client=http,
    )


def _is_object(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False
