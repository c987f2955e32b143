"""Orders: quoting, holding, handing out. What is sold comes from the registered sellables."""

from typing import Any


def includeme(config: Any) -> None:
    from belgenet.commerce.orders import tasks, views  # noqa: PLC0415
    from belgenet.commerce.orders.interfaces import Sellables, add_order_certificates, add_sellable  # noqa: PLC0415
    from belgenet.commerce.orders.models import OrderStatus  # noqa: PLC0415
    from belgenet.commerce.orders.resources import OrdersNode  # noqa: PLC0415
    from belgenet.commerce.orders.services.merging import take_over_orders  # noqa: PLC0415
    from belgenet.core.observability.metrics import ORDERS, seed  # noqa: PLC0415

    seed(ORDERS, status=OrderStatus)
    config.registry["belgenet.sellables"] = Sellables()
    config.registry["belgenet.order_certificates"] = []
    config.add_directive("add_sellable", add_sellable)
    config.add_directive("add_order_certificates", add_order_certificates)
    config.add_tenant_child("orders", OrdersNode)
    config.add_account_merger(take_over_orders)
    config.add_mail_templates("belgenet.commerce:templates")
    for item in (tasks.mail_paid, tasks.mail_refunded, tasks.mail_problem, tasks.mail_expired):
        config.add_consumer(item)
    config.add_services(views)
