"""SMS over Netgsm's REST interface, version 2: ``POST /sms/rest/v2/send``, Basic authentication, JSON both ways.

It has no key against duplicates, so what became of a message is decided by what its answer proves: a code says that it was or was
not taken; no answer, or one that cannot be read, says nothing.
"""

import re
import ssl
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import httpx

from belgenet.core.sms.interfaces import SmsNotSent, SmsOutcomeUnknown, SmsRefused, SmsUnavailable
from belgenet.settings.modules import Sms

_TAKEN: Final = "00"
_HOME: Final = "+90"
_CONNECT_SECONDS: Final = 5.0
_INFORMATION: Final = "0"
"""``iysfilter`` of messages about what somebody ordered, which need no consent in the register of commercial messages (İYS)."""
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
)
_CODE: Final = re.compile(r"[0-9A-Za-z_.-]{1,20}", re.ASCII)

CODES: Final[Mapping[str, tuple[type[SmsNotSent], str]]] = MappingProxyType(
    {
        "20": (SmsRefused, "text_refused"),
        "30": (SmsUnavailable, "credentials_refused"),
        "40": (SmsUnavailable, "sender_unknown"),
        "50": (SmsRefused, "consent_register"),
        "51": (SmsRefused, "consent_register"),
        "70": (SmsRefused, "request_refused"),
        "80": (SmsUnavailable, "rate_limited"),
        "85": (SmsUnavailable, "number_limited"),
    }
)
"""Netgsm's codes. Credentials and sender title are settings: once they are right, the same message goes through."""


class NetgsmSmsSender:
    """SmsSender over Netgsm; one connection per message, as messages are few and workers many."""

    active = True

    def __init__(self, settings: Sms) -> None:
        self._settings = settings
        connect = min(_CONNECT_SECONDS, settings.timeout_seconds)
        self._timeout = httpx.Timeout(settings.timeout_seconds, connect=connect)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Reading the authorities takes longer than a message; only processes that send do it, once."""
        return httpx.create_ssl_context()

    def send(self, number: str, text: str) -> str:
        """See SmsSender. Netgsm takes Turkish numbers, without their country code."""
        if not number.startswith(_HOME):
            raise SmsRefused("abroad")
        return _job_of(self._post(self._body(number.removeprefix(_HOME), text)))

    def _body(self, national: str, text: str) -> dict[str, Any]:
        return {
            "msgheader": self._settings.sender,
            "messages": [{"msg": text, "no": national}],
            "encoding": "TR",
            "iysfilter": _INFORMATION,
        }

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        settings = self._settings
        try:
            return httpx.post(
                f"{settings.base_url.rstrip('/')}/sms/rest/v2/send",
                json=body,
                auth=(settings.username, settings.password.get_secret_value()),
                timeout=self._timeout,
                verify=self._trust,
                follow_redirects=False,
            )
        except _NEVER_SENT as error:
            raise SmsUnavailable("unreachable", type(error).__name__) from None
        except httpx.HTTPError as error:
            raise SmsOutcomeUnknown("no_answer", type(error).__name__) from None


def _job_of(response: httpx.Response) -> str:
    """Netgsm's name of the message. A code we know counts whatever the status: errors come as 200 and as 406."""
    answer = _json(response)
    code = _code(answer)
    if response.is_success and code == _TAKEN and answer.get("jobid"):
        return str(answer["jobid"])[:64]
    if code in CODES:
        kind, word = CODES[code]
        raise kind(word, f"netgsm {code}")
    kind, word = _meaning(response, code)
    raise kind(word, f"http {response.status_code}" + (f", netgsm {code}" if code else ""))


def _meaning(response: httpx.Response, code: str) -> tuple[type[SmsNotSent], str]:
    """What an answer without a code we know proves. Nobody takes a message and says 4xx."""
    status = response.status_code
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return SmsUnavailable, "credentials_refused"
    if status in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        return SmsUnavailable, "rate_limited"
    if response.is_client_error and code:
        return SmsUnavailable, "other_code"
    if response.is_client_error or response.is_redirect:
        return SmsUnavailable, "wrong_address"
    return SmsOutcomeUnknown, "unreadable_answer"


def _code(answer: dict[str, Any]) -> str:
    """The answer's code, whether it came as a text or as a number; nothing for what cannot be one."""
    code = answer.get("code")
    told = str(code) if isinstance(code, str | int) and not isinstance(code, bool) else ""
    return told if _CODE.fullmatch(told) else ""


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
