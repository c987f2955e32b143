"""Use cases of payments. All of them change an order's money only under its lock: order, then payment, then attempt."""
