"""Sending mail and SMS from any domain.

``request.service(Notifier).email("order_paid", "ayse@example.org", "tr", {...}, dedupe_key=f"order_paid:{order.id}")``

A template is three files ``<name>.<locale>.{subject.txt,html,txt}``; a domain adds its own folder with
``config.add_mail_templates("belgenet.certificates:templates")``. They extend ``_layout.html`` and ``_layout.txt``. Each gets the
context given plus ``tenant_name``, ``tenant_url``, ``color``, ``on_color``, ``logo_url`` and ``locale``; filters ``money``
(:class:`~belgenet.core.money.Money` or ``{"amount", "currency"}``), ``day`` and ``moment`` (aware datetimes, in the tenant's time
zone). A name that is missing from the context is an error at once, in the caller's transaction.

``request.service(Notifier).sms("certificate_ready", "+905321234567", "tr", {...}, dedupe_key=f"certificate_ready:{row.id}")``

The text of an SMS is the catalogue's ``sms.<template>``; besides the context it may name ``{tenant_name}``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

CONTEXTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "verify_email": frozenset({"full_name", "action_url", "hours"}),
        # to somebody whose account an administrator made: the link sets its first password
        "invitation": frozenset({"full_name", "action_url", "hours"}),
        "account_exists": frozenset({"full_name", "action_url", "reset_url"}),
        "reset_password": frozenset({"full_name", "action_url", "minutes"}),
        "password_changed": frozenset({"full_name", "changed_at", "reset_url"}),
        # each of lines has a title, a quantity and its total, which is money like the order's total
        "order_paid": frozenset({"full_name", "order_number", "lines", "total", "order_url"}),
        # title: what it certifies; number: as printed; download_url: the page it can be had from; verify_url: the public check
        "certificate_ready": frozenset({"full_name", "title", "number", "download_url", "verify_url"}),
        # amount: money given back; reason: the administrator's words, or ""
        "order_refunded": frozenset({"full_name", "order_number", "amount", "reason", "order_url"}),
        # reason: why, in the reader's language, or ""; total: money still to be paid
        "payment_problem": frozenset({"full_name", "order_number", "total", "reason", "order_url"}),
    }
)
"""What each of our templates needs in its context."""

SMS_CONTEXTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"certificate_ready": frozenset({"number", "verify_url"})}
)
"""What each SMS needs in its context."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the object store to send along; read when the mail is sent."""

    filename: str
    media_type: str
    storage_key: str


class Notifier(Protocol):
    """Sends messages to people, one for each dedupe key, whatever crashes in between."""

    def email(
        self,
        template: str,
        to: str,
        locale: str,
        context: Mapping[str, Any],
        dedupe_key: str,
        attachments: Sequence[Attachment] = (),
    ) -> bool:
        """Render a mail and queue it in the session's transaction; ``context["full_name"]``, if there, names the recipient.

        :param dedupe_key: unique in the tenant, e.g. ``order_paid:<order id>``.
        :returns: False when a mail with this key exists; nothing is queued then.
        :raises jinja2.TemplateNotFound, jinja2.UndefinedError: the template or something it names is missing.
        """

    def sms(self, template: str, to: str, locale: str, context: Mapping[str, Any], dedupe_key: str) -> bool:
        """Render an SMS and queue it in the session's transaction. It goes out once at most.

        :param to: a number as people write it, Turkish without a country code. One that is none is noted for the administrator.
        :param dedupe_key: unique among the tenant's SMS.
        :returns: False when nothing is queued: no provider is set up, an SMS with this key exists, or the number is none.
        :raises KeyError: the template or something it needs is missing.
        """
