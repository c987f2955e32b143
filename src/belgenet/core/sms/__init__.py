"""Outgoing SMS."""

from typing import Any

from belgenet.core.sms.interfaces import (
    NullSmsSender,
    SmsNotSent,
    SmsOutcomeUnknown,
    SmsRefused,
    SmsSender,
    SmsUnavailable,
)
from belgenet.core.sms.netgsm import NetgsmSmsSender
from belgenet.core.sms.numbers import masked, mobile_number
from belgenet.core.sms.segments import ALPHABET, count_segments, fold
from belgenet.settings.modules import Sms

__all__ = [
    "ALPHABET",
    "SmsNotSent",
    "SmsOutcomeUnknown",
    "SmsRefused",
    "SmsSender",
    "SmsUnavailable",
    "count_segments",
    "fold",
    "masked",
    "mobile_number",
]


def sender_of(settings: Sms) -> SmsSender:
    """The sender that the settings choose."""
    return NetgsmSmsSender(settings) if settings.provider == "netgsm" else NullSmsSender()


def includeme(config: Any) -> None:
    config.register_service(sender_of(config.registry.settings["belgenet"].sms), SmsSender)
