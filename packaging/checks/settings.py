"""Secrets that somebody wrote among the settings, where they would be read by whoever reads belgenet.ini."""

from collections.abc import Iterator
from typing import Any

from checks.probe import ERROR, Finding
from checks.site import read_tree

GIVEN = (
    "mail.password",
    "payments.iyzico_api_key",
    "payments.iyzico_secret_key",
    "payments.stripe_secret_key",
    "payments.stripe_webhook_secret",
    "sms.password",
    "storage.access_key",
    "storage.secret_key",
)
"""The institution was given them."""
MADE = (
    "cache.url",
    "database.owner_url",
    "database.platform_url",
    "database.relay_url",
    "database.url",
    "observability.metrics_token",
    "security.jwt_keys",
    "security.master_keys",
    "tasks.broker_url",
)
"""The server makes them itself."""


def settings(text: str) -> Iterator[Finding]:
    """No secret stands in ``belgenet_settings``, however deep, nor beside it; what it is said to be is shown nowhere.

    :param text: the operator's answers.
    """
    answers = read_tree(text)
    product = answers.pop("belgenet_settings", None) or {}
    found = {*names(product), *names(answers)}
    yield from (Finding("secret_in_settings", ERROR, {"name": name}) for name in GIVEN if name in found)
    yield from (Finding("secret_made_here", ERROR, {"name": name}) for name in MADE if name in found)
    if isinstance(product, dict):
        deep = (name for name, value in product.items() if any(names(value)))
        yield from (Finding("setting_nested", ERROR, {"name": str(name)}) for name in deep)


def names(value: Any, above: str = "") -> Iterator[str]:
    """Every name in it with those above it, ``mail.password`` for ``{mail: {password: x}}``."""
    if isinstance(value, list):
        for item in value:
            yield from names(item, above)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield f"{above}{key}"
            yield from names(inner, f"{above}{key}.")
