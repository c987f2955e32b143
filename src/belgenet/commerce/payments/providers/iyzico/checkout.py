"""The body of a Checkout Form initialisation."""

from typing import Any

from belgenet.commerce.payments.providers.currency import to_text
from belgenet.commerce.payments.providers.errors import ProviderMisconfigured
from belgenet.commerce.payments.providers.interfaces import AttemptRequest, BasketItem, Buyer
from belgenet.commerce.payments.providers.iyzico.config import (
    CURRENCIES,
    PROVIDER,
    BuyerDefaults,
    IyzicoConfig,
)

NAME_LIMIT = 255


def initialize_body(request: AttemptRequest, config: IyzicoConfig) -> dict[str, Any]:
    """Return what `initialize` sends. Raises ProviderMisconfigured when iyzico could not accept it.

    Lines of no price are left out, because iyzico refuses them; the sum of the others must be the price.
    """
    items = [item for item in request.items if item.amount_minor]
    _check(request, items)
    price = to_text(request.amount_minor, request.currency)
    buyer = _buyer(request.buyer, config.buyer_defaults)
    address = _address(request.buyer, config.buyer_defaults)
    return {
        "locale": "tr" if request.locale.startswith("tr") else "en",
        "conversationId": request.attempt_id,
        "price": price,
        "paidPrice": price,
        "currency": request.currency,
        "basketId": request.order_number,
        "paymentGroup": "PRODUCT",
        "callbackUrl": request.return_url,
        "enabledInstallments": list(config.installments),
        "buyer": buyer,
        "shippingAddress": address,
        "billingAddress": address,
        "basketItems": [_item(item, request.currency) for item in items],
    }


def split_name(full_name: str) -> tuple[str, str]:
    """Split a person's name into given names and surname; one word serves as both."""
    words = full_name.split()
    if not words:
        raise ProviderMisconfigured(PROVIDER, "buyer_field_missing", "full_name")
    return " ".join(words[:-1]) or words[-1], words[-1]


def _check(request: AttemptRequest, items: list[BasketItem]) -> None:
    if request.currency not in CURRENCIES:
        raise ProviderMisconfigured(PROVIDER, "currency_unsupported", request.currency)
    if request.amount_minor <= 0 or any(item.amount_minor < 0 for item in items):
        raise ProviderMisconfigured(PROVIDER, "amount_not_positive")
    if sum(item.amount_minor for item in items) != request.amount_minor:
        raise ProviderMisconfigured(PROVIDER, "basket_sum")


def _buyer(buyer: Buyer, defaults: BuyerDefaults) -> dict[str, Any]:
    name, surname = split_name(buyer.full_name)
    fields = {
        "id": buyer.id,
        "name": name[:NAME_LIMIT],
        "surname": surname[:NAME_LIMIT],
        "email": buyer.email,
        "identityNumber": _required("identity_number", buyer.identity_number, defaults.identity_number),
        "gsmNumber": _required("phone", buyer.phone, defaults.phone),
        "registrationAddress": _required("address", buyer.address, defaults.address),
        "city": _required("city", buyer.city, defaults.city),
        "country": _required("country", buyer.country, defaults.country),
    }
    return fields | ({"ip": buyer.ip} if buyer.ip else {})


def _address(buyer: Buyer, defaults: BuyerDefaults) -> dict[str, Any]:
    return {
        "contactName": buyer.full_name.strip()[:NAME_LIMIT],
        "address": _required("address", buyer.address, defaults.address),
        "city": _required("city", buyer.city, defaults.city),
        "country": _required("country", buyer.country, defaults.country),
    }


def _required(name: str, given: str | None, default: str | None) -> str:
    value = given or default
    if not value:
        raise ProviderMisconfigured(PROVIDER, "buyer_field_missing", name)
    return value


def _item(item: BasketItem, currency: str) -> dict[str, str]:
    return {
        "id": item.line_id,
        "name": item.name[:NAME_LIMIT],
        "category1": item.category[:NAME_LIMIT],
        "itemType": "VIRTUAL",
        "price": to_text(item.amount_minor, currency),
    }
