"""How a provider's answer can go wrong, sorted by what may be done next."""
# ruff: noqa: N818 - the names say what happened, as in the field's own vocabulary

from enum import StrEnum


class DeclineReason(StrEnum):
    """Why a card was refused, as the payer may hear it.

    Loss, theft and suspected fraud are all `DECLINED`: telling a thief why the card failed helps only the
    thief.
    """

    DECLINED = "declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_EXCEEDED = "limit_exceeded"
    EXPIRED_CARD = "expired_card"
    CARD_DETAILS = "card_details"
    CARD_NOT_PERMITTED = "card_not_permitted"
    AUTHENTICATION = "authentication"
    TRY_AGAIN = "try_again"


class ProviderError(Exception):
    """Base of everything an adapter raises; `code` is the provider's own code or ours, never text for the
    payer.
    """

    def __init__(self, provider: str, code: str, detail: str = "") -> None:
        super().__init__(f"{provider}: {code}" + (f" ({detail})" if detail else ""))
        self.provider = provider
        self.code = code
        self.detail = detail


class ProviderUnknown(ProviderError):
    """Nobody knows what happened: time-out, dropped connection, 5xx, unreadable or wrongly signed answer.

    The call may have taken effect. Query until the provider answers; never repeat the call blindly.
    """


class ProviderUnreachable(ProviderUnknown):
    """The request never left us or was turned away at the door (no connection, 429): it had no effect."""


class ProviderRefused(ProviderError):
    """The provider understood and said no; nothing was charged or given back by this call."""

    def __init__(
        self,
        provider: str,
        code: str,
        *,
        group: str = "",
        safe_reason: DeclineReason = DeclineReason.DECLINED,
        retryable: bool = False,
        detail: str = "",
    ) -> None:
        super().__init__(provider, code, detail)
        self.group = group
        self.safe_reason = safe_reason
        self.retryable = retryable


class ProviderMisconfigured(ProviderError):
    """Our keys, settings or data cannot work with this provider; an operator has to act, the payer cannot."""


class BadSignature(ProviderError):
    """A webhook whose signature is absent, wrong, too old or from the future."""


class MalformedWebhook(ProviderError):
    """A webhook whose body cannot be read as the provider's own."""
