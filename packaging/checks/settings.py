"""Secrets that somebody wrote among the settings, where they would be read by whoever reads belgenet.ini."""

import re
from collections.abc import Iterator

from checks.probe import ERROR, Finding

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
BLOCK = re.compile(
    r"""^["']?belgenet_settings["']?[ \t]*:(?P<block>[^\n]*(?:\n(?:[ \t}#][^\n]*|(?=\n|\Z)))*)""", re.MULTILINE
)
COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)


def settings(text: str) -> Iterator[Finding]:
    """No secret stands in ``belgenet_settings``; what it is said to be is shown nowhere.

    :param text: the operator's answers.
    """
    found = "\n".join(COMMENT.sub("", match["block"]) for match in BLOCK.finditer(text))
    yield from (Finding("secret_in_settings", ERROR, {"name": name}) for name in GIVEN if is_key(name, found))
    yield from (Finding("secret_made_here", ERROR, {"name": name}) for name in MADE if is_key(name, found))


def is_key(name: str, block: str) -> bool:
    """Whether a value is given to a name."""
    return re.search(rf"""(?:^|[\s{{,"']){re.escape(name)}["']?\s*:""", block) is not None
