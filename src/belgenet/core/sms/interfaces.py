"""What a provider of SMS is to us, and how it may fail. Errors carry a stable word and never a text or a number."""

from dataclasses import dataclass
from typing import Protocol


class SmsNotSent(Exception):  # noqa: N818 - what happened, not whose fault it is
    """An SMS did not go out, or nobody knows. ``code`` is a stable word, ``detail`` the provider's own code."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} ({detail})" if detail else code)
        self.code = code
        self.detail = detail


class SmsRefused(SmsNotSent):
    """The provider will never take this message; trying again ends the same way."""


class SmsUnavailable(SmsNotSent):
    """The provider did not take the message: it cannot be reached, wants a pause, or its settings are wrong. Try again."""


class SmsOutcomeUnknown(SmsNotSent):
    """The message left, but no answer came that says what became of it. Sending again might send it twice."""


class SmsSender(Protocol):
    """Sends one message to one number."""

    @property
    def active(self) -> bool:
        """False where no provider is set up; nothing is then worth queueing."""

    def send(self, number: str, text: str) -> str:
        """Send.

        :param number: E.164.
        :returns: the provider's name for the message.
        :raises SmsRefused, SmsUnavailable, SmsOutcomeUnknown: see there.
        """


@dataclass(frozen=True, slots=True)
class NullSmsSender:
    """SmsSender of an installation without a provider."""

    active: bool = False

    def send(self, number: str, text: str) -> str:  # noqa: ARG002 - the interface's
        """See SmsSender. What was queued before the provider was taken away waits for another."""
        raise SmsUnavailable("not_configured")
