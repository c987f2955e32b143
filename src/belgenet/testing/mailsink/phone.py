"""Netgsm as far as ``POST /sms/rest/v2/send`` goes: checks who asks and what, keeps the message, delivers nothing.

Some numbers stand for bad days, so that anybody can try them without a switch: ``0501 000 00 NN`` is answered with Netgsm's code NN
(20, 30, 40, 50, 51, 70, 80, 85); ``... 90`` with something that is no JSON, ``... 91`` with status 500, ``... 92`` never within
``SILENCE`` seconds; the message of ``... 92`` is kept, as it would be delivered by a provider whose answer got lost. What goes to
``0501 093 NN NN`` is taken at once, but the answer takes ``SLOWNESS`` seconds.

A letter that the Turkish alphabet of SMS lacks is refused with 20: what a real provider makes of it is not known.
"""

import json
import re
import threading
from base64 import b64encode
from pathlib import Path
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from belgenet.core.sms import ALPHABET
from belgenet.testing.mailsink import SMS_PASSWORD, SMS_SENDER, SMS_USER
from belgenet.testing.mailsink.smsbox import recent, store_sms

SILENCE = 20.0
"""Seconds."""
SLOWNESS = 0.5
"""Seconds."""
DUPLICATES, WITHIN_SECONDS = 20, 60.0
"""More messages to one number are refused with 85."""

_FAULT = re.compile(r"50100000([0-9]{2})")
_CODES = frozenset({"20", "30", "40", "50", "51", "70", "80", "85"})
_GARBAGE, _BROKEN, _SILENT = "90", "91", "92"
_SLOW = "501093"
_LONGEST = 917
_ACCESS = "Basic " + b64encode(f"{SMS_USER}:{SMS_PASSWORD}".encode()).decode()
_NEVER = threading.Event()


def send(request: Request) -> Response:
    """Answer as Netgsm does: 200 and ``00`` with a job, else 406 and a code."""
    folder: Path = request.registry.settings["sms"]
    try:
        asked = json.loads(request.body)
        message = asked["messages"][0]
        number, text, header = str(message["no"]), str(message["msg"]), str(asked["msgheader"])
    except (ValueError, LookupError, TypeError):
        return _no("70")
    if request.headers.get("Authorization") != _ACCESS:
        return _no("30")
    if (fault := _FAULT.fullmatch(number)) and (answer := _bad_day(fault[1], folder, number, text, header)):
        return answer
    if code := _wrong(folder, number, text, header, len(asked["messages"])):
        return _no(code)
    kept = store_sms(folder, f"+90{number}", text, header)
    if number.startswith(_SLOW):
        _NEVER.wait(SLOWNESS)
    return Response(json_body={"code": "00", "jobid": kept.job, "description": "queued"})


def _wrong(folder: Path, number: str, text: str, header: str, messages: int) -> str:
    if header != SMS_SENDER:
        return "40"
    if not text.strip() or len(text) > _LONGEST or not set(text) <= ALPHABET:
        return "20"
    if messages != 1 or not re.fullmatch(r"5[0-9]{9}", number, re.ASCII):
        return "70"
    return "85" if recent(folder, f"+90{number}", WITHIN_SECONDS) >= DUPLICATES else ""


def _bad_day(kind: str, folder: Path, number: str, text: str, header: str) -> Response | None:
    if kind in _CODES:
        return _no(kind)
    if kind == _GARBAGE:
        return Response("<html>bakım çalışması</html>", content_type="text/html", charset="utf-8")
    if kind == _BROKEN:
        return Response("", status=500)
    if kind == _SILENT:
        store_sms(folder, f"+90{number}", text, header)
        _NEVER.wait(SILENCE)
        return Response("", status=504)
    return None


def _no(code: str) -> Response:
    body: dict[str, Any] = {"code": code, "description": "not accepted"}
    return Response(json_body=body, status=406)
