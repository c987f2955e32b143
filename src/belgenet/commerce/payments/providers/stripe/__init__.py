"""Stripe through stripe-python: hosted Checkout Sessions, refunds and signed events."""
