"""Both adapters against the test provider as a real process: the good days."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.contract.payment_providers.rails import ref_of, refund_of

from belgenet.commerce.payments.providers.errors import DeclineReason, ProviderMisconfigured
from belgenet.commerce.payments.providers.interfaces import PaymentState, RefundState


def test_a_payment_is_confirmed_once_it_is_paid(rail):
    ref = rail.opened()
    provider = rail.provider()
    before = provider.query(ref)
    assert (before.state, before.final, before.decline) == (PaymentState.PENDING, False, None)
    rail.psp.pay(ref.token)
    seen = provider.query(ref)
    assert (seen.state, seen.final, seen.amount_minor, seen.currency) == (PaymentState.CONFIRMED, True, 12550, "TRY")
    assert seen.card_last4
    assert seen.fees_minor > 0
    assert [row["payment_id"] for row in rail.charges()] == [seen.provider_ref]
    assert rail.charges()[0]["attempt_id"] == ref.attempt_id


def test_a_payment_is_found_without_its_token(rail):
    ref, seen = rail.paid()
    by_other_means = replace(ref, token=None, provider_ref=seen.provider_ref)
    assert rail.provider().query(by_other_means).state is PaymentState.CONFIRMED


def test_a_refused_card_may_be_followed_by_a_good_one(rail):
    ref, provider = rail.opened(), rail.provider()
    assert rail.psp.pay(ref.token, rail.refused_card)["status"] == "FAILURE"
    refused = provider.query(ref)
    assert (refused.state, refused.final) == (PaymentState.PENDING, False)
    assert refused.decline is DeclineReason.INSUFFICIENT_FUNDS
    assert rail.psp.pay(ref.token)["status"] == "SUCCESS"
    assert provider.query(ref).state is PaymentState.CONFIRMED
    assert len(rail.charges()) == 1


def test_a_stolen_card_is_just_declined(rail):
    ref = rail.opened()
    rail.psp.pay(ref.token, rail.stolen_card)
    assert rail.provider().query(ref).decline is DeclineReason.DECLINED


def test_paying_twice_charges_once(rail):
    ref = rail.opened()
    with ThreadPoolExecutor(6) as pool:
        statuses = {answer["status"] for answer in pool.map(lambda _: rail.psp.pay(ref.token), range(6))}
    assert statuses == {"SUCCESS"}
    assert len(rail.charges()) == 1


@pytest.mark.parametrize("amount", [2, 100, 10050, 10000, 123456789])
def test_amounts_with_trailing_zeros_survive_the_signatures(rail, amount):
    _, seen = rail.paid(amount=amount)
    assert (seen.state, seen.amount_minor) == (PaymentState.CONFIRMED, amount)


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 500), ("KWD", 12350), ("ISK", 900), ("USD", 999)])
def test_stripe_counts_every_currency_right(stripe_rail, currency, amount):
    ref, seen = stripe_rail.paid(currency=currency, amount=amount)
    assert (seen.state, seen.amount_minor) == (PaymentState.CONFIRMED, amount)
    outcome = stripe_rail.provider().refund(refund_of(ref, seen, amount))
    assert (outcome.state, outcome.done_minor) == (RefundState.DONE, amount)


def test_a_page_whose_time_is_over_takes_no_card(rail):
    ref = rail.opened()
    rail.psp.control("POST", "expire", {"token": ref.token})
    assert rail.psp.pay(ref.token)["status"] == "EXPIRED"
    assert rail.charges() == []


def test_an_expired_session_is_final_at_once(stripe_rail):
    ref = stripe_rail.opened()
    stripe_rail.psp.control("POST", "expire", {"token": ref.token})
    seen = stripe_rail.provider().query(ref)
    assert (seen.state, seen.final) == (PaymentState.FAILED, True)


def test_an_abandoned_session_takes_no_card(stripe_rail):
    ref, provider = stripe_rail.opened(), stripe_rail.provider()
    assert provider.abandon(ref)
    assert stripe_rail.psp.pay(ref.token)["status"] == "EXPIRED"
    paid, _ = stripe_rail.paid()
    assert not provider.abandon(paid)


def test_an_attempt_the_provider_never_heard_of_is_not_found(rail):
    request = rail.attempt()
    seen = rail.provider().query(ref_of(request, None, None))
    assert (seen.state, seen.final) == (PaymentState.NOT_FOUND, False)


def test_wrong_keys_are_ours_to_fix(rail):
    wrong = {"secret_key": "sk_test_wrong"}
    with pytest.raises(ProviderMisconfigured):
        rail.provider(**wrong).begin(rail.attempt())
    if rail.name == "iyzico":
        with pytest.raises(ProviderMisconfigured, match="1001"):
            rail.provider(api_key="unknown").begin(rail.attempt())


def test_part_refunds_never_exceed_the_payment(rail):
    ref, seen = rail.paid()
    provider = rail.provider()
    first, second = refund_of(ref, seen, 11000), refund_of(ref, seen, 1551)
    assert provider.refund(first).state is RefundState.DONE
    refused = provider.refund(second)
    assert (refused.state, refused.done_minor, refused.retryable) == (RefundState.FAILED, 0, False)
    assert provider.refund(refund_of(ref, seen, 1550)).state is RefundState.DONE
    assert provider.query_refund(first).state is RefundState.DONE
    assert provider.query_refund(second).state is RefundState.NOT_FOUND
    records = provider.refunds_of(replace(ref, provider_ref=seen.provider_ref))
    assert sum(record.amount_minor for record in records) == 12550


def test_a_card_that_cannot_be_refunded(iyzico):
    ref = iyzico.opened()
    iyzico.psp.pay(ref.token, "5406670000000009")
    seen = iyzico.provider().query(ref)
    outcome = iyzico.provider().refund(refund_of(ref, seen, 100))
    assert (outcome.state, outcome.retryable) == (RefundState.FAILED, True)


def test_refunds_made_in_the_providers_panel_are_seen(rail):
    ref, seen = rail.paid()
    rail.psp.control("POST", "refund", {"payment_id": seen.provider_ref})
    records = rail.provider().refunds_of(replace(ref, provider_ref=seen.provider_ref))
    assert {record.refund_id for record in records} == {None}
    assert sum(record.amount_minor for record in records) == 12550


def test_the_same_attempt_opens_the_same_session(stripe_rail):
    provider, request = stripe_rail.provider(), stripe_rail.attempt()
    assert provider.begin(request).token == provider.begin(request).token


def test_threads_do_not_mix_up_their_signatures(rail):
    provider = rail.provider()

    def story(number):
        ref = rail.opened(provider, amount=1000 + number)
        rail.psp.pay(ref.token)
        return provider.query(ref)

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(story, range(40)))
    assert [observation.amount_minor for observation in seen] == [1000 + number for number in range(40)]
    assert {observation.state for observation in seen} == {PaymentState.CONFIRMED}
    assert len({observation.provider_ref for observation in seen}) == 40
