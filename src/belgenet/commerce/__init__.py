"""Orders, payments, ledger: what is sold comes from the domains above, who collects the money from adapters below."""

from typing import Any


def includeme(config: Any) -> None:
    from belgenet.commerce import panel  # noqa: PLC0415
    from belgenet.commerce.figures import OwnFigures  # noqa: PLC0415
    from belgenet.commerce.interfaces import SalesFigures  # noqa: PLC0415
    from belgenet.core.security import Permission  # noqa: PLC0415

    config.register_service(OwnFigures(), SalesFigures)
    config.add_dashboard_card(panel.cards, permission=Permission.ORDER_MANAGE)
    config.add_attention(panel.attention, permission=Permission.ORDER_MANAGE)
    config.include("belgenet.commerce.orders")
    config.include("belgenet.commerce.payments")
