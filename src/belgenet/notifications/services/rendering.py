import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.numbers import format_currency
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from belgenet.core.i18n import DEFAULT_LOCALE, LOCALES
from belgenet.core.i18n.dates import long_day, long_moment
from belgenet.core.money import Money
from belgenet.core.traversal import TenantInfo

DEFAULT_COLOR: Final = "#0b7285"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_MAX_SUBJECT: Final = 200


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail in one language. ``subject`` is one line."""

    subject: str
    html: str
    text: str


class Renderer:
    """Turns templates into mails. HTML is escaped; a name missing from the context is an error.

    :param folders: ``package:folder`` each, the first wins; read when the first mail is rendered.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = folders

    @cached_property
    def _environment(self) -> Environment:
        loaders = [PackageLoader(*folder.split(":", 1)) for folder in self._folders]
        environment = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(money=_money, day=_day, moment=_moment)
        return environment

    def render(
        self, template: str, locale: str, context: Mapping[str, Any], tenant: TenantInfo, url: str
    ) -> RenderedMail:
        """Render the three parts; ``url`` is the tenant's address.

        :raises jinja2.TemplateNotFound, jinja2.UndefinedError: see Notifier.
        """
        if not _NAME.fullmatch(template):
            raise ValueError(f"not a template name: {template!r}")
        language = locale if locale in LOCALES else DEFAULT_LOCALE
        everything = {**context, **_surroundings(tenant, url, language)}
        parts = {
            part: self._environment.get_template(f"{template}.{language}.{part}").render(everything)
            for part in ("subject.txt", "html", "txt")
        }
        return RenderedMail(one_line(parts["subject.txt"])[:_MAX_SUBJECT], parts["html"], _tidy(parts["txt"]))


def one_line(text: str) -> str:
    """Without line breaks and control characters: safe in a mail header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def readable_on(color: str) -> str:
    """Black or white, whichever reads better on ``color`` (WCAG 2.2 relative luminance)."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]  # noqa: PLR2004
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"


def _surroundings(tenant: TenantInfo, url: str, locale: str) -> dict[str, Any]:
    color = str(tenant.branding.get("primary_color") or "")
    color = color if _COLOR.fullmatch(color) else DEFAULT_COLOR
    logo = str(tenant.branding.get("logo_url") or "")
    return {
        "tenant_name": tenant.name,
        "tenant_url": url,
        "color": color,
        "on_color": readable_on(color),
        "logo_url": f"{url}{logo}" if logo.startswith("/") else logo,
        "locale": locale,
        "time_zone": tenant.time_zone,
    }


@pass_context
def _money(context: Context, value: Money | Mapping[str, str]) -> str:
    amount = value if isinstance(value, Money) else Money.of(value["amount"], value["currency"])
    text: str = format_currency(amount.amount, amount.currency, locale=context["locale"])
    # English CLDR data know the lira only by its code.
    return text.replace("TRY", "₺")


@pass_context
def _day(context: Context, value: datetime) -> str:
    return long_day(value.astimezone(ZoneInfo(context["time_zone"])), context["locale"])


@pass_context
def _moment(context: Context, value: datetime) -> str:
    return long_moment(value, context["locale"], ZoneInfo(context["time_zone"]))


def _tidy(text: str) -> str:
    """Never more than one blank line in a row."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
