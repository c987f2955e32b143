"""Orders: quoting, holding, handing out. What is sold comes from the registered sellables."""

from typing import Any


def includeme(config: Any) -> None:
    from belgenet.commerce.orders.interfaces import Sellables, add_sellable  # noqa: PLC0415

    config.registry["belgenet.sellables"] = Sellables()
    config.add_directive("add_sellable", add_sellable)
