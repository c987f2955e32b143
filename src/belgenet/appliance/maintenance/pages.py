"""What visitors and programs get while the site is closed, as a piece of Nginx configuration."""

import html
import json
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from belgenet.appliance.words import LANGUAGES, words

RETRY_SECONDS: Final = 600
"""When no end is known."""
CODE: Final = "maintenance"
_PAGE: Final = (
    '<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>body{{font:17px/1.6 system-ui,sans-serif;margin:12vh auto;max-width:34em;padding:0 1.2em;"
    "color:#1f2933;background:#fff}}h1{{font-size:1.5em}}@media(prefers-color-scheme:dark){{body{{color:#e4e7eb;"
    "background:#1f2933}}}}</style><main><h1>{title}</h1><p>{text}</p>{more}<p>{payments}</p></main></html>"
)

_CONF: Final = """\
# Made by belgenet maintenance on; belgenet maintenance off removes it.
set $belgenet_closed "$belgenet_kind/$belgenet_language";
if ($remote_addr = 127.0.0.1) {{ set $belgenet_closed ""; }}
if ($remote_addr = ::1) {{ set $belgenet_closed ""; }}
if ($uri ~ ^/metrics/) {{ set $belgenet_closed ""; }}
if ($belgenet_closed) {{ rewrite ^ /_closed/$belgenet_closed last; }}
{locations}
"""
_LOCATION: Final = """\
location = /_closed/{kind}/{lang} {{
    internal;
    default_type "{type}";
    add_header Retry-After "{retry}" always;
    add_header Cache-Control "no-store" always;
    add_header Content-Language "{lang}" always;
    add_header Vary "Accept-Language" always;
    add_header Strict-Transport-Security "max-age=31536000" always;
    add_header X-Content-Type-Options "nosniff" always;
    return 503 "{body}";
}}
"""


def configuration(until: datetime | None, message: str, zone: str = "Europe/Istanbul") -> str:
    """For the sites' ``include``.

    :param message: the institution's own words, in whatever language; shown as text.
    :param zone: in which the page says the time.
    """
    retry = format_datetime(until, usegmt=True) if until else str(RETRY_SECONDS)
    parts = []
    for lang in LANGUAGES:
        page = _page(lang, until, message, zone)
        problem = _problem(lang, until, message, zone)
        for kind, content_type, body in (
            ("page", "text/html; charset=utf-8", page),
            ("api", "application/problem+json", problem),
        ):
            parts.append(_LOCATION.format(kind=kind, lang=lang, type=content_type, retry=retry, body=_quoted(body)))
    return _CONF.format(locations="\n".join(parts))


def _page(lang: str, until: datetime | None, message: str, zone: str) -> str:
    say = words("maintenance", lang)
    # The dollar sign begins a variable of Nginx and cannot be escaped there.
    more = f"<p>{html.escape(message).replace('$', '&#36;')}</p>" if message else ""
    return _PAGE.format(
        lang=lang, title=say("title"), text=_text(lang, until, zone), more=more, payments=say("payments")
    )


def _problem(lang: str, until: datetime | None, message: str, zone: str) -> str:
    say = words("maintenance", lang)
    detail = " ".join([_text(lang, until, zone), *([message] if message else [])])
    body = {"type": "about:blank", "title": say("title"), "status": 503, "code": CODE, "detail": detail}
    return json.dumps(body, ensure_ascii=False).replace("$", "\\u0024")


def _text(lang: str, until: datetime | None, zone: str) -> str:
    say = words("maintenance", lang)
    if until is None:
        return say("text")
    local = until.astimezone(ZoneInfo(zone))
    day = format_date(local.date(), "d MMMM y", locale=lang)
    return say("text_until", day=day, time=f"{local:%H:%M}")


def _quoted(text: str) -> str:
    """Inside Nginx's quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
