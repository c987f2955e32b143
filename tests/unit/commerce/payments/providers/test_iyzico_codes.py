import pytest

from belgenet.commerce.payments.providers.errors import (
    DeclineReason,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnknown,
)
from belgenet.commerce.payments.providers.iyzico.codes import decline_of, error_of, is_bank_decline


@pytest.mark.parametrize("code", ["10214", "10219", "10228", "10240", "10241", "10242", "", None])
def test_codes_that_say_nothing_about_the_outcome(code):
    assert type(error_of({"errorCode": code})) is ProviderUnknown


@pytest.mark.parametrize("code", ["1000", "1001", "1006", "9000"])
def test_codes_an_operator_must_act_on(code):
    assert type(error_of({"errorCode": code})) is ProviderMisconfigured


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("10051", DeclineReason.INSUFFICIENT_FUNDS),
        ("10054", DeclineReason.EXPIRED_CARD),
        ("10084", DeclineReason.CARD_DETAILS),
        ("12", DeclineReason.CARD_DETAILS),
        ("10224", DeclineReason.LIMIT_EXCEEDED),
        ("10217", DeclineReason.AUTHENTICATION),
        ("10005", DeclineReason.DECLINED),
        ("99999", DeclineReason.DECLINED),
    ],
)
def test_refusals_carry_what_the_payer_may_hear(code, reason):
    error = error_of({"errorCode": code, "errorGroup": "GROUP", "retryable": True})
    assert isinstance(error, ProviderRefused)
    assert (error.safe_reason, error.group, error.retryable) == (reason, "GROUP", True)


@pytest.mark.parametrize("code", ["10034", "10041", "10043", "10225"])
def test_nobody_is_told_that_a_card_is_lost_stolen_or_suspect(code):
    assert decline_of(code) is DeclineReason.DECLINED


@pytest.mark.parametrize(
    ("code", "bank"), [("10051", True), ("10219", False), ("5087", False), ("", False), ("x", False), ("١٠٠٥١", False)]
)
def test_only_answers_of_the_bank_are_declines(code, bank):
    assert is_bank_decline(code) is bank


def test_texts_of_the_provider_do_not_travel():
    assert "Kayıp" not in str(error_of({"errorCode": "10041", "errorMessage": "Kayıp kart", "errorGroup": "G"}))
