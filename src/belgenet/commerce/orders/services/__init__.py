"""Use cases of orders that need no payment provider."""
