"""The hosted card page of both protocols, and the way back to the merchant."""

import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp import cards, scenarios
from belgenet.testing.psp.runtime import now, operation, psp_of
from belgenet.testing.psp.stripe import sessions
from belgenet.testing.psp.stripe.api import StripeRefusal
from belgenet.testing.psp.texts import money, texts

TEMPLATES = Environment(loader=PackageLoader("belgenet.testing.psp"), autoescape=select_autoescape())
ZERO_DECIMAL, THREE_DECIMAL = {"jpy", "krw", "vnd", "clp"}, {"kwd", "bhd", "jod", "omr", "tnd"}


def includeme(config: Configurator) -> None:
    """Register the pages."""
    config.add_route("index", "/")
    config.add_view(index, route_name="index")
    for kind in ("iyzico", "stripe"):
        config.add_route(f"pay-{kind}", f"/{kind}/pay/{{token}}")
        config.add_view(page, route_name=f"pay-{kind}", request_method="GET")
        config.add_view(submit, route_name=f"pay-{kind}", request_method="POST")


def index(request: Request) -> Response:
    """Say what this is to somebody who strayed here."""
    return _render(request, "message.html", {}, {"message": "index"})


def page(request: Request) -> Response:
    """Show the card form of a token, or the way back when it needs no card any more."""
    checkout = _checkout(request)
    if checkout is None:
        return _render(request, "message.html", {}, {"message": "error_unknown"}, status=404)
    if checkout["state"] == "paid":
        return _return(request, checkout)
    error = request.GET.get("error", "") if checkout["state"] == "open" else "expired"
    examples = cards.examples(cards.STRIPE if checkout["kind"] == "stripe" else cards.IYZICO)
    expiry = {"years": range(datetime.now(UTC).year, datetime.now(UTC).year + 11)}
    error = error if error in {"declined", "date", "expired"} else ""
    return _render(request, "card.html", checkout, {"cards": examples, "error": error, **expiry})


@operation("page.submit")
def submit(request: Request) -> Response:
    """Charge the card typed in; a refusal leads back to the form, anything else to the merchant."""
    checkout = _checkout(request)
    if checkout is None:
        return _render(request, "message.html", {}, {"message": "error_unknown"}, status=404)
    token, here = request.matchdict["token"], f"{request.path}?lang={_locale(request, checkout)}"
    if checkout["state"] == "open" and not _valid_date(request):
        return Response(status=303, location=f"{here}&error=date")
    installment = request.POST.get("installment", "1")
    count = int(installment) if installment.isdigit() else 1
    status, _ = scenarios.pay(psp_of(request), token, str(request.POST.get("number", "")), count)
    if status == "FAILURE":
        return Response(status=303, location=f"{here}&error=declined")
    return Response(status=303, location=here)


def _valid_date(request: Request) -> bool:
    month, year = str(request.POST.get("month", "")), str(request.POST.get("year", ""))
    if not (month.isdigit() and year.isdigit() and 1 <= int(month) <= 12):  # noqa: PLR2004
        return False
    today = datetime.now(UTC)
    return (int(year), int(month)) >= (today.year, today.month)


def _checkout(request: Request) -> dict[str, Any] | None:
    """Return what a page shows, the same for both protocols."""
    psp, token = psp_of(request), request.matchdict["token"]
    if request.matched_route.name == "pay-stripe":
        try:
            return _of_session(sessions.load(psp, token))
        except StripeRefusal:
            return None
    form = psp.store.get("form", token)
    return None if form is None else _of_form(request, form)


def _of_form(request: Request, form: dict[str, Any]) -> dict[str, Any]:
    payments = [psp_of(request).store.get("payment", key) or {} for key in form["payments"]]
    paid = any(payment.get("status") == "SUCCESS" for payment in payments)
    expired = now() >= form["expires"]
    return {
        "kind": "iyzico",
        "state": "paid" if paid else "expired" if expired else "open",
        "order": form["basketId"],
        "lines": [(item["name"], Decimal(item["price"])) for item in form["items"]],
        "total": Decimal(form["paidPrice"]),
        "currency": form["currency"],
        "locale": form["locale"],
        "installments": form["installments"],
        "post": (form["callbackUrl"], form["token"]),
    }


def _of_session(session: dict[str, Any]) -> dict[str, Any]:
    currency = session["currency"]
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    states = {"complete": "paid", "expired": "expired"}
    return {
        "kind": "stripe",
        "state": states.get(session["status"], "open"),
        "order": session["metadata"].get("order_number", ""),
        "lines": [(line["name"], Decimal(line["amount"]).scaleb(-digits)) for line in session["_lines"]],
        "total": Decimal(session["amount_total"]).scaleb(-digits),
        "currency": currency.upper(),
        "locale": session["locale"],
        "installments": [1],
        "success": scenarios.session_return(session),
        "cancel": session["cancel_url"],
    }


def _return(request: Request, checkout: dict[str, Any]) -> Response:
    """Send the payer back: Stripe redirects, iyzico posts the token across sites."""
    if checkout["kind"] == "stripe":
        return Response(status=303, location=checkout["success"])
    return _render(request, "return.html", checkout, {})


def _locale(request: Request, checkout: dict[str, Any]) -> str:
    asked = request.GET.get("lang") or checkout.get("locale") or "tr"
    return "en" if str(asked).startswith("en") else "tr"


def _render(
    request: Request, template: str, checkout: dict[str, Any], values: dict[str, Any], status: int = 200
) -> Response:
    locale, nonce = _locale(request, checkout), secrets.token_urlsafe(16)
    words = texts(locale)

    def amount(value: Decimal) -> str:
        return money(value, checkout["currency"], locale)

    text = TEMPLATES.get_template(template).render(
        checkout=checkout, t=words, locale=locale, nonce=nonce, amount=amount, path=request.path, **values
    )
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; base-uri 'none'"
    response = Response(status=status, text=text, content_type="text/html", charset="utf-8")
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
