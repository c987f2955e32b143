"""The iyzico half of the test payment provider."""

from pyramid.config import Configurator

from belgenet.testing.psp.iyzico import forms, payments, refunds, reporting

ROUTES = (
    ("POST", "/payment/iyzipos/checkoutform/initialize/auth/ecom", forms.initialize),
    ("POST", "/payment/iyzipos/checkoutform/initialize/ecom", forms.initialize),
    ("POST", "/payment/iyzipos/checkoutform/auth/ecom/detail", forms.retrieve),
    ("POST", "/payment/detail", payments.detail),
    ("POST", "/v2/payment/refund", refunds.refund_payment),
    ("POST", "/payment/cancel", refunds.cancel),
    ("GET", "/v2/reporting/payment/details", reporting.details),
    ("GET", "/v2/reporting/payment/transactions", reporting.transactions),
)


def includeme(config: Configurator) -> None:
    """Register iyzico's calls."""
    for number, (method, path, view) in enumerate(ROUTES):
        name = f"iyzico-{number}"
        config.add_route(name, path, request_method=method)
        config.add_view(view, route_name=name)
