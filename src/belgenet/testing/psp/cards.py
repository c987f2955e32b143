"""The test cards of both protocols and what becomes of them (docs.iyzico.com, docs.stripe.com/testing)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """One test card. An empty `code` means it pays; `group` is iyzico's error group or Stripe's decline
    code.
    """

    number: str
    brand: str
    label: str
    code: str = ""
    group: str = ""
    refundable: bool = True


IYZICO = tuple(
    Card(*row)
    for row in (
        ("5528790000000008", "MASTER_CARD", "ok"),
        ("4603450000000000", "VISA", "ok"),
        ("9792030000000000", "TROY", "ok"),
        ("5526080000000006", "MASTER_CARD", "ok"),
        ("4543590000000006", "VISA", "ok"),
        ("5400360000000003", "MASTER_CARD", "ok"),
        ("5890040000000016", "MASTER_CARD", "ok"),
        ("374427000000003", "AMERICAN_EXPRESS", "ok"),
        ("9792020000000001", "TROY", "ok"),
        ("4054180000000007", "VISA", "ok"),
        ("5400010000000004", "MASTER_CARD", "ok"),
        ("5406670000000009", "MASTER_CARD", "no_refund", "", "", False),
        ("4111111111111129", "VISA", "insufficient", "10051", "NOT_SUFFICIENT_FUNDS"),
        ("4129111111111111", "VISA", "declined", "10005", "DO_NOT_HONOUR"),
        ("4128111111111112", "VISA", "declined", "10012", "INVALID_TRANSACTION"),
        ("4127111111111113", "VISA", "declined", "10041", "LOST_CARD"),
        ("4126111111111114", "VISA", "declined", "10043", "STOLEN_CARD"),
        ("4125111111111115", "VISA", "expired", "10054", "EXPIRED_CARD"),
        ("4124111111111116", "VISA", "cvc", "10084", "INVALID_CVC2"),
        ("4123111111111117", "VISA", "not_permitted", "10057", "NOT_PERMITTED_TO_CARDHOLDER"),
        ("4122111111111118", "VISA", "not_permitted", "10058", "NOT_PERMITTED_TO_TERMINAL"),
        ("4121111111111119", "VISA", "declined", "10034", "FRAUD_SUSPECT"),
        ("4120111111111110", "VISA", "declined", "10041", "LOST_CARD"),
        ("4130111111111118", "VISA", "declined", "10202", "UNKNOWN"),
    )
)
STRIPE = tuple(
    Card(*row)
    for row in (
        ("4242424242424242", "visa", "ok"),
        ("5555555555554444", "mastercard", "ok"),
        ("378282246310005", "amex", "ok"),
        ("4000000000009995", "visa", "insufficient", "card_declined", "insufficient_funds"),
        ("4000000000000002", "visa", "declined", "card_declined", "generic_decline"),
        ("4000000000009987", "visa", "declined", "card_declined", "lost_card"),
        ("4000000000009979", "visa", "declined", "card_declined", "stolen_card"),
        ("4000000000000069", "visa", "expired", "expired_card", "expired_card"),
        ("4000000000000127", "visa", "cvc", "incorrect_cvc", "incorrect_cvc"),
        ("4000000000000119", "visa", "try_again", "processing_error", "processing_error"),
    )
)
STRIPE_METHODS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
}
SHOWN = ("ok", "insufficient", "declined", "expired", "cvc")


def find(cards: tuple[Card, ...], number: str) -> Card:
    """Return the test card; any other number is refused as a wrong one, so nobody's real card can pay."""
    digits = "".join(character for character in number if character.isdigit())
    for card in cards:
        if card.number == digits:
            return card
    code = ("12", "INVALID_CARD_NUMBER") if cards is IYZICO else ("incorrect_number", "incorrect_number")
    return Card("", "", "number", *code)


def examples(cards: tuple[Card, ...]) -> list[Card]:
    """Return one card per outcome, for the hosted page."""
    return [next(card for card in cards if card.label == label) for label in SHOWN]
