"""Orders, payments, ledger."""

from typing import Any


def includeme(config: Any) -> None:
    config.include("belgenet.commerce.orders")
