from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.commerce.payments.providers.errors import ProviderMisconfigured
from belgenet.commerce.payments.providers.interfaces import BasketItem, Buyer
from belgenet.commerce.payments.providers.iyzico.checkout import initialize_body, split_name
from belgenet.commerce.payments.providers.iyzico.config import BuyerDefaults, IyzicoConfig

from .samples import IYZICO, attempt


def item(minor, number=1):
    return BasketItem(line_id=f"l{number}", name="x", category="y", amount_minor=minor)


def test_body_carries_our_ids_and_exact_amounts():
    body = initialize_body(attempt(), IYZICO)
    assert body["conversationId"] == "0192f0c1-attempt"
    assert body["basketId"] == "KC-2026-000001"
    assert (body["price"], body["paidPrice"], body["currency"]) == ("125.50", "125.50", "TRY")
    assert [line["price"] for line in body["basketItems"]] == ["100.00", "25.50"]
    assert [line["id"] for line in body["basketItems"]] == ["line-1", "line-2"]
    assert body["callbackUrl"].endswith("/payments/iyzico/return")
    assert body["shippingAddress"] == body["billingAddress"]


def test_what_the_payer_gave_beats_the_defaults():
    buyer = Buyer(
        id="u1", full_name="Ali Can", email="a@b.co", phone="+905551112233", identity_number="10000000146", ip="::1"
    )
    body = initialize_body(attempt(buyer=buyer), IYZICO)["buyer"]
    assert body["identityNumber"] == "10000000146"
    assert body["gsmNumber"] == "+905551112233"
    assert body["ip"] == "::1"
    assert body["country"] == "Turkey"


@pytest.mark.parametrize("field", ["identity_number", "phone", "address", "city"])
def test_nothing_about_a_person_is_ever_invented(field):
    known = {"identity_number": "74300864791", "phone": "+905350000000", "address": "-", "city": "Ankara"}
    defaults = BuyerDefaults(**{name: value for name, value in known.items() if name != field})
    config = IyzicoConfig(api_key="k", secret_key="s", buyer_defaults=defaults)
    with pytest.raises(ProviderMisconfigured, match=field):
        initialize_body(attempt(), config)


def test_free_lines_are_left_out_and_the_sum_still_holds():
    request = attempt(amount_minor=500, items=(item(500), item(0, 2)))
    assert [line["id"] for line in initialize_body(request, IYZICO)["basketItems"]] == ["l1"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"currency": "JPY"}, "currency_unsupported"),
        ({"amount_minor": 0, "items": ()}, "amount_not_positive"),
        ({"amount_minor": 100, "items": (item(200), item(-100, 2))}, "amount_not_positive"),
        ({"amount_minor": 100}, "basket_sum"),
        ({"buyer": Buyer(id="u", full_name="   ", email="a@b.co")}, "full_name"),
    ],
)
def test_what_iyzico_would_refuse_is_not_sent(changes, code):
    with pytest.raises(ProviderMisconfigured, match=code):
        initialize_body(attempt(**changes), IYZICO)


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Ayşe Nur Şahin", ("Ayşe Nur", "Şahin")), ("Madonna", ("Madonna", "Madonna")), (" a  b ", ("a", "b"))],
)
def test_names_are_split_at_the_surname(name, parts):
    assert split_name(name) == parts


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30))
def test_lines_always_add_up_to_the_price(amounts):
    items = tuple(item(minor, number) for number, minor in enumerate(amounts))
    body = initialize_body(attempt(amount_minor=sum(amounts), items=items), IYZICO)
    assert sum(Decimal(line["price"]) for line in body["basketItems"]) == Decimal(body["price"])


def test_english_is_the_only_other_language():
    assert initialize_body(attempt(locale="tr-TR"), IYZICO)["locale"] == "tr"
    assert initialize_body(attempt(locale="de"), IYZICO)["locale"] == "en"
